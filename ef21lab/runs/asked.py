"""What is asked of the library: a run, or one with a tuned step, which is computed with every step of its grid and means the best."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Language, Refusal, Text, language_of
from ef21lab.compressors.base import Compressor
from ef21lab.datasets.base import Dataset
from ef21lab.datasets.readers import handed
from ef21lab.datasets.readers.frames import of_frame
from ef21lab.datasets.readers.memory import is_frame
from ef21lab.handmade import objectives, operators
from ef21lab.runs import experiment
from ef21lab.runs.experiment import described, start_run
from ef21lab.runs.fitting import with_objective
from ef21lab.runs.lanes import run_many
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.record import Record
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.runs.tuned import Compute, Tuned, candidates, first_planned, is_several, told, tune
from ef21lab.starts.base import Start
from ef21lab.starts.points import start_at

Given = RunSpec | Mapping[str, Any]


def asked_for(
    given: Given | None = None, data: Any = None, fields: Mapping[str, Any] | None = None, problem: Any = None, label: Any = None
) -> RunSpec:
    """The run that is meant: a spec, some of whose fields are said anew, on rows or a problem of this program. Raises Refusal."""
    said = {**(given.parts() if isinstance(given, RunSpec) else {} if given is None else given), **(fields or {})}
    if data is not None:
        if fields and "dataset" in fields:
            raise Refusal(TWO_DATASETS)
        said["dataset"] = _rows(data, label)
        said = with_objective(said) if is_frame(data) else said
    elif label is not None:
        raise Refusal(NO_FRAME)
    if problem is not None:
        named = {*(fields or {}), *(given if isinstance(given, Mapping) else ())}  # a RunSpec has them all, whether they are meant or not
        if data is not None or {"dataset", "objective", "partition"} & named:
            raise Refusal(TWO_PROBLEMS)
        said |= objectives.parts_of(problem)
    if not (said.get("start") is None or isinstance(said["start"], (str, Mapping, Start))):
        said["start"] = start_at(said["start"])
    if callable(said.get("compressor")) and not isinstance(said["compressor"], Compressor):
        said["compressor"] = operators.compressor(said["compressor"])
    spec = RunSpec.here(said)
    _tell(spec.dataset)
    return spec


def _rows(data: Any, label: Any) -> Dataset:
    """What `lab.data` has made, a DataFrame, or a pair (features, labels)."""
    if is_frame(data):
        return of_frame(data, label)
    if label is not None:
        raise Refusal(NO_FRAME)
    if isinstance(data, Dataset):
        return data
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise Refusal(NO_PAIR.format(given=type(data).__name__))
    return handed.data(data[0], data[1])


@cache
def _tell(dataset: Dataset) -> None:
    """What was guessed to load the rows, on standard error, once in a program; who cannot load them says so itself."""
    with suppress(Refusal):
        for note in dataset.notes():
            print(note(language_of(os.environ)), file=sys.stderr)


def stream(given: Given | None = None, data: Any = None, problem: Any = None, label: Any = None, **fields: Any) -> Iterator[Record]:
    """Records as they are computed, in this process; what is meant is said as for `run`. Raises Refusal where there can be no such run.

    With a tuned step, those of the best step once all are known; which one it was is said on standard error.

    >>> [record.round for record in stream({"rounds": 4, "record_every": 2})]
    [0, 2, 4]
    """
    return start_run(settled(asked_for(given, data, fields, problem, label)))


def run(given: RunSpec | Mapping[str, Json], compute: Compute | None = None) -> Trace:
    """The whole run, in this process, with the x that it came to; `compute` may know another way to the traces of plain runs.

    With a tuned step, that of the best step; which one it was is said on standard error. Raises Refusal where there can be no such run.
    """
    spec = RunSpec.make(given)
    if is_several(spec):
        return _best(spec, compute=compute or run_many).trace
    return experiment.run(spec) if compute is None else compute([spec])[0]


def describe(given: Given | None = None, data: Any = None, problem: Any = None, label: Any = None, **fields: Any) -> dict[str, Json]:
    """The constants of a run before it starts; None (null) where a quantity is not defined or not certified.

    With a tuned step γ is not defined yet: `candidates` lists the steps that are tried. Raises Refusal where there can be no such run.

    >>> known = describe({"compressor": {"name": "top_k", "k": 28}})
    >>> known["d"], known["nodes"], known["alpha"], known["bits_per_round"]  # 1 + 32 · 28 + ⌈log₂ C(112, 28)⌉
    (112, 20, 0.25, 985.0)
    """
    spec = asked_for(given, data, fields, problem, label)
    if not is_several(spec):
        return experiment.describe(spec)
    facts = problem_of(spec).facts
    tried = [{"step": one.json()["step"], "gamma": float(plan(one, facts).gamma)} for one in candidates(spec)]
    return {**described(first_planned(spec, facts)), "gamma": None, "candidates": tried}


def settled(spec: RunSpec, language: Language = "en") -> RunSpec:
    """The run itself; with a tuned step the best of those that it stands for, which is said on standard error."""
    return _best(spec, language).spec if is_several(spec) else spec


def _best(spec: RunSpec, language: Language = "en", compute: Compute = run_many) -> Tuned:
    found = tune(spec, compute)
    print(told(found)(language), file=sys.stderr)
    return found


TWO_PROBLEMS = Text(
    "problem brings its data, its objective and its nodes along: leave dataset, data, partition and objective out",
    "problem приносит данные, функцию и узлы с собой: dataset, data, partition и objective не нужны",
)
TWO_DATASETS = Text("dataset and data: only one of them says on which rows", "dataset и data: строки задаёт только одно из двух")
NO_PAIR = Text(
    "data is a pair (features, labels), a DataFrame, or what lab.data made of one; got {given}",
    "data — пара (features, labels), DataFrame или то, что вернула lab.data; получено: {given}",
)
NO_FRAME = Text(
    "label names the column of a DataFrame that holds the labels: data=frame",
    "label называет столбец DataFrame с метками: data=frame",
)
