"""The verdict on a race, in words written from its numbers: who wins at ε, by how much, where that changes, how sure it is, and why."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context
from typing import NamedTuple

import numpy as np

from ef21lab.choices.text import Refusal, Text, joined
from ef21lab.runs.record import rises
from ef21lab.runs.standings import Change, Repeats, Standing, begun, changes, reached, standings

SURE = 3  # starts from which on a verdict says how far they differ
THREE = Context(prec=3, rounding=ROUND_HALF_UP)  # as a browser rounds
WORTH = 2.0  # times that ε changes while another leads, for a sentence about it
LEVEL = 1.005  # a factor that three digits cannot tell from 1


class Measured(NamedTuple):
    """What may tell why somebody is ahead; None where it is not known."""

    lost: float | None  # ‖C(v) − v‖² / ‖v‖² of a message, the mean
    gamma: float | None  # the step


@dataclass(frozen=True)
class Racer:
    """Who races: its name, its repeats from several starts, and its step γ where that is known."""

    label: Text
    repeats: Repeats
    gamma: float | None = None
    candidates: Sequence[Repeats] = ()  # with a tuned step, what it might have been: the lead is told of the best of them at every ε
    at_large: Text | None = None  # its name at another ε, where another of its candidates may be the best; None where that is the label
    look: Callable[[], Measured] | None = None  # finds what is measured of it where `repeats` and `gamma` do not have it; asked of two

    @property
    def measured(self) -> Measured:
        return Measured(lost(self.repeats), self.gamma) if self.look is None else self.look()


@dataclass(frozen=True)
class Verdict:
    """What the race came to."""

    standings: list[Standing]  # the winner first
    changes: list[Change]
    words: Text


def verdict(
    contenders: Sequence[Racer],
    epsilon: float,
    metric: str = "grad_norm_sq",
    axis: str = "bits_up",
    levels: Sequence[float] | None = None,
) -> Verdict:
    """Who comes to ε for the least of `axis`, of one contender or more that have at least one repeat each.

    The lead elsewhere is looked at wherever it can change, or at these `levels` of ε only, which takes less where candidates are many.
    Raises Refusal for a metric that rises as a run gets better, such as accuracy, for the sentence is about one that falls; `standings`
    takes both.
    """
    if rises(metric):
        raise Refusal(RISES.format(metric=metric))
    repeats = [one.repeats for one in contenders]
    order = standings(repeats, epsilon, metric, axis)
    lead = changes([one.candidates or (one.repeats,) for one in contenders], metric, axis, levels)
    first, second = contenders[order[0].place], contenders[order[1].place] if len(order) > 1 else None
    said = [_outcome(first, second, order, epsilon, axis)]
    if second is not None and math.isfinite(order[0].cost):
        said += [
            *_elsewhere(contenders, lead, order[0].place, epsilon, metric),
            _sure(first, order),
            *_why(first, second),
        ]
    return Verdict(order, lead, joined(said, " "))


def spent(amount: float, axis: str) -> Text:
    """So much of an axis, with its unit: '19,880 bits a node'."""
    return SPENT[axis].format(n=digits(amount) if axis in ("seconds", "network") else math.floor(amount + 0.5))


def digits(number: float) -> float:
    """To the three digits that are shown, so that the noun agrees with them, and a half goes up."""
    return float(THREE.create_decimal_from_float(number))


def lost(repeats: Repeats) -> float | None:
    """‖C(v) − v‖² / ‖v‖² of a message, the mean over all of them; None where there was none."""
    every = np.concatenate([trace.contraction.ravel() for trace in repeats])
    every = every[np.isfinite(every)]
    return float(every.mean()) if every.size else None


def _outcome(first: Racer, second: Racer | None, order: Sequence[Standing], epsilon: float, axis: str) -> Text:
    slots = {"first": first.label, "epsilon": digits(epsilon), "final": digits(order[0].final)}
    if math.isinf(order[0].final) and math.isinf(order[0].cost):
        return (WORDS["loneDiverges"] if second is None else WORDS["allDiverge"]).format(**slots)
    if math.isinf(order[0].cost):
        return (WORDS["loneFails"] if second is None else WORDS["nobody"]).format(**slots)
    slots["cost"] = spent(order[0].cost, axis)
    if second is None:
        return WORDS["lone"].format(**slots)
    slots["second"] = second.label
    if math.isinf(order[1].ratio):
        return WORDS["only"].format(**slots)
    return WORDS["level" if order[1].ratio < LEVEL else "wins"].format(**slots, ratio=digits(order[1].ratio))


def _elsewhere(racers: Sequence[Racer], lead: Sequence[Change], winner: int, epsilon: float, metric: str) -> list[Text]:
    """Who leads at the next greater and the next smaller ε at which it is another, over a span of ε that is worth a sentence.

    Where all begin, and at the level at which rounding holds all of them, the lead is passed on within less than a factor of WORTH.
    """
    if not lead:
        return []
    labels, runs = [one.at_large or one.label for one in racers], [one.candidates or (one.repeats,) for one in racers]
    bounds = [begun(runs, metric), *(change.epsilon for change in lead), reached(runs[lead[-1].below], metric)]
    spans = list(zip(bounds, lead, bounds[2:], strict=False))  # (where its lead above begins, a change, where its lead below ends)
    above = [one for top, one, _ in spans if one.epsilon > epsilon and one.above != winner and top >= WORTH * one.epsilon]
    under = [one for _, one, end in spans if one.epsilon <= epsilon and one.below != winner and one.epsilon >= WORTH * end]
    said = [WORDS["above"].format(epsilon=digits(one.epsilon), other=labels[one.above]) for one in above[-1:]]
    return said + [WORDS["under"].format(epsilon=digits(one.epsilon), other=labels[one.below]) for one in under[:1]]


def _sure(first: Racer, order: Sequence[Standing]) -> Text:
    return sure(first.label, order[0].costs, order[1].costs)


def sure(first: Text, costs: Sequence[float], others: Sequence[float]) -> Text:
    """In how many starts the first needed less than the second, and between what the factor lay; `costs` of both start by start."""
    pairs = list(zip(costs, others, strict=False))
    if len(pairs) < SURE:
        return WORDS["unsure"].format(n=len(pairs))
    ahead = sum(own < other for own, other in pairs)
    factors = [other / own for own, other in pairs if own > 0.0 and math.isfinite(own) and math.isfinite(other)]
    if len(factors) < len(pairs):
        return WORDS["sureOf"].format(n=len(pairs), ahead=ahead, first=first)
    return WORDS["sure"].format(n=len(pairs), ahead=ahead, first=first, low=digits(min(factors)), high=digits(max(factors)))


def _why(first: Racer, second: Racer) -> list[Text]:
    """What was measured of both: what their messages lose, and how long their steps are."""
    own, other = first.measured, second.measured
    if own.lost is None or other.lost is None or own.gamma is None or other.gamma is None:
        return []
    slots = {"first": first.label, "second": second.label, "own": digits(own.lost), "other": digits(other.lost)}
    return [WORDS["why"].format(**slots, gamma=digits(own.gamma), gammaOther=digits(other.gamma))]


RISES = Text(
    "metric={metric}: a verdict is about what falls to ε, and this rises; choose grad_norm_sq or loss",
    "metric={metric}: вывод говорит о том, что убывает до ε, а это растёт; выберите grad_norm_sq или loss",
)
WORDS: Mapping[str, Text] = {
    "lone": Text("{first} comes to ε = {epsilon}: {cost}.", "{first}: до ε = {epsilon} — {cost}."),
    "loneFails": Text(
        "{first} does not come to ε = {epsilon} to stay; it ends at {final}.",
        "{first}: ε = {epsilon} не достигнуто; в конце {final}.",
    ),
    "loneDiverges": Text("{first} diverges.", "{first} расходится."),
    "allDiverge": Text("All of them diverge.", "Все расходятся."),
    "nobody": Text(
        "Nobody comes to ε = {epsilon} to stay. {first} ends lowest, at {final}.",
        "До ε = {epsilon} не дошёл никто. Ниже всех закончил {first}: {final}.",
    ),
    "only": Text(
        "At ε = {epsilon} {first} wins: {cost}; nobody else comes to it.",
        "При ε = {epsilon} побеждает {first}: {cost}; больше не дошёл никто.",
    ),
    "wins": Text(
        "At ε = {epsilon} {first} wins: {cost}, {ratio:time|times} less than {second}.",
        "При ε = {epsilon} побеждает {first}: {cost}, в {ratio:раз|раза|раз} меньше, чем у {second}.",
    ),
    "level": Text(
        "At ε = {epsilon} {first} and {second} are level: {cost}.",
        "При ε = {epsilon} {first} и {second} наравне: {cost}.",
    ),
    "above": Text("For ε above {epsilon} {other} leads.", "При ε больше {epsilon} впереди {other}."),
    "under": Text("For ε below {epsilon} {other} leads.", "При ε меньше {epsilon} впереди {other}."),
    "unsure": Text(
        "This is {n:start|starts} only, which decides nothing yet.",
        "Пока {n:старт|старта|стартов}: этого мало, чтобы решать.",
    ),
    "sure": Text(
        "Of {n:start|starts} {first} leads in {ahead}; the factor lies between {low} and {high}.",
        "Из {n:старта|стартов|стартов} {first} впереди в {ahead}; отношение — от {low} до {high}.",
    ),
    "sureOf": Text(
        "Of {n:start|starts} {first} leads in {ahead}; not every time do both come to ε.",
        "Из {n:старта|стартов|стартов} {first} впереди в {ahead}; не каждый раз до ε доходят оба.",
    ),
    "why": Text(
        "On average a message loses {own} of its squared length with {first}, {other} with {second}; "
        "the steps are γ = {gamma} and {gammaOther}.",
        "Сообщение теряет в среднем {own} от квадрата своей длины у {first} и {other} у {second}; шаги γ = {gamma} и {gammaOther}.",
    ),
}
SPENT: Mapping[str, Text] = {
    "floats_up": Text("{n:float|floats} a node", "{n:число|числа|чисел} с узла"),
    "bits_up": Text("{n:bit|bits} a node", "{n:бит|бита|бит} с узла"),
    "bits_down": Text("{n:bit|bits} received by a node", "{n:бит|бита|бит} на узел принято"),
    "network": Text("{n:second|seconds} on the network", "{n:секунда|секунды|секунд} в сети"),
    "round": Text("{n:round|rounds}", "{n:раунд|раунда|раундов}"),
    "seconds": Text("{n:second|seconds}", "{n:секунда|секунды|секунд}"),
}
