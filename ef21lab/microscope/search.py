"""The fold and ranks that are best for one vector within a budget: every question about them is answered here.

The candidates of all folds whose message fits are really compressed, those that promise most (see unfoldings) first, until about SECONDS of
computing would be passed; the very first is tried in any case. Bits and errors that are returned are real; that nothing within the
budget is better is certain where no candidate was left.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple, cast

from ef21lab.choices.fields import Dims, Ranks
from ef21lab.compressors.base import Compressor, Shape
from ef21lab.compressors.low_rank.fold import Fold
from ef21lab.microscope import work
from ef21lab.microscope.strength import cost
from ef21lab.microscope.trials import Trial, trial
from ef21lab.microscope.unfoldings import Unfoldings

SECONDS = 0.2  # about, of one core, for one operator
ROUNDING = 1e-6  # an error that is due to float32


class FoldFound(NamedTuple):
    """The best ranks that were found for one fold; where no message fits, `compressor` and `trial` are None."""

    fold: Fold
    compressor: Compressor | None = None
    trial: Trial | None = None

    @property
    def ranks(self) -> Shape | None:
        ranks = getattr(self.compressor, "ranks", None)
        return (ranks,) if isinstance(ranks, int) else ranks

    @property
    def order(self) -> tuple[float, float]:
        """Less error first; errors that float32 cannot tell from zero are alike, and the shorter message wins."""
        return (math.inf, math.inf) if self.trial is None else (max(self.trial.error, ROUNDING), self.trial.bits)


class Candidate(NamedTuple):
    """Ranks whose message fits; in the order in which they are tried."""

    lost: float
    floats: float
    place: int  # of the fold
    compressor: Compressor


def searched(compressor: Compressor) -> bool:
    """Whether its strength is a fold of its own and the ranks of that."""
    kinds = type(compressor).fields()
    return isinstance(kinds.get("dims"), Dims) and isinstance(kinds.get("ranks"), Ranks) and not getattr(compressor, "tolerance", 0.0)


def best_choices(compressor: Compressor, unfoldings: Sequence[Unfoldings], bits: int, seed: int = 0) -> list[FoldFound]:
    """The best ranks within `bits` of every fold that was tried, the least error first; folds without a message so short come last."""
    best, fitting, spent = {}, [], 0.0
    for place, own in enumerate(unfoldings):
        candidates = _fitting(compressor, place, own, bits)
        if (first := next(candidates, None)) is None:
            best[place] = FoldFound(own.fold)
        else:
            fitting.append(chain([first], candidates))
    for _, _, place, able in heapq.merge(*fitting):
        x, fold = unfoldings[place].x, unfoldings[place].fold
        if spent and spent + able.effort(len(x)) > SECONDS:
            break
        spent += able.effort(len(x))
        made = trial(able, x, seed)
        if made.bits <= bits:
            best[place] = min(best.get(place, FoldFound(fold)), FoldFound(fold, able, made), key=lambda choice: choice.order)
    return sorted(best.values(), key=lambda choice: choice.order)


def least_bits(compressor: Compressor, folds: Sequence[Fold], d: int) -> float:
    """The shortest message that ranks of 1 have in any of the folds."""
    return min(cost(compressor.replace(dims=fold.dims, ranks=1), d) for fold in folds)


def _fitting(compressor: Compressor, place: int, own: Unfoldings, bits: int) -> Iterator[Candidate]:
    """Ranks of one fold whose message fits and takes bearable computing, those that promise most first."""
    d, field = len(own.x), cast(Ranks, type(compressor).fields()["ranks"])
    if compressor.replace(dims=own.fold.dims, ranks=1).refusal(d) is not None:
        return
    for lost, floats, ranks in zip(*own.losses(field), strict=True):
        if 32 * floats > bits:
            continue
        able = compressor.replace(dims=own.fold.dims, ranks=[int(rank) for rank in ranks])
        if able.refusal(d) is None and able.cost(d)[0] <= bits and work.bearable(able, d):
            yield Candidate(float(lost), float(floats), place, able)
