"""What a budget buys before any vector is seen, against trying everything: α is the judge, real messages are the bill."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from ef21lab.compressors.base import Compressor, compressors
from ef21lab.compressors.low_rank.fold import folds
from ef21lab.microscope.afford import affordable, unfolded

BUDGETS = [30.0, 150.0, 250.0, 400.0, 700.0]
FOLDED = [name for name, member in compressors.members.items() if {"dims", "ranks"} <= member.fields().keys()]
D = 12


def real_bits(compressor: Compressor, d: int) -> int:
    x = np.random.default_rng(5).normal(size=d)
    return compressor.encode(x, compressor.draw(np.random.default_rng(6), (d,))).bits


def best_alpha(name: str, menu: list[tuple[int, ...]], bits: float, d: int) -> float | None:
    """The largest α, or what stands in for it, of all ranks of all these folds whose real message fits."""
    field = compressors.members[name].fields()["ranks"]
    ranked = ((dims, ranks) for dims in menu for ranks in itertools.product(*(range(1, most + 1) for most in field.most(dims))))
    every = (compressors.make({"name": name, "dims": dims, "ranks": ranks}) for dims, ranks in ranked)
    return max((one.nominal_alpha(d) for one in every if real_bits(one, d) <= bits), default=None)


@pytest.mark.parametrize("bits", BUDGETS)
@pytest.mark.parametrize("name", FOLDED)
def test_no_fold_and_no_ranks_within_the_budget_have_a_larger_alpha(name: str, bits: float) -> None:
    menu = [fold.dims for fold in folds(D, ((D,),), compressors.members[name].fields()["dims"].order)]
    best, bought = best_alpha(name, menu, bits, D), affordable(compressors.make(name), D, bits)
    if best is None:
        assert bought is None
    else:
        assert bought.nominal_alpha(D) == pytest.approx(best)
        assert real_bits(bought, D) <= bits


@pytest.mark.parametrize("bits", [1500.0, 3000.0, 6000.0])
@pytest.mark.parametrize("name", ["st_hosvd", "tensor_train", "svd"])
def test_for_a_longer_vector_it_is_near_the_best_of_its_fold(name: str, bits: float) -> None:
    dims = (15, 20) if name == "svd" else (5, 6, 10)
    bought = affordable(compressors.make({"name": name, "dims": dims}), 300, bits)
    assert bought.dims == dims
    assert bought.nominal_alpha(300) >= 0.9 * best_alpha(name, [dims], bits, 300)
    assert real_bits(bought, 300) <= bits


@pytest.mark.parametrize("name", list(compressors.members))
@pytest.mark.parametrize("bits", [200.0, 1000.0, 5000.0])
def test_what_is_affordable_is_within_the_budget(name: str, bits: float) -> None:
    bought = affordable(compressors.make(name), 112, bits, ((4, 4, 7),))
    assert bought is None or bought.cost(112)[0] <= bits


@pytest.mark.parametrize("bits", BUDGETS)
def test_the_most_coordinates_that_fit_are_kept(bits: float) -> None:
    fits = [k for k in range(1, 113) if real_bits(compressors.make({"name": "top_k", "k": k}), 112) <= bits]
    bought = affordable(compressors.make("top_k"), 112, bits)
    assert (bought and bought.k) == max(fits, default=None)


def test_a_fold_that_is_given_is_kept_and_one_that_is_left_open_is_not() -> None:
    poor = compressors.make({"name": "st_hosvd", "dims": [8, 14]})
    kept, found = affordable(poor, 112, 2000.0), affordable(unfolded(poor), 112, 2000.0)
    assert kept.dims == (8, 14)
    assert found.dims != (8, 14)
    assert found.nominal_alpha(112) > kept.nominal_alpha(112)


def test_a_composition_is_searched_over_the_folds_of_its_parts() -> None:
    poor = compressors.make({"name": "then", "first": {"name": "st_hosvd", "dims": [8, 14]}, "second": "natural"})
    kept, found = affordable(poor, 112, 1500.0), affordable(unfolded(poor), 112, 1500.0)
    assert kept.first.dims == (8, 14)
    assert found.nominal_alpha(112) > kept.nominal_alpha(112)
    assert real_bits(found, 112) <= 1500
