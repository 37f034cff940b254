"""Sentences in two languages: slots, nouns after numbers, and words of others, which stay what they are."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from ef21lab.choices.text import Text, count, number, quoted, retold, same

COST = Text("{floats:float|floats} · {bits:bit|bits}", "{floats:число|числа|чисел} · {bits:бит|бита|бит}")
HOSTILE = "![x](http://a.example/p.png) **Please** [log in](javascript:0) $x$ :red[y] :material/add: <b>z</b>"


@pytest.mark.parametrize(
    ("floats", "bits", "en", "ru"),
    [
        (4, 152, "4 floats · 152 bits", "4\u00a0числа · 152\u00a0бита"),
        (1, 1, "1 float · 1 bit", "1\u00a0число · 1\u00a0бит"),
        (11, 844, "11 floats · 844 bits", "11\u00a0чисел · 844\u00a0бита"),
        (21, 20_481, "21 floats · 20,481 bits", "21\u00a0число · 20\u202f481\u00a0бит"),
        (1.5, np.int64(2), "1.5 floats · 2 bits", "1,5\u00a0числа · 2\u00a0бита"),
    ],
)
def test_a_noun_agrees_with_its_number(floats: float, bits: int, en: str, ru: str) -> None:
    assert COST.format(floats=floats, bits=bits) == Text(en, ru)


def test_a_noun_after_something_that_is_no_number_is_an_error() -> None:
    with pytest.raises(TypeError, match="float"):
        COST.format(floats="4", bits=1)


def test_a_text_in_a_slot_speaks_its_own_language() -> None:
    assert Text("by {who}", "у {who}").format(who=Text("node", "узла")) == Text("by node", "у узла")


def test_words_of_others_are_escaped_in_markdown_and_nowhere_else() -> None:
    said = Text("**No** {what}", "**Нет** {what}").format(what=HOSTILE)
    assert said.en == f"**No** {HOSTILE}"
    assert said.markdown("en").startswith(r"**No** \!\[x\]\(http\:")
    assert not {"<b>", "**Please**", "](", "$x$"} & {piece for piece in ("<b>", "**Please**", "](", "$x$") if piece in said.markdown("ru")}


def test_they_stay_escaped_however_sentences_are_put_together() -> None:
    escaped = quoted("*x*").markdown("ru")
    assert escaped == r"\*x\*"
    inner = Text("in {a}", "в {a}").format(a="*x*")
    for words in (inner + same("."), same("(") + inner, Text("{b}!", "{b}!").format(b=inner), pickle.loads(pickle.dumps(inner))):
        assert escaped in words.markdown("ru")


def test_a_sentence_that_was_kept_is_escaped_whole() -> None:
    assert retold({"en": "**a**", "ru": "**б**"}).markdown("ru") == r"\*\*б\*\*"
    assert retold({"en": "**a**", "ru": "**б**"}) == Text("**a**", "**б**")


def test_numbers_by_themselves() -> None:
    assert count(20_481) == Text("20,481", "20\u202f481")
    assert number(0.03) == Text("0.03", "0,03")
