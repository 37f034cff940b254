"""Numbers as each language writes them, and which form of a noun stands after one.

English: 20,481 bits; 0.166; 1.28·10⁻³. Russian: 20 481 бит (a narrow no-break space), 0,166, 1,28·10⁻³.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

Language = Literal["en", "ru"]

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
THIN = "\u202f"  # the narrow no-break space between thousands
MINUS = "−"
LONG = 1e15
PLAIN = (-2, 4)  # powers of ten of the numbers that are written without one


def whole(number: float, language: Language) -> str:
    """A whole number, its thousands set apart; one longer than anybody reads to three digits."""
    if not abs(number) < LONG:
        return short(number, language)
    return _marks(f"{number:,.0f}".replace("-", MINUS), language)


def short(value: float, language: Language, digits: int = 3) -> str:
    """A number to so many significant digits: 0.166 and 1,230, but 1.28·10⁻³ and 2.05·10⁴; ∞, and a dash for what is no number."""
    if not math.isfinite(value):
        return "—" if math.isnan(value) else "∞" if value > 0 else f"{MINUS}∞"
    mantissa, power = f"{abs(value):.{digits - 1}e}".split("e")
    places = int(power)
    if value and not PLAIN[0] <= places < PLAIN[1]:
        scale = f"10{str(places).translate(SUPERSCRIPTS)}"
        words = scale if float(mantissa) == 1 else f"{_bare(mantissa)}·{scale}"
    else:
        words = _bare(f"{float(f'{mantissa}e{power}'):,.{max(0, digits - 1 - places)}f}")
    return _marks(MINUS + words if value < 0 else words, language)


def form(number: float, forms: Sequence[str], language: Language) -> str:
    """The form of a noun that stands after a number, by the plural rules of CLDR.

    English: one | other. Russian: one | few | many [| fraction], as раунд | раунда | раундов; without a form of its own a fraction
    takes the second.
    """
    return forms[_english(number) if language == "en" else _russian(number, len(forms))]


def _bare(digits: str) -> str:
    """Without zeros at the end of a fraction."""
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _marks(english: str, language: Language) -> str:
    return english.translate(str.maketrans(",.", f"{THIN},")) if language == "ru" else english


def _english(number: float) -> int:
    return 0 if abs(number) == 1 else 1


def _russian(number: float, forms: int) -> int:
    if not math.isfinite(number):
        return 2
    if number != int(number):
        return 3 if forms > 3 else 1
    tens, ones = divmod(abs(int(number)) % 100, 10)
    if tens == 1 or ones == 0 or ones > 4:
        return 2
    return 0 if ones == 1 else 1
