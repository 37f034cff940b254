"""Which runs begin and which end: one that is superseded, unwanted or abandoned makes room for the next."""

from __future__ import annotations

from collections.abc import Callable

from ef21lab.choices.text import Refusal, Text
from ef21lab.jobs.limits import Limits
from ef21lab.jobs.records import Records
from ef21lab.jobs.store import State
from ef21lab.jobs.wishes import Going, Wishes
from ef21lab.problems.base import Facts
from ef21lab.runs.spec import RunSpec

TOO_MANY_RUNS = Text(
    "you have {count:run|runs} going, and no more are allowed here — wait for one to end, or stop one",
    "у вас уже идёт {count:запуск|запуска|запусков}, больше здесь нельзя — дождитесь конца одного или остановите его",
)
TOO_LONG_A_QUEUE = Text(
    "{count:run is|runs are} waiting here already, and no more are taken — try again in a minute",
    "в очереди уже {count:запуск|запуска|запусков}, больше она не вмещает — попробуйте через минуту",
)


class Admission:
    """Begins and ends runs; the lock over the wishes is held by whoever calls. `post` hands an event to the lab's thread."""

    def __init__(
        self, wishes: Wishes, records: Records, open_run: Callable[[Going], None], post: Callable[[Callable[[], None]], None]
    ) -> None:
        self._wishes, self._records, self._open, self._post = wishes, records, open_run, post

    def begin(self, spec: RunSpec, facts: Facts | None = None) -> Going:
        """A run that nobody watches yet; it is opened in the lab's thread."""
        run = self._wishes.add(spec, facts)
        self._records.begins(spec.key)
        self._post(lambda: self._open(run))
        return run

    def begin_again(self, key: str) -> None:
        """A run that was lost from the store: for those who show it."""
        self._records.evict(key)
        showing, spec = self._wishes.showing(key), self._records.spec(key)
        if showing and spec is not None and key not in self._wishes.runs:
            run = self.begin(spec)
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

    def make_room(self, visitor: str, limits: Limits) -> None:
        """Raises Refusal where there is none. What a page asked for and then never showed (its script was interrupted) gives way.

        So does what nobody watches any more, whoever asked for it: it goes on from where it was once it is asked for again.
        """
        known = self._wishes.visitors[visitor]
        own = [run for run in self._wishes.live(known.wishes) if visitor in run.watchers and known.wishes[run.key] == "run"]
        superseded = [run for run in own if known.shown is not None and run.key not in known.shown]
        if len(own) >= limits.running and superseded:
            self.drop(_oldest(superseded), visitor)
        elif len(own) >= limits.running:
            raise Refusal(TOO_MANY_RUNS.format(count=len(own)))
        wanted = [run for run in self._wishes.runs.values() if self._wishes.wanted(run)]
        abandoned = [run for run in wanted if run.left]
        if len(wanted) >= limits.queue and abandoned:
            self.end(_oldest(abandoned), "cancelled")
        elif len(wanted) >= limits.queue:
            raise Refusal(TOO_LONG_A_QUEUE.format(count=len(wanted)))


def _oldest(runs: list[Going]) -> Going:
    return min(runs, key=lambda run: run.number)
