"""A table as Markdown, which Streamlit draws."""

from __future__ import annotations

from collections.abc import Sequence

from ef21lab.choices.text import Language, Text

RULES = {"l": ":--", "r": "--:"}


def table(head: Text, sides: str, rows: Sequence[Sequence[Text]], language: Language) -> str:
    """The rows under a head whose names stand between bars, each column at its side: l for words, r for numbers."""
    cells = [[RULES[side] for side in sides], *([_cell(cell.markdown(language)) for cell in row] for row in rows)]
    return "\n".join([_line(head.markdown(language)), *(_line(" | ".join(row)) for row in cells)])


def _line(cells: str) -> str:
    """With bars at its ends, so that an empty first or last cell is one."""
    return f"| {cells} |"


def _cell(words: str) -> str:
    """Words as they stand: nothing in them ends the cell or begins a formula."""
    return words.replace("\\|", "|").replace("|", "\\|").replace("\\$", "$").replace("$", "\\$")
