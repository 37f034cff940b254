"""What is known of problems and runs besides their records: asked of a worker once, remembered, and told to all who ask."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping

import numpy as np

from ef21lab.channels.snapshot import Snapshot
from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal, Text
from ef21lab.jobs.again import Again
from ef21lab.jobs.engine import PACED, PROBLEM, SURVEYED, Engine, coordinates_of, facts_of, minimum_of, network_of, pace_of, survey_of
from ef21lab.jobs.questions import Answer, Questions
from ef21lab.jobs.store import Store
from ef21lab.jobs.uploads import Uploads
from ef21lab.microscope import answer
from ef21lab.problems.base import Coordinate, Facts
from ef21lab.problems.minimum import Minimum
from ef21lab.runs.guarantees import Guarantees, guarantees
from ef21lab.runs.planned import plan
from ef21lab.runs.spec import PLUGINS, RunSpec
from ef21lab.runs.survey import Survey
from ef21lab.runs.trace import Trace

TRIED_WITHIN = 20.0  # seconds in which a run must have been tried

STILL_LOOKING = Text("still looking; the answer will be there in a moment", "ответ ещё не готов; через мгновение он будет")
STILL_PREPARING = Text(
    "the data of {dataset} are still being prepared; they will be there in a moment",
    "данные {dataset} ещё готовятся; через мгновение они будут",
)


class NotReady(Refusal):
    """Asked too early: the same question may be answered in a moment."""


class Knowledge(ABC):
    """Answers about problems and runs. Any thread may call any method; `owner` is the visitor in whose turn a worker answers."""

    def __init__(self, store: Store, engine: Engine) -> None:
        self.store = store
        self.questions = Questions(engine)
        self.uploads = Uploads(self.questions)
        self._again = Again(engine)

    @abstractmethod
    def spec(self, key: str) -> RunSpec:
        """Raises KeyError for a key that was never asked for."""

    @abstractmethod
    def trace(self, key: str, after: int = -1) -> Trace:
        """Its records of rounds beyond `after`."""

    @abstractmethod
    def _later(self, work: Callable[[], None]) -> None:
        """Do this in the thread that owns the store's changes."""

    @property
    def notice(self) -> Text | None:
        """What every visitor should know of the store: that a damaged file was moved aside."""
        return self.store.notice

    def snapshot(self, key: str, round: int) -> Snapshot | None:
        """The messages of this round where they are kept."""
        return self.store.snapshot(key, round)

    def snapshot_rounds(self, key: str) -> list[int]:
        """The rounds whose messages are kept."""
        return self.store.snapshot_rounds(key)

    def point(self, key: str) -> np.ndarray | None:
        """x after the last record of a run, (d,); None where there is none, or it was done before this was kept."""
        return self.store.point(key)

    def facts(self, spec: RunSpec, timeout: float = 20.0, owner: str = "") -> Facts:
        """The constants of this run's problem, computed once by a worker, in the turn of the visitor `owner`.

        Raises Refusal where there is no such problem, NotReady where they take longer than `timeout` seconds.
        """
        if (known := self.known_facts(spec)) is not None:
            return known
        key, asked = _question(spec, PROBLEM)
        try:
            facts: Facts = self.questions.ask(
                key, facts_of, asked, timeout=timeout, hear=lambda facts: self._keep_facts(key, facts), owner=owner
            )
        except TimeoutError:
            raise NotReady(STILL_PREPARING.format(dataset=spec.dataset.label)) from None
        return facts

    def known_facts(self, spec: RunSpec) -> Facts | None:
        """The same where they are known already; nobody is asked."""
        key, _ = _question(spec, PROBLEM)
        if self.questions.known(key) is None and (stored := self.store.facts(key)) is not None:
            self.questions.remember(key, stored)
        found: Facts | None = self.questions.known(key)
        return found

    def survey(self, spec: RunSpec, timeout: float = 20.0, owner: str = "") -> Survey:
        """What there is to see of this run's data and partition, computed once by a worker. Raises as `facts` does."""
        key, asked = _question(spec, SURVEYED)
        try:
            found: Survey = self.questions.ask("survey " + key, survey_of, asked, timeout=timeout, owner=owner)
        except TimeoutError:
            raise NotReady(STILL_PREPARING.format(dataset=spec.dataset.label)) from None
        return found

    def ask(self, question: Mapping[str, Json], timeout: float = 20.0, owner: str = "") -> Answer:
        """What the microscope answers (see microscope.answer), computed once by a worker. Raises Refusal, or NotReady when late."""
        key = hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()
        try:
            return self.questions.ask(key, answer, dict(question), timeout=timeout, owner=owner)
        except TimeoutError:
            raise NotReady(STILL_LOOKING) from None

    def guarantees(self, key: str, timeout: float = 120.0) -> Guarantees:
        """What theorems say of this run; a worker finds the least value of its f once, where there is one to be found.

        Raises as `facts` does, and KeyError as `spec` does.
        """
        spec = self.spec(key)
        facts = self.facts(spec, timeout)
        found = None if facts.mu is None else self._minimum(spec, timeout, facts)
        return guarantees(plan(spec, facts), found)

    def snapshot_again(self, key: str, round: int, node: int, timeout: float = 60.0) -> Snapshot:
        """The messages of a recorded round that are not kept, `node`'s among them: a worker computes the run again up to there.

        Raises Refusal where that is too long or there is no such message, NotReady where it is late, and KeyError as `spec` does.
        """
        spec = self.spec(key)
        try:
            return self._again.messages(spec, self.facts(spec), self.trace(key), round, node, timeout)
        except TimeoutError:
            raise NotReady(STILL_LOOKING) from None

    def network(self, key: str, timeout: float = 60.0) -> bytes | None:
        """x after the last record of a run as a file with the parameters of its network, made by a worker; None where no x is known.

        Raises Refusal where the run trains no network, NotReady where the file is late, and KeyError as `spec` does.
        """
        spec, x = self.spec(key), self.point(key)
        if x is None:
            return None
        asked = f"network {key} {hashlib.sha256(x.tobytes()).hexdigest()}"
        try:
            file: bytes = self.questions.ask(asked, network_of, spec.json(), x, timeout=timeout)
        except TimeoutError:
            raise NotReady(STILL_LOOKING) from None
        return file

    def coordinates(self, key: str, timeout: float = 60.0) -> tuple[Coordinate, ...]:
        """What the coordinates of a run's x are called, told by a worker, who has the table.

        Raises Refusal where the table cannot be had, NotReady where the answer is late, and KeyError as `spec` does.
        """
        asked, parts = _question(self.spec(key), PROBLEM)
        try:
            found: tuple[Coordinate, ...] = self.questions.ask("coordinates " + asked, coordinates_of, parts, timeout=timeout)
        except TimeoutError:
            raise NotReady(STILL_LOOKING) from None
        return found

    def pace(self, spec: RunSpec, timeout: float = TRIED_WITHIN, owner: str = "", facts: Facts | None = None) -> float:
        """Seconds of a round, measured by a worker once for all runs that differ in nothing that a round sees.

        Raises Refusal, or NotReady when late.
        """
        key, asked = _question(spec, PACED)
        try:
            found: float = self.questions.ask("pace " + key, pace_of, asked, facts, timeout=timeout, owner=owner)
        except TimeoutError:
            raise NotReady(STILL_LOOKING) from None
        return found

    def _minimum(self, spec: RunSpec, timeout: float, facts: Facts | None = None) -> Minimum | None:
        """None where it was not found in time: what does not need it is said all the same."""
        key, asked = _question(spec, PROBLEM)
        try:
            found: Minimum = self.questions.ask("minimum " + key, minimum_of, asked, facts, timeout=timeout)
        except (TimeoutError, Refusal):
            return None
        return found

    def _keep_facts(self, key: str, facts: Facts) -> None:
        self._later(lambda: self.store.keep_facts(key, facts))


def _question(spec: RunSpec, names: Collection[str]) -> tuple[str, dict[str, Json]]:
    """The key of what is known of a run by these of its parts, and these parts: a worker is told no more than the key holds."""
    versions = {PLUGINS: plugins} if (plugins := spec.plugins(names)) else {}
    parts = {name: value for name, value in spec.json().items() if name in names} | versions
    return hashlib.sha256(json.dumps([*spec.rules(names), parts], sort_keys=True).encode()).hexdigest()[:24], parts
