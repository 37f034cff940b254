"""Numbers as each language writes them, and the noun after them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.choices.numerals import SUPERSCRIPTS, form, short, whole

# Examples of the plural rules of CLDR 44 for Russian and English, as its charts print them.
RUSSIAN = {
    "one": [1, 21, 31, 41, 51, 61, 71, 81, 101, 1001],
    "few": [2, 3, 4, 22, 23, 24, 32, 33, 34, 102, 1002],
    "many": [0, *range(5, 20), 100, 1000, 10_000, 100_000, 1_000_000, 111, 112, 114],
    "other": [0.5, 1.5, 10.25],
}
FORMS = ("one", "few", "many", "other")
BACK = {chr(value): chr(key) for key, value in SUPERSCRIPTS.items()}


@pytest.mark.parametrize(("expected", "number"), [(name, number) for name, numbers in RUSSIAN.items() for number in numbers])
def test_russian_takes_the_form_of_cldr(expected: str, number: float) -> None:
    assert form(number, FORMS, "ru") == expected
    assert form(-number, FORMS, "ru") == expected


def test_a_russian_fraction_without_a_form_of_its_own_takes_the_second() -> None:
    assert form(1.5, ("бит", "бита", "бит"), "ru") == "бита"


@pytest.mark.parametrize(("number", "word"), [(1, "bit"), (0, "bits"), (2, "bits"), (21, "bits"), (1.5, "bits")])
def test_english_has_one_and_other(number: float, word: str) -> None:
    assert form(number, ("bit", "bits"), "en") == word


@pytest.mark.parametrize(
    ("value", "en", "ru"),
    [
        (0, "0", "0"),
        (0.03, "0.03", "0,03"),
        (0.00128, "1.28·10⁻³", "1,28·10⁻³"),
        (1e-5, "10⁻⁵", "10⁻⁵"),
        (1234, "1,230", "1\u202f230"),
        (9999.6, "10⁴", "10⁴"),
        (20481, "2.05·10⁴", "2,05·10⁴"),
        (-0.5, "−0.5", "−0,5"),
        (512, "512", "512"),
        (math.nan, "—", "—"),
        (math.inf, "∞", "∞"),
        (-math.inf, "−∞", "−∞"),
        (1e300, "10³⁰⁰", "10³⁰⁰"),
    ],
)
def test_three_digits_say_how_much(value: float, en: str, ru: str) -> None:
    assert (short(value, "en"), short(value, "ru")) == (en, ru)


@given(st.floats(-1e308, 1e308), st.sampled_from(["en", "ru"]))
def test_what_is_written_is_the_number_to_three_digits(value: float, language: str) -> None:
    plain = short(value, language).replace("−", "-")
    plain = plain.replace("\u202f", "").replace(",", ".") if language == "ru" else plain.replace(",", "")
    mantissa, ten, power = plain.rpartition("10") if any(letter in BACK for letter in plain) else (plain, "", "")
    exponent = "".join(BACK[letter] for letter in power) or "0"
    mantissa = mantissa.rstrip("·")
    read = float(f"{mantissa if mantissa not in ('', '-') else mantissa + '1'}e{exponent}")
    assert read == pytest.approx(value, rel=0.005, abs=0) or (read == value == 0)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 1e300])
def test_what_nobody_can_read_in_full_is_said_shortly(value: float) -> None:
    assert whole(value, "ru") == short(value, "ru")
    assert form(value, ("раз", "раза", "раз"), "ru") == "раз"


@given(st.integers(-(10**12), 10**12))
def test_a_whole_number_is_written_whole(number: int) -> None:
    assert int(whole(number, "ru").replace("\u202f", "").replace("−", "-")) == number
    assert int(whole(number, "en").replace(",", "").replace("−", "-")) == number
