"""Rounds and bits until the running mean of ‖∇f‖² is at most ε: enough for certain by the sharpest theorem, and as it was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from ef21lab.address.controls import EPSILONS, VIEW
from ef21lab.choices.text import Text, joined, same
from ef21lab.jobs.store import Status
from ef21lab.problems.base import Facts
from ef21lab.runs.guarantees import running_mean
from ef21lab.runs.names import titles
from ef21lab.runs.promises import Statement, statements
from ef21lab.runs.trace import Trace
from ef21lab.ui.experiment.contenders import Contender
from ef21lab.ui.kit import visitor
from ef21lab.ui.kit.language import count, number, plain, say
from ef21lab.ui.kit.link import Link
from ef21lab.ui.theory import panel as theory_panel
from ef21lab.ui.theory.panel import NOTHING

GOING = ("queued", "running")
REFRESH = 1.0  # seconds between looks at runs that go on


class Spent(NamedTuple):
    """How many iterates x⁰, x¹, … have the mean of ‖∇f‖² at most ε, and the bits a node has sent by the last of them."""

    rounds: int
    bits: float


def controls(link: Link) -> float:
    """The slider of ε, logarithmic."""
    field, default = VIEW["epsilon"]
    asked = link.current("epsilon", default, field)
    at = link.at("epsilon", min(EPSILONS, key=lambda offered: abs(math.log(offered / asked))))
    labels = {value: plain(number(value)) for value in EPSILONS}
    epsilon = float(st.select_slider(say(field.label), EPSILONS, **at, format_func=labels.__getitem__))
    link.hold("epsilon", epsilon, default)
    return epsilon


def table(racing: Sequence[Contender], keys: Sequence[str], facts: Facts, epsilon: float) -> None:
    """The table, which follows the runs by itself while any of them goes on."""
    follows = any(map(_goes_on, keys))

    @st.fragment(run_every=REFRESH if follows else None)
    def follow() -> None:
        names = titles([contender.spec for contender in racing])
        rows = [[name, *_row(contender, key, facts, epsilon)] for name, contender, key in zip(names, racing, keys, strict=True)]
        theory_panel.table("rounds", HEAD, "lrrrrrl", rows)
        if follows and not any(map(_goes_on, keys)):
            st.rerun()  # without the timer

    follow()


def enough(promised: Sequence[Statement], trace: Trace, epsilon: float) -> tuple[Spent, Statement] | None:
    """What the theorem that asks for the fewest rounds says is enough; None where that is beyond all numbers.

    The bits of the first message are in row 0 of the trace; every later message costs what that of round 1 did.
    """
    able = [(rounds, statement) for statement in promised if (rounds := statement.rounds(trace.columns, epsilon)) is not None]
    if not able:
        return None
    rounds, statement = min(able, key=lambda one: one[0])
    first, second = map(float, trace["bits_up"][:2])
    return Spent(rounds, first + (rounds - 1) * (second - first)), statement


def measured(trace: Trace, epsilon: float) -> Spent | None:
    """The least T whose first T iterates have a mean ‖∇f‖² of at most ε; None where there is none yet."""
    reached = np.flatnonzero(running_mean(trace["grad_norm_sq"]) <= epsilon)
    return Spent(int(reached[0]), float(trace["bits_up"][reached[0] - 1])) if len(reached) else None


def _row(contender: Contender, key: str, facts: Facts, epsilon: float) -> list[Text]:
    trace, promised = visitor.lab().trace(key), statements(contender.spec, facts)
    found = None if isinstance(promised, Text) or len(trace) < 2 else enough(promised, trace, epsilon)
    certain, happened = found and found[0], measured(trace, epsilon)
    ratio = number(certain.rounds / happened.rounds) if certain and happened else NOTHING
    standing = [] if happened else [_standing(visitor.lab().status(key), trace)]
    speaks = [NOTHING_CERTAIN.format(reason=promised)] if isinstance(promised, Text) else [_speaks_of(contender, found[1])] if found else []
    return [*_spent(certain), *_spent(happened), ratio, joined([*standing, *speaks], "; ")]


def _spent(spent: Spent | None) -> tuple[Text, Text]:
    return (NOTHING, NOTHING) if spent is None else (count(spent.rounds), count(spent.bits))


def _standing(status: Status | None, trace: Trace) -> Text:
    """Why ε is not reached, or not yet."""
    if status is None or (status.round < 0 and status.state in GOING):
        return WAITING
    words = DIVERGED if trace.diverged else STANDINGS[status.state]
    return words.format(round=max(status.round, 0), reason=status.reason or same(""))


def _speaks_of(contender: Contender, promised: Statement) -> Text:
    """Which theorem the number is of, and whether what is certain and what was measured speak of one step."""
    run, gamma = contender.planned.gamma, promised.gamma
    words = SAME_STEP if run == gamma else LONGER_STEP.format(ratio=run / gamma) if run > gamma else SHORTER_STEP.format(ratio=gamma / run)
    return promised.theorem + same(": ") + words + (IN_EXPECTATION if promised.found.in_expectation else same(""))


def _goes_on(key: str) -> bool:
    status = visitor.lab().status(key)
    return status is None or status.state in GOING


HEAD = Text(
    "contender | guaranteed within, rounds | guaranteed, bits per node | measured, rounds | measured, bits per node | "
    "ratio of rounds | theorem and step",
    "участник | гарантия, раундов | гарантия, бит на узел | измерено, раундов | измерено, бит на узел | отношение раундов | теорема и шаг",
)
WAITING = Text("the run has not begun", "запуск ещё не начался")
DIVERGED = Text("the run diverged in round {round}", "запуск разошёлся на раунде {round}")
STANDINGS = {
    "queued": Text(
        "not within {round:round|rounds} so far, waiting for its turn", "за {round:раунд|раунда|раундов} пока нет, запуск ждёт очереди"
    ),
    "running": Text("not within {round:round|rounds} so far, still running", "за {round:раунд|раунда|раундов} пока нет, запуск ещё идёт"),
    "paused": Text(
        "not within {round:round|rounds}; there the run is paused", "за {round:раунд|раунда|раундов} не достигнута, запуск приостановлен"
    ),
    "done": Text("not within {round:round|rounds}", "за {round:раунд|раунда|раундов} не достигнута"),
    "cancelled": Text(
        "not within {round:round|rounds}; there the run was stopped", "за {round:раунд|раунда|раундов} не достигнута, запуск остановлен"
    ),
    "failed": Text("the run failed in round {round}: {reason}", "запуск прервался на раунде {round}: {reason}"),
}
NOTHING_CERTAIN = Text("no guarantee: {reason}", "гарантии нет: {reason}")
SAME_STEP = Text("both at this theorem's step", "оба числа — при шаге из этой теоремы")
LONGER_STEP = Text(
    "guaranteed at this theorem's step, measured at {ratio:time|times} that step",
    "гарантия — при шаге из этой теоремы, измерено — при шаге в {ratio:раз|раза|раз} больше",
)
SHORTER_STEP = Text(
    "guaranteed at this theorem's step, measured at one {ratio:time|times} shorter",
    "гарантия — при шаге из этой теоремы, измерено — при шаге в {ratio:раз|раза|раз} меньше",
)
IN_EXPECTATION = Text(", in expectation over what is drawn", ", в среднем по случайным исходам")
