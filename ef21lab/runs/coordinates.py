"""What the coordinates of x are called, and x as a file that a person reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

import numpy as np

from ef21lab.choices.fields import Json
from ef21lab.choices.markup import shortened
from ef21lab.problems.base import Coordinate
from ef21lab.runs.posed import table_of
from ef21lab.runs.spec import RunSpec

MOST_TOLD = 4096  # names that a browser is told
LONGEST_TOLD = 80  # characters of one
HEAD = ("coordinate", "column", "class", "x")


def coordinates(given: RunSpec | Mapping[str, Json]) -> tuple[Coordinate, ...]:
    """What each of the d coordinates of x is the weight of: a column of the table and, where every class has weights of its own, a class.

    Columns without a name have their number, from 1. Nothing where x is no weight of columns, as in a network or a program's own problem.
    Raises Refusal where the table cannot be had.

    >>> print(*coordinates({"dataset": "diabetes", "objective": "least_squares"})[:3], sep=", ")
    age, sex, bmi
    """
    spec = RunSpec.here(given)
    return spec.objective.coordinates(table_of(spec.dataset, spec.partition.nodes))


def told(known: Sequence[Coordinate]) -> list[str]:
    """The names for a browser: plain words in one line each, cut where they are long. None where there are very many."""
    return [shortened(str(name), LONGEST_TOLD) for name in known] if len(known) <= MOST_TOLD else []


def x_csv(known: Sequence[Coordinate], x: np.ndarray) -> str:
    """x (d,) as CSV: the number of every coordinate from 1, its column and class where they are `known`, and its value, exactly."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEAD)
    named = known or (Coordinate(),) * len(x)
    writer.writerows((place, *name, repr(float(value))) for place, (name, value) in enumerate(zip(named, x, strict=True), start=1))
    return out.getvalue()
