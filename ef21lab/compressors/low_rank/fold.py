"""A vector as a tensor: which dims fit a length d, and the fold itself.

Folding puts x (d,) in row-major order into dims with Π dims ≥ d, zeros at the end; unfolding cuts them off. The cut is an orthogonal
projection, so whatever contracts the folded tensor contracts the vector with the same constant.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from array_api_compat import device

from ef21lab.compressors.base import Array, Shape
from ef21lab.compressors.wire import Namespace

MODES = 8  # a tensor of higher order is not offered
_MENU = 14
_PER_ORDER = 3  # exact factorisations of one order in a menu
_SLIMMEST = 8  # in a menu the longest side is at most this many times the shortest


class Fold(NamedTuple):
    """Dims that hold a vector, how many zeros they add, and whether they are the problem's own shape."""

    dims: Shape
    padding: int
    natural: bool = False


def fold(xp: Namespace, x: Array, dims: Shape) -> Array:
    """x (..., d) as tensors (..., *dims), zeros at the end, in memory of their own.

    >>> import numpy as np
    >>> fold(np, np.array([1.0, 2.0, 3.0, 4.0, 5.0]), (2, 3)).tolist()
    [[1.0, 2.0, 3.0], [4.0, 5.0, 0.0]]
    """
    d = x.shape[-1]
    padded = xp.zeros((*x.shape[:-1], math.prod(dims)), dtype=x.dtype, device=device(x))
    padded[..., :d] = x
    return xp.reshape(padded, (*x.shape[:-1], *dims))


def unfold(xp: Namespace, tensors: Array, order: int, d: int) -> Array:
    """The vectors (..., d) that were folded into tensors (..., *dims) with `order` dims.

    >>> import numpy as np
    >>> unfold(np, np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 0.0]]), order=2, d=5).tolist()
    [1.0, 2.0, 3.0, 4.0, 5.0]
    """
    return xp.reshape(tensors, (*tensors.shape[:-order], -1))[..., :d]


def natural(layout: Sequence[Shape], order: int | None = None) -> Shape | None:
    """The one shape of the layout without its sides of 1, if that is a tensor of order 2..8; as a matrix, its first side × all others."""
    sides = tuple(side for side in layout[0] if side > 1) if len(layout) == 1 else ()
    if order == 2 and len(sides) > 2:
        return sides[0], math.prod(sides[1:])
    return sides if 2 <= len(sides) <= MODES else None


def native(shape: Shape, order: int = MODES) -> Shape | None:
    """The dims of one tensor of a network as it stands, its last sides joined until at most `order` are left; None for a vector.

    >>> native((64, 32, 3, 3)), native((64, 32, 3, 3), order=3), native((64, 32, 3, 3), order=2), native((64, 1))
    ((64, 32, 3, 3), (64, 32, 9), (64, 288), None)
    """
    if sum(side > 1 for side in shape) < 2:
        return None
    return shape if len(shape) <= order else (*shape[: order - 1], math.prod(shape[order - 1 :]))


def resolved(dims: str | Shape, layout: Sequence[Shape], order: int | None = None) -> Shape:
    """Dims as a tuple: themselves, or what "natural" and "auto" stand for; natural falls back to auto where the layout has no shape."""
    if isinstance(dims, tuple):
        return dims
    d = sum(math.prod(shape) for shape in layout)
    return (natural(layout, order) if dims == "natural" else None) or near_cubic(d, order or 3)


@lru_cache(maxsize=1024)
def near_cubic(d: int, order: int = 3) -> Shape:
    """The ascending dims with the least Σ sides · Π sides / d, ties by less padding: few factor entries and little padding at once.

    >>> near_cubic(112), near_cubic(113), near_cubic(112, order=2)
    ((4, 4, 7), (4, 5, 6), (8, 14))
    """
    return min(_ascending(d, order, 1), key=lambda sides: (sum(sides) * math.prod(sides), math.prod(sides), sides))


def folds(d: int, layout: Sequence[Shape] | None = None, order: int | None = None) -> list[Fold]:
    """Sensible folds of a vector for a menu: the natural one, near-cubic of order 3, exact ones of orders 2..4, near-cubic of 2 and 4.

    With an `order`, those of that order alone.
    """
    own, orders = natural(layout or (), order), (order,) if order else (3, 2, 4)
    exact = [sides for each in sorted(orders) for sides in islice(_exact(d, each), _PER_ORDER)]
    shapes = [*([own] if own else []), near_cubic(d, orders[0]), *exact, *(near_cubic(d, each) for each in orders[1:])]
    return [Fold(dims, math.prod(dims) - d, dims == own) for dims in dict.fromkeys(shapes)][:_MENU]


def _ascending(d: int, order: int, shortest: int) -> Iterator[Shape]:
    """Ascending sides ≥ `shortest` with product ≥ d, the last as short as may be; sides under half of d^(1/order) are never the best."""
    if order == 1:
        yield (max(d, shortest),)
        return
    root = math.ceil(d ** (1 / order))
    for side in range(max(shortest, root // 2), max(shortest, root) + 1):
        for rest in _ascending(-(-d // side), order - 1, side):
            yield (side, *rest)


def _exact(d: int, order: int) -> list[Shape]:
    """Ascending factorisations of d into `order` sides ≥ 2, none too slim, the most cubic first."""
    found = [sides for sides in _factorisations(d, order, 2) if sides[-1] <= _SLIMMEST * sides[0]]
    return sorted(found, key=sum)


def _factorisations(d: int, order: int, shortest: int) -> Iterator[Shape]:
    if order == 1:
        if d >= shortest:
            yield (d,)
        return
    side = shortest
    while side**order <= d:
        if d % side == 0:
            for rest in _factorisations(d // side, order - 1, side):
                yield (side, *rest)
        side += 1
