"""Every sentence of the lab: written in its own alphabet, put together in one way, and its nouns agree with their numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = [*(ROOT / "pages").glob("*.py"), *(ROOT / "ef21lab").rglob("*.py")]
MAKERS = ("text.py",)  # where a Text is made of what is not written there
SLOT_AND_WORD = re.compile(r"\{\w+\}[ \u00a0]+([A-Za-zА-Яа-яё]{3,})")
FUNCTIONS = ("min", "max", "log", "exp", "sin", "cos", "sign", "arg")  # of a formula
# What may follow a bare slot: no noun that is counted.
NO_NOUNS = """
    above against below keeps may over settles опускается против again allowed and text are asked came can cannot comes could counts
    diverges does ends expected for has have here holds instead its lacks leads left loses more must needs never raised stands taken was
    wins with would больше вместо вмещает возвращает впереди встречается вычислений дал ещё занимает здесь или квадрата наравне
    недоступен неизвестна несколько нет никогда ничего нужен нужно нумерует один побеждает подходят при принята прочитано расходится
    скачать слова стоит такой теоремы теряет убит ушло хотя
"""


def texts() -> Iterator[tuple[str, ast.Call]]:
    """Every call of Text and same: (place, call)."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Text", "same") and path.name not in MAKERS:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def sentences() -> list[tuple[str, str, str]]:
    """(place, en, ru) of every Text that is written out."""
    found = [(place, [one.value if isinstance(one, ast.Constant) else "" for one in call.args]) for place, call in texts()]
    return [(place, *words) for place, words in found if len(words) == 2]


def test_a_sentence_is_written_out_and_only_format_fills_it() -> None:
    """So that words of others pass the one place where they are escaped, and numbers the one where they are localised."""
    assert len(sentences()) > 400
    assert [
        place for place, call in texts() if not all(isinstance(one, ast.Constant) for one in call.args) and "names.py" not in place
    ] == []


def test_every_sentence_is_written_in_its_own_alphabet() -> None:
    assert [place for place, en, _ in sentences() if re.search("[а-яё]", en, re.IGNORECASE)] == []
    assert [place for place, _, ru in sentences() if is_foreign(ru)] == []


def is_foreign(ru: str) -> bool:
    """Words in Latin letters and none in Russian letters. A formula has no words, however long it is; a name is no sentence."""
    words = [word for word in re.findall("[A-Za-z]{3,}", re.sub(r"\{.*?\}", "", ru)) if word not in FUNCTIONS]
    return len("".join(words)) > 12 and not re.search("[а-яё]", ru, re.IGNORECASE)


def test_a_formula_needs_no_russian_letter_and_an_english_sentence_does_not_pass_for_one() -> None:
    assert not is_foreign("γ = min{1/(L + L̃√(2β/θ)), θ/(2μ)}")
    assert not is_foreign("{letter} = max(0, log(1 + exp(−z)))")
    assert is_foreign("γ = 1/(L + L̃√(β/θ)), the largest step")


def test_the_russian_has_no_slot_that_the_english_lacks() -> None:
    def slots(sentence: str) -> set[str]:
        return set(re.findall(r"\{(\w+)", sentence))

    assert [place for place, en, ru in sentences() if not slots(ru) <= slots(en)] == []


def test_a_noun_after_a_number_has_all_its_forms() -> None:
    loose = [
        (place, found[0])
        for place, *both in sentences()
        for sentence in both
        for found in SLOT_AND_WORD.finditer(sentence)
        if found[1].lower() not in NO_NOUNS.split()
    ]
    assert loose == []


def test_letters_carry_their_indices_as_one_writes_them() -> None:
    """rₖ, not r_k, but in formulas of LaTeX and in names of code."""
    plain = [(place, re.sub(r"\$[^$]*\$|`[^`]*`|\{[^}]*\}", "", words)) for place, *both in sentences() for words in both]
    assert [place for place, words in plain if re.search(r"(?<![A-Za-z])[A-Za-zα-ωΑ-Ω]_[A-Za-z0-9]", words)] == []


WORKERS = ("ef21lab/jobs/", "ef21lab/sweeps/", "ef21lab/cli/sweeping.py")  # processes that compute; what shares the rows are nodes


def test_one_thing_has_one_name() -> None:
    said = [(place, f"{en} {ru}") for place, en, ru in sentences()]
    assert [place for place, words in said if re.search("worker|работник", words) and not place.startswith(WORKERS)] == []
    assert [place for place, words in said if re.search("certainly|заведомо|вровень|[Сс]ила»", words)] == []


def test_english_has_two_forms_and_russian_three_or_four() -> None:
    def forms(sentence: str) -> set[int]:
        return {len(found.split("|")) for found in re.findall(r"\{\w+:([^}]*)\}", sentence)}

    assert [place for place, en, ru in sentences() if not (forms(en) <= {2} and forms(ru) <= {3, 4})] == []


def test_whole_numbers_in_sentences_have_their_thousands_set_apart() -> None:
    """8,124 in English, 8 124 in Russian with a narrow space that does not break; years are written as years."""
    for place, *both in sentences():
        for sentence in both:
            found = [number for number in re.findall(r"(?<![\w.,:/^–-])\d{4,}(?!\w)", sentence) if not re.fullmatch(r"(19|20)\d\d", number)]
            assert found == [], place
        assert re.findall(r"\d[ \u00a0]\d{3}(?!\d)", both[1]) == [], place


def test_percent_stands_at_its_number_in_english_and_behind_a_space_that_does_not_break_in_russian() -> None:
    for place, en, ru in sentences():
        assert not re.search(r"[\d}]\s%", en), place
        assert not re.search(r"[\d}](?!\u00a0)\W?%", ru), place
        assert (en == "%") == (ru == "\u00a0%"), place
