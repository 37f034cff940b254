"""A search: which candidate comes to ε for the least, and who was dropped when."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ef21lab.algorithms.base import algorithms
from ef21lab.choices.fields import Json, is_number, shown
from ef21lab.choices.text import Refusal, Text, language_of
from ef21lab.clocks.base import Topology, topologies
from ef21lab.datasets.base import at_hand
from ef21lab.problems.base import Facts
from ef21lab.runs.names import title
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.standings import JUDGED
from ef21lab.searches.candidates import LeftOut, Starters, everything, of_grid
from ef21lab.searches.computing import bring
from ef21lab.searches.finals import Final, final
from ef21lab.searches.progress import InMemory, progress
from ef21lab.searches.rungs import FINALISTS, Judged, Known, Race, race
from ef21lab.searches.yardstick import Yardstick
from ef21lab.sweeps import judged
from ef21lab.sweeps.grid import Grid
from ef21lab.sweeps.judged import Aim
from ef21lab.sweeps.pool import Pool, number_of, pool

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_ROWS = 60  # that a notebook shows
STARTS = 3  # from which the first three are compared: fewer decide nothing


@dataclass(frozen=True)
class Search:
    """A race of candidates to ε, over or as far as it is."""

    specs: tuple[RunSpec, ...]  # in the order in which they were given
    left_out: tuple[LeftOut, ...]
    epsilon: float  # of what is judged by, as it was asked for
    yardstick: Yardstick
    race: Race = field(repr=False)
    first_rung: float  # its budget
    computed: int = 0  # rounds, by this search; what was known already is not counted
    starts: int = STARTS  # from which the first three are compared
    final: Final = field(default=Final(), repr=False)
    barred: frozenset[str] = frozenset()  # keys of runs that can never be

    def __repr__(self) -> str:
        from ef21lab.searches.words import told  # they speak of a search

        return f"<Search: {told(self)(language_of(os.environ))}>"

    def _repr_html_(self) -> str:
        return str(self.frame().to_html(max_rows=MOST_ROWS))

    @property
    def over(self) -> bool:
        return self.race.over and self.final.over

    @property
    def order(self) -> tuple[int, ...]:
        """The places of all: the finalists by their medians, then the others as the race has left them."""
        return (*self.final.order, *(place for place in self.race.order if place not in self.final.costs))

    @property
    def standings(self) -> list[RunSpec]:
        """Who has come to ε for the least first, then who did not, then who was dropped, the last of them first."""
        return [self.specs[place] for place in self.order]

    @property
    def first(self) -> list[RunSpec]:
        """The first three who have stayed at ε, for the experiment page; where none has, who stood lowest; none where all diverge."""
        return [self.specs[place] for place in (self.final.order or self.race.reached or self._lowest)[:FINALISTS]]

    @property
    def best(self) -> RunSpec:
        """Who has come to ε for the least and stayed; where nobody has, who stood lowest."""
        return self.standings[0]

    @property
    def aim(self) -> Aim:
        """What is to come to ε."""
        return self.yardstick.aim

    @property
    def target(self) -> float:
        """ε as the race has it, where less is better."""
        return self.aim.missing(self.epsilon)

    def level(self, known: Judged) -> float:
        """What it had stayed at or below since half of what it spent; at or above, of a metric that rises. ±inf where it has diverged."""
        return self.aim.missing(known.level)

    @property
    def rounds_read(self) -> int:
        """Records that decided, times the rounds between them: about what the search costs where nothing is known before."""
        race = sum(known.records * self.specs[place].record_every for place, known in self.race.marks.items())
        return race + sum((self.starts - 1) * (self.specs[place].rounds + 1) for place in self.final.costs)

    @property
    def share(self) -> float:
        """That of the rounds of the whole grid; from all starts where a final was held, since the grid then stands for it from all."""
        starts = self.starts if self.final.costs else 1
        return self.rounds_read / max(1, starts * sum(spec.rounds + 1 for spec in self.specs))

    def mark(self, spec: RunSpec) -> Judged | None:
        """How a candidate stands; None before the first rung."""
        return self.race.marks.get(self.place_of(spec))

    def place_of(self, spec: RunSpec) -> int:
        """Of a candidate among `specs`."""
        return self._places[spec.key]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {spec.key: place for place, spec in enumerate(self.specs)}

    def frame(self) -> DataFrame:
        """A row for every candidate in the order of the standings.

        `state` is racing, reached, behind (it can need no less than those who have reached ε), ended (above ε, with no rounds left, or
        diverged) or dropped; `cost` what it had spent when it came to ε (inf where it has not), `level` what it had stayed at or below
        (of accuracy: at or above) since half of `spent`, `dropped_at` the rung. Of the first three, where they were run from several
        starts, `median`, `least` and `most` are what it took over all starts.
        """
        from pandas import DataFrame

        return DataFrame([self._row(place) for place in self.order], columns=COLUMNS)

    def _row(self, place: int) -> list[Any]:
        spec, known, dropped = self.specs[place], self.race.marks.get(place), self.race.dropped
        cost, level, spent = (math.inf, math.nan, 0.0) if known is None else (known.cost, self.level(known), known.spent)
        costs = self.final.costs.get(place)
        over_starts = [math.nan] * 3 if costs is None else [self.final.median(place), min(costs), max(costs)]
        return [title(spec).en, self.state(place), cost, level, spent, dropped.get(place, math.nan), *over_starts, spec.key]

    def state(self, place: int) -> str:
        """Of the candidate given at this place."""
        if place in self.race.dropped:
            return "dropped"
        if place in self.race.reached:
            return "reached"
        if place in self.race.racing:
            return "behind" if self.race.over else "racing"
        return "ended"

    def without(self, keys: Collection[str]) -> Search:
        """The search without these runs, candidates or others that they are compared by."""
        return replace(self, specs=tuple(spec for spec in self.specs if spec.key not in keys), barred=frozenset(keys))

    @property
    def _lowest(self) -> tuple[int, ...]:
        left = (place for place in self.race.order if place not in self.race.dropped)
        return tuple(place for place in left if (known := self.race.marks.get(place)) and math.isfinite(known.level))


COLUMNS = ["run", "state", "cost", "level", "spent", "dropped_at", "median", "least", "most", "key"]

Watch = Callable[[Search, int, int], None]  # (the search so far, candidates brought to the rung, of how many)


def search(
    spec: RunSpec | Mapping[str, Json],
    epsilon: float,
    grid: Grid | None = None,
    methods: Sequence[Json] = (),
    network: Topology | Json = None,
    store: bool | str | Path = False,
    watch: Watch | None = None,
    starts: int = STARTS,
    workers: int = 1,
    beside: Path | None = None,
    metric: str = JUDGED,
) -> Search:
    """Which setting brings ‖∇f‖² of the run `spec` to ε, to stay, with the fewest bits from a node; by successive halving.

    With metric="accuracy", where rows are held out, ε is the share of them that is to be told right, to stay, and every rung judges by the
    share that is told wrong: what halving compares then is accuracy at equal bits.

    Candidates are all operators in several folds and strengths with all steps of a grid (`candidates.everything`), of every one of
    `methods` or the run's own; or the combinations of a `grid`, as `sweep` takes it. Each may go on for `spec.rounds`: raise these where
    short messages run out of rounds before they come to ε. With a `network`, a topology or its name, seconds on it are counted instead
    of bits. With `store`, as in `run`, what is known is taken from the record of runs and what is computed is kept there, under the key
    of each run: a search that was interrupted goes on from where it was, and equals one that was not.

    The winner is that of the whole grid, `sweep(...).best("bits", epsilon, metric)`, unless it was among the worse half at some rung: a
    candidate that is slow at the start may be dropped (see `rungs` for what halving can and cannot promise). The race is from one start
    x⁰, as `spec` has it. Its first three are then run to their ends from the other `starts` too (`lab.repeats`), and the median decides,
    as it does in the grid with "repeat". That costs up to 3 · (starts − 1) whole runs besides the race, six as it is: beside hundreds of
    candidates little, beside a dozen about as much as the race. `starts=1` leaves it at the race, where a single x⁰ has decided.

    More than one of `workers` are processes of their own; results do not depend on them. `watch` is told the search so far, and how many
    candidates of how many have been brought to the next rung. Tables that are named may lie in the folder `beside`, by default that in
    which the program works. Raises Refusal, before anything is computed, for what is no run, no ε or no
    network, and where no candidate makes sense.

    >>> found = search({"rounds": 60}, 0.8, grid={"compressor": ["sign", "top_k"], "step.multiple": [1, 8, 64]})
    >>> str(found.best.compressor), found.best.step.multiple, found.race.reached != ()
    ('top_k(k=1)', 64.0, True)
    """
    asked = prepared(spec, epsilon, grid, methods, network, starts=starts, beside=beside or Path.cwd(), metric=metric)
    with progress(store) as known, pool(number_of(workers)) as processes:
        for so_far, done, of in searching(asked, known, processes):
            asked = so_far
            if watch is not None:
                watch(so_far, done, of)
    return asked


def prepared(
    spec: RunSpec | Mapping[str, Json],
    epsilon: float,
    grid: Grid | None = None,
    methods: Sequence[Json] = (),
    network: Topology | Json = None,
    facts: Facts | None = None,
    starts: int = STARTS,
    beside: Path | None = None,
    metric: str = JUDGED,
) -> Search:
    """The search before anything is known. Raises Refusal as `search` does.

    With the `facts` of the problem, where all operators race on it, the problem is not posed here.
    """
    aim = _aim(metric, epsilon)
    if isinstance(starts, bool) or not isinstance(starts, int) or not 1 <= starts <= MOST_STARTS:
        raise Refusal(NO_STARTS.format(given=shown(starts), most=MOST_STARTS))
    run = RunSpec.make(spec if beside is None else at_hand(spec, beside))
    yardstick = Yardstick(None if network is None else topologies.make(network), facts, aim)
    runs = [replace(run, algorithm=algorithms.make(method)) for method in methods] or [run]
    fields = [everything(one, facts) if grid is None else of_grid(one, grid, beside) for one in runs]
    starters = Starters(*(tuple(dict.fromkeys(one for part in parts for one in part)) for parts in zip(*fields, strict=True)))
    if not starters.specs:
        raise Refusal(starters.left_out[0].reason if starters.left_out else NOBODY)
    _check_measured(aim, starters.specs)
    first = yardstick.first_rung(starters.specs)
    return at(Search(starters.specs, starters.left_out, epsilon, yardstick, Race(), first, starts=starts), InMemory())


def at(found: Search, known: InMemory) -> Search:
    """The search as far as it is with what is known."""
    specs, yardstick = found.specs, found.yardstick

    def told(spec: RunSpec) -> Known:
        reached = known.look(spec)
        return yardstick.known(spec, reached.trace, reached.whole)

    kinds = [(spec.algorithm.name, spec.compressor.name) for spec in specs]
    raced = race(lambda place: told(specs[place]), kinds, found.target, found.first_rung)
    return replace(found, race=raced, final=final(raced, specs, found.starts, FINALISTS, told, found.target, found.barred))


def searching(found: Search, known: InMemory, processes: Pool | None = None) -> Iterator[tuple[Search, int, int]]:
    """The search after every slice of computing, until it is over, with how many candidates of how many are at the next rung."""
    found = at(found, known)
    while not found.over:
        wanted = [(found.specs[place], budget) for place, budget in found.race.wanted.items()]
        wanted += [(spec, math.inf) for spec in found.final.wanted]
        for rounds, done in bring(known, wanted, found.yardstick, processes):
            found = replace(found, computed=found.computed + rounds)
            yield found, done, len(wanted)
        found = at(found, known)
    yield found, 0, 0


def _aim(metric: str, epsilon: float) -> Aim:
    """What is to come to ε. Raises Refusal where no race judges by this metric, or it never comes to such an ε."""
    if metric not in judged.known():
        raise Refusal(NO_METRIC.format(given=shown(metric), known=", ".join(judged.known())))
    aim = judged.by(metric)
    if not is_number(epsilon) or not 0.0 < epsilon < math.inf:
        raise Refusal(NO_EPSILON.format(given=shown(epsilon)))
    if aim.rises and epsilon > 1.0:
        raise Refusal(NO_SHARE.format(given=shown(epsilon), metric=metric))
    return aim


def _check_measured(aim: Aim, specs: Sequence[RunSpec]) -> None:
    """Raises Refusal where some of these runs have no such metric."""
    if any(aim.metric not in judged.of(spec) for spec in {spec.posed: spec for spec in specs}.values()):
        raise Refusal(NOT_HELD_OUT.format(metric=aim.metric))


MOST_STARTS = 20
NO_STARTS = Text("starts={given}: an integer in 1..{most}", "starts={given}: целое число от 1 до {most}")
NO_EPSILON = Text("epsilon={given}: a positive number", "epsilon={given}: нужно положительное число")
NO_METRIC = Text("metric={given}: one of {known}", "metric={given}: одно из {known}")
NO_SHARE = Text(
    "epsilon={given}, metric={metric}: a share of rows, above 0 and at most 1",
    "epsilon={given}, metric={metric}: нужна доля строк, больше 0 и не больше 1",
)
NOT_HELD_OUT = Text(
    "metric={metric}: it is of held-out rows with classes, so held_out must be above 0 and labels must be classes",
    "metric={metric}: её считают по отложенным строкам с классами, так что нужны held_out больше 0 и метки-классы",
)
NOBODY = Text("no candidate takes part", "ни один кандидат не участвует")
