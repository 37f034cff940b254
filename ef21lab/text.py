"""Words in both languages of the lab: every sentence a person may read is a Text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "ru"]


@dataclass(frozen=True)
class Text:
    """One sentence or label, written twice, each as if it were the original."""

    en: str
    ru: str

    def __call__(self, language: Language) -> str:
        return self.ru if language == "ru" else self.en

    def __str__(self) -> str:
        return self.en

    def format(self, **values: object) -> Text:
        """The same sentence with `{name}` slots filled; a slot may itself be a Text."""
        return Text(*(getattr(self, language).format(**_spoken(values, language)) for language in ("en", "ru")))

    def __add__(self, other: Text) -> Text:
        return Text(self.en + other.en, self.ru + other.ru)


def same(words: str) -> Text:
    """A name that is written alike in both languages."""
    return Text(words, words)


class Refusal(ValueError):
    """Something a person asked for that the lab will not do, and why: `.text` has both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text

    def __reduce__(self) -> tuple[type[Refusal], tuple[Text]]:
        return type(self), (self.text,)


def _spoken(values: dict[str, object], language: str) -> dict[str, object]:
    return {name: getattr(value, language) if isinstance(value, Text) else value for name, value in values.items()}
