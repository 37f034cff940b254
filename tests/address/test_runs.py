"""Runs and a view come back from their address exactly; an address keeps its meaning when it is written anew."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ef21lab.address import versions
from ef21lab.address.objectives import objective_of
from ef21lab.address.opening import specs_of
from ef21lab.address.places import exists
from ef21lab.address.writing import address_of
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal
from ef21lab.datasets.base import Dataset
from ef21lab.runs.spec import RunSpec
from tests import draws

SEEDS = st.integers(0, 2**32)
PAGES = ("experiment", "theory", "data", "microscope")


def anywhere(kind: type[Spec]) -> bool:
    """Every dataset: an address asks for no file."""
    return issubclass(kind, Dataset)


def drawn(rng: random.Random) -> list[RunSpec] | None:
    """One to six runs that a page can show; None where what was drawn is no run."""
    parts: dict[str, Any] = {**draws.problem(rng, anywhere), "rounds": rng.choice((1, 400, 20_000)), "seed": rng.choice((0, 7))}
    racing = [draws.contender(rng) for _ in range(rng.randint(1, 6))]
    start = racing[0]["start"]
    try:
        return [RunSpec.make({**parts, **each, "start": start}) for each in racing]
    except Refusal:
        return None


@settings(deadline=None)
@given(SEEDS)
def test_runs_come_back_from_their_address_exactly(seed: int) -> None:
    runs = drawn(random.Random(seed))
    if runs is None:
        return
    if runs[0].objective.name not in objective_of(runs[0].dataset)[2]:
        with pytest.raises(Refusal, match="takes the labels of"):
            address_of(runs)
        return
    opened = specs_of(address_of(runs))
    assert [run.json() for run in opened.specs] == [run.json() for run in runs]
    assert (opened.view, opened.complaints) == ({}, {})


@settings(deadline=None)
@given(st.sampled_from(PAGES), SEEDS)
def test_an_address_written_anew_means_the_same_and_complains_of_nothing(page: str, seed: int) -> None:
    first = specs_of(draws.address(page, random.Random(seed), anywhere))
    again = address_of(first.specs, first.view)
    second = specs_of(again)
    assert (second.specs, second.view, second.complaints) == (first.specs, first.view, {})
    assert address_of(second.specs, second.view) == again
    assert all(exists(key) or key == versions.KEY for key in again)


def test_an_address_that_tells_of_an_experiment_means_a_vector_of_it_where_it_names_none():
    told, silent = {"dataset": "breast_cancer", "step": "tuned"}, {"compressor": {"name": "top_k", "k": 4}, "step": "tuned"}
    assert address_of([told], {"vector": "from_experiment"}) == address_of([told])
    assert "vector" not in specs_of(address_of([told])).view
    named = address_of([told], {"vector": "difference"})
    assert named["vector"] == "difference"
    assert specs_of(named).view["vector"]["name"] == "difference"
    assert address_of([silent], {"vector": "difference"}) == address_of([silent])
    assert address_of([silent], {"vector": "from_experiment"})["vector"] == "from_experiment"
    for earlier in ("2", "3"):  # there it was a difference, as always
        assert "vector" not in specs_of({**address_of([told]), "v": earlier}).view
