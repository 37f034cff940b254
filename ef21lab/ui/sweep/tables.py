"""The tables of a grid: every contender at its best, and who is lowest within a budget."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ef21lab.choices.text import Text, count, joined, number, same
from ef21lab.sweeps.grid import CONTENDER
from ef21lab.ui.sweep.asked import MULTIPLE
from ef21lab.ui.sweep.drawn import Cast
from ef21lab.ui.sweep.results import Results, Row, letter_of

Rows = list[Sequence[Text]]


def best_rows(found: Results, cast: Cast) -> Rows:
    """Contenders in the order in which they come to ε, each with its best strength and step."""
    order = list(found.best.values())
    least = order[0]["cost"]
    medians = {letter_of(row): found.best_of(row[CONTENDER]) for row in order}
    return [_best_row(place, row, medians[letter_of(row)] or row, least, cast) for place, row in enumerate(order, start=1)]


def _best_row(place: int, best: Row, median: Row, least: float, cast: Cast) -> Sequence[Text]:
    name = cast.name(best[CONTENDER])
    step = same("×") + number(best[MULTIPLE])
    if math.isinf(best["cost"]):
        ended = DIVERGED if math.isinf(best["final"]) else ENDS.format(final=best["final"])
        return [count(place), name, step, NOT_REACHED, same("—"), ended]
    spread = same("—") if median["runs"] == 1 else _count(median["cost_low"]) + same("\u00a0–\u00a0") + _count(median["cost_high"])
    return [count(place), name, step, count(best["cost"]), spread, _ratio(best["cost"], least)]


def _ratio(cost: float, least: float) -> Text:
    return same("×") + number(cost / least if least else 1.0)


def _count(value: float) -> Text:
    return same("∞") if math.isinf(value) else count(value)


def winner_rows(found: Results, cast: Cast) -> Rows:
    """For every budget of bits, who has come lowest, at which strength and step, and by how much lower than the next contender."""
    rows: Rows = []
    for budget in dict.fromkeys(row["budget"] for row in found.within):
        firsts: dict[str, Row] = {}
        for row in found.within:
            if row["budget"] == budget:
                firsts.setdefault(letter_of(row), row)
        first, *others = firsts.values()
        rows.append([count(budget), *_winner(first, cast), *_next(first, others, cast)])
    return rows


def _winner(row: Row, cast: Cast) -> Sequence[Text]:
    name = joined([cast.name(row[CONTENDER]), same("×") + number(row[MULTIPLE])], " ")
    early = row["spent"] < row["budget"] * EARLY
    return [name + ENDED.format(bits=round(row["spent"])) if early else name, number(row["value"])]


def _next(first: Row, others: Sequence[Row], cast: Cast) -> Sequence[Text]:
    if not others:
        return [same("—"), same("—")]
    second = others[0]
    ratio = second["value"] / first["value"] if first["value"] > 0 else math.inf
    return [cast.name(second[CONTENDER]), same("×") + number(ratio)]


EARLY = 0.5  # of a budget: who has spent less had come to the end of its rounds long before
BEST_HEAD = Text(" | Contender | Step | Bits to ε | 25–75% | To the first", " | Участник | Шаг | Бит до ε | 25–75\u00a0% | К первому")
WINNERS_HEAD = Text("Bits from a node | Lowest | ‖∇f‖² | Next | Its ‖∇f‖²", "Бит с узла | Ниже всех | ‖∇f‖² | За ним | Его ‖∇f‖²")
NOT_REACHED = Text("not reached", "не достигнуто")
ENDS = Text("ends at ‖∇f‖² = {final}", "в конце ‖∇f‖² = {final}")
DIVERGED = Text("diverged", "разошёлся")
ENDED = Text(" (all its {bits:bit|bits})", " (это все его {bits:бит|бита|бит})")
