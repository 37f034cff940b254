"""Which runs begin and which end: one that is superseded, unwanted or abandoned makes room for the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set

from ef21lab.choices.text import Refusal, Text
from ef21lab.jobs.limits import Limits
from ef21lab.jobs.records import Records
from ef21lab.jobs.store import State
from ef21lab.jobs.wishes import Going, Wishes
from ef21lab.problems.base import Facts
from ef21lab.runs.lanes import MOST_FLOATS, groups
from ef21lab.runs.spec import RunSpec

MOST_LANES = 16  # of one place: a group must not take a worker for long

TOO_MANY_RUNS = Text(
    "you have {count:run|runs} going, and no more are allowed here — wait for one to end, or stop one",
    "у вас уже идёт {count:запуск|запуска|запусков}, больше здесь нельзя — дождитесь конца одного или остановите его",
)
TOO_MANY_AT_ONCE = Text(
    "you have {count:run|runs} going and ask for {new} more at once, and here {most} may go at a time; those that differ only in step, "
    "start and seed count as one — ask for fewer, or wait until some have ended",
    "у вас идёт {count:запуск|запуска|запусков}, и сразу нужно ещё {new}, а одновременно здесь можно {most}; те, что отличаются "
    "только шагом, началом и зерном, считаются за один — задайте меньше или дождитесь, пока часть закончится",
)
TOO_LONG_A_QUEUE = Text(
    "{count:run is|runs are} waiting here already, and no more are taken — try again in a minute",
    "в очереди уже {count:запуск|запуска|запусков}, больше она не вмещает — попробуйте через минуту",
)


class NoRoom(Refusal):
    """As many as that cannot go at a time, whichever they are."""


class Admission:
    """Begins and ends runs; the lock over the wishes is held by whoever calls. `post` hands an event to the lab's thread."""

    def __init__(
        self, wishes: Wishes, records: Records, open_runs: Callable[[Sequence[Going]], None], post: Callable[[Callable[[], None]], None]
    ) -> None:
        self._wishes, self._records, self._open, self._post = wishes, records, open_runs, post

    def begin(self, places: Sequence[Sequence[RunSpec]], facts: Mapping[str, Facts]) -> list[Going]:
        """Runs that nobody watches yet, by the place that they take, opened together in the lab's thread; the first is served first."""
        specs = [spec for place in places for spec in place]
        for spec in reversed(specs):  # of runs without a point the newest is served first
            self._wishes.add(spec, facts.get(spec.key))
            self._records.begins(spec.key)
        for together in (self._wishes.live(spec.key for spec in place) for place in places if len(place) > 1):
            self._wishes.group(together)
        runs = self._wishes.live(spec.key for spec in specs)
        self._post(lambda: self._open(runs))
        return runs

    def begin_again(self, key: str) -> None:
        """A run that was lost from the store: for those who show it."""
        self._records.evict(key)
        showing, spec = self._wishes.showing(key), self._records.spec(key)
        if showing and spec is not None and key not in self._wishes.runs:
            (run,) = self.begin([[spec]], {})
            for visitor in showing:
                self._wishes.attach(run, visitor)

    def end(self, run: Going, state: State) -> None:
        del self._wishes.runs[run.key]
        self._records.ends(run, state)
        self._post(lambda: self._records.write_end(run, state))

    def drop(self, run: Going, visitor: str) -> None:
        """`visitor` does not show it any more."""
        self._wishes.detach(run, visitor)
        self.cancel_if_unwanted(run)

    def cancel_if_unwanted(self, run: Going) -> None:
        """Nobody shows it, or all who do have stopped it."""
        if self._wishes.of(run) <= {"stop"} and not run.left:
            self.end(run, "cancelled")

    def make_room(self, visitor: str, limits: Limits, new: int) -> None:
        """Room for so many more places, or none of them. Raises NoRoom where there is not as much.

        What a page asked for and then never showed (its script was interrupted) gives way. So does what nobody watches any more,
        whoever asked for it: it goes on from where it was once it is asked for again.
        """
        known = self._wishes.visitors[visitor]
        own = [run for run in self._wishes.live(known.wishes) if visitor in run.watchers and known.wishes[run.key] == "run"]
        superseded = {run.key for run in own if known.shown is not None and run.key not in known.shown}
        for run in _giving_way(own, superseded, limits.running - new, TOO_MANY_RUNS if new == 1 else TOO_MANY_AT_ONCE, new):
            self.drop(run, visitor)
        wanted = [run for run in self._wishes.runs.values() if self._wishes.wanted(run)]
        abandoned = {run.key for run in wanted if run.left}
        for run in _giving_way(wanted, abandoned, limits.queue - new, TOO_LONG_A_QUEUE, new):
            self.end(run, "cancelled")


def shared_out(specs: Sequence[RunSpec], facts: Mapping[str, Facts]) -> list[list[RunSpec]]:
    """Runs that begin together, by the place that they take: lanes as many as are worth it; the places in the order of their first."""
    parts = []
    for group in groups(specs):
        first = facts.get(specs[group[0]].key)  # none where it was going a moment ago
        most = 1 if first is None else max(1, min(MOST_LANES, MOST_FLOATS // (first.nodes * first.d)))
        parts += [[specs[at] for at in group[begin : begin + most]] for begin in range(0, len(group), most)]
    return parts


def _giving_way(runs: Sequence[Going], yielding: Set[str], room: int, refusal: Text, new: int) -> list[Going]:
    """Of these runs those that have to go, so that no more than `room` places are taken: the oldest of whom all yield."""
    kept = {run.place for run in runs if run.key not in yielding}
    free = sorted({run.place for run in runs} - kept, key=lambda place: min(run.number for run in runs if run.place == place))
    lacking = len(kept) + len(free) - room
    if lacking > len(free):
        raise NoRoom(refusal.format(count=len(runs), new=new, most=room + new))
    going = free[: max(0, lacking)]
    return [run for run in runs if run.place in going]
