"""A note on a curve is one word of an address: short, of one line, and what it was made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.address.controls import AXES, LETTERS, VIEW
from ef21lab.address.notes import KEYS, LONGEST, Note, line, note_of
from ef21lab.address.opening import specs_of
from ef21lab.address.writing import address_of

FIELD = VIEW[KEYS[0]].field
SAID = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=LONGEST)
NOTES = st.builds(Note, st.sampled_from(LETTERS), st.sampled_from(list(AXES)), st.floats(0.0, 1e300), SAID)


@given(NOTES)
def test_a_note_comes_back_from_its_line_and_from_an_address(note: Note) -> None:
    assert note_of(line(note)) == note
    assert FIELD.accept(line(note)) == line(note)
    opened = specs_of(address_of([{}], {KEYS[2]: line(note)}))
    assert (opened.view, opened.complaints) == ({KEYS[2]: line(note)}, {})


@pytest.mark.parametrize(
    "words",
    [
        "x",
        "a bits_up 3",  # no words
        "g bits_up 3 x",
        "a loss 3 x",
        "a bits_up -3 x",
        "a bits_up nan x",
        "a bits_up 1e999 x",
        "a bits_up 3 " + "x" * (LONGEST + 1),
        "a bits_up 3 two\u202elines",
        "a bits_up 3 a\x00b",
    ],
)
def test_what_is_no_note_is_refused_in_words_and_nothing_is_noted(words: str) -> None:
    opened = specs_of({"note.1": words, "v": "3"})
    assert opened.view == {}
    assert "at most 80 characters in one line" in opened.complaints["note.1"].said.en


def test_lines_and_tabs_of_a_note_are_blanks() -> None:
    assert FIELD.accept("a round 3.0 two\n lines\tand ends ") == "a round 3 two lines and ends"
