"""Runs that leave the record or come into it: export, report, import."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from ef21lab.choices.text import Language, Refusal, Text, quoted
from ef21lab.cli.outputs import output, refusing, why
from ef21lab.cli.records import command, key_of, record_of
from ef21lab.jobs.taken import finished
from ef21lab.reports.data import Reported
from ef21lab.reports.page import report
from ef21lab.reports.parquet import parquet
from ef21lab.reports.read import runs_in
from ef21lab.runs.tidy import tidy


def add(commands: Any, language: Language) -> None:
    """The commands of this file."""
    export = command(commands, "export", _export, ABOUT["export"], language)
    export.add_argument("keys", metavar="KEY", nargs="+", help=KEYS(language))
    kind = export.add_mutually_exclusive_group()
    for option, words in FORMATS.items():
        kind.add_argument(f"--{option}", metavar="OUT", help=words(language))
    page = command(commands, "report", _report, ABOUT["report"], language)
    page.add_argument("keys", metavar="KEY", nargs="+", help=KEYS(language))
    page.add_argument("--out", metavar="OUT.html", help=OUT(language))
    command(commands, "import", _import, ABOUT["import"], language).add_argument(
        "reports", metavar="REPORT.html", nargs="+", help=REPORT(language)
    )


def _export(asked: argparse.Namespace, language: Language) -> None:
    runs = _asked_for(asked)
    if asked.parquet is not None:
        content = parquet(runs)
        with refusing(asked.parquet):
            Path(asked.parquet).write_bytes(content)
        return
    with output(asked.specs if asked.specs is not None else asked.csv) as out:
        if asked.specs is not None:
            out.write(json.dumps([run.spec.json() for run in runs], indent=2, ensure_ascii=False) + "\n")
        else:
            out.writelines(tidy([run.spec for run in runs], (run.trace for run in runs)))


def _report(asked: argparse.Namespace, language: Language) -> None:
    runs = _asked_for(asked)
    path = asked.out or f"ef21lab-{runs[0].spec.key[:8]}.html"
    page = report(runs, language, f"{datetime.now():%Y-%m-%d %H:%M}")
    with output(path) as out:
        out.write(page)
    print(path)


def _import(asked: argparse.Namespace, language: Language) -> None:
    runs = [run for path in asked.reports for run in _read(path)]  # one that is damaged is told before any is taken in
    with record_of(asked) as store:
        for run in runs:
            words = TAKEN if store.adopt(run.spec, run.trace) else KNOWN
            print(words.format(key=run.spec.key)(language), file=sys.stderr)


def _asked_for(asked: argparse.Namespace) -> list[Reported]:
    with record_of(asked) as store:
        return [Reported(*run) for run in finished(store, list(dict.fromkeys(key_of(store, words) for words in asked.keys)))]


def _read(path: str) -> list[Reported]:
    try:
        return runs_in(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(UNREAD.format(path=path, why=why(error))) from None
    except Refusal as refusal:
        raise Refusal(quoted(path) + Text(": ", ": ") + refusal.text) from None


ABOUT = {
    "export": Text("the records of runs as one table", "записи запусков одной таблицей"),
    "report": Text(
        "runs as one page of HTML: figures, numbers, the lines that make them again; another lab imports it",
        "запуски одной страницей HTML: графики, числа, команды для повторения; её примет другая лаборатория",
    ),
    "import": Text("take the runs of a report into the record", "принять запуски из отчёта в записи"),
}
KEYS = Text("keys of finished runs, or as much of each as is unique", "ключи завершённых запусков или их начала, если такое одно")
FORMATS = {
    "csv": Text("file for the tidy table instead of standard output", "файл для таблицы вместо стандартного вывода"),
    "parquet": Text("file for the same as Parquet; needs pyarrow", "файл для неё же в формате Parquet; нужен pyarrow"),
    "specs": Text("file for the descriptions of the runs, as JSON", "файл для описаний запусков, в JSON"),
}
OUT = Text("file for the page; by default named after the first run", "файл для страницы; по умолчанию назван по первому запуску")
REPORT = Text("a report of any lab", "отчёт любой лаборатории")
TAKEN, KNOWN = Text("taken in: {key}", "принят: {key}"), Text("is here already: {key}", "уже есть: {key}")
UNREAD = Text("cannot read {path}: {why}", "не удаётся прочесть {path}: {why}")
