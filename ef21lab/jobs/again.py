"""Messages that are not kept: a run is a function of its spec, so computing it again gives what was sent, to the last bit."""

from __future__ import annotations

import math

import numpy as np

from ef21lab.channels.last import SNAPSHOT_FLOATS, nodes_of_snapshot
from ef21lab.channels.snapshot import Snapshot
from ef21lab.choices.text import Refusal, Text
from ef21lab.jobs.engine import Engine, messages_of
from ef21lab.jobs.questions import Questions
from ef21lab.problems.base import Facts
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace

LONGEST = 5.0  # seconds of a worker for one message
BLOCKS = 32  # of messages computed again that stay in memory, of at most FLOATS pairs of float32 each: 64 MB
FLOATS = 4 * SNAPSHOT_FLOATS
MOST_ROUNDS = 64  # recorded rounds of one block, whatever their size
SPARE = 0.25  # seconds spent beyond the round that was asked for, so that its neighbours are at hand

NOT_RECORDED = Text("round {round} is not recorded", "раунд {round} не записан")
NO_NODE = Text("there is no node {node}: they are 0..{last}", "нет узла {node}: узлы — от 0 до {last}")
TOO_LONG = Text(
    "its messages are not kept, and computing them again would take about {seconds} s, more than the {limit} s allowed",
    "его сообщения не сохранены, а пересчёт занял бы около {seconds} с — больше разрешённых {limit} с",
)


class Again:
    """Computes runs again up to a message; the latest answers stay in memory."""

    def __init__(self, engine: Engine) -> None:
        self._questions = Questions(engine, most=BLOCKS)

    def messages(self, spec: RunSpec, facts: Facts, trace: Trace, round: int, node: int, timeout: float) -> Snapshot:
        """What `node` and its neighbours sent in a recorded round.

        Raises Refusal where there is no such round or node, or where it took longer than LONGEST seconds to come there the first time.
        """
        rounds = _block(spec, facts, trace, round, node)
        together = nodes_of_snapshot(facts.d)
        first = node // together * together
        key = f"{spec.key} {rounds.start} {rounds[-1]} {first}"
        found: dict[int, Snapshot] = self._questions.ask(key, messages_of, spec.json(), rounds, first, facts, timeout=timeout)
        if round not in found:
            raise Refusal(NOT_RECORDED.format(round=round))
        return found[round]


def _block(spec: RunSpec, facts: Facts, trace: Trace, round: int, node: int) -> range:
    """The recorded rounds that are computed at one go with this one: few enough for memory, and cheap enough beside it."""
    if node >= facts.nodes:
        raise Refusal(NO_NODE.format(node=node, last=facts.nodes - 1))
    row = int(np.searchsorted(trace["round"], round))
    if row >= len(trace) or trace["round"][row] != round:
        raise Refusal(NOT_RECORDED.format(round=round))
    seconds = float(trace["seconds"][row])
    if seconds > LONGEST:
        raise Refusal(TOO_LONG.format(seconds=f"{seconds:.2g}", limit=f"{LONGEST:g}"))
    if round % spec.record_every:  # the last round, which is recorded in any case
        return range(round, round + 1)
    together = min(facts.nodes, nodes_of_snapshot(facts.d)) * facts.d
    most = min(MOST_ROUNDS, FLOATS / together, SPARE / max(seconds / (row + 1), 1e-9))
    length = 2 ** int(math.log2(max(1.0, most))) * spec.record_every
    return range(round // length * length, round // length * length + length, spec.record_every)
