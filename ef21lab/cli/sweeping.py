"""`sweep SWEEP.json --out DIR`: every combination of a grid, kept in a folder as it is ready; what is there is not computed again."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from ef21lab.choices.fields import Json, shown
from ef21lab.choices.text import Language, Refusal, Text
from ef21lab.choices.written import whole
from ef21lab.cli.documents import Written, tell
from ef21lab.cli.outputs import why
from ef21lab.cli.terminal import ProgressBar
from ef21lab.runs.spec import RunSpec
from ef21lab.sweeps.kept import Folder
from ef21lab.sweeps.sweep import Sweep, swept

PARTS = ("spec", "grid", "epsilon")
TABLE, TRACES = "runs.csv", "traces"


def sweep_into(folder: str, written: Written, assignments: Sequence[str], workers: str | None, language: Language) -> Path:
    """The table of the sweep, `runs.csv` in the folder; the traces are in `traces`, each under its key. Raises Refusal."""
    document, grid, epsilons = parts(written.document)
    spec = written._replace(document=document).run(assignments)
    tell(spec, language)
    place = Path(folder)
    try:
        found = _swept(spec, grid, written.folder, _number_of(workers), Folder(place / TRACES))
        found.frame(epsilons).to_csv(place / TABLE, index=False)
    except OSError as error:
        raise Refusal(NO_FOLDER.format(folder=folder, why=why(error))) from None
    for at, reason in found.errors.items():
        print(FAILED.format(run=str(found.runs[at].cell.varied), why=reason)(language), file=sys.stderr)
    return place / TABLE


def _swept(spec: RunSpec, grid: Mapping[str, Json], beside: Path, workers: int, kept: Folder) -> Sweep:
    with ProgressBar(sys.stderr) as bar:
        return swept(spec, grid, workers, kept, lambda done, of: bar.show(done, of), beside)


def parts(document: Json) -> tuple[Json, Mapping[str, Json], list[float]]:
    """The run, the grid and the ε of a sweep's document. Raises Refusal."""
    if not isinstance(document, Mapping) or not isinstance(document.get("grid"), Mapping) or {*document} - {*PARTS}:
        raise Refusal(NO_SWEEP.format(given=shown(document)))
    epsilons = document.get("epsilon", [])
    epsilons = epsilons if isinstance(epsilons, list) else [epsilons]
    if not all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in epsilons):
        raise Refusal(NO_EPSILON.format(given=shown(epsilons)))
    return document.get("spec", {}), document["grid"], epsilons


def _number_of(workers: str | None) -> int:
    if workers is None:
        return os.cpu_count() or 1
    number = whole(workers)
    if number is None or not 1 <= number <= 4096:
        raise Refusal(NO_WORKERS.format(given=workers[:20]))
    return number


NO_SWEEP = Text(
    'a sweep is a JSON object {{"spec": …, "grid": {{"step.multiple": [1, 2, 4]}}, "epsilon": 1e-4}}, of which only the grid is needed; '
    "got {given}",
    'серия — это объект JSON {{"spec": …, "grid": {{"step.multiple": [1, 2, 4]}}, "epsilon": 1e-4}}, обязательна в нём только сетка; '
    "получено {given}",
)
NO_EPSILON = Text("epsilon: a number or a list of numbers, got {given}", "epsilon: число или список чисел, а получено {given}")
NO_WORKERS = Text("--workers {given}: an integer of at least 1", "--workers {given}: целое число не меньше 1")
NO_FOLDER = Text("cannot write {folder}: {why}", "не удаётся записать {folder}: {why}")
FAILED = Text("no trace of {run}: {why}", "нет записей у {run}: {why}")
