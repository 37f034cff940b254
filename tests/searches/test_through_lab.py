"""A race whose page was closed goes on in the lab, over restarts of the server too, and comes to what the library's search comes to."""

from __future__ import annotations

import json
import random
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import ef21lab
from ef21lab.choices.text import same
from ef21lab.clocks.base import topologies
from ef21lab.jobs.engine import execute_together, guarded
from ef21lab.jobs.errands import ABSENT, Errands, fed
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.limits import Limits
from ef21lab.jobs.store import Store
from ef21lab.runs.repeats import repeated
from ef21lab.runs.spec import RunSpec
from ef21lab.searches import candidates
from ef21lab.searches.search import Search
from ef21lab.searches.through_lab import LabRace
from ef21lab.searches.words import told
from tests.jobs.conftest import HandEngine, until

POSED = RunSpec.make({"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 3}, "rounds": 40})
EPSILON = 0.3
KINDS = {LabRace.kind: LabRace.of}
FEW = {"STRENGTHS": 1, "FOLDS": 1, "OCTAVES": 1, "SLOWEST": 0.0003}  # of every operator


class Now:
    """A clock that is moved by hand."""

    seconds = 1e9

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture(scope="module", autouse=True)
def few() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in FEW.items():
            patch.setattr(candidates, name, value)
        yield


@pytest.fixture(scope="module")
def expected(few: None) -> Search:
    return ef21lab.search(POSED, EPSILON)


@pytest.fixture
def hand() -> HandEngine:
    return HandEngine()


def opened(folder: Path, hand: HandEngine, **limits: int) -> Lab:
    return Lab(Store(folder / "runs.db"), hand, Limits(**{"running": 6, **limits}))


@pytest.fixture
def lab(tmp_path: Path, hand: HandEngine) -> Iterator[Lab]:
    kept = opened(tmp_path, hand)
    yield kept
    kept.close()


def errands(lab: Lab, folder: Path, now: Now) -> Errands:
    found = Errands(folder / "left", lab, KINDS, now)
    found.start = lambda: None  # type: ignore[method-assign]  # turns are taken by hand
    return found


def left(lab: Lab, folder: Path, now: Now, *races: LabRace) -> Errands:
    """Pages that have begun these were closed."""
    found = errands(lab, folder, now)
    for race in races:
        found.tend(race.name, race)
    now.seconds += ABSENT + 1
    return found


def compute(lab: Lab, hand: HandEngine, records: int = 7) -> None:
    """The next chunk. What is recorded of its runs is not in it."""
    if not until(lambda: hand.waiting or not lab.going):
        return
    if not hand.waiting:
        return
    asked = hand.waiting.pop(0)
    given, points, _, _, facts = asked.args
    outcome = guarded(asked.function, given, points, 60.0, records, facts)
    several = asked.function is execute_together
    for spec, chunk in zip(given, outcome, strict=True) if several else [(given, outcome)]:
        known = lab.store.status(RunSpec.make(spec).key)
        assert int(chunk.part["round"][0]) == (0 if known is None else known.round + 1)
    asked.on_done(outcome)


def goes_on(kept: Errands, lab: Lab, hand: HandEngine, folder: Path, chunks: int = 10_000) -> bool:
    """So many chunks, with a turn of the errands before each; whether any is left then."""
    for _ in range(chunks):
        kept.feed()
        if not list((folder / "left").iterdir()):
            return False
        assert len({run.place for run in lab._wishes.runs.values()}) <= lab.limits.running
        compute(lab, hand)
    return True


def test_over_restarts_of_the_server_it_comes_to_what_the_library_finds_and_nothing_recorded_is_computed_again(hand, expected, tmp_path):
    chance, now = random.Random(11), Now()
    lab = opened(tmp_path, hand)
    kept = left(lab, tmp_path, now, LabRace(POSED, EPSILON))
    for _ in range(3):
        assert goes_on(kept, lab, hand, tmp_path, chance.randrange(2, 9))
        lab.close()
        hand.waiting.clear()
        lab = opened(tmp_path, hand)
        kept = errands(lab, tmp_path, now)
    assert not goes_on(kept, lab, hand, tmp_path)
    found = LabRace(POSED, EPSILON).seen(lab, "ann")  # whoever opens its address
    assert found.over
    assert (found.race, found.final) == (expected.race, expected.final)
    assert told(found) == told(expected)
    assert not lab.going
    rounds = sum(status.round + 1 for spec in found.specs if (status := lab.status(spec.key)) is not None)
    assert rounds < 0.9 * sum(spec.rounds + 1 for spec in found.specs)  # who was dropped was not computed to the end
    lab.close()


def test_what_is_dropped_ends(lab, hand, tmp_path):
    race = LabRace(POSED, EPSILON)
    kept = left(lab, tmp_path, Now(), race)
    assert goes_on(kept, lab, hand, tmp_path, 3)
    assert lab.going
    kept.drop(race.name)
    kept.feed()
    assert not lab.going


def test_two_who_watch_the_same_race_have_it_computed_once(lab, hand):
    races = {"ann": LabRace(POSED, EPSILON), "ben": LabRace(POSED, EPSILON)}
    for _ in range(4):
        asked = {visitor: race.next(lab, visitor, lab.limits.running) for visitor, race in races.items()}
        assert [fed(lab, visitor, pieces) for visitor, pieces in asked.items()] == [None, None]
        compute(lab, hand)  # holds that nothing recorded is computed again
    assert len({run.place for run in lab._wishes.runs.values()}) <= lab.limits.running
    fed(lab, "ann", [])
    assert lab.going  # ben still wants it
    fed(lab, "ben", [])
    assert not lab.going


@pytest.mark.parametrize("most", [1, 2, 6])
def test_no_piece_is_more_than_finds_room(lab, most):
    found = LabRace(POSED, EPSILON).next(lab, "ann", most)
    assert 0 < len(found) <= most
    assert max(map(len, found)) <= most


def test_where_none_can_be_computed_here_it_is_over_and_says_so(tmp_path, hand):
    lab = opened(tmp_path, hand, rounds=39)
    race = LabRace(POSED, EPSILON)
    while not race.over:
        assert race.next(lab, "ann", 6) == []
        race.seen(lab, "ann")
    assert told(race.seen(lab, "ann")).en == "None of the candidates can be computed here."
    assert {why.en for why in race.barred.values()} == {"rounds: 40 asked for, at most 39 allowed here — lower the rounds"}
    lab.close()


def test_who_fails_does_not_hold_up_the_others_and_is_named_with_the_reason(lab, expected):
    first, second, *_ = expected.specs
    for spec in (first, repeated(second, 1)):
        lab.store.enter(spec)
        lab.store.mark(spec.key, "failed", same("out of luck"))
    race = LabRace(POSED, EPSILON)
    found = race.seen(lab, "ann")
    assert (race.barred, first in found.specs, second in found.specs) == ({first.key: same("out of luck")}, False, True)
    assert first.key not in {spec.key for piece in race.next(lab, "ann", 6) for spec in piece}


def test_a_question_is_read_back_as_it_was(lab):
    network = topologies.make({"name": "star", "latency": 20.0})
    for race in (LabRace(POSED, EPSILON), LabRace(replace(POSED, seed=3), 1e-7, network, 5)):
        again = LabRace.of(race.json())
        assert (again.name, again.json(), again.starts) == (race.name, race.json(), race.starts)
    assert again.asked(lab, "ann").starts == 5
    assert len({LabRace(POSED, EPSILON).name, LabRace(POSED, 0.1).name, LabRace(replace(POSED, seed=3), EPSILON).name}) == 3


def test_one_that_no_longer_makes_sense_is_no_errand(lab, tmp_path):
    race, now = LabRace(POSED, EPSILON), Now()
    left(lab, tmp_path, now, race)
    file = tmp_path / "left" / race.name
    nowhere = json.loads(zlib.decompress(file.read_bytes()))
    nowhere["asked"]["spec"]["dataset"] = {"name": "nowhere"}
    file.write_bytes(zlib.compress(json.dumps(nowhere).encode()))
    now.seconds = time.time() + ABSENT + 1
    errands(lab, tmp_path, now).feed()
    assert not list((tmp_path / "left").iterdir())
