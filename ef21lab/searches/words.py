"""What a search came to, in words written from its numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ef21lab.choices.text import Text, joined, same
from ef21lab.runs.names import title
from ef21lab.runs.verdict import LEVEL, digits, spent, sure
from ef21lab.searches.rungs import Judged
from ef21lab.searches.search import Search


def told(found: Search) -> Text:
    """Who comes to ε first and for how much, how far behind the next are, how sure that is, who was dropped, and what it took."""
    if not found.specs:
        return NONE_LEFT
    if not found.race.over:
        return _racing(found)
    if not found.over:
        final = found.final
        return FINAL.format(starts=found.starts, done=final.runs - len(final.wanted), runs=final.runs)
    if not found.race.reached:
        return joined([_nobody(found), _dropped(found), ONE_START], " ")
    return joined([words for words in (_won(found), _sure(found), _dropped(found)) if words != NOTHING], " ")


def _won(found: Search) -> Text:
    first, *others = found.final.order or found.race.reached
    least = _cost(found, first)
    if math.isinf(least):
        return NOT_AGAIN.format(epsilon=_said(found, found.epsilon), n=found.starts)
    words = WINS.format(run=title(found.specs[first]), epsilon=_said(found, found.epsilon), cost=spent(least, found.yardstick.axis))
    next_best = [
        _next(title(found.specs[place]), _cost(found, place) / least)
        for place in others[:2]
        if least > 0.0 and math.isfinite(_cost(found, place))
    ]
    return joined([words, joined([FOLLOWED, joined(next_best, "; ")], " ") + DOT], " ") if next_best else words


def _next(run: Text, ratio: float) -> Text:
    return NO_MORE.format(run=run) if ratio < LEVEL else NEXT.format(run=run, ratio=digits(ratio))


def _cost(found: Search, place: int) -> float:
    """What it takes to ε: the median over the starts, where there are several."""
    return found.final.median(place) if place in found.final.costs else _mark(found, place).cost


def _sure(found: Search) -> Text:
    costs = found.final.costs
    if not costs:
        return ONE_START
    if math.isinf(_cost(found, found.final.order[0])):
        return NOTHING
    first, *others = found.final.order
    if not others:
        return ALONE.format(n=found.starts)
    if costs[first] == costs[others[0]]:
        return LEVEL_ALL.format(n=found.starts)
    return sure(title(found.specs[first]), costs[first], costs[others[0]])


def _nobody(found: Search) -> Text:
    first = found.race.order[0]
    best = _mark(found, first)
    if math.isinf(best.level):
        return DIVERGE
    equal = spent(found.race.equal, found.yardstick.axis)
    words = NOBODY_HIGH if found.aim.rises else NOBODY
    slots = {"epsilon": _said(found, found.epsilon), "level": _said(found, found.level(best))}
    return words.format(equal=equal, run=title(found.specs[first]), **slots)


def _said(found: Search, value: float) -> float | Text:
    """A value of what is judged by; of a share in percent."""
    return found.aim.said(value) if found.aim.rises else digits(value)


def _racing(found: Search) -> Text:
    rung = found.race.rungs[-1] if found.race.rungs else None
    budget = spent(0.0 if rung is None else rung.budget, found.yardstick.axis)
    return RACING.format(n=len(found.race.racing), budget=budget)


def _dropped(found: Search) -> Text:
    return DROPPED.format(dropped=len(found.race.dropped), n=len(found.specs), percent=digits(100 * found.share))


def _mark(found: Search, place: int) -> Judged:
    return found.race.marks[place]


def state(found: Search, place: int) -> Text:
    """How the candidate given at this place stands."""
    name = found.state(place)
    return BELOW if name == "ended" and found.aim.rises else STATES[name]


def level_title(found: Search) -> Text:
    """The head of a column of levels: on which side of them the candidates have stayed."""
    return (AT_LEAST if found.aim.rises else AT_MOST).format(label=found.aim.label)


def level_of(found: Search, known: Judged | None) -> Text:
    """A cell of it."""
    return found.aim.said(found.level(known)) if known is not None and math.isfinite(known.level) else NO_LEVEL


STATES: Mapping[str, Text] = {
    "racing": Text("in the race", "в гонке"),
    "reached": Text("at ε to the end", "у ε до конца"),
    "behind": Text("behind the first", "позади первых"),
    "ended": Text("above ε at the end", "в конце выше ε"),
    "dropped": Text("dropped", "выбыл"),
}
BELOW = Text("below ε at the end", "в конце ниже ε")
AT_MOST, AT_LEAST = Text("{label} at most", "{label} не больше"), Text("{label} at least", "{label} не меньше")
NO_LEVEL = same("∞")
DOT = same(".")
WINS = Text(
    "{run} comes to ε = {epsilon} for the least: {cost}.",
    "Дешевле всех до ε = {epsilon}: {run}, {cost}.",
)
FOLLOWED = Text("Then:", "Далее:")
NEXT = Text("{run}, {ratio:time|times} as much", "{run}, в {ratio:раз|раза|раз} больше")
NO_MORE = Text("{run}, no more than that", "{run}, столько же")
LEVEL_ALL = Text(
    "The first two take as much as each other from every one of {n:start|starts}.",
    "Первым двум нужно поровну с каждого из {n:старта|стартов|стартов}.",
)
NOBODY = Text(
    "None of those who went on to the last round comes to ε = {epsilon} to stay. At equal cost, {equal}, {run} is lowest: {level}.",
    "Из дошедших до последнего раунда никто не удержался у ε = {epsilon}. При равных затратах ({equal}) ниже всех {run}: {level}.",
)
NOBODY_HIGH = Text(
    "None of those who went on to the last round comes to ε = {epsilon} to stay. At equal cost, {equal}, {run} is highest: {level}.",
    "Из дошедших до последнего раунда никто не удержался у ε = {epsilon}. При равных затратах ({equal}) выше всех {run}: {level}.",
)
NONE_LEFT = Text("None of the candidates can be computed here.", "Ни одного кандидата здесь посчитать нельзя.")
DIVERGE = Text("All of those who were left diverge.", "Все оставшиеся расходятся.")
RACING = Text("{n:candidate is|candidates are} in the race, at {budget}.", "В гонке {n:кандидат|кандидата|кандидатов}, потрачено {budget}.")
FINAL = Text(
    "The race is over; its first are run from {starts:start|starts} in all, and the median decides: {done} of {runs:run is|runs are} done.",
    "Гонка окончена; лучших считаем всего с {starts:старта|стартов|стартов}, решает медиана: готово {done} из "
    "{runs:запуска|запусков|запусков}.",
)
NOTHING = same("")
NOT_AGAIN = Text(
    "From one start some come to ε = {epsilon}, but in most of {n:start|starts} none of the first does.",
    "С одного старта удаётся дойти до ε = {epsilon}, но в большинстве из {n:старта|стартов|стартов} — никому из первых.",
)
ALONE = Text("That is the median of {n:start|starts}.", "Это медиана по {n:старту|стартам|стартам}.")
DROPPED = Text(
    "Of {n:candidate|candidates}, dropped on the way: {dropped}. {percent}% of the rounds of the whole grid decided it.",
    "Из {n:кандидата|кандидатов|кандидатов} по пути выбыло: {dropped}. Решили {percent}\u00a0% раундов всей сетки.",
)
ONE_START = Text(
    "This is one start x⁰: whether it holds for others, repeats on the experiment page tell.",
    "Это один старт x⁰: верно ли то же для других, покажут повторы на странице эксперимента.",
)
