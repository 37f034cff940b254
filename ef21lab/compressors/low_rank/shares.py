"""How many directions a truncation keeps, of how many there can be: what the constants of nested projections are made of."""

from __future__ import annotations

import math

from ef21lab.compressors.base import Shape

Shares = tuple[tuple[int, int], ...]  # (r_k, m_k) for each rank


def full_shares(sides: Shape, ranks: Shape) -> Shares:
    """Mode by mode of the full tensor: m_k = min(I_k, Π other sides), r_k = min(rank, m_k)."""
    total = math.prod(sides)
    return tuple((min(rank, side, total // side), min(side, total // side)) for side, rank in zip(sides, ranks, strict=True))


def sequential_shares(sides: Shape, ranks: Shape) -> Shares:
    """The same when each mode is truncated before the next is looked at: the sides already passed count as their ranks."""
    current, kept = list(sides), []
    for mode, rank in enumerate(ranks):
        kept.append(full_shares(tuple(current), (*current[:mode], rank, *current[mode + 1 :]))[mode])
        current[mode] = kept[mode][0]
    return tuple(kept)


def sequential_alpha(shares: Shares) -> float:
    """Π_k r_k / m_k: the r_k leading of at most m_k singular directions keep at least that share of the energy still there."""
    return math.prod(kept / most for kept, most in shares)


def of_a_core(ranks: Shape) -> Shape:
    """Ranks that a core can have: none above the product of the others; at most one is, and is lowered."""
    return tuple(min(rank, math.prod(ranks) // rank) for rank in ranks)
