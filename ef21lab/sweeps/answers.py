"""The verdict on a grid, in words written from its numbers: who wins at ε, and where the order changes with what may be spent.

Every contender stands with the best of its settings, as a tuned step does in a race: the one with which it comes to ε for the least.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from ef21lab.choices.text import Text, joined
from ef21lab.runs.standings import Repeats, Standing, standings
from ef21lab.runs.verdict import Measured, Racer, digits, spent, sure, verdict

MOST = 3  # changes of the lead that a sentence tells one by one


class Setting(NamedTuple):
    """One setting of a contender: a strength with a step."""

    contender: str  # whose it is
    label: Text
    round_bits: float  # from a node in a round
    repeats: Repeats  # from the same starts in every setting
    look: Callable[[], Measured] | None = None  # finds what its messages lose and its step, where `repeats` do not say


class Leader(NamedTuple):
    """Who leads where so many bits may be spent."""

    bits: float
    contender: str


class _Words(NamedTuple):
    always: Text
    by: Text
    often: Text


def answer(
    settings: Sequence[Setting], named: Mapping[str, Text], epsilon: float, levels: Sequence[float], lowest: Sequence[Leader] = ()
) -> Text:
    """Who wins at ε by which factor over how many starts and why, who leads at other ε of `levels`, within other budgets and strengths.

    `named` are the contenders at large. `lowest` says of ascending budgets of bits from a node who is lowest within each.
    """
    order = standings([one.repeats for one in settings], epsilon)
    best: dict[str, Setting] = {}
    for standing in order:
        best.setdefault(settings[standing.place].contender, settings[standing.place])
    racers = [
        Racer(
            one.label,
            one.repeats,
            candidates=[other.repeats for other in settings if other.contender == contender],
            at_large=named[contender],
            look=one.look,
        )
        for contender, one in best.items()
    ]
    said = [verdict(racers, epsilon, levels=[*levels, epsilon]).words]
    if len(best) > 1:
        said += [_led(lowest, named, BUDGETS), _led(strengths(settings, epsilon), named, STRENGTHS)]
    return joined([words for words in said if words != NOTHING], " ")


def highest(settings: Sequence[Setting], epsilon: float, metric: str, said: Callable[[float], Text]) -> Text:
    """The same of a metric that rises as a run gets better, a share: who comes to ε for the least, and how much more others take.

    `said` writes a value of the metric.
    """
    best: dict[str, tuple[Setting, Standing]] = {}
    for standing in standings([one.repeats for one in settings], epsilon, metric):
        best.setdefault(settings[standing.place].contender, (settings[standing.place], standing))
    (first, standing), *others = best.values()
    if math.isinf(standing.cost):
        return DIVERGED if math.isinf(standing.final) else FAR.format(first=first.label, level=said(epsilon), final=said(standing.final))
    cost = spent(standing.cost, "bits_up")
    if not others or math.isinf(others[0][1].cost):
        return (ALONE if others else LONE).format(first=first.label, level=said(epsilon), cost=cost)
    second, behind = others[0]
    wins = FIRST.format(first=first.label, level=said(epsilon), cost=cost, ratio=digits(behind.ratio), second=second.label)
    return joined([wins, sure(first.label, standing.costs, behind.costs)], " ")


def strengths(settings: Sequence[Setting], epsilon: float) -> list[Leader]:
    """Who comes to ε for the least where a round may take at most so many bits, for all bits at which a setting is added.

    Where nobody comes to it nobody leads.
    """
    found = []
    for bits in sorted({one.round_bits for one in settings}):
        allowed = [one for one in settings if one.round_bits <= bits]
        first = standings([one.repeats for one in allowed], epsilon)[0]
        if math.isfinite(first.cost):
            found.append(Leader(bits, allowed[first.place].contender))
    return found


def _led(leaders: Sequence[Leader], named: Mapping[str, Text], words: _Words) -> Text:
    """Who leads at first, and from how much on somebody else does."""
    changed = [after for before, after in pairwise(leaders) if after.contender != before.contender]
    if not leaders:
        return NOTHING
    first = named[leaders[0].contender]
    if not changed:
        return words.always.format(first=first)
    if len(changed) > MOST:
        return words.often.format(n=len(changed))
    others = [FROM.format(bits=round(one.bits), other=named[one.contender]) for one in changed]
    return words.by.format(first=first, others=joined(others, ", "))


NOTHING = Text("", "")
FIRST = Text(
    "{first} comes to {level} for the least: {cost}, {ratio:time|times} less than {second}.",
    "Дешевле всех до {level}: {first}, {cost}, в {ratio:раз|раза|раз} меньше, чем у {second}.",
)
ALONE = Text("Only {first} comes to {level} to stay: {cost}.", "Доходит до {level} и там остаётся только {first}: {cost}.")
LONE = Text("{first} comes to {level}: {cost}.", "{first}: до {level} — {cost}.")
FAR = Text(
    "Nobody comes to {level} to stay. {first} ends highest, at {final}.",
    "До {level} не дошёл никто. Выше всех закончил {first}: {final}.",
)
DIVERGED = Text("All of them diverge.", "Все расходятся.")
FROM = Text("from {bits} on {other}", "начиная с {bits} — {other}")
BUDGETS = _Words(
    Text("Whatever the budget of bits, {first} is lowest.", "При любом бюджете бит ниже всех {first}."),
    Text(
        "Within a budget of bits from a node the lowest is at first {first}, {others}.",
        "При малом бюджете бит с узла ниже всех {first}, {others}.",
    ),
    Text(
        "Who is lowest changes {n:time|times} with the budget, as the table below tells.",
        "Кто ниже всех, с бюджетом меняется {n:раз|раза|раз}: см. таблицу ниже.",
    ),
)
STRENGTHS = _Words(
    Text(
        "However many bits a round may take, first at ε is {first}.",
        "Сколько бы бит ни занимал раунд, первым до ε доходит {first}.",
    ),
    Text(
        "Where a round may take few bits, first at ε is {first}, {others}.",
        "Если раунду отпущено мало бит, первым до ε доходит {first}, {others}.",
    ),
    Text(
        "Who is first at ε changes {n:time|times} with the bits that a round may take.",
        "Кто первым доходит до ε, меняется {n:раз|раза|раз} с числом бит за раунд.",
    ),
)
