"""Mini-batches: which rows every node looks at in a round, and its gradient over them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ef21lab.algorithms.base import StepSize
from ef21lab.algorithms.ef21 import EF21
from ef21lab.channels.base import Channel
from ef21lab.choices.spec import integer
from ef21lab.choices.text import Text
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts, Point
from ef21lab.streams import Stream

Array = Any


def batch_size() -> Any:
    """The field that says how many rows a node draws."""
    return integer(
        32,
        1,
        1_000_000,
        Text("Mini-batch", "Мини-батч"),
        Text(
            "How many rows a node draws in a round, with replacement; a node that has no more than these takes all of them once.",
            "Сколько строк узел берёт в раунде, с возвращением; узел, у которого их не больше, берёт все по одному разу.",
        ),
    )


class Batch(NamedTuple):
    """The rows ξ of one round."""

    rows: Array  # (lanes, nodes here, b), counted from 0 within the node's share
    whole: Array  # (nodes here,) whether the node takes its whole share instead

    def gradients(self, point: Point) -> Array:
        """∇fᵢ(x; ξ), (lanes, nodes, d); exact where the share is taken whole."""
        if self.whole.all():
            return point.gradients
        sampled = point.sampled(self.rows)
        return np.where(self.whole[:, None], point.gradients, sampled) if self.whole.any() else sampled


def drawn(channel: Channel, facts: Facts, size: int) -> Batch:
    """The rows of this round. Node i reads its own stretch of the stream, so they do not depend on how many nodes there are, or where."""
    uniform = channel.drawn(lambda rng: rng.random((facts.nodes, size if takes_less(facts, size) else 0)), Stream.ROWS)  # (lanes, nodes, b)
    node_rows = channel.own(facts.node_rows[None])  # (1, nodes here)
    return Batch((channel.own(uniform) * node_rows[..., None]).astype(np.intp), node_rows[0] <= size)


def takes_less(facts: Facts, size: int) -> bool:
    """Whether any node has more rows than a mini-batch holds."""
    return bool(facts.node_rows.max() > size)


def share(facts: Facts, size: int) -> float:
    """The part of all rows that mini-batches hold, those that come twice counted twice."""
    return float(np.minimum(facts.node_rows, size).sum(axis=-1) / facts.rows)


def exact_step(facts: Facts, compressor: Compressor) -> StepSize:
    """EF21's step, of a method that is EF21 as it is set."""
    gamma, proved, source = EF21().step_size(facts, compressor)
    return StepSize(gamma, proved, source + EXACT)


EXACT = Text("; all gradients are exact here, so this is EF21", "; все градиенты здесь точные, так что это и есть EF21")
