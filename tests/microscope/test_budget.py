"""What a budget buys, against trying everything."""

import numpy as np
import pytest

from ef21lab.compressors.base import compressors
from ef21lab.microscope import at_budget, frontier, strongest
from ef21lab.streams import Stream, generator
from ef21lab.text import Text
from ef21lab.vectors.base import sample_of, vectors

SAMPLE = vectors.make({"name": "low_rank", "dims": [3, 5, 4], "noise": 0.3}).sample()
D = len(SAMPLE.values)
BUDGETS = (1, 33, 40, 64, 100, 257, 400, 900, 1500, 2500, 10_000)


def exhaustive(compressors_by_strength, bits):
    """The last operator whose real message fits; None where the first does not."""
    fits = [one for one in compressors_by_strength if one.encode(SAMPLE.values).bits <= bits]
    return fits[-1] if fits else None


@pytest.mark.parametrize("bits", BUDGETS)
def test_the_strongest_top_k_is_the_one_found_by_trying_all(bits):
    best = exhaustive([compressors.make({"name": "top_k", "k": k}) for k in range(1, D + 1)], bits)
    found = strongest(compressors.make("top_k"), SAMPLE, bits)
    assert isinstance(found, Text) if best is None else found.compressor == best


@pytest.mark.parametrize("bits", BUDGETS)
@pytest.mark.parametrize("name", ["st_hosvd", "hosvd"])
def test_the_strongest_ranks_are_those_found_by_trying_all(name, bits):
    every = [compressors.make({"name": name, "dims": [3, 5, 4], "ranks": rank}) for rank in range(1, 6)]
    best = exhaustive(every, bits)
    found = strongest(compressors.make({"name": name, "dims": "natural"}), SAMPLE, bits)
    if best is None:
        assert "the budget is" in str(found)
    else:
        assert np.array_equal(found.trial.received, best.compress(SAMPLE.values).values)


@pytest.mark.parametrize("bits", [1, 100, 900, 5000])
def test_every_operator_has_a_real_message_within_the_budget_or_a_reason(bits):
    rows = at_budget(SAMPLE, bits, seed=5)
    assert [row.name for row in rows] == list(compressors.members)
    for row in rows:
        assert (row.point is None) == (row.certificates is None) == (row.reason is not None)
        if row.point is not None:
            operator, trial = row.point
            message = operator.encode(SAMPLE.values, operator.draw(generator(Stream.MICROSCOPE, 5), (D,)))
            assert trial.bits == message.bits <= bits


@pytest.mark.parametrize("name", ["top_k", "st_hosvd", "qsgd", "sign"])
def test_a_message_of_exactly_the_budget_is_within_it(name):
    bought = strongest(compressors.make(name), SAMPLE, 1000)
    assert strongest(compressors.make(name), SAMPLE, bought.trial.bits).compressor == bought.compressor


def test_a_larger_budget_never_buys_a_shorter_message():
    bought = [[0 if row.point is None else row.point.trial.bits for row in at_budget(SAMPLE, bits)] for bits in (50, 500, 5000)]
    assert np.all(np.diff(np.array(bought), axis=0) >= 0)


def test_among_strengths_that_cost_the_same_the_weakest_is_named():
    found = strongest(compressors.make({"name": "st_hosvd", "dims": [12, 5]}), SAMPLE, 100_000)
    assert found.compressor.ranks == 5


def test_an_operator_that_cannot_take_the_vector_says_why():
    assert "must hold all" in str(strongest(compressors.make({"name": "st_hosvd", "dims": [2, 2]}), SAMPLE, 1000))


def test_a_curve_rises_in_cost_and_its_points_are_real():
    curves = {curve.name: curve for curve in frontier(SAMPLE)}
    assert list(curves) == list(compressors.members)
    for curve in curves.values():
        bits = [point.trial.bits for point in curve.points]
        assert bits == sorted(set(bits))
        assert bits
    for point in curves["top_k"].points:
        dropped = np.sort(SAMPLE.values**2)[: D - point.compressor.k]
        assert point.trial.error == pytest.approx(np.sqrt(np.sum(dropped) / np.sum(SAMPLE.values**2)), abs=1e-6)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_the_shortest_vectors_are_no_exception(d):
    sample = sample_of(np.arange(1.0, d + 1), ((d,),))
    assert all(row.point or row.reason for row in at_budget(sample, 64))
    assert all(curve.points or curve.reason for curve in frontier(sample))
