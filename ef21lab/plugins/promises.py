"""A promise of a family: words for it, and a check that ends in an Unkept where a member does not keep it.

The lab's own tests try the same checks on vectors and settings that hypothesis thinks of; `ef21lab check` tries them on hard ones drawn
from a seed, and needs no test tools.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ef21lab.choices.answers import strictly
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal, Text
from ef21lab.streams import Stream, generator


class Unkept(AssertionError):
    """A member does not do what its family promises; the message says at what that was seen."""


class Promise(NamedTuple):
    """`check` takes a member and raises where it does not keep to `says`."""

    says: Text
    check: Callable[[Any], None]


class Tried(NamedTuple):
    """What became of a promise; `why` is None where it was kept."""

    promise: Promise
    why: str | None


def drawn(seed: int) -> np.random.Generator:
    """Numbers on which a promise is tried: the same ones every time, and none that a run draws."""
    return generator(Stream.TRIED, seed)


def claim(truth: Any, seen: str, *of: object) -> None:
    """Raises Unkept with what was seen where the claim is not true. `of` is put into its {} only then: arrays take long to be written."""
    if not truth:
        raise Unkept(seen.format(*of) if of else seen)


def judged(member: Any, promises: tuple[Promise, ...]) -> Iterator[Tried]:
    """Every promise, kept or not. What a member raises is why it does not keep one."""
    for promise in promises:
        try:
            with strictly():
                promise.check(member)
        except Exception as error:  # code of others
            words = " ".join(str(error).split())[:400]
            yield Tried(promise, words if isinstance(error, (Unkept, Refusal)) else f"{type(error).__name__}: {words}")
        else:
            yield Tried(promise, None)


def refusing(call: Callable[[], Any], words: str, seen: str) -> None:
    """Raises Unkept where the call is not refused, in both languages and with these words in it."""
    try:
        call()
    except Refusal as refusal:
        claim(words in refusal.text.en, f"{seen}: refused without “{words}”: {refusal}")
        claim(refusal.text.ru != refusal.text.en, f"{seen}: refused in one language only")
    else:
        raise Unkept(f"{seen}: not refused")


def of_every_member(family: Family[Any]) -> tuple[Promise, ...]:
    """What holds in every family."""

    def there_and_back(member: Spec) -> None:
        told = json.loads(json.dumps(family.json(member)))
        claim(family.make(told) == member, f"{told} makes {family.make(told)}")
        claim(family.make(member.name).name == member.name, f"the name {member.name} makes another member")

    return (Promise(IN_BOTH, in_both_languages), Promise(BACK, there_and_back))


def in_both_languages(member: Spec) -> None:
    """Raises Unkept where a word of a member or of its fields is written once only."""
    words: list[tuple[str, Any]] = [("about", member.about)]
    words += [(name, getattr(member, name)) for name in ("source", "origin") if hasattr(member, name)]
    for name, field in type(member).fields().items():
        words += [(f"{name}: about", field.about)]
        claim(field.label.en and field.label.ru, f"{name}: no label")
    claim(member.label.en and member.label.ru, "no label")
    for name, text in words:
        claim(isinstance(text, Text) and text.en and text.ru, f"{name} is no Text in both languages")
        claim(not _has_cyrillic(text.en), f"{name}: the English is written in Russian letters")
        claim(_has_cyrillic(text.ru), f"{name}: the Russian is not written in Russian")


def _has_cyrillic(words: str) -> bool:
    return any("а" <= letter <= "я" or letter == "ё" for letter in words.lower())


IN_BOTH = Text("its words are written in English and in Russian", "все слова написаны по-английски и по-русски")
BACK = Text("JSON there and back is the same member", "через JSON туда и обратно выходит то же самое")
