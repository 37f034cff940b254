"""What people say of runs: tags, a note, a pin, and what they have put out of their sight, each in a list of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ef21lab.choices.markup import one_line
from ef21lab.choices.text import Refusal, Text
from ef21lab.jobs._database import Database, Execute
from ef21lab.jobs.catalogue import COMMON

MOST_TAGS, LONGEST_TAG, LONGEST_NOTE = 12, 40, 2000  # of one run; characters
MOST_RUNS, MOST_LISTS = 1_000, 1_000  # of one list; of visitors, the one unused for longest is forgotten

TOO_MANY_TAGS = Text(
    "{n:tag|tags} on one run: at most {most} are kept", "{n:метка|метки|меток} у одного запуска: хранится не больше {most}"
)
TOO_LONG_A_TAG = Text(
    "the tag {tag}… is too long: a tag has at most {most:character|characters}",
    "метка {tag}… слишком длинна: в метке не больше {most:знака|знаков|знаков}",
)
TOO_LONG_A_NOTE = Text(
    "the note has {n:character|characters}: at most {most} are kept", "в заметке {n:знак|знака|знаков}, а хранится не больше {most}"
)
TOO_MANY_RUNS_MARKED = Text(
    "your list marks {most:run|runs} already, and no more are kept — clear the marks of some",
    "в вашем списке уже отмечено {most:запуск|запуска|запусков}, больше не хранится — снимите отметки с некоторых",
)


class Said(NamedTuple):
    """What one list says of a run."""

    tags: tuple[str, ...] = ()
    note: str = ""
    pinned: bool = False
    hidden: bool = False


NONE = Said()


class Marks:
    """Lists of marks by owner: COMMON is the list of the record itself, any other a visitor's. Any thread may call any method."""

    def __init__(self, file: Database, clock: Callable[[], float] = time.time) -> None:
        self._file, self._clock = file, clock

    def of(self, owner: str, keys: Iterable[str]) -> dict[str, Said]:
        """What this list says of these runs; those of which it says nothing are left out."""
        asked = json.dumps(list(keys))
        rows = self._file.all(
            "SELECT key, tags, note, pinned, hidden FROM marks WHERE owner = ? AND key IN (SELECT value FROM json_each(?))", (owner, asked)
        )
        return {key: Said(tuple(json.loads(tags)), note, bool(pinned), bool(hidden)) for key, tags, note, pinned, hidden in rows}

    def put(self, owner: str, marked: dict[str, Said]) -> None:
        """What this list says of these runs from now on; NONE says nothing. Raises Refusal for more, or longer words, than are kept."""
        checked = {key: _checked(mark) for key, mark in marked.items()}
        now = self._clock()

        def work(execute: Execute) -> None:
            for key, mark in checked.items():
                execute("DELETE FROM marks WHERE owner = ? AND key = ?", (owner, key))
                if mark != NONE:
                    tags = json.dumps(mark.tags, ensure_ascii=False)
                    words = " ".join([*mark.tags, mark.note]).casefold()
                    values = (owner, key, tags, mark.note, words, mark.pinned, mark.hidden, now)
                    execute("INSERT INTO marks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
            (runs,) = execute("SELECT COUNT(*) FROM marks WHERE owner = ?", (owner,)).fetchone()
            if owner != COMMON and runs > MOST_RUNS:
                raise Refusal(TOO_MANY_RUNS_MARKED.format(most=MOST_RUNS))
            if owner != COMMON and runs <= len(checked):  # it is new
                _forget_the_longest_unused(execute)

        self._file.change(work)

    def tags(self, owner: str) -> list[str]:
        """Every tag of this list and of the record's own, sorted."""
        rows = self._file.all(
            "SELECT DISTINCT value FROM marks, json_each(tags) WHERE owner IN (?, ?) AND tags <> '[]' ORDER BY value", (COMMON, owner)
        )
        return [tag for (tag,) in rows]

    def held_by_others(self, owner: str, keys: Sequence[str]) -> list[str]:
        """Those of these runs that another list has pinned or tagged."""
        rows = self._file.all(
            "SELECT DISTINCT key FROM marks WHERE (pinned OR tags <> '[]') AND owner <> ? AND key IN (SELECT value FROM json_each(?))",
            (owner, json.dumps(list(keys))),
        )
        return [key for (key,) in rows]


def tags_in(words: str) -> tuple[str, ...]:
    """Tags as a person writes them: between commas, each once."""
    return tuple(dict.fromkeys(tag for part in words.split(",") if (tag := one_line(part))))


def _checked(mark: Said) -> Said:
    tags, note = tuple(dict.fromkeys(one_line(tag) for tag in mark.tags if one_line(tag))), mark.note.strip()
    if len(tags) > MOST_TAGS:
        raise Refusal(TOO_MANY_TAGS.format(n=len(tags), most=MOST_TAGS))
    for tag in tags:
        if len(tag) > LONGEST_TAG:
            raise Refusal(TOO_LONG_A_TAG.format(tag=tag[:LONGEST_TAG], most=LONGEST_TAG))
    if len(note) > LONGEST_NOTE:
        raise Refusal(TOO_LONG_A_NOTE.format(n=len(note), most=LONGEST_NOTE))
    return mark._replace(tags=tags, note=note)


def _forget_the_longest_unused(execute: Execute) -> None:
    lists = execute("SELECT owner FROM marks WHERE owner <> ? GROUP BY owner ORDER BY MAX(at) DESC LIMIT -1 OFFSET ?", (COMMON, MOST_LISTS))
    for owner in lists.fetchall():
        execute("DELETE FROM marks WHERE owner = ?", owner)
