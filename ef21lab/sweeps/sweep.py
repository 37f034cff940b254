"""A sweep: every combination of a grid, computed, as tables, bands, a figure and the best of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ef21lab.choices.fields import Json, is_number, shown
from ef21lab.choices.text import Language, Refusal, Text, joined, number, quoted, same
from ef21lab.metrics.base import metrics
from ef21lab.runs.names import drawn_as
from ef21lab.runs.record import rises
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.standings import Standing, standings
from ef21lab.runs.trace import Trace
from ef21lab.sweeps.bands import RepeatBand, band
from ef21lab.sweeps.grid import Grid, cells, is_repeat
from ef21lab.sweeps.kept import Keeper, keeper
from ef21lab.sweeps.pool import number_of
from ef21lab.sweeps.tables import Ran, in_a_line, one_row_a_contender, one_row_a_record, one_row_each
from ef21lab.sweeps.within import lowest_within
from ef21lab.sweeps.work import Ended
from ef21lab.sweeps.workers import computed

if TYPE_CHECKING:
    from pandas import DataFrame

    from ef21lab.plots.bands import Figure

Watch = Callable[[int, int], None]  # (runs that are done, runs in all)

BY = {"bits": "bits_up", "floats": "floats_up", "rounds": "round", "seconds": "seconds", "bits_down": "bits_down"}
MOST_ROWS = 60  # that a notebook shows
STEP = "step"  # of paths that set the step: `best` takes the best of them


@dataclass(frozen=True)
class Sweep:
    """What a sweep came to, in the order of its grid, the last path running fastest."""

    runs: tuple[Ran, ...]

    def __repr__(self) -> str:
        return in_a_line(self.runs)

    def _repr_html_(self) -> str:
        return str(self.frame().to_html(max_rows=MOST_ROWS))

    @property
    def specs(self) -> list[RunSpec]:
        """Of every combination."""
        return [ran.cell.spec for ran in self.runs]

    @property
    def traces(self) -> list[Trace | None]:
        """Of every combination; None where there can be no such run, or it failed."""
        return [ran.outcome.trace for ran in self.runs]

    @property
    def errors(self) -> dict[int, str]:
        """Why a run has no trace, by its place."""
        return {place: ran.outcome.error for place, ran in enumerate(self.runs) if ran.outcome.error is not None}

    def frame(self, epsilon: float | Iterable[float] = (), curves: bool = False) -> DataFrame:
        """A row for every run: the paths of the grid, the last record, `bits_to_ε` for every ε (of ‖∇f‖², to stay; inf where it does
        not), `diverged`, `step`, `error`, `key`. With `curves`, a row for every record of every run.
        """
        epsilons = _numbers("epsilon", [epsilon] if is_number(epsilon) else epsilon)
        return one_row_a_record(self.runs) if curves else one_row_each(self.runs, epsilons)

    def best(self, by: str = "bits", epsilon: float = 1e-4, metric: str = "grad_norm_sq") -> DataFrame:
        """A row for every combination but for the step: with which step it comes to ε, to stay, for the least of `by`, the best first.

        `cost` and `final` are medians over the repeats; `ratio` is the cost to that of the best. `by` is bits, floats, rounds, seconds or
        bits_down. Who does not come to ε follows, by where it ends.
        """
        from pandas import DataFrame

        contenders = self._contenders
        order = standings([repeats for _, repeats in contenders], epsilon, metric, _axis(by))
        firsts: dict[str, Standing] = {}
        for standing in order:
            varied = contenders[standing.place][0]
            firsts.setdefault(repr([value for path, value in varied.items() if not is_step(path)]), standing)
        rows = [
            {**contenders[one.place][0], "cost": one.cost, "final": one.final, "ratio": one.ratio, "runs": len(one.costs)}
            for one in firsts.values()
        ]
        return DataFrame(rows)

    def medians(
        self, by: str = "bits", epsilon: float = 1e-4, metric: str = "grad_norm_sq", quantiles: tuple[float, float] = (0.25, 0.75)
    ) -> DataFrame:
        """A row for every combination, its repeats taken together: `cost` and `final` as in `best`, each with its two quantiles as
        `cost_low`, `cost_high`, `final_low` and `final_high`, `runs`, and how many of them `diverged`; in the order of the grid.

        A repeat that does not come to ε, to stay, costs infinitely much; one that diverged ends infinitely high.
        """
        return one_row_a_contender(self._contenders, epsilon, metric, _axis(by), _quantiles(quantiles))

    def within(self, budgets: Iterable[float], by: str = "bits", metric: str = "grad_norm_sq") -> DataFrame:
        """A row for every budget of `by` and every combination, the best of each budget first: `value`, the median over the repeats of
        the last `metric` that a run had when it had spent no more, and what it had `spent` by then, less where it ended before.
        """
        return lowest_within(self._contenders, _numbers("budgets", budgets), metric, _axis(by))

    def bands(
        self, metric: str = "grad_norm_sq", axis: str = "bits_up", quantiles: tuple[float, float] = (0.25, 0.75), points: int = 200
    ) -> list[RepeatBand]:
        """The median and two quantiles over the repeats (paths that end in `seed`, and `repeat`) of every other combination.

        A repeat that was to end at some ‖∇f‖², and has, counts with where it ended from there on; one that diverged is infinite. A band
        ends where the rounds of a repeat do.
        """
        shares = _quantiles(quantiles)
        return [band(varied, repeats, metric, axis, shares, points) for varied, repeats in self._contenders]

    def plot(
        self,
        metric: str = "grad_norm_sq",
        axis: str = "bits_up",
        best: float | None = None,
        language: Language = "en",
        quantiles: tuple[float, float] = (0.25, 0.75),
    ) -> Figure:
        """The bands as a figure of plotly; with `best`, an ε, only the best step of every combination by bits to it."""
        from ef21lab.plots.bands import BandCurve, banded

        found = self.bands(metric, axis, quantiles)
        if best is not None:
            rows = self.best("bits", best, metric).to_dict("records")
            found = [one for one in found if any(all(row[path] == value for path, value in one.varied.items()) for row in rows)]
        first = {repr(self._apart(ran)): ran.outcome.ran for ran in reversed(self.runs)}
        drawn = [drawn_as(first[repr(dict(one.varied))]) for one in found]
        curves = [BandCurve(_named(one.varied), one.x, one.median, one.low, one.high, one.runs) for one in found]
        share = metrics.members[metric].label if rises(metric) else None
        return banded(curves, drawn, metric, axis, quantiles, language, share=share)

    @cached_property
    def _contenders(self) -> list[tuple[dict[str, Any], list[Trace]]]:
        """What has traces: the settings that are no repeats, and the traces of the repeats."""
        found: dict[str, tuple[dict[str, Any], list[Trace]]] = {}
        for ran in self.runs:
            if ran.outcome.trace is not None:
                varied = self._apart(ran)
                found.setdefault(repr(varied), (varied, []))[1].append(ran.outcome.trace.of(ran.outcome.ran))
        if not found:
            raise Refusal(NOTHING.format(why=next(iter(self.errors.values()), "—")))
        return list(found.values())

    def _apart(self, ran: Ran) -> dict[str, Any]:
        return {path: value for path, value in ran.cell.varied.items() if not is_repeat(path)}


def sweep(
    spec: RunSpec | Mapping[str, Json],
    grid: Grid,
    workers: int = 1,
    snapshots: bool = False,
    store: bool | str | Path = False,
    watch: Watch | None = None,
) -> Sweep:
    """Every combination of the grid's values in `spec`, computed; runs that differ in step, start and seed together, as lanes.

    The grid maps paths, as those of `--set`, to their values: {"compressor": ["top_k", "st_hosvd"], "step.multiple": [1, 2, 4], "repeat":
    range(3)}. Each trace is that of `run`, bit for bit, but for `seconds`, and without its messages unless `snapshots`. More than one of
    `workers` are processes of their own; results do not depend on them. With `store`, as in `run`, what is known is taken from the record
    of runs and what is new is kept there, with its messages, as pages show them. `watch` is told how many runs are done. Raises Refusal,
    before anything is computed, where a combination is no run; one that the problem does not allow, or that fails, has no trace, and
    `errors` says why.

    >>> found = sweep({"rounds": 20}, {"compressor": ["top_k", "sign"], "step.multiple": [1, 4], "repeat": range(2)})
    >>> len(found.specs), found.frame().shape[0], [band.runs for band in found.bands()]
    (8, 8, [2, 2, 2, 2])
    """
    asked, all_of_it = cells(spec, grid, Path.cwd()), snapshots or store is not False
    with keeper(store) as kept:
        return Sweep(tuple(map(Ran, asked, outcomes_of([cell.spec for cell in asked], number_of(workers), all_of_it, kept, watch))))


def swept(
    spec: RunSpec | Mapping[str, Json], grid: Grid, workers: int, kept: Keeper, watch: Watch | None = None, beside: Path | None = None
) -> Sweep:
    """`sweep` whose runs are kept elsewhere, without their messages; tables that it names may lie in the folder `beside`."""
    asked = cells(spec, grid, beside)
    return Sweep(tuple(map(Ran, asked, outcomes_of([cell.spec for cell in asked], number_of(workers), False, kept, watch))))


def is_step(path: str) -> bool:
    """Whether it sets the step."""
    return path.partition(".")[0] == STEP


def outcomes_of(specs: Sequence[RunSpec], workers: int, snapshots: bool, kept: Keeper, watch: Watch | None) -> Iterator[Ended]:
    """What became of each, in their order: what is kept is taken from there, and what is computed now is kept there as it is ready."""
    found: dict[RunSpec, Ended] = {spec: outcome for spec in dict.fromkeys(specs) if (outcome := kept.get(spec)) is not None}
    fresh = [spec for spec in dict.fromkeys(specs) if spec not in found]
    tell = watch or (lambda done, of: None)
    tell(len(found), len(found) + len(fresh))
    for place, outcome in computed(fresh, workers, snapshots):
        if outcome.trace is not None:
            kept.put(fresh[place], outcome)
        found[fresh[place]] = outcome
        tell(len(found), len({*specs}))
    return (found[spec] for spec in specs)


def _axis(by: Any) -> str:
    """The column of a trace that is counted. Raises Refusal."""
    if not isinstance(by, str) or by not in BY:
        raise Refusal(NO_SUCH.format(given=shown(by), known=", ".join(BY)))
    return BY[by]


def _numbers(name: str, given: Any) -> list[float]:
    """Some numbers. Raises Refusal for anything else."""
    found: list[Any] = [*given] if isinstance(given, Iterable) else [None]
    if not all(map(is_number, found)):
        raise Refusal(NO_NUMBERS.format(name=name, given=shown(given)))
    return [float(one) for one in found]


def _quantiles(given: Any) -> tuple[float, float]:
    """Two shares, the lower first. Raises Refusal for anything else."""
    found: list[Any] = [*given] if isinstance(given, Iterable) else []
    if len(found) != 2 or not all(map(is_number, found)) or not 0.0 <= found[0] <= found[1] <= 1.0:
        raise Refusal(NO_QUANTILES.format(given=shown(given)))
    return float(found[0]), float(found[1])


def _named(varied: Mapping[str, Any]) -> Text:
    """A combination in a legend: 'top_k, ×4, rounds=100'."""
    return joined([_setting(path, value) for path, value in varied.items()], ", ")


def _setting(path: str, value: Any) -> Text:
    if path in PLAIN:
        return quoted(str(value))
    last = path.rpartition(".")[2]
    before = same("×") if last == "multiple" else quoted(last) + same("=")
    return before + (number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else quoted(str(value)))


PLAIN = ("contender", "compressor", "algorithm", "dataset", "objective", "partition")  # whose values speak for themselves

NO_SUCH = Text("by={given}: one of {known}", "by={given}: нужно одно из {known}")
NOTHING = Text("no run of the sweep has a trace: {why}", "ни у одного запуска нет записей: {why}")
NO_NUMBERS = Text("{name}={given}: numbers are expected", "{name}={given}: нужны числа")
NO_QUANTILES = Text(
    "quantiles={given}: two shares from 0 to 1 are expected, the lower first",
    "quantiles={given}: нужны две доли от 0 до 1, сначала меньшая",
)
