"""The record of runs on the command line: runs, show, rm."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ef21lab.address.links import linked
from ef21lab.choices.fields import Json, shown
from ef21lab.choices.text import Language, Refusal, Text, count, language_of, number, quoted
from ef21lab.cli.outputs import output
from ef21lab.jobs import beside
from ef21lab.jobs.catalogue import COMMON, ORDERS, FinishedRun, Query
from ef21lab.jobs.marks import NONE
from ef21lab.jobs.store import Store
from ef21lab.jobs.upkeep import tidy
from ef21lab.runs.names import title

SHORTEST = 4  # digits of a key that may stand for it
SHOWN = 12  # digits of a key in a list
MOST = 2**62  # beyond what any record holds, within what SQLite counts


def add(commands: Any, language: Language) -> None:
    """The commands of this file."""
    runs = command(commands, "runs", _runs, ABOUT["runs"], language)
    for name, kind in FILTERS.items():
        runs.add_argument(f"--{name}", metavar=name.upper(), type=kind, help=ABOUT[f"--{name}"](language))
    runs.add_argument("text", metavar="WORDS", nargs="*", help=ABOUT["WORDS"](language))
    runs.add_argument("--pinned", action="store_true", help=ABOUT["--pinned"](language))
    runs.add_argument("--sort", choices=ORDERS, default=ORDERS[0], help=ABOUT["--sort"](language))
    runs.add_argument("--up", action="store_true", help=ABOUT["--up"](language))
    runs.add_argument("--limit", metavar="N", type=int, default=50, help=ABOUT["--limit"](language))
    runs.add_argument("--offset", metavar="N", type=int, default=0, help=ABOUT["--offset"](language))
    runs.add_argument("--json", action="store_true", help=ABOUT["--json"](language))
    show = command(commands, "show", _show, ABOUT["show"], language)
    show.add_argument("key", metavar="KEY", help=ABOUT["KEY"](language))
    rm = command(commands, "rm", _rm, ABOUT["rm"], language)
    rm.add_argument("keys", metavar="KEY", nargs="+", help=ABOUT["KEY"](language))
    rm.add_argument("--held", action="store_true", help=ABOUT["--held"](language))


def command(commands: Any, name: str, does: Any, about: Text, language: Language) -> argparse.ArgumentParser:
    """One more command, which may say where the record of runs lies."""
    added: argparse.ArgumentParser = commands.add_parser(name, help=about(language), description=about(language), allow_abbrev=False)
    added.add_argument("--store", metavar="PATH", default=True, help=ABOUT["--store"](language))
    added.set_defaults(command=does)
    return added


@contextlib.contextmanager
def record_of(asked: argparse.Namespace) -> Iterator[Store]:
    """The record that the command is about, open until the end of the block. What happened to it is said on standard error."""
    with beside.opened(beside.place_of(asked.store)) as store:
        if store.notice is not None:
            print(store.notice(language_of(os.environ)), file=sys.stderr)
        yield store


def key_of(store: Store, words: str) -> str:
    """The run whose key this is, or begins so. Raises Refusal where there is none, or more than one."""
    if store.status(words) is not None:
        return words
    found = store.catalogue.keys(words) if len(words) >= SHORTEST and words.isalnum() else []
    if len(found) != 1:
        raise Refusal((SEVERAL if found else NO_RUN).format(key=shown(words[:40])))
    return found[0]


def _runs(asked: argparse.Namespace, language: Language) -> None:
    query = _query(asked)
    with record_of(asked) as store:
        while tidy(store):  # the first time after an update runs enter the catalogue
            pass
        found = store.catalogue.find(query, min(max(0, asked.offset), MOST), min(max(1, asked.limit), MOST))
        of_all = store.catalogue.count(query)
        marks = store.marks.of(COMMON, [run.key for run in found])
        if asked.json:
            told = [_told(run, marks.get(run.key, NONE)._asdict()) for run in found]
            lines = [json.dumps(told, indent=2, ensure_ascii=False)]
        else:
            lines = [*_table([_cells(store, run, marks.get(run.key, NONE).tags, language) for run in found])]
    with output(None) as out:
        out.write("".join(f"{line}\n" for line in lines))
    if len(found) < of_all:
        print(SOME.format(n=len(found), all=of_all)(language), file=sys.stderr)


def _show(asked: argparse.Namespace, language: Language) -> None:
    with record_of(asked) as store:
        key = key_of(store, asked.key)
        status, spec, found = store.status(key), store.spec(key), store.catalogue.get(key)
        if status is None or spec is None:  # it was understood no more, and was set aside
            raise Refusal(NO_RUN.format(key=key))
        known: dict[str, Json] = {"key": key, "state": status.state, "round": status.round, "spec": spec.json()}
        known |= {} if found is None else _told(found, store.marks.of(COMMON, [key]).get(key, NONE)._asdict())
    try:
        known["link"] = linked(spec)
    except Refusal:  # no page shows it
        known["link"] = None
    with output(None) as out:
        out.write(json.dumps(known, indent=2, ensure_ascii=False) + "\n")


def _rm(asked: argparse.Namespace, language: Language) -> int | None:
    with record_of(asked) as store:
        keys = [key_of(store, words) for words in asked.keys]
        deleted = store.delete(keys, COMMON, anything=asked.held)
    for key in keys:
        print((DELETED if key in deleted else STAYS).format(key=key)(language), file=sys.stderr)
    return None if len(deleted) == len(set(keys)) else 2


def _query(asked: argparse.Namespace) -> Query:
    return Query(
        text=" ".join(asked.text),
        dataset=asked.dataset,
        method=asked.method,
        compressor=asked.compressor,
        grad_norm_sq=asked.below,
        bits_up=asked.bits,
        since=_date(asked.since),
        before=_date(asked.before),
        tag=asked.tag,
        pinned=asked.pinned,
        order=asked.sort,
        descending=not asked.up,
    )


def _date(words: str | None) -> float | None:
    try:
        return None if words is None else datetime.fromisoformat(words).astimezone().timestamp()
    except (ValueError, OverflowError, OSError):
        raise Refusal(NO_DATE.format(words=shown(words))) from None


def _told(run: FinishedRun, marks: dict[str, Json]) -> dict[str, Json]:
    """As JSON: what is not a number there is null."""
    values = {name: None if value == float("inf") else value for name, value in run._asdict().items()}
    return {**values, "finished": datetime.fromtimestamp(run.finished, UTC).isoformat(timespec="seconds"), **marks}


def _cells(store: Store, run: FinishedRun, tags: tuple[str, ...], language: Language) -> list[str]:
    spec, when = store.spec(run.key), datetime.fromtimestamp(run.finished)
    name = quoted(run.compressor) if spec is None else title(spec)
    ends = [number(run.grad_norm_sq)(language), count(run.bits_up)(language)]
    return [run.key[:SHOWN], f"{when:%Y-%m-%d %H:%M}", run.dataset, run.method, name(language), *ends, ", ".join(tags)]


def _table(rows: list[list[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


FILTERS: dict[str, Any] = {
    "dataset": str,
    "method": str,
    "compressor": str,
    "below": float,
    "bits": float,
    "since": str,
    "before": str,
    "tag": str,
}
NO_RUN = Text("there is no run {key} in the record", "запуска {key} в записях нет")
SEVERAL = Text("several runs begin with {key}: give more of its digits", "несколько запусков начинаются с {key}: укажите больше цифр")
NO_DATE = Text("{words} is no date: 2026-01-31, or 2026-01-31T18:00", "{words} — не дата: 2026-01-31 или 2026-01-31T18:00")
SOME = Text(
    "{n} of {all:run|runs}: --limit and --offset show others",
    "{n} из {all:запуска|запусков|запусков}: остальные покажут --limit и --offset",
)
DELETED = Text("deleted: {key}", "удалён: {key}")
STAYS = Text(
    "stays, since it is going or a visitor has pinned or tagged it (--held deletes these too): {key}",
    "остаётся: он ещё идёт либо его закрепил или пометил посетитель (--held удаляет и такие): {key}",
)
ABOUT = {
    "runs": Text("finished runs of the record, the newest first", "завершённые запуски из записей, сначала новые"),
    "show": Text("what is known of a run, as JSON", "что известно о запуске, в JSON"),
    "rm": Text("delete runs from the record, for everybody", "удалить запуски из записей, для всех"),
    "--store": Text("the file or folder of another record of runs", "файл или каталог с другими записями о запусках"),
    "WORDS": Text(
        "words that all occur in the run's description, tags or note: top_k k=4",
        "слова, которые все есть в описании, метках или заметке: top_k k=4",
    ),
    "KEY": Text("the key of a run, or as much of its beginning as is unique", "ключ запуска или его начало, если оно такое одно"),
    "--dataset": Text("only on this dataset", "только на этих данных"),
    "--method": Text("only of this method", "только этого метода"),
    "--compressor": Text("only with this compressor", "только с этим компрессором"),
    "--below": Text("only those that end with ‖∇f‖² at most so much", "только те, у которых ‖∇f‖² в конце не больше"),
    "--bits": Text("only those that sent at most so many bits from a node", "только те, где узел отправил не больше стольких бит"),
    "--since": Text("only those that ended at this date or later", "только завершённые в этот день или позже"),
    "--before": Text("only those that ended before this date", "только завершённые раньше этого дня"),
    "--tag": Text("only those with this tag", "только с этой меткой"),
    "--pinned": Text("only those that are pinned", "только закреплённые"),
    "--sort": Text("by what they are sorted", "по чему упорядочить"),
    "--up": Text("the least first", "сначала наименьшие"),
    "--limit": Text("how many are shown", "сколько показать"),
    "--offset": Text("how many are left out before", "сколько пропустить перед ними"),
    "--json": Text("as JSON", "в JSON"),
    "--held": Text("also those that visitors have pinned or tagged", "и те, которые закрепили или пометили посетители"),
}
