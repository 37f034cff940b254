"""JSON read strictly: what json.loads would resolve in silence is refused in words."""

from __future__ import annotations

import json
from typing import NoReturn

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal, Text, same

LONGEST_INTEGER = 400  # digits; no setting comes near, and Python itself refuses to read thousands


def parse(words: str, source: Text) -> Json:
    """What the JSON text says. A Refusal names `source` and the place where it is not JSON.

    A key given twice, NaN, Infinity and integers of hundreds of digits are refused too.
    """
    try:
        return json.loads(words, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise Refusal(
            Text(
                "{source}, line {line}, column {column}: not JSON: {why}",
                "{source}, строка {line}, столбец {column}: здесь нарушен синтаксис JSON",
            ).format(source=source, line=error.lineno, column=error.colno, why=error.msg)
        ) from None
    except RecursionError:
        raise Refusal(source + Text(": nested too deeply", ": слишком глубокая вложенность")) from None
    except Refusal as refusal:
        raise Refusal(source + same(": ") + refusal.text) from None


def is_json(words: str) -> bool:
    """Whether the words are JSON, strict or not."""
    try:
        json.loads(words, parse_int=str)
    except (ValueError, RecursionError):
        return False
    return True


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Refusal(Text('the key "{key}" is given twice', "ключ «{key}» встречается дважды").format(key=twice[:80]))
    return found


def _no_constant(name: str) -> NoReturn:
    raise Refusal(Text("{name} is not a number in JSON", "{name} — не число в JSON").format(name=name))


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_INTEGER:
        words = Text("an integer of {n:digit|digits} is too long", "целое число из {n:цифры|цифр|цифр} слишком длинное")
        raise Refusal(words.format(n=len(digits)))
    return int(digits)
