"""What is asked of the library: a run, or one with a tuned step, which is computed with every step of its grid and means the best."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Language, Refusal, Text
from ef21lab.compressors.base import Compressor
from ef21lab.datasets.base import Dataset, at_hand
from ef21lab.datasets.readers import handed
from ef21lab.handmade import objectives, operators, points
from ef21lab.runs import experiment
from ef21lab.runs.experiment import described, start_run
from ef21lab.runs.lanes import run_many
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.record import Record
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.runs.tuned import Compute, Tuned, candidates, first_planned, is_several, told, tune
from ef21lab.starts.base import Start

Given = RunSpec | Mapping[str, Any]


def asked_for(given: Given | None = None, data: Any = None, fields: Mapping[str, Any] | None = None, problem: Any = None) -> RunSpec:
    """The run that is meant: a spec, some of whose fields are said anew, on rows or a problem of this program. Raises Refusal."""
    said = {**(given.parts() if isinstance(given, RunSpec) else {} if given is None else given), **(fields or {})}
    if data is not None:
        if fields and "dataset" in fields:
            raise Refusal(TWO_DATASETS)
        said["dataset"] = data if isinstance(data, Dataset) else handed.data(*_pair(data))
    if problem is not None:
        named = {*(fields or {}), *(given if isinstance(given, Mapping) else ())}  # a RunSpec has them all, whether they are meant or not
        if data is not None or {"dataset", "objective", "partition"} & named:
            raise Refusal(TWO_PROBLEMS)
        said |= objectives.parts_of(problem)
    if not (said.get("start") is None or isinstance(said["start"], (str, Mapping, Start))):
        said["start"] = points.start_at(said["start"])
    if callable(said.get("compressor")) and not isinstance(said["compressor"], Compressor):
        said["compressor"] = operators.compressor(said["compressor"])
    return RunSpec.make(at_hand(said, Path.cwd()))


def _pair(data: Any) -> tuple[Any, Any]:
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise Refusal(NO_PAIR.format(given=type(data).__name__))
    return data[0], data[1]


def stream(given: Given | None = None, data: Any = None, problem: Any = None, **fields: Any) -> Iterator[Record]:
    """Records as they are computed, in this process; what is meant is said as for `run`. Raises Refusal where there can be no such run.

    With a tuned step, those of the best step once all are known; which one it was is said on standard error.

    >>> [record.round for record in stream({"rounds": 4, "record_every": 2})]
    [0, 2, 4]
    """
    return start_run(settled(asked_for(given, data, fields, problem)))


def run(given: RunSpec | Mapping[str, Json], compute: Compute | None = None, stop_at: float = 0.0) -> Trace:
    """The whole run, in this process, with the x that it came to; `compute` may know another way to the traces of plain runs.

    It ends with the first record with ‖∇f‖² ≤ `stop_at`, where that is above 0.

    With a tuned step, that of the best step; which one it was is said on standard error. Raises Refusal where there can be no such run.
    """
    spec = RunSpec.make(given)
    if stop_at and (compute is not None or is_several(spec)):
        raise Refusal(WHOLE_ONLY)
    if is_several(spec):
        return _best(spec, compute=compute or run_many).trace
    return experiment.run(spec, stop_at) if compute is None else compute([spec])[0]


def describe(given: Given | None = None, data: Any = None, problem: Any = None, **fields: Any) -> dict[str, Json]:
    """The constants of a run before it starts; None (null) where a quantity is not defined or not certified.

    With a tuned step γ is not defined yet: `candidates` lists the steps that are tried. Raises Refusal where there can be no such run.

    >>> known = describe({"compressor": {"name": "top_k", "k": 28}})
    >>> known["d"], known["nodes"], known["alpha"], known["bits_per_round"]  # 1 + 32 · 28 + ⌈log₂ C(112, 28)⌉
    (112, 20, 0.25, 985.0)
    """
    spec = asked_for(given, data, fields, problem)
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


WHOLE_ONLY = Text(
    "stop_at ends a run early: the record keeps whole runs, and a tuned step compares them; leave store out, and choose another step",
    "stop_at обрывает запуск, а в записях хранятся целые, и подбор шага сравнивает целые: уберите store и выберите другой шаг",
)
TWO_PROBLEMS = Text(
    "problem brings its data, its objective and its nodes along: leave dataset, data, partition and objective out",
    "problem приносит данные, функцию и узлы с собой: dataset, data, partition и objective не нужны",
)
TWO_DATASETS = Text("dataset and data: only one of them says on which rows", "dataset и data: строки задаёт только одно из двух")
NO_PAIR = Text(
    "data is a pair (features, labels), where labels may name a column of a DataFrame, or what lab.data made of one; got {given}",
    "data — пара (features, labels), где labels может быть именем столбца DataFrame, или то, что вернула lab.data; получено: {given}",
)
