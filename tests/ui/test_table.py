"""A table is cut into the cells it was made of by the rules of GitHub's Markdown: bars at the ends, a bar after a backslash is a letter."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from ef21lab.choices.text import quoted, same
from ef21lab.ui.kit.table import table

WORDS = st.text("ab|$\\*` é<&1.-", max_size=12)
PUNCTUATION = re.compile(r"\\([!-/:-@\[-`{-~])")


def cells(line: str) -> list[str]:
    """What stands between the bars of a line; first what a bar is, then what else a backslash keeps; a word joiner is nothing to see."""
    found, letters = [""], iter(line)
    for letter in letters:
        if letter == "|":
            found.append("")
        else:
            found[-1] += letter + (next(letters) if letter == "\\" else "")
    assert found[0] == found[-1] == ""
    return [PUNCTUATION.sub(r"\1", cell.strip()).replace("\u2060", "") for cell in found[1:-1]]


@given(st.lists(st.lists(WORDS, min_size=3, max_size=3), max_size=4))
def test_a_reader_finds_the_cells_whatever_stands_in_them(rows: list[list[str]]) -> None:
    head, rule, *lines = table(same("one |  | three"), "lrl", [[quoted(word) for word in row] for row in rows], "en").split("\n")
    assert cells(head) == ["one", "", "three"]
    assert rule == "| :-- | --: | :-- |"
    assert [cells(line) for line in lines] == [[" ".join(word.split()) for word in row] for row in rows]
