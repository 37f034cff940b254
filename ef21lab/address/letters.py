"""The letters of the contenders that race."""

from __future__ import annotations

from ef21lab.address.complaints import Complaint
from ef21lab.address.controls import FIRST, LETTERS
from ef21lab.choices.fields import shown
from ef21lab.choices.text import Text


def letters_of(asked: str) -> tuple[str, Complaint | None]:
    """Those of the asked letters that are a contender's; and what is said where that is not what was asked."""
    letters = "".join(letter for letter in LETTERS if letter in asked)
    taken = letters or FIRST
    return taken, None if letters == asked else Complaint(NO_SUCH_LETTERS.format(asked=shown(asked[:20])), TAKEN.format(taken=taken))


NO_SUCH_LETTERS = Text(
    "The link asks for contenders {asked}, and they are the letters a to f.",
    "В ссылке участники {asked}, а участники — это буквы от a до f.",
)
TAKEN = Text("Taken: {taken}.", "Взято: {taken}.")
