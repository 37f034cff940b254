"""What an address gets wrong: said in words, with what is taken in its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Text, same

LONGEST_NAME = 40  # characters of the name of an unknown control
SHOWN = 5  # unknown controls that are named


class Complaint(NamedTuple):
    """What an address got wrong, and what is taken in its place."""

    wrong: Text
    instead: Text

    @property
    def said(self) -> Text:
        return self.wrong + same(" ") + self.instead


def stray(unknown: set[str]) -> Complaint:
    """What is said of words for controls that do not exist."""
    return Complaint(UNKNOWN.format(keys=", ".join(shown(key[:LONGEST_NAME]) for key in sorted(unknown)[:SHOWN])), LEFT_OUT)


def twice(key: str, words: str) -> Complaint:
    """What is said of a control that is set several times, to these words in the end."""
    return Complaint(REPEATED.format(key=key), LAST_TAKEN.format(value=shown(words)))


def unnamed(key: str, names: Sequence[str]) -> Complaint:
    """What is said of a list of controls that names some that do not exist."""
    listed = ", ".join(shown(name[:LONGEST_NAME]) for name in names[:SHOWN])
    return Complaint(NOT_NAMED.format(key=key, keys=listed), LEFT_OUT)


USUAL = Text("The usual value is taken.", "Взято обычное значение.")
UNKNOWN = Text("The link names controls that do not exist: {keys}.", "В ссылке названы несуществующие настройки: {keys}.")
REPEATED = Text("The link sets “{key}” several times.", "В ссылке «{key}» задано несколько раз.")
NOT_NAMED = Text(
    "“{key}” in the link names controls that do not exist: {keys}.", "В ссылке в «{key}» названы несуществующие настройки: {keys}."
)
LAST_TAKEN = Text("The last is taken: {value}.", "Взято последнее: {value}.")
LEFT_OUT = Text("They are left out.", "Они отброшены.")
