"""Words in both languages of the lab: every sentence a person may read is a Text."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

from ef21lab.choices import markup, numerals
from ef21lab.choices.numerals import Language

__all__ = ["Language", "Refusal", "Text", "count", "joined", "language_of", "number", "quoted", "retold", "same"]

GAP: dict[Language, str] = {"en": " ", "ru": "\u00a0"}  # between a number and its noun
LANGUAGES: tuple[Language, ...] = ("en", "ru")


@dataclass(frozen=True)
class Text:
    r"""One sentence or label, written twice, each as if it were the original.

    What is written here is ours and may be Markdown; words of others come in through `format` or `quoted` and stay what they are.

    >>> words = Text("{k} of {n:coordinate|coordinates}", "{k} из {n:координаты|координат|координат}").format(k=4, n=1120)
    >>> words("en").replace("\xa0", " ")
    '4 of 1,120 coordinates'
    """

    en: str
    ru: str
    marked: tuple[str, str] | None = field(default=None, compare=False, repr=False, kw_only=True)  # as Markdown, where that differs

    def __call__(self, language: Language) -> str:
        """The plain words, for a terminal, a file or the browser's own text."""
        return self.ru if language == "ru" else self.en

    def markdown(self, language: Language) -> str:
        """The same where Markdown is read: words of others are escaped."""
        return self(language) if self.marked is None else self.marked[LANGUAGES.index(language)]

    def __str__(self) -> str:
        return self.en

    def format(self, **values: object) -> Text:
        """The same sentence with its slots filled.

        A Text speaks its own language; an int is written in full, another number to three digits; anything else is a word of others.
        After a number a slot may name the forms of its noun: `{n:bit|bits}`, `{n:бит|бита|бит}`; see numerals.form.
        """
        plain = [_Filling(language, _plain).vformat(self(language), (), values) for language in LANGUAGES]
        marked = [_Filling(language, _marked).vformat(self.markdown(language), (), values) for language in LANGUAGES]
        return _text(plain, marked)

    def __add__(self, other: Text) -> Text:
        return _text(*([one(language) + two(language) for language in LANGUAGES] for one, two in _both_ways(self, other)))


def language_of(environment: Mapping[str, str]) -> Language:
    """Russian where the locale of messages is; of its three variables the first that is set decides, as POSIX has it."""
    locale = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(name))), "")
    return "ru" if locale.lower().startswith("ru") else "en"


def same(words: str) -> Text:
    """A name of ours that is written alike in both languages."""
    return Text(words, words)


def quoted(words: str) -> Text:
    """A word of others: of a file, an address, a table, a machine."""
    return Text(words, words, marked=(markup.markdown(words),) * 2)


def joined(words: Iterable[Text], between: str) -> Text:
    """One after another, with something of ours between them."""
    first, *rest = [*words] or [same("")]
    return sum((same(between) + one for one in rest), start=first)


def retold(words: Mapping[str, str]) -> Text:
    """A sentence that was kept as {"en": …, "ru": …}: nobody knows any more which words in it are ours."""
    return Text(words["en"], words["ru"], marked=(markup.markdown(words["en"]), markup.markdown(words["ru"])))


def count(number: float) -> Text:
    """A whole number with its thousands set apart as each language does."""
    return Text(numerals.whole(number, "en"), numerals.whole(number, "ru"))


def number(value: float, digits: int = 3) -> Text:
    """A number to so many digits: 0.166, 1.28·10⁻³."""
    return Text(numerals.short(value, "en", digits), numerals.short(value, "ru", digits))


def multiple(value: float) -> Text:
    """How many times, after a cross: ×1,024 in full where it is whole, ×0.354 to three digits."""
    return same("×") + (count(value) if float(value).is_integer() else number(value))


class Refusal(ValueError):
    """Something a person asked for that the lab will not do, and why: `.text` has both languages.

    >>> try:
    ...     raise Refusal(Text("k must be at least 1", "k должно быть не меньше 1"))
    ... except Refusal as refused:
    ...     print(refused, "|", refused.text("ru"))
    k must be at least 1 | k должно быть не меньше 1
    """

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text

    def __reduce__(self) -> tuple[type[Refusal], tuple[Text]]:
        return type(self), (self.text,)


class _Filling(string.Formatter):
    """Fills the slots of a sentence in one language."""

    def __init__(self, language: Language, spoken: Callable[[object, Language], str]) -> None:
        self._language, self._spoken = language, spoken

    def format_field(self, value: Any, format_spec: str) -> str:
        spoken = self._spoken(value, self._language)
        if not format_spec:
            return spoken
        if not _is_number(value):
            raise TypeError(f"{value!r} is no number, and a noun stands after it: {format_spec}")
        return f"{spoken}{GAP[self._language]}{numerals.form(value, format_spec.split('|'), self._language)}"


def _plain(value: object, language: Language) -> str:
    if isinstance(value, Text):
        return value(language)
    if isinstance(value, Integral) and not isinstance(value, bool):
        return numerals.whole(int(value), language)
    return numerals.short(float(value), language) if isinstance(value, Real) and not isinstance(value, bool) else str(value)


def _marked(value: object, language: Language) -> str:
    if isinstance(value, Text):
        return value.markdown(language)
    return _plain(value, language) if _is_number(value) else markup.markdown(str(value))


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _both_ways(one: Text, two: Text) -> tuple[tuple[Callable[[Language], str], Callable[[Language], str]], ...]:
    return (one, two), (one.markdown, two.markdown)


def _text(plain: list[str], marked: list[str]) -> Text:
    return Text(plain[0], plain[1], marked=None if marked == plain else (marked[0], marked[1]))
