"""An operator and stronger ones: each keeps twice what the one before it does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from ef21lab.choices.fields import Integer, Ranks
from ef21lab.compressors.base import Compressor
from ef21lab.microscope.strength import Scale, cost, scale, uncompressed


@lru_cache(maxsize=512)
def doubled(compressor: Compressor, d: int, most: int) -> tuple[Compressor, ...]:
    """At most so many strengths at length d, the operator itself first, without those that would be the one before again.

        A count or the ranks are doubled, up to what there is of them. Where an operator's strength is neither, or its message gets shorter
    the more it counts, the next is the first of its scale whose message takes twice the bits. One that has no strength is alone; of the
    others none is longer than the vector itself in float32.
    """
    found = [compressor]
    for stronger in _stronger(compressor, d):
        if len(found) == most or cost(stronger, d) == cost(found[-1], d) or cost(stronger, d) > uncompressed(d):
            break
        found.append(stronger)
    return tuple(found)


def _stronger(compressor: Compressor, d: int) -> Iterator[Compressor]:
    strengths = scale(compressor, d)
    if strengths.field is None:
        return
    field = type(compressor).fields()[strengths.field]
    if isinstance(field, Ranks):
        yield from _of_ranks(compressor, strengths.field, field)
    elif isinstance(field, Integer) and len(strengths) > 1 and strengths.values[0] < strengths.values[-1]:
        value = getattr(compressor, strengths.field)
        while (value := 2 * value) <= (min(field.high, d) if field.up_to_d else field.high):
            yield compressor.replace(**{strengths.field: value})
    else:
        yield from _by_bits(compressor, strengths, d)


def _of_ranks(compressor: Compressor, name: str, field: Ranks) -> Iterator[Compressor]:
    """Every rank twice, but for what its place has no more of."""
    most = field.most(getattr(compressor, "dims", ()))
    ranks = getattr(compressor, name)
    now = list(ranks) if isinstance(ranks, tuple) else [ranks] * len(most)
    while any(rank < largest for rank, largest in zip(now, most, strict=True)):
        now = [min(2 * rank, largest) for rank, largest in zip(now, most, strict=True)]
        yield compressor.replace(**{name: now if len(most) > 1 else now[0]})


def _by_bits(compressor: Compressor, strengths: Scale, d: int) -> Iterator[Compressor]:
    bits = cost(compressor, d)
    for one in strengths:
        if cost(one, d) >= 2 * bits:
            yield one
            bits = cost(one, d)
