"""`figure NAME`: a published figure computed here, and which of its claims hold; `--overview`: on all data at once."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from ef21lab.choices import strict
from ef21lab.choices.fields import Json
from ef21lab.choices.text import Language, Refusal, Text, quoted
from ef21lab.choices.written import whole_or_words
from ef21lab.cli.outputs import output
from ef21lab.cli.records import command
from ef21lab.cli.terminal import ProgressBar
from ef21lab.figures.base import Claim, Tabled, figures
from ef21lab.sweeps.figured import figure, overview

FAILED = 1  # the exit code where a claim does not hold


def add(commands: Any, language: Language) -> None:
    """The command of this file."""
    made = command(commands, "figure", _figure, ABOUT["figure"], language)
    made.add_argument("name", metavar="FIGURE", help=ABOUT["FIGURE"].format(names=", ".join(figures.members))(language))
    made.add_argument("--overview", action="store_true", help=ABOUT["--overview"](language))
    made.add_argument("--compute", action="store_true", help=ABOUT["--compute"](language))
    made.add_argument("--workers", default="1", metavar="N", help=ABOUT["--workers"](language))


def _figure(asked: argparse.Namespace, language: Language) -> int:
    if asked.overview:
        return _overview(asked, language)
    if asked.compute:
        raise Refusal(ONLY_OVERVIEW)
    with ProgressBar(sys.stderr) as bar:
        outcome = figure(_given(asked.name), asked.store, whole_or_words(asked.workers), lambda done, of: bar.show(done, of))
    with output(None) as out:
        out.writelines(_line(claim, language) for claim in outcome.claims)
        out.writelines(line for table in outcome.tables for line in _rows(table, language))
    return 0 if outcome.holds else FAILED


def _overview(asked: argparse.Namespace, language: Language) -> int:
    """What is known, and under it the commands that compute the rest."""
    with ProgressBar(sys.stderr) as bar:
        found = overview(_given(asked.name), asked.store, asked.compute, whole_or_words(asked.workers), lambda done, of: bar.show(done, of))
    with output(None) as out:
        out.writelines(_rows(found.table(), language))
        out.writelines(f"\nef21lab figure '{json.dumps(figures.json(case.figure))}'" for case in found.cases if case.missing)
        out.write("\n" if any(case.missing for case in found.cases) else "")
    return 0


def _given(words: str) -> Json:
    """A name, or a JSON object with settings. Raises Refusal where it is a broken one."""
    return strict.parse(words, quoted(words[:40])) if words.lstrip().startswith("{") else words


def _line(claim: Claim, language: Language) -> str:
    return f"{claim.word(language)}: {claim.expected(language)} ({claim.measured(language)})\n"


def _rows(table: Tabled, language: Language) -> Iterator[str]:
    """The title, and the table with bars between its cells."""
    yield f"\n{table.title(language)}\n"
    for row in (table.head, *table.rows):
        yield " | ".join(cell(language) for cell in row) + "\n"


ONLY_OVERVIEW = Text(
    "--compute goes with --overview: without it the figure is computed anyway",
    "--compute нужен вместе с --overview: без него рисунок и так считается",
)
ABOUT = {
    "figure": Text(
        "compute a published figure and say which of its claims hold; exit code 1 where one does not. What the record of runs has is not "
        "computed again, and what is computed is kept there",
        "посчитать опубликованный рисунок и сказать, какие утверждения подтвердились; код выхода 1, если не все. Что есть в записях, "
        "заново не считается; посчитанное остаётся в записях",
    ),
    "FIGURE": Text(
        'one of {names}, or a JSON object with settings: {{"name": "talk", "ranks": 2}}',
        'одно из {names} или объект JSON с настройками: {{"name": "talk", "ranks": 2}}',
    ),
    "--overview": Text(
        "instead: what the record knows of the figure on every dataset and at every budget, and what is missing (talk)",
        "вместо этого: что известно из записей о рисунке на всех данных и при всех бюджетах и чего не хватает (talk)",
    ),
    "--compute": Text("with --overview: compute what is missing first", "вместе с --overview: сперва посчитать недостающее"),
    "--workers": Text("how many processes compute", "сколько процессов считает"),
}
