"""Repeats of a run: the same run from other starts, with other randomness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from ef21lab.choices.fields import Json
from ef21lab.choices.spec import Spec
from ef21lab.runs.spec import NUMBERS, RunSpec

Part = TypeVar("Part", bound=Spec)

SEED = "seed"
SEEDS = NUMBERS[SEED].high + 1  # 0 … SEEDS − 1, and round again


def repeats(given: RunSpec | Mapping[str, Json], n: int) -> list[RunSpec]:
    """n runs: the run itself, and others that differ in x⁰, in the noise of compressor and method, and in the split where it is random.

    All seeds move together: a verdict over them is one over starts, also of a method that draws nothing. The data stay what they are.

    >>> [(one.seed, one.start.seed) for one in repeats({"seed": 7}, 3)]
    [(7, 0), (8, 1), (9, 2)]
    """
    spec = RunSpec.here(given)
    return [repeated(spec, place) for place in range(n)]


def repeated(spec: RunSpec, place: int) -> RunSpec:
    """The repeat of this number; 0 is the run itself. The repeat of a repeat is one: their numbers add up."""
    return replace(
        spec,
        seed=_moved(spec.seed, place),
        start=_reseeded(spec.start, place),
        partition=_reseeded(spec.partition, place),
    )


def _reseeded(part: Part, place: int) -> Part:
    """With another seed; a part that draws nothing is what it is."""
    return part.replace(seed=_moved(part.settings()[SEED], place)) if SEED in type(part).fields() else part


def _moved(seed: int, place: int) -> int:
    return (seed + place) % SEEDS
