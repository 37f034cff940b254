"""Which folds are tried for one vector, and the best of them within a budget, with the errors of all ranks around it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import numpy as np

from ef21lab.choices.fields import Dims, Ranks
from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import Compressor, Shape, compressors
from ef21lab.compressors.low_rank.fold import Fold, folds
from ef21lab.microscope.search import SECONDS, FoldFound, best_choices
from ef21lab.microscope.strength import spread
from ef21lab.microscope.trials import trial
from ef21lab.microscope.unfoldings import Unfoldings
from ef21lab.vectors.base import Sample

MOST_FOLDS = 32
SIDE_OF_GRID = 12  # ranks of one axis of the heatmap, and the best one
_EXACT = {3: 14, 2: 9, 4: 9}  # orders and how many exact factorisations of each are added


class Grid(NamedTuple):
    """All ranks of a fold's first two modes, the third mode (if any) fixed."""

    dims: Shape
    fixed: Shape  # ranks of the third mode on
    first: tuple[int, ...]
    second: tuple[int, ...]
    error: np.ndarray  # (first, second)
    bits: np.ndarray  # (first, second)
    best: tuple[int, int] | None  # the ranks that the search found


class Folds(NamedTuple):
    """Every fold that was tried with its best ranks, the least error first, and the rank grid of the best fold of order 2 or 3."""

    choices: list[FoldFound]
    grid: Grid


def best_fold(sample: Sample, bits: int, kind: str) -> Folds:
    """The best ranks of every fold within `bits`, for the operator of this name, the rest of its fields at their defaults.

    Raises Refusal where it has no fold with one rank for each mode.
    """
    compressor = compressors.make(kind)
    _check_kind(compressor)
    ways = unfoldings(sample)
    choices = best_choices(compressor, ways, bits)
    drawn = next(choice for choice in (*choices, *(FoldFound(own.fold) for own in ways)) if len(choice.fold.dims) <= 3)
    return Folds(choices, _grid(compressor, drawn, sample))


def unfoldings(sample: Sample, order: int | None = None) -> list[Unfoldings]:
    """The vector in every fold that is tried."""
    return [Unfoldings(sample.values, fold) for fold in candidates(sample, order)]


def candidates(sample: Sample, order: int | None = None) -> list[Fold]:
    """The folds of the menu, then exact factorisations with their sides in every order, the most cubic first; at most MOST_FOLDS.

    With an `order`, those of that order alone.
    """
    d = len(sample.values)
    added = {order: _EXACT[order]} if order else _EXACT
    exact = [Fold(dims, 0) for each, most in added.items() for dims in islice(sorted(factorisations(d, each), key=sum), most)]
    by_dims: dict[Shape, Fold] = {}
    for fold in (*folds(d, sample.layout, order), *exact):
        by_dims.setdefault(fold.dims, fold)
    return list(by_dims.values())[:MOST_FOLDS]


def factorisations(d: int, order: int) -> Iterator[Shape]:
    """d as an ordered product of `order` sides of at least 2."""
    if order == 1:
        yield from [(d,)] if d > 1 else []
        return
    for side in _divisors(d):
        for rest in factorisations(d // side, order - 1):
            yield (side, *rest)


@lru_cache(maxsize=256)
def _divisors(d: int) -> tuple[int, ...]:
    """Those between 1 and d, ascending."""
    small = [side for side in range(2, math.isqrt(d) + 1) if d % side == 0]
    return tuple(sorted({*small, *(d // side for side in small)}))


def _grid(compressor: Compressor, choice: FoldFound, sample: Sample) -> Grid:
    dims = choice.fold.dims
    own, d = choice.ranks or (1,) * len(dims), len(sample.values)
    fixed = own[2:]
    most = max(2, min(SIDE_OF_GRID, int(math.sqrt(SECONDS / compressor.replace(dims=dims, ranks=1).effort(d)))))
    first, second = (tuple(sorted({own[mode], *(place + 1 for place in spread(dims[mode], most))})) for mode in (0, 1))
    made = [[trial(compressor.replace(dims=dims, ranks=(r1, r2, *fixed)), sample.values, 0) for r2 in second] for r1 in first]
    error, bits = (np.array([[getattr(one, what) for one in row] for row in made]) for what in ("error", "bits"))
    return Grid(dims, fixed, first, second, error, bits, (own[0], own[1]) if choice.ranks else None)


def _check_kind(compressor: Compressor) -> None:
    fields = type(compressor).fields()
    dims, ranks = fields.get("dims"), fields.get("ranks")
    if not (isinstance(dims, Dims) and dims.order is None and isinstance(ranks, Ranks) and ranks.places == "modes"):
        raise Refusal(NO_FOLD.format(name=compressor.name))


NO_FOLD = Text(
    "{name} has no fold with one rank for each mode; choose st_hosvd, hosvd or another Tucker operator",
    "у {name} нет формы тензора с рангом на каждую моду; выберите st_hosvd, hosvd или другой оператор Таккера",
)
