"""What a teacher's link hides and locks comes back as it was made; what somebody adds is left out in words, and so is what is no name."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ef21lab as lab
from ef21lab.address.locks import covers, sealed, unsealed
from ef21lab.address.opening import specs_of
from ef21lab.choices.text import Refusal

PART = st.text("abcdefgk_01", min_size=1, max_size=4)
KEY = st.lists(PART, min_size=1, max_size=3).map(".".join).filter(lambda key: key.partition(".")[0] not in ("lock", "locked", "hide", "v"))
WORDS = st.dictionaries(KEY, st.text(max_size=5), max_size=6)
NAMES = st.lists(KEY, min_size=1, max_size=4, unique=True)
TOP_K = {"compressor": {"name": "top_k", "k": 7}, "rounds": 60}


def words_of(link: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(link).query, keep_blank_values=True))


@given(WORDS, NAMES)
def test_what_is_sealed_comes_back_whatever_the_words_are(words: dict[str, str], names: list[str]) -> None:
    by_hand = {**words, "lock": ",".join(names)}
    assert unsealed(sealed(by_hand)) == (by_hand, {})
    assert unsealed(by_hand) == (by_hand, {})


@given(WORDS, NAMES, WORDS)
def test_no_word_that_is_added_moves_what_is_locked(words: dict[str, str], names: list[str], added: dict[str, str]) -> None:
    made = sealed({**words, "lock": ",".join(names)})
    found = unsealed({**made, **added})

    def held(some: dict[str, str]) -> dict[str, str]:
        return {key: value for key, value in some.items() if covers(names, key)}

    assert held(found.words) == held(words)
    assert found.tried == {key: value for key, value in held(added).items() if value != words.get(key)}


@given(WORDS)
def test_an_address_without_a_lock_is_written_as_ever(words: dict[str, str]) -> None:
    assert sealed(words) == words
    assert unsealed(words) == (words, {})


def test_a_name_stands_for_what_stands_under_it_and_for_nothing_else() -> None:
    assert [key for key in ("a", "a.top_k.k", "axis", "b", "a.step") if covers(["a"], key)] == ["a", "a.top_k.k", "a.step"]


def test_a_link_with_everything_of_a_teacher_opens_as_it_was_made() -> None:
    view = {"view": "present", "hide": ("sidebar", "a.step"), "lock": ("rounds", "a"), "note.2": "a bits_up 900 Здесь & там"}
    opened = specs_of(words_of(lab.link(TOP_K, view=view)))
    assert opened.specs == lab.specs(lab.link(TOP_K))
    assert (opened.view, opened.complaints) == (view, {})


def test_an_address_that_tries_to_move_what_is_locked_says_so_and_moves_nothing() -> None:
    words = words_of(lab.link(TOP_K, view={"lock": ["rounds", "seed", "a"]}))
    opened = specs_of({**words, "rounds": "100", "seed": "3", "a.top_k.k": "2", "a.method": "gd"})
    assert opened.specs == lab.specs(lab.link(TOP_K))
    assert set(opened.complaints) == {"rounds", "seed", "a.top_k.k", "a.method"}
    assert "locks “rounds”, and yet it asks for '100'" in opened.complaints["rounds"].said.en
    with pytest.raises(Refusal, match="locks “rounds”"):
        lab.specs(lab.link(TOP_K, view={"lock": ["rounds"]}) + "&rounds=100")


def test_by_hand_a_locked_control_is_set_as_any_other_is() -> None:
    opened = specs_of({"rounds": "60", "lock": "rounds"})
    assert [spec.rounds for spec in opened.specs] == [60, 60, 60]
    assert (opened.view, opened.complaints) == ({"lock": ("rounds",)}, {})


@pytest.mark.parametrize("key", ["hide", "lock"])
def test_names_of_no_control_are_said_and_the_others_count(key: str) -> None:
    opened = specs_of({key: "rounds,zz,a.bogus.k"})
    assert opened.view == {key: ("rounds",)}
    assert opened.complaints[key].said.en == f"“{key}” in the link names controls that do not exist: 'zz', 'a.bogus.k'. They are left out."
    assert key in opened.complaints[key].said.ru
    with pytest.raises(Refusal, match="do not exist: 'zz'"):
        lab.link(TOP_K, view={key: ["rounds", "zz"]})


@pytest.mark.parametrize("words", ["a;b", "<b>", "a..b", ".", ",".join(f"x{n}" for n in range(100))])
def test_what_is_no_list_of_names_is_refused_in_words(words: str) -> None:
    opened = specs_of({"lock": words})
    assert opened.view == {}
    assert "names of controls" in opened.complaints["lock"].said.en


@pytest.mark.parametrize("words", [{"view": "present"}, {"hide": "sidebar"}, {"note.1": "a round 3 x"}, {"lock": "rounds", "rounds": "60"}])
def test_a_word_that_came_with_these_defaults_dates_an_address_without_a_mark(words: dict[str, str]) -> None:
    assert [spec.step.name for spec in specs_of(words).specs] == ["tuned"] * 3
    assert [spec.step.name for spec in specs_of({"rounds": "60"}).specs] == ["theory"] * 3


def test_what_the_server_reads_of_an_address_is_nobodys_control() -> None:
    assert specs_of({"view": "present", "embed": "true", "embed_options": "dark_theme"}).complaints == {}


def test_a_ready_made_setting_is_whole_beside_the_words_of_a_teacher() -> None:
    plain, shown = specs_of({"setting": "stall"}), specs_of({"setting": "stall", "view": "present", "note.1": "a round 3 x"})
    assert shown.specs == plain.specs
