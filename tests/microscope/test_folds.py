"""The best fold and ranks, against trying all of them."""

import itertools
import math

import numpy as np
import pytest

from ef21lab.choices.text import Refusal
from ef21lab.compressors.base import compressors
from ef21lab.microscope import best_fold
from ef21lab.microscope.folds import MOST_FOLDS, candidates, factorisations
from ef21lab.microscope.unfoldings import kept_energy
from ef21lab.vectors.base import sample_of, vectors


def tensor(*dims, noise=0.2):
    return vectors.make({"name": "low_rank", "dims": list(dims), "rank": 2, "noise": noise, "seed": 4}).sample()


def error(sample, name, dims, ranks):
    """(bits, error) by the definition, from the real message."""
    operator = compressors.make({"name": name, "dims": dims, "ranks": ranks})
    message = operator.encode(sample.values)
    lost = np.linalg.norm(operator.decode(message, len(sample.values)) - sample.values)
    return message.bits, lost / np.linalg.norm(sample.values)


@pytest.mark.parametrize("bits", [150, 300, 500, 800])
@pytest.mark.parametrize("shape", [(2, 2, 3), (3, 5), (2, 2, 2), (13, 1)])
def test_for_a_small_vector_no_fold_and_no_ranks_are_better(shape, bits):
    sample = tensor(*shape)
    for choice in best_fold(sample, bits, "st_hosvd").choices:
        every = itertools.product(*(range(1, side + 1) for side in choice.fold.dims))
        within = [e for b, e in (error(sample, "st_hosvd", choice.fold.dims, ranks) for ranks in every) if b <= bits]
        if choice.ranks is None:
            assert within == []
        else:
            assert choice.trial.error == pytest.approx(min(within), abs=1e-6)
            assert (choice.trial.bits, choice.trial.error) == pytest.approx(error(sample, "st_hosvd", choice.fold.dims, choice.ranks))


def test_for_a_larger_vector_every_choice_is_real_and_near_the_best_of_its_fold():
    sample, bits = tensor(6, 8, 5), 1800
    choices = best_fold(sample, bits, "st_hosvd").choices
    errors = [choice.trial.error for choice in choices if choice.trial]
    assert errors == sorted(errors)
    for choice in choices[:3]:
        assert choice.trial.bits <= bits
        every = itertools.product(*(range(1, side + 1) for side in choice.fold.dims))
        best = min(e for b, e in (error(sample, "st_hosvd", choice.fold.dims, ranks) for ranks in every) if b <= bits)
        assert best - 1e-9 <= choice.trial.error <= 1.05 * best


def test_the_tensors_own_shape_wins_where_it_has_low_rank():
    best = best_fold(tensor(6, 8, 5, noise=0), 1500, "st_hosvd").choices[0]
    assert best.fold.dims == (6, 8, 5)
    assert best.ranks == (2, 2, 2)
    assert best.trial.error < 1e-6


def test_the_grid_is_what_each_of_its_ranks_really_gives():
    sample = tensor(4, 5, 3)
    choices, grid = best_fold(sample, 900, "hosvd")
    best = next(choice for choice in choices if len(choice.fold.dims) <= 3)
    assert grid.dims == best.fold.dims
    assert grid.fixed == best.ranks[2:]
    assert grid.best == best.ranks[:2]
    assert grid.error[grid.first.index(grid.best[0]), grid.second.index(grid.best[1])] == best.trial.error
    for (i, r1), (j, r2) in itertools.product(enumerate(grid.first), enumerate(grid.second)):
        assert (grid.bits[i, j], grid.error[i, j]) == pytest.approx(error(sample, "hosvd", grid.dims, (r1, r2, *grid.fixed)), abs=1e-7)


@pytest.mark.parametrize("dims", [(3, 4, 5), (6, 10), (2, 3, 2, 5), (4, 16), (8, 8)])
def test_the_energy_of_a_leading_block_is_what_classical_hosvd_keeps(dims):
    x = tensor(3, 4, 5).values
    padded = np.concatenate([x, np.zeros(math.prod(dims) - len(x))])
    energy = kept_energy(x, dims)
    for place in np.ndindex(energy.shape):
        ranks = [index + 1 for index in place]
        if all(rank**2 <= math.prod(ranks) for rank in ranks):
            assert 1 - energy[place] == pytest.approx(error(sample_of(padded, (dims,)), "hosvd", dims, ranks)[1] ** 2, abs=1e-6)


@pytest.mark.parametrize("d", [1, 2, 7, 60, 4096])
def test_folds_hold_the_vector_and_are_all_different(d):
    found = candidates(sample_of(np.ones(d), ((d,),)))
    assert 1 <= len(found) <= MOST_FOLDS
    assert len({fold.dims for fold in found}) == len(found)
    assert all(math.prod(fold.dims) == d + fold.padding for fold in found)


@pytest.mark.parametrize(("d", "order"), [(12, 2), (12, 3), (64, 3), (13, 2), (1, 1)])
def test_factorisations_are_all_ordered_products(d, order):
    brute = {sides for sides in itertools.product(range(2, d + 1), repeat=order) if math.prod(sides) == d}
    assert set(factorisations(d, order)) == brute
    assert len(list(factorisations(d, order))) == len(brute)


def test_zero_and_a_budget_of_one_bit_are_no_exception():
    zero = best_fold(sample_of(np.zeros(12), ((12,),)), 2000, "st_hosvd")
    assert zero.choices[0].trial.error == 0
    assert all(choice.ranks is None for choice in best_fold(tensor(2, 3, 2), 1, "st_hosvd").choices)


@pytest.mark.parametrize("name", ["top_k", "identity"])
def test_an_operator_without_a_fold_is_refused(name):
    with pytest.raises(Refusal, match=f"{name} has no fold"):
        best_fold(tensor(2, 2, 3), 100, name)
