"""The records of several runs as one CSV in tidy form: one row a record, and in every row which contender it is of."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ef21lab.choices.fields import Json
from ef21lab.runs.record import LAYER, column_names, sometimes
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace

IDENTITY = ("contender", "repeat", "method", "compressor", "step", "seed", "key")


def tidy(specs: Sequence[RunSpec], traces: Iterable[Trace]) -> Iterator[str]:
    """The table of these runs, each a contender of its own."""
    return tidy_repeats([[spec] for spec in specs], traces)


def tidy_repeats(contenders: Sequence[Sequence[RunSpec]], traces: Iterable[Trace]) -> Iterator[str]:
    """The table, a run at a time: columns IDENTITY, then those of `Trace.to_csv` with the very same numbers.

    contender   1, 2, … in the order given
    repeat      1, 2, … of its contender: the same run from other starts, with other randomness
    method, compressor, step   the name of each and all its settings: "st_hosvd dims=4x4x7 ranks=2x2x2"
    key         of the run

    Where some of them hold rows out there is a column for what is measured on these, nan for the others.
    """
    names = column_names(sometimes() if any(spec.held_out for repeats in contenders for spec in repeats) else ())
    yield ",".join((*IDENTITY, *names)) + "\n"
    for (number, repeat, spec), trace in zip(_numbered(contenders), traces, strict=True):
        cells = _cells(identity(number, spec, repeat))
        yield "".join(f"{cells},{line}" for line in trace.csv_rows(names))


def tidy_layers(contenders: Sequence[Sequence[RunSpec]], traces: Iterable[Trace]) -> Iterator[str]:
    """The table of every layer of these runs, a run at a time: columns IDENTITY, then those of `Trace.layers_csv`.

    Runs whose x is one tensor, and those that were computed before layers were recorded, have no rows.
    """
    yield ",".join((*IDENTITY, *LAYER)) + "\n"
    for (number, repeat, spec), trace in zip(_numbered(contenders), traces, strict=True):
        cells = _cells(identity(number, spec, repeat))
        yield "".join(f"{cells},{line}" for line in trace.layer_rows())


def _numbered(contenders: Sequence[Sequence[RunSpec]]) -> Iterator[tuple[int, int, RunSpec]]:
    """Every run, with the number of its contender and of the repeat that it is."""
    return ((number, repeat, spec) for number, repeats in enumerate(contenders, start=1) for repeat, spec in enumerate(repeats, start=1))


def identity(number: int, spec: RunSpec, repeat: int = 1) -> list[object]:
    """The columns IDENTITY of a run, which is a repeat of the `number`-th contender."""
    told = [member_in_words(spec.json()[noun]) for noun in ("algorithm", "compressor", "step")]
    return [number, repeat, *told, spec.seed, spec.key]


def member_in_words(member: Json) -> str:
    """A member of a family as {tag: name, settings} in one cell: its name, then `setting=value`; one inside another in brackets."""
    assert isinstance(member, Mapping), "a member is an object whose tag comes first"
    (_, name), *settings = member.items()
    return " ".join([str(name), *(f"{setting}={_value(value)}" for setting, value in settings)])


def _value(value: Json) -> str:
    if isinstance(value, Mapping):
        return f"({member_in_words(value)})"
    return "x".join(map(str, value)) if isinstance(value, list) else str(value)


def _cells(values: list[object]) -> str:
    """Cells with a comma between, quoted where they must be."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(values)
    return line.getvalue()
