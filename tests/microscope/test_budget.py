"""What a budget buys, against trying everything."""

import itertools
from functools import cache

import numpy as np
import pytest

from ef21lab.choices.text import Text
from ef21lab.compressors.base import compressors
from ef21lab.microscope import at_budget, best_fold, frontier, strongest
from ef21lab.microscope.budget import SECONDS
from ef21lab.microscope.folds import candidates
from ef21lab.microscope.strength import scale
from ef21lab.microscope.trials import noise
from ef21lab.streams import Stream, generator
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


SMALL = vectors.make({"name": "low_rank", "dims": [2, 2, 3], "noise": 0.3}).sample()
D_SMALL = len(SMALL.values)
FOLDED = [name for name, member in compressors.members.items() if {"dims", "ranks"} <= member.fields().keys()]


def received(operator, seed=0):
    """(bits, error) of the real message of SMALL."""
    x = SMALL.values
    message = operator.encode(x, operator.draw(generator(Stream.MICROSCOPE, seed), x.shape))
    return message.bits, np.linalg.norm(operator.decode(message, len(x)) - x) / np.linalg.norm(x)


def every_setting(name, folds):
    """All ranks of all these folds."""
    field = compressors.members[name].fields()["ranks"]
    for dims in folds:
        for ranks in itertools.product(*(range(1, most + 1) for most in field.most(dims))):
            yield compressors.make({"name": name, "dims": dims, "ranks": ranks})


@cache
def all_received(name):
    """(bits, error) of every fold with every ranks."""
    order = compressors.members[name].fields()["dims"].order
    return [received(operator) for operator in every_setting(name, [fold.dims for fold in candidates(SMALL, order)])]


@pytest.mark.parametrize("bits", [30, 120, 150, 220, 300, 380, 1000])
@pytest.mark.parametrize("name", FOLDED)
def test_no_fold_and_no_ranks_are_better_than_the_strongest(name, bits):
    within = [error for length, error in all_received(name) if length <= bits]
    found = strongest(compressors.make(name), SMALL, bits)
    if not within:
        assert "even the weakest message takes" in str(found)
    else:
        assert received(found.compressor) == (found.trial.bits, pytest.approx(found.trial.error))
        assert found.trial.bits <= bits
        assert found.trial.error == pytest.approx(min(within), abs=2e-6)


@pytest.mark.parametrize("name", FOLDED)
def test_the_longer_header_of_a_tiny_vector_counts(name):
    tiny = sample_of(np.ldexp(SMALL.values, -100), ((2, 2, 3),))
    bits = strongest(compressors.make(name), SMALL, 300).trial.bits  # just enough for a vector that travels as it is
    found = strongest(compressors.make(name), tiny, bits)
    assert isinstance(found, Text) or found.compressor.encode(tiny.values, noise(found.compressor, D_SMALL, 0)).bits <= bits


@pytest.mark.parametrize("name", FOLDED)
def test_a_fold_that_is_given_is_kept(name):
    dims = (6, 2) if compressors.members[name].fields()["dims"].order else (3, 2, 2)
    best = min(error for length, error in map(received, every_setting(name, [dims])) if length <= 300)
    found = strongest(compressors.make({"name": name, "dims": dims}), SMALL, 300)
    assert found.compressor.dims == dims
    assert found.trial.error == pytest.approx(best, abs=2e-6)


def test_all_operators_at_one_budget_and_the_best_fold_are_one_answer():
    for bits in (400, 900, 1500):
        row = next(row for row in at_budget(SAMPLE, bits) if row.name == "st_hosvd")
        best = best_fold(SAMPLE, bits, "st_hosvd").choices[0]
        assert (row.point.compressor, row.point.trial.error) == (best.compressor, best.trial.error)


def test_a_frontier_of_a_long_vector_costs_little_and_says_where_it_ends():
    """By what operators say of themselves: measured time would depend on the machine."""
    d = 51_394
    curves = frontier(sample_of(np.random.default_rng(0).normal(size=d), ((d,),)))
    for curve in curves:
        assert sum(point.compressor.effort(d) for point in curve.points[1:]) <= SECONDS
        whole = scale(compressors.make(curve.name).fitted(((d,),)), d)
        assert curve.reason is not None or curve.points[-1].trial.bits >= 0.9 * whole[-1].cost(d)[0]
    assert str(next(curve for curve in curves if curve.name == "cp").reason) == "stronger settings would compute for too long here"


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
    assert found.compressor.ranks == (5, 5)


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
