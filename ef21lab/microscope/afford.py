"""What a budget buys before any vector is seen: the setting with the largest α whose message fits.

α is the certified constant, or, where nothing is certified, the one that stands in for it; bits are those of `cost`. An operator that
folds the vector is searched over the ranks of every fold of the menu, where its dims are "auto"; a fold that is given is kept. Of a fold
with at most FEW choices of ranks all are compared; of any other the longest side takes what the others leave of the budget, and those go
up in ratio. A composition is searched over the folds of its parts, and its first part that has a strength grows, with equal ranks.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, cast

from ef21lab.choices.fields import Dims, Ranks
from ef21lab.compressors.base import Compressor, Shape
from ef21lab.compressors.low_rank.fold import folds
from ef21lab.microscope.search import searched
from ef21lab.microscope.strength import Scale, cost, scale, spread

FEW = 256  # choices of ranks of one fold that are all compared
OTHERS = 64  # of a larger one: ranks of all sides but the longest
Layout = tuple[Shape, ...]


@lru_cache(maxsize=256)
def affordable(compressor: Compressor, d: int, bits: float, layout: Layout | None = None) -> Compressor | None:
    """The setting of this operator with the largest α whose message of length d takes at most `bits`; None where even the weakest is over.

    Of settings that are alike in α, the shorter message.
    """
    within = (one for one in _settings(compressor, d, bits, layout or ((d,),)) if cost(one, d) <= bits)
    return min(within, key=lambda one: _weakness(one, d), default=None)


def _weakness(compressor: Compressor, d: int) -> tuple[float, float]:
    """The less, the better a setting is: by α, then the shorter message; where nothing stands for α, the longer message."""
    alpha, bits = compressor.nominal_alpha(d), cost(compressor, d)
    return (0.0, -bits) if alpha is None else (-round(alpha, 12), bits)


def unfolded(compressor: Compressor) -> Compressor:
    """The same operator, its fold and those of its parts left to the search."""
    parts = {name: unfolded(part) for name, part in _parts(compressor).items()}
    return compressor.replace(**parts, **({"dims": "auto"} if _is_folded(compressor) else {}))


def _settings(compressor: Compressor, d: int, bits: float, layout: Layout) -> Iterator[Compressor]:
    """Every setting that may be the best; some are over the budget."""
    for folded in _in_every_fold(compressor, d, layout):
        if searched(folded):
            yield from _with_ranks(folded, d, bits)
        else:
            strengths = scale(folded, d)
            yield strengths[max(0, _last_within(strengths, d, bits))]


def _with_ranks(folded: Any, d: int, bits: float) -> Iterator[Compressor]:
    most = cast(Ranks, type(folded).fields()["ranks"]).most(folded.dims)
    if folded.replace(ranks=1).refusal(d) is not None:
        return
    if math.prod(most) <= FEW:
        for ranks in itertools.product(*(range(1, largest + 1) for largest in most)):
            yield folded.replace(ranks=ranks)
        return
    longest = most.index(max(most))
    each = max(2, int(OTHERS ** (1 / max(1, len(most) - 1))))
    values = [[0] if place == longest else [1 + value for value in spread(largest, each)] for place, largest in enumerate(most)]
    for ranks in itertools.product(*values):
        rising = Scale(folded, "ranks", [(*ranks[:longest], rank, *ranks[longest + 1 :]) for rank in range(1, most[longest] + 1)])
        yield rising[max(0, _last_within(rising, d, bits))]


def _last_within(strengths: Scale, d: int, bits: float) -> int:
    return bisect_right(range(len(strengths)), bits, key=lambda place: cost(strengths[place], d)) - 1


def _in_every_fold(compressor: Compressor, d: int, layout: Layout) -> Iterator[Compressor]:
    """The operator in its fold, or in each of the menu where its dims are "auto"; a composition in those of its parts."""
    if _is_folded(compressor):
        order = cast(Dims, type(compressor).fields()["dims"]).order
        auto = compressor.settings()["dims"] == "auto"
        dims = [fold.dims for fold in folds(d, layout, order)] if auto else [cast(Any, compressor.fitted(layout)).dims]
        yield from (compressor.replace(dims=sides) for sides in dims)
        return
    parts = _parts(compressor)
    for chosen in itertools.product(*(list(_in_every_fold(part, d, layout)) for part in parts.values())):
        yield compressor.replace(**dict(zip(parts, chosen, strict=True))).fitted(layout)


def _is_folded(compressor: Compressor) -> bool:
    return isinstance(type(compressor).fields().get("dims"), Dims)


def _parts(compressor: Compressor) -> dict[str, Compressor]:
    return {name: part for name in type(compressor).fields() if isinstance(part := getattr(compressor, name), Compressor)}
