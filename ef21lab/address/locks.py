"""What a teacher's link keeps from who opens it: controls that are not shown, and controls that stay as the link has them.

`hide=a.step,sidebar` leaves controls out of sight, `lock=rounds,a` shows them and holds them; a name stands for all that stands
under it, `a` for `a.top_k.k` too. By hand a locked control is set as any other is: `rounds=60&lock=rounds`. The lab writes the same
as `locked=rounds&locked.rounds=60`, and there nothing but the words under `locked.` counts: what somebody adds is told from what the
link set, and left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from ef21lab.choices.fields import Field, Json
from ef21lab.choices.text import Text

HIDE, LOCK, LOCKED = "hide", "lock", "locked"
UNDER = f"{LOCKED}."
NAME = re.compile(r"[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*")
MOST = 60  # names in one list
PARTS = {  # of the pages, that can be hidden though they are no controls
    "sidebar": Text("the controls beside the chart", "панель управления сбоку"),
    "pages": Text("the menu of pages", "меню страниц"),
    "buttons": Text("the buttons above the chart", "кнопки над графиком"),
    "messages": Text("heatmap and pictures of messages", "карта и картинки сообщений"),
    "code": Text("link, data and code to take away", "ссылка, данные и код"),
    "teach": Text("this panel", "эта панель"),
}


@dataclass(frozen=True)
class Names(Field):
    """Names of controls with commas between: a tuple of them, each once."""

    longest_words: ClassVar[int] = 2000

    @property
    def allowed(self) -> Text:
        return Text(
            "names of controls as an address has them, with commas between: rounds,a.top_k.k",
            "имена настроек, как в адресе, через запятую: rounds,a.top_k.k",
        )

    def accept(self, value: Json) -> tuple[str, ...]:
        names = list(filter(None, value.split(","))) if isinstance(value, str) else value
        if not isinstance(names, (list, tuple)) or len(names) > MOST:
            raise ValueError
        if not all(isinstance(name, str) and NAME.fullmatch(name) for name in names):
            raise ValueError
        return tuple(dict.fromkeys(names))


class Unsealed(NamedTuple):
    """An address as it is by hand, and the words in it that a lock leaves out."""

    words: dict[str, str]
    tried: dict[str, str]


def covers(names: Iterable[str], key: str) -> bool:
    """Whether a control has one of these names or stands under one."""
    return any(key == name or key.startswith(f"{name}.") for name in names)


def sealed(words: Mapping[str, str]) -> dict[str, str]:
    """The words as the lab writes them: what is locked, apart from all else. What is locked is in `lock`."""
    names = _names(words.get(LOCK, ""))
    if not names:
        return dict(words)
    marked = {UNDER + key if covers(names, key) else key: value for key, value in words.items() if key != LOCK}
    return {**marked, LOCKED: ",".join(names)}


def unsealed(words: Mapping[str, str]) -> Unsealed:
    """The same as by hand, of `sealed` the inverse. Where `locked` names a control, only its words under `locked.` count."""
    held = {key.removeprefix(UNDER): value for key, value in words.items() if key.startswith(UNDER)}
    strict = _names(words.get(LOCKED, ""))
    strict += [key for key in held if not covers(strict, key)]
    plain = {key: value for key, value in words.items() if key != LOCKED and not key.startswith(UNDER)}
    tried = {key: value for key, value in plain.items() if covers(strict, key) and value != held.get(key)}
    names = list(dict.fromkeys([*strict, *_names(plain.pop(LOCK, ""))]))
    found = {**{key: value for key, value in plain.items() if key not in tried}, **held}
    return Unsealed({**found, LOCK: ",".join(names)} if names else found, tried)


def _names(words: str) -> list[str]:
    """Those that can be names, each once; what cannot is said where the address is read."""
    return [name for name in dict.fromkeys(words.split(",")) if name]
