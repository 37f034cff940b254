"""Where a viewer is in several runs, as an address says it: KEY[:rows[:errors[:more]]], comma between.

Keys at one place may share it: KEY.KEY.KEY:rows:errors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ef21lab.choices.text import Refusal, Text
from ef21lab.web.server.frames import Place
from ef21lab.web.server.paths import TOGETHER

MOST_RUNS = 400  # of one stream: at 25 characters each their address passes any server, if not every proxy
MOST_ROUND = 10**9

_KEY = re.compile(r"[0-9a-f]{24}")


def places_of(cursors: str) -> dict[str, Place]:
    """The places by key. Raises Refusal."""
    items = cursors.split(",", MOST_RUNS) if cursors else []
    if not 1 <= len(items) + cursors.count(TOGETHER) <= MOST_RUNS:
        raise Refusal(
            Text(
                "runs: from 1 to {most:key is|keys are} needed, comma between",
                "runs: нужно от 1 до {most:ключа|ключей|ключей} через запятую",
            ).format(most=MOST_RUNS)
        )
    return {key: place for keys, place in map(_place, items) for key in keys}


def _place(item: str) -> tuple[list[str], Place]:
    """Keys, and the place that all of them have."""
    keys, *cursors = item.split(":")
    if len(cursors) > 3:
        raise Refusal(
            Text("runs: {item} is not KEY[:rows[:errors[:more]]]", "runs: {item} — это не KEY[:rows[:errors[:more]]]").format(
                item=repr(item)[:80]
            )
        )
    rounds = [whole_number(cursor, "since", -1) for cursor in cursors]
    rows = rounds[0] if rounds else -1
    return [checked_key(key) for key in keys.split(TOGETHER)], Place(
        rows, rounds[1] if len(rounds) > 1 else rows, more=rounds[2] if len(rounds) > 2 else None
    )


def checked_key(key: str) -> str:
    """The key, if it can be that of a run. Raises Refusal."""
    if not _KEY.fullmatch(key):
        raise Refusal(
            Text(
                "{key} is not the key of a run, which is 24 hexadecimal digits",
                "{key} — не ключ запуска: ключ состоит из 24 шестнадцатеричных цифр",
            ).format(key=repr(key)[:80])
        )
    return key


def whole_number(words: str, name: str, lowest: int) -> int:
    """A parameter that counts rounds or nodes. Raises Refusal."""
    if not re.fullmatch(r"-?[0-9]{1,10}", words) or not lowest <= int(words) <= MOST_ROUND:
        raise Refusal(
            Text("{name}={words}: an integer in {low}..{high} is needed", "{name}={words}: нужно целое число от {low} до {high}").format(
                name=name, words=repr(words)[:80], low=lowest, high=MOST_ROUND
            )
        )
    return int(words)


def cursors_of(places: Mapping[str, Place]) -> str:
    """The words for these places, by key; keys at one place stand together."""
    together: dict[str, list[str]] = {}
    for key, place in places.items():
        together.setdefault(_cursor(place), []).append(key)
    return ",".join(f"{TOGETHER.join(keys)}:{cursor}" for cursor, keys in together.items())


def _cursor(place: Place) -> str:
    return ":".join(str(round) for round in (place.rows, place.errors, place.more) if round is not None)
