"""One vector folded in one way: what its unfoldings say that ranks would lose, before any message is made.

    one rank for each mode    1 − Σ of the squares in the leading r₁ × … × r_m block of the HOSVD core: what classical HOSVD loses
    one for each bond         Σ_k Σ_{j>ρ_k} σ_j² of the k-th unfolding: TT-SVD loses no more
    one for all               Σ_{j>r} σ_j² of the unfolding where it is largest: no tensor of rank r is nearer

All are shares of ‖x‖². A bond above what its neighbours can carry is that bond again and is left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ef21lab.choices.fields import Ranks
from ef21lab.compressors.base import Shape
from ef21lab.compressors.low_rank.fold import Fold
from ef21lab.microscope.strength import spread

MOST_CELLS = 262_144  # ranks of one fold that are thought of; where there are more, those of a long side go up in ratio


class Losses(NamedTuple):
    """Ranks that a fold can have, those that lose least first."""

    lost: np.ndarray  # (n,)
    floats: np.ndarray  # (n,): no message of these ranks has fewer
    ranks: np.ndarray  # (n, places)


@dataclass(frozen=True, eq=False)
class Unfoldings:
    """x (d,) folded, zeros at the end."""

    x: np.ndarray
    fold: Fold

    def losses(self, field: Ranks) -> Losses:
        """For every place that this field has a rank at."""
        lost, floats, ranks = {"modes": self._modes, "bonds": self._bonds, "whole": self._whole}[field.places](field.most(self.fold.dims))
        lost = np.round(lost, 12)
        order = np.lexsort((floats, lost))
        return Losses(lost[order], floats[order], ranks[order])

    @cached_property
    def kept(self) -> np.ndarray:
        return kept_energy(self.x, self.fold.dims)

    @cached_property
    def tails(self) -> list[np.ndarray]:
        """Σ_{j>r} σ_j² over r = 0 … m of the unfolding of every mode."""
        tensor = _tensor(self.x, self.fold.dims)
        return [_tail(np.moveaxis(tensor, mode, 0).reshape(side, -1)) for mode, side in enumerate(self.fold.dims)]

    @cached_property
    def cuts(self) -> list[np.ndarray]:
        """The same of the matrix before each bond × after it."""
        tensor, dims = _tensor(self.x, self.fold.dims), self.fold.dims
        return [_tail(tensor.reshape(math.prod(dims[:bond]), -1)) for bond in range(1, len(dims))]

    def _modes(self, most: Shape) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        ranks = _all_ranks(most)
        floats = np.prod(ranks, axis=1) + np.sum(ranks * (np.array(self.fold.dims) - ranks), axis=1)
        return 1 - self.kept[tuple(ranks.T - 1)], floats, ranks

    def _bonds(self, most: Shape) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        ranks, sides = _all_ranks(most), np.array(self.fold.dims)
        one = np.ones((len(ranks), 1), dtype=np.int64)
        before, after = np.hstack([one, ranks]), np.hstack([ranks, one])  # (n, modes): the bonds on either side of each mode
        possible = np.all((after <= before * sides) & (before <= after * sides), axis=1)
        floats = np.sum(before * sides * after, axis=1) - np.sum(ranks**2, axis=1)
        lost = np.sum([tail[rank] for tail, rank in zip(self.cuts, ranks.T, strict=True)], axis=0)
        return lost[possible], floats[possible], ranks[possible]

    def _whole(self, most: Shape) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        ranks = _all_ranks(most)
        lost = np.max([tail[np.minimum(ranks[:, 0], len(tail) - 1)] for tail in self.tails], axis=0)
        return lost - 1e-9 * ranks[:, 0], ranks[:, 0], ranks  # a further component is of use where no unfolding says so


def kept_energy(x: np.ndarray, dims: Shape) -> np.ndarray:
    """The share of ‖x‖² in the leading r₁ × … × r_m block of the HOSVD core, at index (r₁ − 1, …, r_m − 1); r_k ≤ min(I_k, Π others).

    It is what the classical truncation keeps, but for what of its error lies in the padding, which is cut off.
    """
    core = tensor = _tensor(x, dims)
    for mode, side in enumerate(dims):
        unfolding = np.moveaxis(tensor, mode, 0).reshape(side, -1)
        leading = np.linalg.svd(unfolding, full_matrices=False)[0]
        core = np.moveaxis(np.tensordot(leading, core, axes=(0, mode)), 0, mode)
    energy = core**2
    for mode in range(len(dims)):
        energy = np.cumsum(energy, axis=mode)
    return energy / max(float(energy.flat[-1]), np.finfo(float).tiny)


def _tensor(x: np.ndarray, dims: Shape) -> np.ndarray:
    """x folded and scaled so that no square over- or underflows."""
    tensor = np.zeros(math.prod(dims))
    tensor[: len(x)] = np.ldexp(x, -math.frexp(float(np.max(np.abs(x))))[1])
    return tensor.reshape(dims)


def _tail(matrix: np.ndarray) -> np.ndarray:
    """Σ_{j>r} σ_j² / Σ σ_j² for r = 0 … m."""
    energies = np.linalg.svd(matrix, compute_uv=False) ** 2
    tails = np.concatenate([np.cumsum(energies[::-1])[::-1], [0.0]])
    return tails / max(float(tails[0]), np.finfo(float).tiny)


def _all_ranks(most: Sequence[int]) -> np.ndarray:
    """All ranks 1 … most of every place, (n, places); at most about MOST_CELLS, see there."""
    each = max(2, int(MOST_CELLS ** (1 / len(most))))
    if math.prod(most) <= MOST_CELLS:
        each = max(most)
    values = [[place + 1 for place in spread(largest, each)] for largest in most]
    return np.stack(np.meshgrid(*values, indexing="ij"), axis=-1).reshape(-1, len(most))
