"""The page speaks what its visitor chose, else what the link says, else what the browser speaks."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from unittest.mock import patch

import pytest
from streamlit.testing.v1 import AppTest

from ef21lab.text import Text
from ef21lab.ui import language

ROOT = Path(__file__).parents[2]


def greeting() -> None:
    import streamlit as st

    from ef21lab.text import Text
    from ef21lab.ui import language

    language.switch()
    st.text(language.say(Text("hello", "привет")))
    st.session_state["by hand"] = language.chosen_by_hand()


def spoken(browser: str | None, link: str | None = None, choice: str | None = None) -> tuple[str, bool]:
    app = AppTest.from_function(greeting)
    if link:
        app.query_params["lang"] = link
    with patch("streamlit.context", type("Context", (), {"locale": browser})):
        app.run()
        if choice:
            app.segmented_control(key="lang").set_value(choice).run()
    return app.text[0].value, app.session_state["by hand"]


@pytest.mark.parametrize(
    ("browser", "words"), [("en-US", "hello"), ("ru-RU", "привет"), ("ru", "привет"), ("de", "hello"), (None, "hello"), ("", "hello")]
)
def test_the_browser_speaks_first(browser: str | None, words: str) -> None:
    assert spoken(browser) == (words, False)


def test_the_link_goes_before_the_browser() -> None:
    assert spoken("en-US", link="ru") == ("привет", True)


def test_the_choice_goes_before_the_link() -> None:
    assert spoken("en-US", link="ru", choice="en") == ("hello", False)


def test_an_unknown_language_in_a_link_is_english() -> None:
    assert spoken("ru-RU", link="<script>")[0] == "hello"


@pytest.mark.parametrize(("number", "en", "ru"), [(7, "7", "7"), (8124, "8,124", "8\u202f124"), (1e6, "1,000,000", "1\u202f000\u202f000")])
def test_thousands_are_set_apart_as_each_language_does(number: float, en: str, ru: str) -> None:
    assert language.count(number) == Text(en, ru)


def texts() -> list[tuple[str, str, str]]:
    """Every Text(en, ru) of plain strings in what the pages show: (place, en, ru)."""
    found = []
    for path in [*(ROOT / "pages").glob("*.py"), *(ROOT / "ef21lab").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Text" and len(node.args) == 2:
                en, ru = node.args
                if isinstance(en, ast.Constant) and isinstance(ru, ast.Constant):
                    found.append((f"{path.name}:{node.lineno}", str(en.value), str(ru.value)))
    return found


def test_every_sentence_is_written_in_its_own_alphabet() -> None:
    assert len(texts()) > 100
    assert [place for place, en, _ in texts() if re.search("[а-яё]", en, re.IGNORECASE)] == []
    assert [place for place, _, ru in texts() if len(ru) > 12 and not re.search("[а-яё]", ru, re.IGNORECASE)] == []


def test_the_russian_has_no_slot_that_the_english_lacks() -> None:
    def slots(sentence: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", sentence))

    assert [place for place, en, ru in texts() if not slots(ru) <= slots(en)] == []


@pytest.mark.parametrize(
    ("value", "words"),
    [(float("inf"), "∞"), (float("-inf"), "−∞"), (float("nan"), "—"), (1e300, "1·10³⁰⁰")],
)
def test_what_is_no_number_and_what_nobody_can_read_is_said_shortly(value: float, words: str) -> None:
    assert language.number(value) == Text(words, words)
    assert language.count(value) == Text(words, words)
