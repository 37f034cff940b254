"""`figure NAME`: a published figure computed here, and which of its claims hold."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from ef21lab.choices import strict
from ef21lab.choices.fields import Json
from ef21lab.choices.text import Language, Text, quoted
from ef21lab.cli.outputs import output
from ef21lab.cli.records import command
from ef21lab.figures.base import Claim, Tabled, figure, figures

FAILED = 1  # the exit code where a claim does not hold


def add(commands: Any, language: Language) -> None:
    """The command of this file."""
    made = command(commands, "figure", _figure, ABOUT, language)
    made.add_argument("name", metavar="FIGURE", help=NAME.format(names=", ".join(figures.members))(language))


def _figure(asked: argparse.Namespace, language: Language) -> int:
    outcome = figure(_given(asked.name))
    with output(None) as out:
        out.writelines(_line(claim, language) for claim in outcome.claims)
        out.writelines(line for table in outcome.tables for line in _rows(table, language))
    return 0 if outcome.holds else FAILED


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


ABOUT = Text(
    "compute a published figure and say which of its claims hold; exit code 1 where one does not",
    "посчитать опубликованный рисунок и сказать, какие утверждения подтвердились; код выхода 1, если не все",
)
NAME = Text(
    'one of {names}, or a JSON object with settings: {{"name": "talk", "ranks": 2}}',
    'одно из {names} или объект JSON с настройками: {{"name": "talk", "ranks": 2}}',
)
