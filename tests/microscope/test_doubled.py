"""Strengths that double: the operator itself first, each twice the one before, none longer than the vector."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from ef21lab.choices.fields import Integer, Ranks
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.microscope.doubled import doubled
from ef21lab.microscope.strength import scale
from ef21lab.runs.names import strength_named

LENGTHS = {1: ((1,),), 97: ((97,),), 112: ((112,),), 640: ((10, 8, 8),)}


def at(name: str, d: int) -> Compressor:
    return compressors.members[name]().fitted(LENGTHS[d])


@pytest.mark.parametrize("d", LENGTHS)
@pytest.mark.parametrize("name", list(compressors.members))
def test_the_operator_is_the_first_and_each_next_costs_more(name: str, d: int) -> None:
    operator = at(name, d)
    if operator.misfit(d) is not None:
        return
    found = doubled(operator, d, 5)
    bits = [one.cost(d)[0] for one in found]
    assert found[0] == operator
    assert 1 <= len(found) <= 5
    assert all(later > earlier for earlier, later in zip(bits, bits[1:], strict=False))
    assert all(cost <= 32 * d + 13 for cost in bits[1:])  # float32 and a header
    assert [one.misfit(d) for one in found] == [None] * len(found)


@pytest.mark.parametrize("name", list(compressors.members))
def test_a_count_and_ranks_double_as_far_as_there_are_more(name: str) -> None:
    operator = at(name, 640)
    field = scale(operator, 640).field
    declared = type(operator).fields().get(field or "")
    found = [getattr(one, field) for one in doubled(operator, 640, 4)] if field else []
    if isinstance(declared, Integer) and declared.up_to_d:
        assert found == [found[0] * 2**place for place in range(len(found))]
        assert len(found) == 4
    if isinstance(declared, Ranks):
        most = declared.most(operator.dims)  # type: ignore[attr-defined]
        ranks = [value if isinstance(value, tuple) else (value,) * len(most) for value in found]
        assert ranks == [
            tuple(min(first * 2**place, top) for first, top in zip(ranks[0], most, strict=True)) for place in range(len(ranks))
        ]


def test_one_that_has_no_strength_is_alone() -> None:
    assert len(doubled(at("identity", 640), 640, 6)) == len(doubled(at("sign", 640), 640, 6)) == 1


@pytest.mark.parametrize(
    "given", [{}, {"share": 0.05}, {"inner": {"name": "svd", "dims": "natural", "ranks": 1}, "fold": "matrix"}], ids=str
)
def test_of_several_layers_a_share_of_the_floats_doubles_the_bits(given: dict[str, Any]) -> None:
    """Each layer takes the ranks that the share pays for; what is meant by a strength is what real messages take."""
    layout = ((32, 64), (32,), (10, 32), (10,))
    d = 32 * 64 + 32 + 10 * 32 + 10
    found = doubled(compressors.make({"name": "per_layer", **given}).fitted(layout), d, 3)
    x = np.random.default_rng(0).normal(size=d)
    bits = [one.encode(x).bits for one in found]
    assert len(bits) == 3
    assert all(2 * before <= after <= 32 * d + 13 for before, after in pairwise(bits))
    names = [strength_named(one, found).en for one in found]
    assert len({*names}) == 3
    assert all(name.startswith("share of floats=") for name in names[1:])
