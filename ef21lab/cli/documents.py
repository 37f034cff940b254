"""What a command is given as a run: a file, a link, a table, standard input. A file that it names lies beside it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ef21lab.address.links import is_link, run_of
from ef21lab.choices.fields import Json
from ef21lab.choices.text import Language
from ef21lab.cli import tables
from ef21lab.cli.inputs import document, is_object
from ef21lab.datasets.base import at_hand
from ef21lab.runs.document import changed
from ef21lab.runs.fitting import with_objective
from ef21lab.runs.spec import RunSpec


class Written(NamedTuple):
    """A run as JSON, or what is to become one, and where files that it names are looked for."""

    document: Json
    folder: Path
    is_table: bool = False  # a table that stands for the usual run on it

    def run(self, assignments: Sequence[str] = ()) -> RunSpec:
        """The run after these assignments, as `--set` takes them. Raises Refusal where there can be none."""
        found = at_hand(changed(self.document, assignments), self.folder)
        return RunSpec.make(with_objective(found) if self.is_table else found)


def written(source: str) -> Written:
    """What is in a file, a link, an object of JSON or, as "-", on standard input. Raises Refusal where it cannot be read.

    A file that it names lies beside it; what is no file has its files where the command is given.
    """
    if is_link(source):
        return Written(run_of(source).json(), Path.cwd())
    folder = Path.cwd() if source == "-" or is_object(source) else Path(source).parent
    if tables.is_table(source):
        return Written(tables.run_on(source), folder, is_table=True)
    return Written(document(source), folder)


def tell(spec: RunSpec, language: Language) -> None:
    """What was guessed to load the data of a run, on standard error."""
    for note in spec.dataset.notes():
        print(note(language), file=sys.stderr)
