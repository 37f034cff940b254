"""Rows that are set aside before the nodes share the others: no node ever sees them, so they tell how well x does on what is new."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ef21lab.choices.fields import Integer, Real
from ef21lab.choices.text import Refusal, Text, quoted
from ef21lab.datasets.base import Table
from ef21lab.streams import Stream, generator

SHARE = Real(
    Text("Held-out share", "Доля отложенных строк"),
    Text(
        "Which share of the rows no node gets; accuracy is measured on them. At 0 the nodes share all rows.",
        "Какая доля строк не достаётся узлам: на ней измеряют точность. При 0 узлы делят все строки.",
    ),
    0.0,
    0.5,  # what the nodes learn from is at least half
)
SEED = Integer(
    Text("Seed of the held-out rows", "Зерно отложенных строк"),
    Text("Another seed sets other rows aside.", "С другим зерном откладываются другие строки."),
    0,
    2**31 - 1,
)


class Rows(NamedTuple):
    """A table in two, each in the order of the whole."""

    shared: Table  # by the nodes
    held_out: Table | None  # None where none are


def set_aside(table: Table, share: float, seed: int) -> Rows:
    """Of the N_c rows of class c round(share · N_c) at random, a half upwards; of real targets as many of all rows.

    Raises Refusal where that would be none of some class, or all of it.
    """
    if share == 0.0:
        return Rows(table, None)
    rng, chosen = generator(Stream.HELD_OUT, seed), np.zeros(len(table.labels), dtype=bool)
    for name, members in _classes(table):
        count = int(np.floor(share * len(members) + 0.5))
        if not 0 < count < len(members):
            raise Refusal(_too_few(name, len(members), share))
        chosen[rng.choice(members, count, replace=False)] = True
    return Rows(_taken(table, ~chosen), _taken(table, chosen))


def _classes(table: Table) -> list[tuple[str | None, np.ndarray]]:
    """The rows of every class that has some, by its name; all rows under no name where targets are real."""
    if not table.classes:
        return [(None, np.arange(len(table.labels)))]
    places = table.places
    return [(table.classes[place], np.flatnonzero(places == place)) for place in np.unique(places)]


def _taken(table: Table, chosen: np.ndarray) -> Table:
    return table._replace(features=table.features[np.flatnonzero(chosen)], labels=table.labels[chosen])


def _too_few(name: str | None, rows: int, share: float) -> Text:
    if name is None:
        return NONE_OF_ALL.format(share=share, rows=rows)
    return NONE_OF_CLASS.format(share=share, rows=rows, name=quoted(name))


NONE_OF_CLASS = Text(
    "held_out={share}: class {name} has {rows:row|rows}, and either the nodes or the held-out rows would be left without any of them; "
    "choose another share, or 0",
    "held_out={share}: в классе {name} {rows:строка|строки|строк}, и либо узлам, либо отложенной части не досталось бы ни одной; "
    "выберите другую долю или 0",
)
NONE_OF_ALL = Text(
    "held_out={share}: there are {rows:row|rows}, and either the nodes or the held-out rows would be left without any; "
    "choose another share, or 0",
    "held_out={share}: всего {rows:строка|строки|строк}, и либо узлам, либо отложенной части не досталось бы ни одной; "
    "выберите другую долю или 0",
)
