"""What the figures of a grid are drawn from: the rows of its tables as curves and maps."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ef21lab.choices.line import Drawn, Line
from ef21lab.choices.text import Text, joined, same
from ef21lab.plots.bands import BandCurve
from ef21lab.plots.heat import HeatMap
from ef21lab.plots.marked import MarkedCurve
from ef21lab.plots.palette import lines
from ef21lab.runs.names import contender_named, drawn_as, strength_named
from ef21lab.sweeps.grid import CONTENDER
from ef21lab.ui.sweep.asked import MULTIPLE, AskedGrid, Strong, step_named
from ef21lab.ui.sweep.results import Results, Row, contender_of


class Steps(NamedTuple):
    """An axis of steps."""

    unit: float  # of a multiple
    label: Text
    prefix: str  # before the numbers


COST, FINAL = "cost", "final"  # columns of the table


class Cast:
    """The contenders of a case: their lines, their strengths and what these are called."""

    def __init__(self, asked: AskedGrid, case: int) -> None:
        dataset = asked.cases[case].dataset
        self.strong = {contender_of(one): one for one in asked.strong if one.posed.dataset == dataset}
        firsts = {one.letter: one.posed for one in reversed(self.strong.values())}
        letters = sorted(firsts)
        self.lines: Mapping[str, Line] = dict(zip(letters, lines([drawn_as(firsts[letter]) for letter in letters]), strict=True))
        self.step, self.multiples = asked.shared.step, asked.ranges.multiples

    @property
    def letters(self) -> list[str]:
        return list(self.lines)

    def rungs(self, letter: str) -> list[Strong]:
        """The strengths of a contender, the weakest first."""
        return [one for one in self.strong.values() if one.letter == letter]

    def name(self, contender: str) -> Text:
        """A contender at a strength; plain EF21 is named where it meets another method."""
        posed = self.strong[contender].posed
        one_method = len({one.posed.algorithm for one in self.strong.values()}) < 2
        return contender_named(posed, in_full=not one_method)

    def strength(self, contender: str) -> Text:
        """A strength, by what sets it apart from the contender's others."""
        one = self.strong[contender]
        return strength_named(one.posed.compressor, [other.posed.compressor for other in self.rungs(one.letter)])

    def at_large(self, letter: str, among: Collection[str]) -> Text:
        """A contender at whichever of these strengths: of several, the first and the last."""
        first, *others = [one for one in map(contender_of, self.rungs(letter)) if one in among]
        return self.name(first) + same(" … ") + self.strength(others[-1]) if others else self.name(first)

    def drawn(self, contender: str) -> Line:
        return self.lines[contender[0]]

    def step_named(self, multiple: float) -> Text:
        """'×16', or where the rule is a number of one's own 'γ = 0.16'."""
        return step_named(self.step, multiple)

    def at_step(self, contender: str, multiple: float) -> Text:
        """'Top-k k=2 ×16'."""
        return joined([self.name(contender), self.step_named(multiple)], " ")

    @property
    def steps(self) -> Steps:
        """What the axis of the steps shows: multiples of a rule, or γ itself."""
        own = self.step.own
        return Steps(1.0, STEP_OF_RULE, "×") if own is None else Steps(own, OWN_STEP, "")


def tuning_curves(found: Results, cast: Cast, column: str) -> list[MarkedCurve]:
    """Of every contender, at the strength with which it is best, what each step comes to."""
    curves = []
    for _, best in sorted(found.best.items()):
        contender = best[CONTENDER]
        rows = found.of(contender)
        named = [cast.step_named(row[MULTIPLE]) for row in rows]
        across = [cast.steps.unit * row[MULTIPLE] for row in rows]
        curves.append(_marked(cast.name(contender), across, named, rows, column, cast.drawn(contender)))
    return curves


def strength_curves(found: Results, cast: Cast) -> list[MarkedCurve]:
    """Of every contender, at the best step of each of its strengths, what it takes to ε; across, the bits of a round."""
    curves = []
    for letter in cast.letters:
        rows = [row for one in cast.rungs(letter) if (row := found.best_of(contender_of(one))) is not None]
        if rows:
            across = [cast.strong[row[CONTENDER]].bits for row in rows]
            named = [_strength_at(row, cast) for row in rows]
            label = cast.name(rows[0][CONTENDER]) if len(rows) == 1 else cast.at_large(letter, {row[CONTENDER] for row in rows})
            curves.append(_marked(label, across, named, rows, COST, cast.lines[letter]))
    return curves


def heat_map(found: Results, cast: Cast, letter: str) -> HeatMap:
    """Of one contender, every strength at every step."""
    rungs = cast.rungs(letter)
    bits = np.full((len(rungs), len(cast.multiples)), np.nan)
    diverged = np.zeros(bits.shape, dtype=bool)
    for place, one in enumerate(rungs):
        for row in found.of(contender_of(one)):
            column = cast.multiples.index(row[MULTIPLE])
            bits[place, column], diverged[place, column] = row[COST], math.isinf(row[FINAL])
    strengths = [cast.strength(contender_of(one)) for one in rungs]
    return HeatMap(strengths, [cast.step_named(multiple) for multiple in cast.multiples], cast.steps.label, bits, diverged)


def band_curves(found: Results, cast: Cast) -> tuple[list[BandCurve], list[Drawn]]:
    """Of every contender at its best, the repeats as a band; and whose line it has."""
    curves, looks = [], []
    for band in sorted(found.bands(), key=lambda band: str(band.varied[CONTENDER])):
        contender = band.varied[CONTENDER]
        label = cast.at_step(contender, band.varied[MULTIPLE])
        curves.append(BandCurve(label, band.x, band.median, band.low, band.high, band.runs))
        looks.append(drawn_as(cast.strong[contender].posed))
    return curves, looks


def _marked(label: Text, across: Sequence[float], named: Sequence[Text], rows: Sequence[Row], column: str, line: Line) -> MarkedCurve:
    median, low, high = (np.array([row[name] for row in rows]) for name in (column, f"{column}_low", f"{column}_high"))
    diverged = np.array([math.isinf(row[FINAL]) for row in rows])
    return MarkedCurve(label, np.array(across), named, median, low, high, diverged, line)


def _strength_at(row: Row, cast: Cast) -> Text:
    """'k=8 ×16, 296 bits a round'."""
    words = Text("{strength} {step}, {bits:bit|bits} a round", "{strength} {step}, {bits:бит|бита|бит} за раунд")
    step = cast.step_named(row[MULTIPLE])
    return words.format(strength=cast.strength(row[CONTENDER]), step=step, bits=round(cast.strong[row[CONTENDER]].bits))


STEP_OF_RULE = Text("step, × that of the rule", "шаг, × шага правила")
OWN_STEP = Text("step γ", "шаг γ")
