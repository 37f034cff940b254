"""The catalogue: a narrow row for every finished run, by which it is found among a million."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from ef21lab.choices.fields import Json
from ef21lab.choices.written import written
from ef21lab.jobs._database import Database, Execute
from ef21lab.runs.spec import FAMILIES, RunSpec
from ef21lab.runs.trace import Trace

Order = Literal["finished", "grad_norm_sq", "bits_up", "loss"]
ORDERS: tuple[Order, ...] = ("finished", "grad_norm_sq", "bits_up", "loss")
COMMON = ""  # whose marks are of the record itself

TAGS = ("name", "rule")  # of members in a spec

_WORD = re.compile(r"\w+(?:[-.=:+]\w+)*")  # k=4 is one: it is looked for as a whole, other words also as beginnings
_SLOT = re.compile(r":(\w+)")
_ROW = "key, dataset, method, compressor, finished, loss, grad_norm_sq, bits_up, rounds"


class FinishedRun(NamedTuple):
    """A finished run: names of its parts, when it ended (seconds since 1970), and what it came to; inf where it diverged."""

    key: str
    dataset: str
    method: str
    compressor: str
    finished: float
    loss: float
    grad_norm_sq: float
    bits_up: float
    rounds: int


@dataclass(frozen=True)
class Query:
    """Which finished runs, and in which order; what is None or empty does not narrow."""

    text: str = ""  # words that all must occur, or begin a word: of its spec in either language, its key, its tags or its note
    dataset: str | None = None  # names of members
    method: str | None = None
    compressor: str | None = None
    grad_norm_sq: float | None = None  # at the end, at most
    bits_up: float | None = None  # at the end, at most
    since: float | None = None  # seconds since 1970
    before: float | None = None
    tag: str | None = None
    pinned: bool = False  # only these
    hidden: bool = False  # those that this list has put away, in place of all others
    owner: str = COMMON  # whose list; tags, notes and pins of the record itself count in every list
    order: Order = "finished"
    descending: bool = True


class Catalogue:
    """Finished runs, found. Any thread may call any method."""

    def __init__(self, file: Database) -> None:
        self._file = file

    def find(self, query: Query, offset: int = 0, limit: int = 50) -> list[FinishedRun]:
        """Some of the runs that the query asks for, from place `offset` on in its order."""
        places, order, values = _places(query)
        statement = f"SELECT {_ROW} FROM catalogue WHERE id IN ({places} LIMIT :limit OFFSET :offset) {order}"
        return [FinishedRun(*row) for row in self._file.all(statement, {**values, "limit": limit, "offset": offset})]

    def count(self, query: Query) -> int:
        """How many there are."""
        where, values = _narrowed(query)
        return int(self._file.all(f"SELECT COUNT(*) FROM catalogue {where}", values)[0][0])

    def get(self, key: str) -> FinishedRun | None:
        """One finished run by its key."""
        row = self._file.one(f"SELECT {_ROW} FROM catalogue WHERE key = ?", key)
        return None if row is None else FinishedRun(*row)

    def keys(self, beginning: str, limit: int = 2) -> list[str]:
        """Keys of finished runs that begin so: enough to know whether one is meant."""
        rows = self._file.all(
            "SELECT key FROM catalogue WHERE key >= ? AND key < ? ORDER BY key LIMIT ?", (beginning, f"{beginning}g", limit)
        )
        return [key for (key,) in rows]

    def plan(self, query: Query) -> str:
        """How SQLite finds their places: one step a line."""
        places, _, values = _places(query)
        return "\n".join(row[3] for row in self._file.all(f"EXPLAIN QUERY PLAN {places} LIMIT 50", values))


def enter(execute: Execute, key: str, spec: RunSpec, last: Trace, finished: float, words: str = "") -> None:
    """One more finished run, or one that is entered anew, within a transaction; `last` holds its last record, `words` are `words_of(spec)`.

    The key is that of its day: where numbers have changed since, the same spec has another today.
    """
    ends = {name: float(last[name][-1]) for name in ("loss", "grad_norm_sq", "bits_up")}
    values = tuple(value if math.isfinite(value) else math.inf for value in ends.values())
    parts = (spec.dataset.name, spec.algorithm.name, spec.compressor.name)
    execute("DELETE FROM catalogue WHERE key = ?", (key,))
    entered = execute(f"INSERT INTO catalogue ({_ROW}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (key, *parts, finished, *values, spec.rounds))
    execute("INSERT INTO search (rowid, words) VALUES (?, ?)", (entered.lastrowid, f"{words or words_of(spec)} {key}"))


def words_of(spec: RunSpec) -> str:
    """What a run is found by: its members' names and labels in both languages, every setting as name=value."""
    labels = [getattr(spec, noun).label for noun in FAMILIES]
    told = [*_told(spec.json()), *(label.en for label in labels), *(label.ru for label in labels if label.ru != label.en)]
    return " ".join(told)


def _told(value: Mapping[str, Json]) -> Iterator[str]:
    """The tag of a member by itself, its settings with their names."""
    for name, setting in value.items():
        if isinstance(setting, Mapping):
            yield from _told(setting)
        else:
            yield str(setting) if name in TAGS else f"{name}={written(setting)}"


def _places(query: Query) -> tuple[str, str, dict[str, Any]]:
    """The ids in their order, from an index alone, so that rows are read of one page only; the order; the values."""
    where, values = _narrowed(query)
    way = "DESC" if query.descending else "ASC"
    order = f"ORDER BY {query.order} {way}, id {way}"
    return f"SELECT id FROM catalogue {where} {order}", order, values


def _narrowed(query: Query) -> tuple[str, dict[str, Any]]:
    """WHERE, and its values."""
    values: dict[str, Any] = {"owner": query.owner}
    terms = [f"id {'' if query.hidden else 'NOT '}IN ({_marked('owner = :owner AND hidden')})"]
    bounds = {
        "dataset = :dataset": query.dataset,
        "method = :method": query.method,
        "compressor = :compressor": query.compressor,
        "grad_norm_sq <= :grad_norm_sq": query.grad_norm_sq,
        "bits_up <= :bits_up": query.bits_up,
        "finished >= :since": query.since,
        "finished < :before": query.before,
        f"id IN ({_marked(_OWN + ' AND EXISTS (SELECT 1 FROM json_each(tags) WHERE value = :tag)')})": query.tag,
    }
    for term, value in bounds.items():
        if value is not None:
            terms.append(term)
            values[_SLOT.findall(term)[-1]] = value
    if query.pinned:
        terms.append(f"id IN ({_marked(_OWN + ' AND pinned')})")
    for place, word in enumerate(_WORD.findall(query.text.replace("×", "x"))):
        found, noted = f"found_{place}", f"noted_{place}"
        terms.append(
            f"id IN (SELECT rowid FROM search WHERE search MATCH :{found} UNION ALL {_marked(f'{_OWN} AND instr(words, :{noted})')})"
        )
        values |= {found: f'"{word}"' if "=" in word else f'"{word}" *', noted: word.casefold()}
    return f"WHERE {' AND '.join(terms)}", values


_OWN = f"owner IN ('{COMMON}', :owner)"


def _marked(which: str) -> str:
    return f"SELECT catalogue.id FROM marks JOIN catalogue USING (key) WHERE {which}"
