"""Which fold and which ranks are best for one vector within a budget.

For every fold X of the vector (those of the menu, then exact factorisations in every order of sides) one full HOSVD gives a core whose
partial sums of squares are the energy that the classical truncation to any ranks keeps. That is not what a sequential operator keeps,
but close; so candidates whose message may fit are taken in the order of that energy, and the first TRIES of a fold are really compressed.
Bits and errors that are returned are real; that no better ranks exist is certain only where a fold has at most TRIES candidates,
and up to a few bits of pivots.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np

from ef21lab.compressors._fold import Fold, folds
from ef21lab.compressors.base import Compressor, Shape, compressors
from ef21lab.microscope.look import trial
from ef21lab.microscope.strength import spread
from ef21lab.spec import Dims, Ranks
from ef21lab.text import Refusal, Text
from ef21lab.vectors.base import Sample

MOST_FOLDS = 32
TRIES = 12  # messages of one fold
ROUNDING = 1e-6  # an error that is due to float32
SIDE_OF_GRID = 12  # ranks of one axis of the heatmap
_EXACT = {3: 14, 2: 9, 4: 9}  # orders and how many exact factorisations of each are added


class Choice(NamedTuple):
    """The best ranks found for one fold; without a message within the budget `ranks` is None."""

    fold: Fold
    ranks: Shape | None
    bits: int | None
    error: float | None


class Grid(NamedTuple):
    """All ranks of a fold's first two modes, the third mode (if any) fixed."""

    dims: Shape
    fixed: Shape  # ranks of the third mode on
    first: tuple[int, ...]
    second: tuple[int, ...]
    error: np.ndarray  # (first, second)
    bits: np.ndarray  # (first, second)


class Folds(NamedTuple):
    """Every fold with its best ranks, the least error first, and the rank grid of the best fold of order 2 or 3."""

    choices: list[Choice]
    grid: Grid


def best_fold(sample: Sample, bits: int, kind: str = "st_hosvd") -> Folds:
    """The best ranks of every fold within `bits`, for the operator of this name, the rest of its fields at their defaults.

    Raises Refusal where it has no fold with one rank for each mode.
    """
    compressor = compressors.make(kind)
    _check_kind(compressor)
    choices = sorted((_best(compressor, fold, sample, bits) for fold in candidates(sample)), key=_order)
    return Folds(choices, _grid(compressor, next(c for c in choices if len(c.fold.dims) <= 3), sample))


def candidates(sample: Sample) -> list[Fold]:
    """The folds of the menu, then exact factorisations with their sides in every order, the most cubic first; at most MOST_FOLDS."""
    d = len(sample.values)
    exact = [Fold(dims, 0) for order, most in _EXACT.items() for dims in islice(sorted(factorisations(d, order), key=sum), most)]
    by_dims: dict[Shape, Fold] = {}
    for fold in (*folds(d, sample.layout), *exact):
        by_dims.setdefault(fold.dims, fold)
    return list(by_dims.values())[:MOST_FOLDS]


def factorisations(d: int, order: int) -> Iterator[Shape]:
    """d as an ordered product of `order` sides of at least 2."""
    if order == 1:
        yield from [(d,)] if d > 1 else []
        return
    for side in (side for side in range(2, d // 2 + 1) if d % side == 0):
        for rest in factorisations(d // side, order - 1):
            yield (side, *rest)


def kept_energy(x: np.ndarray, dims: Shape) -> np.ndarray:
    """The share of ‖x‖² in the leading r₁ × … × r_m block of the HOSVD core, at index (r₁ − 1, …, r_m − 1); r_k ≤ min(I_k, Π others).

    It is what the classical truncation keeps, but for what of its error lies in the padding, which is cut off.
    """
    tensor = np.zeros(math.prod(dims))
    tensor[: len(x)] = np.ldexp(x, -math.frexp(float(np.max(np.abs(x))))[1])
    core = tensor = tensor.reshape(dims)
    for mode, side in enumerate(dims):
        unfolding = np.moveaxis(tensor, mode, 0).reshape(side, -1)
        leading = np.linalg.svd(unfolding, full_matrices=False)[0]
        core = np.moveaxis(np.tensordot(leading, core, axes=(0, mode)), 0, mode)
    energy = core**2
    for mode in range(len(dims)):
        energy = np.cumsum(energy, axis=mode)
    return energy / max(float(energy.flat[-1]), np.finfo(float).tiny)


def _best(compressor: Compressor, fold: Fold, sample: Sample, bits: int) -> Choice:
    best = Choice(fold, None, None, None)
    folded = compressor.replace(dims=fold.dims, ranks=1)
    if folded.refusal(len(sample.values)) is not None:
        return best
    for ranks in islice(_promising(sample.values, fold.dims, bits), TRIES):
        made = trial(folded.replace(ranks=ranks), sample.values, 0)
        found = Choice(fold, ranks, made.bits, made.error)
        if made.bits <= bits and _order(found) < _order(best):
            best = found
    return best


def _promising(x: np.ndarray, dims: Shape, bits: int) -> Iterator[Shape]:
    """Ranks whose message may fit, most energy first. No message is shorter than 32 (Π r + Σ r_k (I_k − r_k)) bits (a Tucker
    decomposition has no fewer degrees of freedom). A rank above the product of the others keeps no more than that product: left out.
    """
    energy = kept_energy(x, dims)
    ranks = np.indices(energy.shape) + 1  # (modes, r₁, …, r_m)
    whole = np.prod(ranks, axis=0)
    floats = whole + sum(rank * (side - rank) for rank, side in zip(ranks, dims, strict=True))
    fits = (32 * floats <= bits) & np.all(ranks**2 <= whole, axis=0)
    places = np.flatnonzero(fits)
    order = np.lexsort((floats.reshape(-1)[places], -np.round(energy.reshape(-1)[places], 12)))
    for place in places[order]:
        yield tuple(int(rank) for rank in ranks.reshape(len(dims), -1)[:, place])


def _grid(compressor: Compressor, choice: Choice, sample: Sample) -> Grid:
    dims = choice.fold.dims
    fixed = choice.ranks[2:] if choice.ranks else (1,) * (len(dims) - 2)
    first, second = (tuple(place + 1 for place in spread(side, SIDE_OF_GRID)) for side in dims[:2])
    made = [[trial(compressor.replace(dims=dims, ranks=(r1, r2, *fixed)), sample.values, 0) for r2 in second] for r1 in first]
    error, bits = (np.array([[getattr(one, what) for one in row] for row in made]) for what in ("error", "bits"))
    return Grid(dims, fixed, first, second, error, bits)


def _check_kind(compressor: Compressor) -> None:
    fields = type(compressor).fields()
    dims, ranks = fields.get("dims"), fields.get("ranks")
    if not (isinstance(dims, Dims) and dims.order is None and isinstance(ranks, Ranks) and ranks.places == "modes"):
        raise Refusal(NO_FOLD.format(name=compressor.name))


def _order(choice: Choice) -> tuple[float, float]:
    """Less error first; errors that float32 cannot tell from zero are alike, and the shorter message wins."""
    if choice.error is None or choice.bits is None:
        return math.inf, math.inf
    return max(choice.error, ROUNDING), choice.bits


NO_FOLD = Text(
    "{name} has no fold with one rank for each mode; choose st_hosvd, hosvd or another Tucker operator",
    "у {name} нет формы тензора с рангом на каждую моду; выберите st_hosvd, hosvd или другой оператор Таккера",
)
