"""Notes on curves: a few words tied to a contender and a place on an axis, as one word of an address.

    note.1=a bits_up 12000 Here Top-k falls behind

A note whose axis is another than the chart's stands at the same record of the run.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from ef21lab.choices.fields import Field, Json
from ef21lab.choices.text import Text
from ef21lab.choices.written import NUMBER, written

MOST = 6  # notes on a chart
LONGEST = 80  # characters of one
_AT = re.compile(NUMBER)
KEYS = tuple(f"note.{place}" for place in range(1, MOST + 1))


class Note(NamedTuple):
    """What is said of a contender's curve, and where."""

    letter: str
    axis: str
    at: float
    words: str


@dataclass(frozen=True)
class Noted(Field):
    """A note as one line, `a bits_up 12000 words`; empty where there is none."""

    letters: Collection[str] = field(default=(), hash=False)
    axes: Collection[str] = field(default=(), hash=False)

    @property
    def allowed(self) -> Text:
        return Text(
            "a contender, an axis, a place on it and at most {n:character|characters} in one line: a round 90 Here it falls behind",
            "участник, ось, место на ней и не больше {n:знака|знаков|знаков} в одной строке: a round 90 Здесь он отстаёт",
        ).format(n=LONGEST)

    def accept(self, value: Json) -> str:
        if value == "":
            return ""
        found = note_of(value)
        if found.letter not in self.letters or found.axis not in self.axes or not 0.0 <= found.at < math.inf:
            raise ValueError
        if not 0 < len(found.words) <= LONGEST or not found.words.isprintable():
            raise ValueError
        return line(found)


def note_of(value: Json) -> Note:
    """The note of a line. Raises ValueError or TypeError for what is none."""
    if not isinstance(value, str):
        raise TypeError
    letter, axis, at, words = value.split(maxsplit=3)
    if not _AT.fullmatch(at):
        raise ValueError
    return Note(letter, axis, float(at), " ".join(words.split()))


def line(note: Note) -> str:
    """A note as one line; of `note_of` the inverse."""
    return f"{note.letter} {note.axis} {written(note.at + 0.0)} {note.words}"
