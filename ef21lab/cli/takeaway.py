"""Runs that leave the record or come into it: export, report, import."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from ef21lab.choices.text import Language, Refusal, Text, quoted
from ef21lab.cli.outputs import in_bytes, output, why
from ef21lab.cli.records import command, key_of, record_of
from ef21lab.jobs.taken import finished
from ef21lab.reports.data import Reported
from ef21lab.reports.page import report
from ef21lab.reports.parquet import parquet
from ef21lab.reports.read import runs_in
from ef21lab.runs.tidy import tidy, tidy_layers
from ef21lab.runs.trained import check_trains, state_dict_file


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
        in_bytes(asked.parquet, parquet(runs))
    elif asked.network is not None:
        in_bytes(asked.network, _network(runs))
    else:
        with output(asked.specs or asked.layers or asked.csv) as out:
            out.writelines(_table(asked, runs))


def _table(asked: argparse.Namespace, runs: list[Reported]) -> Iterable[str]:
    specs, traces = [run.spec for run in runs], (run.trace for run in runs)
    if asked.specs is not None:
        return [json.dumps([spec.json() for spec in specs], indent=2, ensure_ascii=False), "\n"]
    return tidy(specs, traces) if asked.layers is None else tidy_layers([[spec] for spec in specs], traces)


def _network(runs: list[Reported]) -> bytes:
    """The file of the one network that is asked for. Raises Refusal where there are more, or none."""
    if len(runs) > 1:
        raise Refusal(ONE_NETWORK.format(n=len(runs)))
    check_trains(runs[0].spec)
    if runs[0].trace.x is None:
        raise Refusal(NOT_KEPT.format(key=runs[0].spec.key))
    return state_dict_file(runs[0].spec, runs[0].trace.x)


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
    "layers": Text("file for what is recorded of every layer of a network", "файл для записей о каждом слое сети"),
    "network": Text(
        "file for the network that one run has trained: a state_dict, torch.load(OUT, weights_only=True)",
        "файл для сети, которую обучил один запуск: state_dict, torch.load(OUT, weights_only=True)",
    ),
    "specs": Text("file for the descriptions of the runs, as JSON", "файл для описаний запусков, в JSON"),
}
ONE_NETWORK = Text(
    "--network writes the network of one run, and {n} are named: name one of them",
    "--network записывает сеть одного запуска, а названо их {n}: оставьте один",
)
NOT_KEPT = Text(
    "the x of run {key} is not kept, since an earlier version computed it — ef21lab run SPEC.json --network OUT computes it anew",
    "x запуска {key} не сохранён: его вычислила прежняя версия — ef21lab run SPEC.json --network OUT вычислит его заново",
)
OUT = Text("file for the page; by default named after the first run", "файл для страницы; по умолчанию назван по первому запуску")
REPORT = Text("a report of any lab", "отчёт любой лаборатории")
TAKEN, KNOWN = Text("taken in: {key}", "принят: {key}"), Text("is here already: {key}", "уже есть: {key}")
UNREAD = Text("cannot read {path}: {why}", "не удаётся прочесть {path}: {why}")
