"""Passes over all nodes' vectors: what they say, that neighbours do not matter, and that they leave no large array behind."""

import math
import tracemalloc

import numpy as np
import pytest

from ef21lab.channels.norms import BLOCK, PIECE, all_within, distance_sq, norm_sq

SHAPES = [(1, 7), (2, 3, 112), (5, PIECE), (1, 1, PIECE + 1), (3, PIECE + 1), (2, 3, 3 * PIECE + 5), (2, 40, 4000), (1, 1, 2 * BLOCK)]


def arrays(shape, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape), rng.normal(size=shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_they_are_the_sums_of_squares(shape):
    x, y = arrays(shape)
    vectors, differences = x.reshape(-1, shape[-1]), (x - y).reshape(-1, shape[-1])
    np.testing.assert_allclose(norm_sq(x).reshape(-1), [math.fsum(v * v) for v in vectors], rtol=1e-13)
    np.testing.assert_allclose(distance_sq(x, y).reshape(-1), [math.fsum(v * v) for v in differences], rtol=1e-13)
    assert norm_sq(x).shape == distance_sq(x, y).shape == shape[:-1]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_distance_is_the_norm_of_the_difference_to_the_last_bit(shape):
    x, y = arrays(shape)
    assert np.array_equal(distance_sq(x, y), norm_sq(x - y))
    assert np.array_equal(distance_sq(x[..., ::2], y[..., ::2]), norm_sq(x[..., ::2] - y[..., ::2]))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_vector_among_others_has_the_norm_that_it_has_alone(shape):
    x, y = arrays(shape)
    norms, distances = norm_sq(x), distance_sq(x, y)
    for place in np.ndindex(shape[:-1]):
        lane = place[:1]
        assert norms[place] == norm_sq(x[place]) == norm_sq(x[lane][None])[0][place[1:]]
        assert distances[place] == distance_sq(x[place], y[place])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 2.0**1000, -(2.0**1000)])
@pytest.mark.parametrize("shape", [(3, 2, 10), (3, 4, BLOCK)])
def test_a_lane_with_one_number_too_many_is_found(shape, bad):
    x = arrays(shape)[0]
    assert all_within(x, 2.0**1000).all()
    x[1, -1, 5] = bad
    assert all_within(x, 2.0**1000).tolist() == [True, False, True]
    x[1, -1, 5] = math.copysign(math.nextafter(2.0**1000, 0.0), bad if bad == bad else 1.0)
    assert all_within(x, 2.0**1000).all()


@pytest.mark.parametrize("shape", [(1, 20, 100_000), (1, 20_000, 100)])
def test_no_other_array_of_their_size_is_made(shape):
    x, y = arrays(shape)
    tracemalloc.start()
    norm_sq(x), distance_sq(x, y), all_within(x, 1.0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < x.nbytes / 4
