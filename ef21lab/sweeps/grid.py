"""A grid: which settings run through which values, and the run of every combination."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ef21lab.choices.fields import Json, shown
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal, Text, joined, quoted, same
from ef21lab.choices.written import written
from ef21lab.datasets.base import at_hand
from ef21lab.runs.document import changed
from ef21lab.runs.names import named
from ef21lab.runs.repeats import SEED, SEEDS, repeated
from ef21lab.runs.spec import FAMILIES, RunSpec
from ef21lab.runs.tidy import member_in_words

REPEAT = "repeat"  # the path of whole repeats: every seed of a run moves
CONTENDER = "contender"  # the path of settings that belong together: a mapping of paths to values
MOST_RUNS = 100_000

Grid = Mapping[str, Iterable[Any]]


class Cell(NamedTuple):
    """One combination: the value of every path as a table holds it, and the run."""

    varied: dict[str, str | float | int | bool | None]
    spec: RunSpec


def cells(spec: RunSpec | Mapping[str, Json], grid: Grid, beside: Path | None = None) -> list[Cell]:
    """All combinations, the last path running fastest.

    Paths are those of `--set`: "compressor", "compressor.k", "step.multiple", "rounds"; "repeat", whose value r means other starts
    and other noise, 0 none; and "contender", whose values are settings that belong together, {"algorithm": "ef14", "compressor.k": 4}.
    Values are JSON, words as after `--set` ("4x4x7"), or members of a family. A path that comes later is set later, whatever the order of
    the loops. A table that is named may lie in the folder `beside`. Raises Refusal where a combination is no run, and says which.

    >>> [cell.varied for cell in cells({}, {"compressor": ["sign", "top_k"], "rounds": [10, 20]})][1:3]
    [{'compressor': 'sign', 'rounds': 20}, {'compressor': 'top_k', 'rounds': 10}]
    """
    document = RunSpec.make(spec).json()
    axes = {path: _values(path, values) for path, values in _checked(grid).items()}
    if math.prod(map(len, axes.values())) > MOST_RUNS:
        raise Refusal(TOO_MANY.format(n=math.prod(map(len, axes.values())), most=MOST_RUNS))
    return [_cell(document, dict(zip(axes, values, strict=True)), beside) for values in itertools.product(*axes.values())]


def is_repeat(path: str) -> bool:
    """Whether its values are repeats of one another."""
    return path.rpartition(".")[2] in (REPEAT, SEED)


def _cell(document: Json, values: Mapping[str, Any], beside: Path | None) -> Cell:
    try:
        varied = changed(document, _assignments(values))
        spec = RunSpec.make(varied if beside is None else at_hand(varied, beside))
        if REPEAT in values:
            spec = repeated(spec, _number_of_repeat(values[REPEAT]))
    except Refusal as refusal:
        where = joined([quoted(f"{path}={_words(value)}") for path, value in values.items()], ", ")
        raise Refusal(where + same(": ") + refusal.text) from None
    return Cell({path: _in_table(path, value, spec) for path, value in values.items()}, spec)


def _assignments(values: Mapping[str, Any]) -> list[str]:
    """As after `--set`; those of a contender stand where it does."""
    found = []
    for path, value in values.items():
        together = {} if path == REPEAT else value if path == CONTENDER else {path: value}
        if not isinstance(together, Mapping):
            raise Refusal(NO_CONTENDER.format(given=shown(value)))
        found += [f"{name}={_words(one)}" for name, one in together.items()]
    return found


def _checked(grid: Any) -> Grid:
    if not isinstance(grid, Mapping) or not all(isinstance(path, str) for path in grid):
        raise Refusal(NO_GRID.format(given=shown(grid)))
    return grid


def _values(path: str, values: Any) -> Sequence[Any]:
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise Refusal(NO_VALUES.format(path=quoted(path), given=shown(values)))
    found = [value.tolist() if hasattr(value, "tolist") else value for value in values]  # numbers of NumPy
    if not found:
        raise Refusal(NO_VALUES.format(path=quoted(path), given="[]"))
    return [_plain(path, value) for value in found]


def _plain(path: str, value: Any) -> Json:
    """A value as JSON; a member of a family becomes its name and settings."""
    if isinstance(value, Spec):
        family = FAMILIES.get(path.rpartition(".")[2], FAMILIES["compressor"])
        return family.json(value)
    return {name: _plain(name, one) for name, one in value.items()} if path == CONTENDER and isinstance(value, Mapping) else value


def _words(value: Json) -> str:
    """As after `--set`. Raises Refusal for what has no words: a function, or anything else of this program alone."""
    try:
        return value if isinstance(value, str) else json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        raise Refusal(NO_WORDS.format(given=shown(value))) from None


def _in_table(path: str, value: Json, spec: RunSpec) -> Any:
    """A number, a word, or what stands for a value that is neither."""
    if path == "compressor" and isinstance(value, Mapping):
        return named(spec.compressor).en
    if path == CONTENDER:
        return ", ".join(f"{name}={_told(name, one, spec)}" for name, one in value.items())
    return written(value) if isinstance(value, (list, tuple, Mapping)) else value


def _told(path: str, value: Json, spec: RunSpec) -> str:
    """One setting of a contender in a cell of a table."""
    return member_in_words(spec.json()[path]) if path in FAMILIES else str(_in_table(path, value, spec))


def _number_of_repeat(value: Json) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < SEEDS:
        raise Refusal(NO_REPEAT.format(given=shown(value), most=SEEDS - 1))
    return value


NO_GRID = Text(
    'a grid is a mapping from paths to values, as {{"step.multiple": [1, 2, 4]}}; got {given}',
    'сетка — это словарь из путей и их значений, например {{"step.multiple": [1, 2, 4]}}; получено {given}',
)
NO_VALUES = Text(
    "{path}: a path of a grid takes a list of at least one value, got {given}",
    "{path}: путь сетки пробегает список хотя бы из одного значения, а получено {given}",
)
NO_CONTENDER = Text(
    'contender: a mapping from paths to values, as {{"algorithm": "ef14", "compressor.k": 4}}; got {given}',
    'contender: словарь из путей и значений, например {{"algorithm": "ef14", "compressor.k": 4}}; получено {given}',
)
NO_WORDS = Text(
    "a grid is of values that JSON can hold, and {given} is none of them",
    "в сетке стоят значения, которые можно записать в JSON, а {given} — нельзя",
)
NO_REPEAT = Text(
    "repeat must be an integer in 0..{most}, got {given}",
    "repeat — это целое число от 0 до {most}, а получено {given}",
)
TOO_MANY = Text(
    "the grid has {n:run|runs}; at most {most} are taken",
    "в сетке {n:запуск|запуска|запусков}; берётся не больше {most}",
)
