"""Words give back every value exactly, for every field that any member declares; and `--set` takes what an address holds."""

from __future__ import annotations

import contextlib
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.address.locks import Names
from ef21lab.address.notes import Noted
from ef21lab.choices.fields import Choice, Dims, Field, FileName, Integer, Nested, Ranks, Real, Several, Words
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal, same
from ef21lab.choices.written import read, written
from ef21lab.runs.document import changed
from ef21lab.runs.spec import FAMILIES
from ef21lab.vectors.base import vectors
from tests import draws

WORDS = same("")
SIDES = st.integers(1, 1_000_000)
VALUES: dict[Field, st.SearchStrategy[Any]] = {
    Integer(WORDS, WORDS, -(10**9), 10**9): st.integers(-(10**9), 10**9),
    Real(WORDS, WORDS, -1e308, 1e308): st.floats(-1e308, 1e308),
    Choice(WORDS, WORDS, {"one": WORDS, "2": WORDS, "1x1": WORDS}): st.sampled_from(["one", "2", "1x1"]),
    Several(WORDS, WORDS, {"one": WORDS, "2": WORDS, "1x1": WORDS}): st.lists(st.sampled_from(["one", "2", "1x1"])),
    Dims(WORDS, WORDS): st.sampled_from(["auto", "natural"]) | st.lists(SIDES, min_size=2, max_size=8),
    Ranks(WORDS, WORDS): SIDES | st.lists(SIDES, min_size=2, max_size=8),
    Words(WORDS, WORDS): st.text("abcЖ0 .-+&=#'\"×x,;", max_size=200),
    Names(WORDS, WORDS): st.lists(st.from_regex(r"[a-z_]{1,8}(\.[a-z_]{1,8}){0,2}", fullmatch=True), max_size=5),
    Noted(WORDS, WORDS, letters=("a", "b"), axes=("round", "bits_up")): st.just("")
    | st.builds("{} {} {} {}".format, st.sampled_from("ab"), st.sampled_from(["round", "bits_up"]), st.floats(0, 1e9), st.just("It lags")),
    FileName(WORDS, WORDS): st.text("abcЖ0 .-+&=#'\"", max_size=80).filter(lambda name: not name.startswith(".")),
}
DECLARED = [
    (family, kind, name)
    for family in (*FAMILIES.values(), vectors)
    for kind in family.members.values()
    for name, field in kind.fields().items()
]
IN_A_RUN = [(noun, kind, name) for noun, family in FAMILIES.items() for kind in family.members.values() for name in kind.fields()]


def ids(part: Any) -> str:
    return part if isinstance(part, str) else getattr(part, "name", "")


@given(st.data())
def test_words_give_back_every_value_exactly(data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(list(VALUES)))
    value = field.accept(data.draw(VALUES[field]))
    assert field.accept(read(written(value), field)) == value


def test_the_strategies_cover_every_kind_of_field() -> None:
    """But for a member inside a member, which stands in the drawn ones below."""
    assert {type(field) for field in VALUES} == set(Field.__subclasses__()) - {Nested}


@given(st.sampled_from(list(VALUES)), st.text(max_size=300))
def test_whatever_words_say_is_accepted_or_refused_by_the_field(field: Field, text: str) -> None:
    with contextlib.suppress(ValueError, TypeError, OverflowError):  # what Field.check turns into words
        field.accept(read(text, field))


@pytest.mark.parametrize(("family", "kind", "name"), DECLARED, ids=ids)
def test_every_value_of_every_declared_field_comes_back(family: Any, kind: type[Spec], name: str) -> None:
    field, rng = kind.fields()[name], random.Random(name)
    for value in drawn(field, rng):
        assert field.accept(read(written(value), field)) == field.accept(value)


@pytest.mark.parametrize(("noun", "kind", "name"), IN_A_RUN, ids=ids)
def test_set_takes_a_value_as_an_address_holds_it_and_as_json(noun: str, kind: type[Spec], name: str) -> None:
    family, field, rng = FAMILIES[noun], kind.fields()[name], random.Random(name)
    for value in drawn(field, rng):
        made = family.make({family.tag: kind.name, name: value})
        for words in (written(value), json.dumps(value)):
            assert family.make(changed({noun: kind.name}, [f"{noun}.{name}={words}"])[noun]) == made


def drawn(field: Field, rng: random.Random, count: int = 30) -> list[Any]:
    """Values that the field accepts; of members inside a member some do not fit each other, and those the field refuses."""
    found = []
    for value in (draws.value(field, rng) for _ in range(count)):
        with contextlib.suppress(Refusal, ValueError):
            field.accept(value)
            found.append(value)
    assert found
    return found


@pytest.mark.parametrize(("value", "words"), [((4, 4, 7), "4x4x7"), (0.1, "0.1"), (32.0, "32"), (1e-5, "1e-05"), ("top_k", "top_k")])
def test_words_are_short(value: Any, words: str) -> None:
    assert written(value) == words


@pytest.mark.parametrize("words", ["4x4x7", "[4,4,7]", "[4, 4, 7]", "4.0x4x7e0"])
def test_sides_are_read_as_a_person_writes_them(words: str) -> None:
    assert Dims(WORDS, WORDS).accept(read(words, Dims(WORDS, WORDS))) == (4, 4, 7)


@pytest.mark.parametrize("words", ["1_0", "９", "0x10", " 5", "5 ", "١", "1e", "--1", "1.5.2", "nan", "inf", "true", "null", '"5"'])
def test_what_is_no_number_in_a_file_is_none_in_an_address(words: str) -> None:
    for field in (Integer(WORDS, WORDS, -100, 100), Real(WORDS, WORDS, -100, 100)):
        with pytest.raises(Refusal):
            field.check(read(words, field), "link", "n")
