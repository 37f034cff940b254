"""The tables of a grid: every contender at its best, and who is lowest within a budget."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ef21lab.choices.text import Text, count, number, same
from ef21lab.sweeps.grid import CONTENDER
from ef21lab.sweeps.judged import Aim
from ef21lab.ui.sweep.asked import MULTIPLE
from ef21lab.ui.sweep.drawn import Cast
from ef21lab.ui.sweep.results import Results, Row, letter_of

Rows = list[Sequence[Text]]


def best_rows(found: Results, cast: Cast) -> Rows:
    """Contenders in the order in which they come to ε, each with its best strength and step."""
    order = list(found.best.values())
    least = order[0]["cost"]
    medians = {letter_of(row): found.best_of(row[CONTENDER]) for row in order}
    judged = found.judged
    return [_best_row(place, row, medians[letter_of(row)] or row, least, cast, judged) for place, row in enumerate(order, start=1)]


def _best_row(place: int, best: Row, median: Row, least: float, cast: Cast, judged: Aim) -> Sequence[Text]:
    name = cast.name(best[CONTENDER])
    step = cast.step_named(best[MULTIPLE])
    if math.isinf(best["cost"]):
        ended = DIVERGED if math.isinf(best["final"]) else judged.ends(best["final"])
        return [count(place), name, step, NOT_REACHED, same("—"), ended]
    spread = same("—") if median["runs"] == 1 else _count(median["cost_low"]) + same("\u00a0–\u00a0") + _count(median["cost_high"])
    return [count(place), name, step, count(best["cost"]), spread, _ratio(best["cost"], least)]


def _ratio(cost: float, least: float) -> Text:
    return same("×") + number(cost / least if least else 1.0)


def _count(value: float) -> Text:
    return same("∞") if math.isinf(value) else count(value)


def winners_head(found: Results) -> Text:
    """Of the table of budgets."""
    return (HIGHEST_HEAD if found.judged.rises else WINNERS_HEAD).format(label=found.judged.label)


def winner_rows(found: Results, cast: Cast) -> Rows:
    """For every budget of bits, who is the best, at which strength and step, and how far behind the next contender is."""
    rows: Rows = []
    for budget in dict.fromkeys(row["budget"] for row in found.within):
        firsts: dict[str, Row] = {}
        for row in found.within:
            if row["budget"] == budget:
                firsts.setdefault(letter_of(row), row)
        first, *others = firsts.values()
        rows.append([count(budget), *_winner(first, cast, found.judged), *_next(first, others, cast, found.judged)])
    return rows


def _winner(row: Row, cast: Cast, judged: Aim) -> Sequence[Text]:
    name = cast.at_step(row[CONTENDER], row[MULTIPLE])
    early = row["spent"] < row["budget"] * EARLY
    return [name + ENDED.format(bits=round(row["spent"])) if early else name, judged.said(row["value"])]


def _next(first: Row, others: Sequence[Row], cast: Cast, judged: Aim) -> Sequence[Text]:
    if not others:
        return [same("—"), same("—")]
    second = others[0]
    if judged.rises:
        return [cast.name(second[CONTENDER]), judged.said(second["value"])]
    ratio = second["value"] / first["value"] if first["value"] > 0 else math.inf
    return [cast.name(second[CONTENDER]), same("×") + number(ratio)]


EARLY = 0.5  # of a budget: who has spent less had come to the end of its rounds long before
BEST_HEAD = Text(" | Contender | Step | Bits to ε | 25–75% | To the first", " | Участник | Шаг | Бит до ε | 25–75\u00a0% | К первому")
WINNERS_HEAD = Text("Bits from a node | Lowest | {label} | Next | Its {label}", "Бит с узла | Ниже всех | {label} | За ним | Его {label}")
HIGHEST_HEAD = Text("Bits from a node | Highest | {label} | Next | Its {label}", "Бит с узла | Выше всех | {label} | За ним | Его {label}")
NOT_REACHED = Text("not reached", "не достигнуто")
DIVERGED = Text("diverged", "разошёлся")
ENDED = Text(" (all its {bits:bit|bits})", " (это все его {bits:бит|бита|бит})")
