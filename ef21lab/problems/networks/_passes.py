"""Which rows pass through a network together: as many as a core keeps near itself, and the rows of a node apart from those of others."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ef21lab.problems.networks.base import Module

Array = Any
Tensor = Any

TOGETHER = 2**18  # numbers in all layers, 2 MB: as many rows as make so many pass at once; more leave the cache and take longer each
ABREAST = 4 * TOGETHER  # of mini-batches, whose rows are few: what a pass costs besides its rows outweighs the cache up to here
LINE = 16  # numbers of float32 in a line of the cache, 64 bytes
FULL = 2**23  # bytes of all layers, 8 MB: of all their rows nodes pass together up to here, and a node alone up to twice as many
FEWEST = 3  # nodes: fewer take no less time together than one after the other, each by PyTorch's own gradient


def abreast(nodes: int, batch: int, together: int, most: int) -> Iterator[slice]:
    """Nodes whose mini-batches pass at once, about equally many in every pass and at most `most` rows of all, but no fewer than two nodes.

    What a node's gradient rounds to depends on where its numbers lie: they begin at a cache line in any company where its rows fill whole
    ones, so only then do more nodes pass at once than `together` rows. And a node that passes alone rounds otherwise (see `slopes`), so
    who does stays: every node where `together` rows have room for one, and the last where it is one more than fill whole passes.
    """
    full = max(1, together // batch)
    if full == 1 or batch % LINE:
        yield from (slice(first, min(first + full, nodes)) for first in range(0, nodes, full))
        return
    several = nodes - (nodes % full == 1)
    if several:
        passes = min(several // 2, math.ceil(several * batch / most))
        yield from (slice(int(part[0]), int(part[-1]) + 1) for part in np.array_split(np.arange(several), passes))
    yield from (slice(node, node + 1) for node in range(several, nodes))


class Group(NamedTuple):
    """Equally many rows of some nodes, or of one; a node may be there more than once."""

    nodes: Array  # (k,)
    places: Array  # (k, m) of their rows


def groups_of(node_rows: Array, first_rows: Array, together: int) -> Iterator[Group]:
    """All rows of all nodes: as many nodes with equally many as are no more than `together` rows, one alone with up to twice that, and
    larger shares in pieces.

    Measured with networks of every kind, 10 to 40 nodes, in both precisions (`python -m benchmarks networks`): many nodes with few rows
    each take half of a loop's time or less, and where two or fewer would fit, the loop is as fast or faster. The rule knows shapes alone,
    so a sum is rounded alike on every machine.
    """
    pieces = [
        (node, first_rows[node] + piece)
        for node in np.argsort(node_rows, kind="stable")
        for piece in np.array_split(np.arange(node_rows[node]), math.ceil(node_rows[node] / (2 * together)))
    ]
    for size, alike in itertools.groupby(pieces, key=lambda piece: len(piece[1])):
        nodes, places = (np.stack(each) for each in zip(*alike, strict=True))
        fitting = together // size
        at_once = fitting if fitting >= FEWEST else 1
        for first in range(0, len(nodes), at_once):
            yield Group(nodes[first : first + at_once], places[first : first + at_once])


class Passing(NamedTuple):
    """What one row makes of the network that it passes through."""

    numbers: int  # in it and in all layers
    products: int  # with a weight


def passing(module: Module, p: int) -> Passing:
    import torch

    found = [Passing(p, 0)]

    def count(layer: Module, given: Any, out: Tensor) -> None:
        weights = sum(parameter.numel() for parameter in layer.parameters(recurse=False))
        found.append(Passing(out.numel(), weights * (out.numel() // out.shape[1])))

    hooks = [layer.register_forward_hook(count) for layer in module.modules() if not [*layer.children()]]
    module(torch.zeros((1, p), dtype=torch.float64))
    for hook in hooks:
        hook.remove()
    return Passing(*map(sum, zip(*found, strict=True)))
