"""The browser fills its sentences as the server does, and every word of the live view is written in both languages."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from ef21lab.choices.text import Text
from tests.test_words import NO_NOUNS, SLOT_AND_WORD
from tests.web.test_js import node

SHARED = Path(__file__).parents[2] / "ef21lab" / "web" / "assets" / "shared"
WORDS = SHARED / "words.js"
SENTENCE = Text("{n:bit|bits} of {who}", "{n:бит|бита|бит} у {who}")
NUMBERS = [
    0,
    1,
    2,
    4,
    5,
    11,
    14,
    21,
    22,
    101,
    111,
    152,
    844,
    1000,
    20_481,
    1_000_001,
    0.5,
    1.5,
    0.03,
    0.00128,
    2.5e-7,
    1234.5,
    123456.7,
    -3,
    -0.25,
]


def ran(script: str) -> object:
    """What a module says, as JSON."""
    command = [
        node(),
        "--input-type=module",
        "--eval",
        f"import {{ filled }} from {json.dumps((SHARED / 'sentences.js').as_uri())};\n{script}",
    ]
    return json.loads(subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout)


def entries() -> list[tuple[str, str, str]]:
    """(name, en, ru) of every entry."""
    found = re.findall(r'(\w+): \{\s*en: "(.*?)",\s*ru: "(.*?)",?\s*\}', WORDS.read_text(encoding="utf-8"))
    assert len(found) > 80
    return found


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_sentence_is_filled_alike_on_both_sides(language: str) -> None:
    given = [language, SENTENCE(language), NUMBERS]  # type: ignore[arg-type]
    script = f"const [l, s, ns] = {json.dumps(given)}; console.log(JSON.stringify(ns.map((n) => filled(l, s, {{ n, who: 'x' }}))));"
    assert ran(script) == [SENTENCE.format(n=n, who="x")(language) for n in NUMBERS]  # type: ignore[arg-type]


def test_every_word_is_in_its_own_alphabet_and_has_the_same_slots() -> None:
    slots = [(name, *(set(re.findall(r"\{(\w+)", words)) for words in both)) for name, *both in entries()]
    assert [name for name, en, ru in slots if en != ru] == []
    assert [name for name, en, _ in entries() if re.search("[а-яё]", en, re.IGNORECASE)] == []
    plain = [(name, re.sub(r"\{.*?\}", "", ru)) for name, _, ru in entries()]
    assert [name for name, ru in plain if re.search("[a-z]{4}", ru, re.IGNORECASE) and not re.search("[а-яё]", ru, re.IGNORECASE)] == []


def test_a_noun_after_a_number_has_all_its_forms() -> None:
    loose = [(name, found[0]) for name, *both in entries() for words in both for found in SLOT_AND_WORD.finditer(words)]
    assert [one for one in loose if one[1].split()[-1].lower() not in (*NO_NOUNS.split(), "against", "itself", "линии")] == []
    forms = [
        (name, place, len(found.split("|")))
        for name, *both in entries()
        for place, words in enumerate(both)
        for found in re.findall(r"\{\w+:([^}]*)\}", words)
    ]
    assert [name for name, place, n in forms if n not in ((2,), (3, 4))[place]] == []
