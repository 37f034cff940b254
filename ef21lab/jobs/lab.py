"""The lab: the one owner of store and engine, and all that pages and live routes talk to.

A run goes on while at least one of those who watch it wants it to. Everything that changes happens in the lab's own thread, one event after
another; the public methods, which any thread may call, only say what is wanted.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from pathlib import Path
from queue import SimpleQueue

from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.readers.places import home
from ef21lab.jobs.admission import Admission, shared_out
from ef21lab.jobs.changes import Changes
from ef21lab.jobs.chunks import Chunks
from ef21lab.jobs.engine import Engine
from ef21lab.jobs.errands import Errands
from ef21lab.jobs.grids import LabGrid
from ef21lab.jobs.knowledge import Knowledge
from ef21lab.jobs.limits import Limits, store_bytes
from ef21lab.jobs.records import Records
from ef21lab.jobs.store import LARGEST, Status, Store
from ef21lab.jobs.upkeep import tidy
from ef21lab.jobs.wishes import Visitor, Wish, Wishes
from ef21lab.problems.base import Facts
from ef21lab.runs.lanes import groups
from ef21lab.runs.planned import Planned, plan
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace

log = logging.getLogger(__name__)

FILE = "runs.db"

NO_WORKERS = Text(
    "the workers are being started; it goes on in a moment, from where it was",
    "рабочие процессы запускаются; через мгновение расчёт продолжится с того же места",
)
ONLY_HERE = Text(
    "{why}. What is computed now is forgotten when the server ends.", "{why}. Вычисленное сейчас пропадёт, когда сервер остановится."
)


class Lab(Knowledge):
    """Runs by key: `submit` a spec, `watch` what a page shows, read `status`, `trace` and snapshots."""

    def __init__(self, store: Store, engine: Engine, limits: Limits | None = None) -> None:
        super().__init__(store, engine)
        self.engine, self.limits = engine, limits or Limits()
        self._records, self._wishes, self._changes = Records(store), Wishes(), Changes()
        self._events: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._chunks = Chunks(self._records, engine, self._wishes, self._changes, self._events.put, self._check_measured)
        self._admission = Admission(self._wishes, self._records, self._chunks.open, self._events.put)
        store.on_loss = lambda key: self._events.put(lambda: self._restart(key))
        engine.on_workers = lambda: self._changed(*list(self._wishes.runs))
        self.errands = Errands(store.path.with_suffix(".errands"), self, {LabGrid.kind: LabGrid.of})
        self._untidy = True  # the store may be: a run that ended makes it larger
        self._thread = threading.Thread(target=self._work, name="ef21lab lab", daemon=True)
        self._thread.start()

    def start(self) -> None:
        """Make the engine ready before it is needed, and go on with what closed pages have left; returns at once."""
        self.engine.start()
        self.errands.start()

    def close(self) -> None:
        """End thread, engine and store. Runs that were going are interrupted: the next lab resumes them when asked."""
        self.errands.close()
        self._events.put(None)
        self._thread.join()
        self.engine.close()
        self.store.close()

    # What a visitor wants

    def submit(self, spec: RunSpec, visitor: str) -> str:
        """The key of this run, which is now shown by `visitor`'s page; it is computed unless it already is, or they paused or stopped it.

        Raises Refusal where the parts do not fit each other or a limit is passed.
        """
        return self.submit_many([spec], visitor)[0]

    def submit_many(self, specs: Iterable[RunSpec], visitor: str) -> list[str]:
        """The keys of these runs; those that are not done yet begin together or not at all, the first to be served before the others.

        Those that differ only in step, start and seed are computed as lanes and take the room of one run; each has a record of its own,
        and goes on alone once one of them is paused or ends before it. Raises Refusal as `submit` does, and then none is begun.
        """
        asked = list(specs)
        self._ask_for([spec for spec in asked if self._begins_with_a_submit(spec.key, visitor)], visitor, "run")
        return [spec.key for spec in asked]

    def check(self, spec: RunSpec, visitor: str) -> None:
        """Begins nothing. Raises Refusal where there can be no such run here, NotReady where that is not known yet."""
        self._checked([spec], visitor)

    def watch(self, visitor: str, keys: Iterable[str]) -> None:
        """`visitor`'s page shows these runs and no others. One that it showed before and that no page shows now is cancelled.

        Called before the submits of the new runs, it makes room for them.
        """
        with self._wishes.lock:
            known = self._visitor(visitor)
            known.shown = set(keys)
            superseded = known.wishes.keys() - known.shown
            for run in self._wishes.live(superseded):
                self._admission.drop(run, visitor)
            known.wishes = {key: known.wishes.get(key, "run") for key in known.shown}
            for run in self._wishes.live(known.shown):
                self._wishes.attach(run, visitor)
        self._changed(*superseded)

    def leave(self, visitor: str) -> None:
        """`visitor`'s page is gone: what it wanted to run is left to finish, what it had paused is put into the store."""
        with self._wishes.lock:
            gone = self._wishes.visitors.pop(visitor, Visitor())
            for run in self._wishes.live(gone.wishes):
                run.watchers.discard(visitor)
                run.left = run.left if run.watchers else gone.wishes[run.key] == "run"
                if not run.watchers and not run.left:
                    self._admission.end(run, "paused")
        self._changed(*gone.wishes)

    def pause(self, key: str, visitor: str) -> None:
        """`visitor` does not want this run to go on for now; it goes on while another does."""
        self._wish(key, visitor, "pause")

    def stop(self, key: str, visitor: str) -> None:
        """`visitor` does not want this run any more; once nobody does it is cancelled."""
        self._wish(key, visitor, "stop")

    def step(self, key: str, visitor: str) -> None:
        """One record more (after a chunk that may be under way), then paused for `visitor`. Raises Refusal as `submit` does."""
        self._go_on(key, visitor, "pause", steps=1)

    def resume(self, key: str, visitor: str) -> None:
        """On from where the run is; also after a stop or a failure. Raises Refusal as `submit` does."""
        self._go_on(key, visitor, "run")

    def adopt(self, spec: RunSpec, trace: Trace) -> bool:
        """A finished run that was computed elsewhere, as `Store.adopt` takes it in. False where it is done here already."""
        with self._wishes.lock:
            taken = self.store.adopt(spec, trace)
            self._records.evict(spec.key)
        self._changed(spec.key)
        return taken

    def delete(self, keys: Iterable[str], owner: str, anything: bool = False) -> list[str]:
        """Forget these runs for everybody, as `Store.delete` does; those that are going stay. The keys that were deleted."""
        with self._wishes.lock:
            deleted = self.store.delete([key for key in keys if key not in self._wishes.runs], owner, anything)
            for key in deleted:
                self._records.evict(key)
        self._changed(*deleted)
        return deleted

    # What is known

    def status(self, key: str) -> Status | None:
        """None for a key that was never asked for."""
        with self._wishes.lock:
            run = self._wishes.runs.get(key)
            if run is not None:
                stands_still = NO_WORKERS if self._wishes.wanted(run) and not self.engine.alive else None
                wanted = self._wishes.count(run, "run")
                return Status(key, self._wishes.state(run), run.round, run.spec.rounds, stands_still, wanted)
        return self._records.status(key)

    @property
    def going(self) -> int:
        """How many runs are not over, paused ones among them."""
        return len(self._wishes.runs)

    def wish(self, key: str, visitor: str) -> Wish:
        """What `visitor`'s page wants of this run, which need not be what becomes of it: others may show it too."""
        with self._wishes.lock:
            known = self._wishes.visitors.get(visitor)
            return "run" if known is None else known.wishes.get(key, "run")

    def spec(self, key: str) -> RunSpec:
        """Raises KeyError for a key that was never asked for."""
        with self._wishes.lock:
            run = self._wishes.runs.get(key)
        spec = self._records.spec(key) if run is None else run.spec
        if spec is None:
            raise KeyError(key)
        return spec

    def trace(self, key: str, after: int = -1) -> Trace:
        """Its records of rounds beyond `after`, without snapshots; empty where there are none."""
        return self._records.trace(key, after)

    def version(self, key: str) -> int:
        """A number that grows with every change of this run."""
        return self._changes.version(key)

    def subscribe(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """`listener(key)` is called in the lab's thread after every change and must not block. The function returned here ends that."""
        return self._changes.subscribe(listener)

    def _later(self, work: Callable[[], None]) -> None:
        self._events.put(work)

    # Wishes become work

    def _begins_with_a_submit(self, key: str, visitor: str) -> bool:
        """Not where it is done, and not where this visitor already shows it: paused and stopped stay so until they resume it."""
        known = self.status(key)
        with self._wishes.lock:
            wishes = self._visitor(visitor).wishes
            if known is not None and known.state == "done":
                wishes.setdefault(key, "run")
                self._events.put(lambda: self.store.touch(key))
                return False
            shown = any(visitor in run.watchers for run in self._wishes.live([key]))
            return not shown and wishes.get(key, "run") == "run"

    def _go_on(self, key: str, visitor: str, wish: Wish, steps: int = 0) -> None:
        known = self.status(key)
        if known is not None and known.state != "done":
            self._ask_for([self.spec(key)], visitor, wish, steps)

    def _ask_for(self, specs: list[RunSpec], visitor: str, wish: Wish, steps: int = 0) -> None:
        """`visitor` wishes this for these runs; those that are not going are begun."""
        asked = list({spec.key: spec for spec in specs}.values())
        facts = self._checked([spec for spec in asked if spec.key not in self._wishes.runs], visitor)
        with self._wishes.lock:
            known = self._visitor(visitor)
            places = shared_out([spec for spec in asked if spec.key not in self._wishes.runs], facts)
            if places:
                self._admission.make_room(visitor, self.limits, len(places))
                self._admission.begin(places, facts)
            for run in self._wishes.live(spec.key for spec in asked):
                known.wishes[run.key] = wish
                run.steps += steps
                self._wishes.attach(run, visitor)
                self._changed(run.key)

    def _checked(self, specs: Sequence[RunSpec], visitor: str) -> dict[str, Facts]:
        """The facts of runs that may begin. Raises Refusal of any other. Lanes cost what their first does: no step changes it."""
        facts: dict[str, Facts] = {}
        for group in groups(specs):
            planned = [self._planned(specs[place], visitor) for place in group]
            self.limits.check_cost(planned[0], partial(self.pace, planned[0].spec, owner=visitor, facts=planned[0].facts))
            facts |= {one.spec.key: one.facts for one in planned}
        return facts

    def _planned(self, spec: RunSpec, visitor: str) -> Planned:
        self.limits.check_size(spec)
        planned = plan(spec, self.facts(spec, owner=visitor))
        if planned.reason is not None:
            raise Refusal(planned.reason)
        return planned

    def _check_measured(self, spec: RunSpec, round: int, seconds: float) -> None:
        self.limits.check_measured(spec, round, seconds)

    def _visitor(self, name: str) -> Visitor:
        known = self._wishes.visitor(name)
        silent = self._wishes.longest_silent()
        if silent is not None:
            self.leave(silent)
        return known

    def _wish(self, key: str, visitor: str, wish: Wish) -> None:
        with self._wishes.lock:
            self._visitor(visitor).wishes[key] = wish
            for run in self._wishes.live([key]):
                self._wishes.attach(run, visitor)
                self._admission.cancel_if_unwanted(run)
        self._changed(key)

    # The lab's own thread

    def _changed(self, *keys: str) -> None:
        self._events.put(lambda: self._changes.announce(keys))

    def _work(self) -> None:
        while (event := self._next()) is not None:
            try:
                event()
                self._chunks.dispatch()
            except Exception:
                log.exception("an event of the lab failed")
            self._untidy = True

    def _next(self) -> Callable[[], None] | None:
        """The next event; until it comes the store is kept in order, a short slice at a time."""
        while self._untidy and self._events.empty():
            try:
                self._untidy = tidy(self.store)
            except Exception:  # the disk is full, another process holds the file: tried again after the next event
                log.exception("the store could not be kept in order")
                self._untidy = False
        return self._events.get()

    def _restart(self, key: str) -> None:
        """A run was lost from the store: whoever shows it sees it computed anew."""
        with self._wishes.lock:
            self._admission.begin_again(key)
        self._changes.announce([key])


@cache
def the_lab() -> Lab:
    """The lab of this process: store in EF21LAB_HOME, engine at EF21LAB_SCHEDULER or one of its own, limits from EF21LAB_LIMIT_* and
    EF21LAB_STORE_MB."""
    from ef21lab.jobs.dask import DaskEngine  # distributed takes half a second to import

    address = os.environ.get("EF21LAB_SCHEDULER")
    engine = DaskEngine.at(address) if address else DaskEngine.embedded()
    return Lab(_store(), engine, Limits.of())


def _store() -> Store:
    """The store in the lab's home; where nothing can be kept there, one that lasts as long as this server, which is said on the page."""
    largest = store_bytes(os.environ, LARGEST)
    try:
        return Store(home() / FILE, largest)
    except Refusal as refusal:
        log.error("%s", refusal.text.en)
        store = Store(Path(tempfile.mkdtemp(prefix="ef21lab-")) / FILE, largest)
        store.file.notice = ONLY_HERE.format(why=refusal.text)
        return store
