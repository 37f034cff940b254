"""What the finished runs of a grid say, by the library's own tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ef21lab.choices.text import Refusal
from ef21lab.kept import Kept
from ef21lab.runs.planned import plan
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.runs.verdict import Measured, lost
from ef21lab.sweeps.bands import RepeatBand
from ef21lab.sweeps.grid import CONTENDER, REPEAT, Cell
from ef21lab.sweeps.judged import Aim
from ef21lab.sweeps.sweep import Sweep
from ef21lab.sweeps.tables import Ran
from ef21lab.sweeps.work import Ended
from ef21lab.ui.kit import feeding, visitor
from ef21lab.ui.sweep.asked import MULTIPLE, AskedGrid, GridRun, Strong

KEPT = 64 * 2**20  # bytes of traces of finished runs
MOST_BUDGETS = 9

_traces: Kept[str, Trace] = Kept(KEPT)

Row = dict[str, Any]  # of Sweep.medians


@dataclass(frozen=True)
class Results:
    """The finished runs of one case, and what they came to at an ε."""

    places: tuple[GridRun, ...]
    epsilon: float
    judged: Aim

    @cached_property
    def sweep(self) -> Sweep:
        return Sweep(tuple(Ran(_cell(place), Ended(trace_of(place.spec), None, place.spec)) for place in self.places))

    @cached_property
    def rows(self) -> list[Row]:
        """A row for every contender at every strength and step, its repeats together: `Sweep.medians`."""
        return self.sweep.medians("bits", self.epsilon, self.judged.metric).to_dict("records")

    @cached_property
    def best(self) -> dict[str, Row]:
        """Of every contender, by its letter, the row of the strength and the step with which it comes to ε first, by `Sweep.best`."""
        firsts: dict[str, Row] = {}
        for row in self._best_of.values():
            firsts.setdefault(letter_of(row), row)
        return firsts

    def of(self, contender: str) -> list[Row]:
        """The rows of a contender at one strength, the shortest step first."""
        return sorted((row for row in self.rows if row[CONTENDER] == contender), key=lambda row: row[MULTIPLE])

    @cached_property
    def _best_of(self) -> dict[str, Row]:
        return {row[CONTENDER]: row for row in self.sweep.best("bits", self.epsilon, self.judged.metric).to_dict("records")}

    def best_of(self, contender: str) -> Row | None:
        """The row of the step with which a contender at this strength comes to ε first, by `Sweep.best`; None where none is done."""
        best = self._best_of.get(contender)
        return None if best is None else next(row for row in self.of(contender) if row[MULTIPLE] == best[MULTIPLE])

    @cached_property
    def within(self) -> list[Row]:
        """For every round budget of bits and every strength and step what it comes to: `Sweep.within`, the best of each budget first."""
        rows: list[Row] = self.sweep.within(self._budgets(), metric=self.judged.metric).to_dict("records")
        return rows

    def _budgets(self) -> list[float]:
        """Round numbers of bits, from the first message of any contender to the end of the longest run."""
        ends = [float(trace["bits_up"][-1]) for trace in self.sweep.traces if trace is not None]
        first = min(float(trace["bits_up"][0]) for trace in self.sweep.traces if trace is not None)
        powers = range(math.floor(math.log10(max(first, 1.0))), math.ceil(math.log10(max(*ends, 1.0, first))) + 1)
        round_ones = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
        kept = [budget for budget in round_ones if first < budget <= max(ends)] or [max(ends)]
        return kept[:: 1 + (len(kept) - 1) // MOST_BUDGETS]

    def settings(self) -> list[list[GridRun]]:
        """Of every strength of every contender at every step of which all repeats are done, the repeats in their order."""
        found: dict[tuple[str, float], list[GridRun]] = {}
        for place in self.places:
            found.setdefault((contender_of(place.strong), place.multiple), []).append(place)
        most = max(map(len, found.values()))
        return [runs for runs in found.values() if len(runs) == most]

    def bands(self) -> list[RepeatBand]:
        """Of every contender, the repeats at its best strength and step."""
        wanted = {(row[CONTENDER], row[MULTIPLE]) for row in self.best.values()}
        return [band for band in self.sweep.bands(self.judged.metric) if (band.varied[CONTENDER], band.varied[MULTIPLE]) in wanted]


def results(asked: AskedGrid, case: int, epsilon: float, judged: Aim) -> Results | None:
    """Of what is done in a case; None where that is nothing."""
    done = tuple(place for place in asked.places if place.case == case and is_there(place.spec))
    return Results(done, epsilon, judged) if done else None


def is_there(spec: RunSpec) -> bool:
    """Whether it is done, and nobody has deleted it since."""
    try:
        return feeding.ended_well(spec) and len(trace_of(spec)) > 0
    except LookupError:
        return False


def trace_of(spec: RunSpec) -> Trace:
    """Of a finished run, without what no table asks for. Raises LookupError where it is not in the record."""
    return _traces.get(spec.key, lambda: _read(spec.key)).of(spec)


def _read(key: str) -> Trace:
    found = visitor.lab().trace(key)
    if not len(found):
        raise LookupError(key)
    return Trace(found.columns, np.empty((0, 0)))


def measured(specs: Sequence[RunSpec]) -> Measured:
    """What the messages of these repeats lost, read from the record, and the step γ of the first of them."""
    try:
        return Measured(lost([visitor.lab().trace(spec.key) for spec in specs]), plan(specs[0], visitor.facts(specs[0])).gamma)
    except Refusal:  # the constants of its problem are not at hand
        return Measured(None, None)


def contender_of(strong: Strong) -> str:
    """What stands for a contender at a strength in the tables here."""
    return f"{strong.letter}{strong.rung}"


def letter_of(row: Row) -> str:
    return str(row[CONTENDER])[0]


def _cell(place: GridRun) -> Cell:
    return Cell({CONTENDER: contender_of(place.strong), MULTIPLE: place.multiple, REPEAT: place.repeat}, place.spec)
