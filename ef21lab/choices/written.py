"""Values as words: what an address holds, and what is given after `--set`. `read` is the inverse of `written`.

4, 1e-05, 4x4x7 (or [4, 4, 7]), 3x for [3], auto, top_k, on; several words have commas between.
The settings of a member have places of their own, or are a JSON object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from ef21lab.choices.fields import Dims, Field, Integer, Json, Nested, Ranks, Real, Several
from ef21lab.choices.strict import parse
from ef21lab.choices.text import Refusal, same

NUMBER = r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?+"  # in files and tables too; never backtracks
_NUMBER, _SIDES = re.compile(NUMBER), re.compile(rf"{NUMBER}(?:x|(?:x{NUMBER})*+)")


def written(value: Json) -> str:
    """A value as words: 4x4x7, 0.1, top_k, on."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
        return ",".join(value)
    if isinstance(value, (list, tuple)):
        return "x".join(map(written, value)) if len(value) > 1 else f"{written(value[0])}x"
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"{value:.15g}" if isinstance(value, float) and float(f"{value:.15g}") == value else str(value)


def read(words: str, field: Field) -> Json:
    """What the words say of a field, unchecked: what is not of its kind comes back as the words, for the field to refuse."""
    return next((reader(words) for kind, reader in _READERS.items() if isinstance(field, kind)), words)


def whole(words: str) -> int | None:
    """A whole number in digits; None for anything else, and for one of more digits than any setting has."""
    return int(words) if words.isdecimal() and len(words) < 16 else None


def whole_or_words(words: str) -> Json:
    """The whole number in these digits; what is none as it is, for whoever is given it to refuse."""
    return words if (found := whole(words)) is None else found


def _number(words: str) -> Json:
    try:
        return (int if words.lstrip("+-").isdecimal() else float)(words) if _NUMBER.fullmatch(words) else words
    except ValueError:  # more digits than Python reads
        return words


def _sides(words: str) -> Json:
    """One number, or several with x between them, or a list of one: 3x; or such a list as JSON."""
    if not _SIDES.fullmatch(words):
        return _json(words)
    sides = [_number(side) for side in words.removesuffix("x").split("x")]
    return sides if "x" in words else sides[0]


def _json(words: str) -> Json:
    """An object or a list."""
    try:
        return parse(words, same("")) if words[:1] in ("{", "[") else words
    except Refusal:
        return words


def _several(words: str) -> Json:
    return words.split(",") if words else []


_READERS: dict[type[Field], Callable[[str], Json]] = {
    Integer: _number,
    Real: _number,
    Dims: _sides,
    Ranks: _sides,
    Nested: _json,
    Several: _several,
}
