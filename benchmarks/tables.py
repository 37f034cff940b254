"""How many of the tables that installed packages bring along open and race without a person's help.

    python -m benchmarks.tables [FOLDER…] [--words OUT.txt] [--most 1000]

Looks into this Python's own packages where no folder is named. Each table is understood as it looks and raced for three rounds with the
first objective that takes its labels; what was understood goes to OUT.txt, to be read by a person: a table that races may be read wrongly.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import site
import sys
import tarfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ef21lab.choices.text import Refusal
from ef21lab.datasets.readers.understanding import Recipe, Understood, understood
from ef21lab.partitions.base import partitions
from ef21lab.problems.base import objectives
from ef21lab.runs import experiment
from ef21lab.runs.fitting import fitting
from ef21lab.runs.spec import RunSpec

ENDINGS = (".csv", ".tsv", ".data", ".dat", ".xlsx", ".csv.gz", ".csv.bz2", ".csv.xz", ".tsv.gz", ".svm", ".libsvm")
ROUNDS, NODES = 3, 4
MOST_BYTES = 20_000_000


def tables(folders: list[str]) -> Iterator[tuple[str, bytes]]:
    """(name, content) of every file whose name ends like a table's, in folders and in archives of tables."""
    for folder in folders:
        for path in sorted(Path(folder).rglob("*")):
            if "tests" in path.parts:
                continue
            if path.is_file() and path.name.lower().endswith(ENDINGS) and path.stat().st_size <= MOST_BYTES:
                yield str(path.relative_to(folder)), path.read_bytes()
            elif path.name == "resources.tar.gz":
                yield from _of_archive(path)


def _of_archive(path: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() and member.name.endswith(".csv") else None
            if content is not None and not Path(member.name).name.startswith("._"):
                yield f"{path.parent.name}/{member.name}", content.read()


def race(found: Understood) -> str:
    """'' where the table races and its losses are numbers; else why not."""
    from ef21lab.datasets.base import Dataset, TableFacts, datasets

    class Taken(Dataset):
        name, label, about, origin = "taken", *([next(iter(datasets.members.values())).label] * 3)

        def load(self) -> Any:
            return found.table

        def facts(self) -> TableFacts:
            return TableFacts(*found.table.features.shape, len(found.table.classes))

    nodes = min(NODES, len(found.table.labels))
    objective = objectives.make(fitting(len(found.table.classes))[0])
    base = RunSpec.make({"objective": objective, "partition": partitions.make({"name": "contiguous", "nodes": nodes}), "rounds": ROUNDS})
    trace = experiment.run(RunSpec.make({**base.json(), "dataset": Taken()}))
    return "" if np.isfinite(trace["loss"]).all() else "the loss is no number"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", default=site.getsitepackages())
    parser.add_argument("--words", default=None)
    parser.add_argument("--most", type=int, default=1000)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    outcomes, began = Counter[str](), time.perf_counter()
    with open(asked.words, "w", encoding="utf-8") if asked.words else contextlib.nullcontext(sys.stderr) as out:
        for at, (name, content) in enumerate(tables(asked.folders)):
            if at >= asked.most:
                break
            stage = "refused"
            try:
                found = understood(content, Recipe())
                stage = "opened, but no race"
                why = race(found)
                stage = stage if why else "raced"
                shape, table = found.table.features.shape, found.table
                print(f"{stage} {name} {shape} {table.classes[:5]} {json.dumps(found.found, ensure_ascii=False)} {why}", file=out)
                for note in found.notes:
                    print(f"    {note}", file=out)
            except Refusal as refusal:
                print(f"{stage} {name}: {refusal}", file=out)
            outcomes[stage] += 1
    count = sum(outcomes.values())
    print(f"{count} tables in {time.perf_counter() - began:.0f} s")
    for stage, number in outcomes.most_common():
        print(f"{number:5d}  {100 * number / count:5.1f} %  {stage}")


if __name__ == "__main__":
    main()
