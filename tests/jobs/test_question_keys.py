"""What is remembered of a problem is remembered under all that it depends on, and under nothing else."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ef21lab.choices.fields import Choice, Dims, Field, FileName, Integer, Json, Nested, Ranks, Real
from ef21lab.choices.spec import Spec
from ef21lab.jobs.engine import RUNS, Withdraw
from ef21lab.jobs.knowledge import NotReady
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.store import Store
from ef21lab.problems.minimum import minimum
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import FAMILIES, KEY_SALT, LATER, NUMBERS, RunSpec
from ef21lab.runs.survey import survey

from .conftest import Asked, HandEngine

PROBLEM = ("dataset", "partition", "objective")
PACED = (*PROBLEM, "algorithm", "compressor", "step", "record_every")
DEPENDS_ON = {"facts": PROBLEM, "survey": (*PROBLEM, "start"), "minimum": PROBLEM, "pace": PACED}
ASK: dict[str, Callable[..., Any]] = {"facts": Lab.facts, "survey": Lab.survey, "minimum": Lab._minimum, "pace": Lab.pace}
BASE = RunSpec.make({"dataset": "breast_cancer", "partition": {"name": "dirichlet", "nodes": 3}, "objective": "logistic_ridge"})


def another(field: Field, value: Json) -> Json:
    """A value that is allowed and not this one."""
    if isinstance(field, Integer):
        return value + 1 if value < field.high else value - 1
    if isinstance(field, Real):
        return (value + (field.high if value < field.high else field.low)) / 2
    if isinstance(field, Choice):
        return next(option for option in field.options if option != value)
    if isinstance(field, Dims):
        return (7, 5) if field.order in (None, 2) else (7,) * field.order
    if isinstance(field, Ranks):
        return 9
    if isinstance(field, FileName):
        return field.accept("another.csv") if type(field) is FileName else 24 * "a"  # a hash
    assert isinstance(field, Nested), f"a value of {type(field).__name__} that is not the default: add it here"
    return next(name for name in field.names if name != value.name)


def changed(spec: Spec) -> Iterator[Spec]:
    """The same member with one of its fields changed, for each of them."""
    for name, field in type(spec).fields().items():
        yield spec.replace(**{name: another(field, getattr(spec, name))})


def variants(noun: str) -> list[Spec]:
    """Every member of a family, and each with one of its fields changed."""
    return [one for name in FAMILIES[noun].members for member in [FAMILIES[noun].make(name)] for one in (member, *changed(member))]


def with_part(noun: str, part: Spec) -> RunSpec:
    return RunSpec.make({**BASE.json(), noun: FAMILIES[noun].json(part)})


class Deaf(HandEngine):
    """Keeps every question and answers none."""

    def submit(self, function: Any, *args: Any, on_done: Any, owner: str = RUNS, seconds: float = 30.0) -> Withdraw:
        self.waiting.append(Asked(function, args, on_done))
        return lambda: None


class Prompt(HandEngine):
    """Answers every question at once."""

    def submit(self, function: Any, *args: Any, on_done: Any, owner: str = RUNS, seconds: float = 30.0) -> Withdraw:
        self.waiting.append(Asked(function, args, on_done))
        on_done(function(*args))
        return lambda: None


def opened(tmp_path: Path, engine: HandEngine) -> Iterator[Lab]:
    lab = Lab(Store(tmp_path / "runs.db"), engine)
    yield lab
    lab.close()


@pytest.fixture
def deaf(tmp_path: Path) -> Iterator[Lab]:
    yield from opened(tmp_path, Deaf())


@pytest.fixture
def prompt(tmp_path: Path) -> Iterator[Lab]:
    yield from opened(tmp_path, Prompt())


@pytest.mark.parametrize("noun", FAMILIES)
def test_every_field_of_every_member_changes_the_key_of_a_run(noun: str) -> None:
    given = variants(noun)
    assert len({with_part(noun, part).key for part in given}) == len(given)


@pytest.mark.parametrize("name", [*NUMBERS, *LATER])
def test_every_number_changes_the_key_of_a_run(name: str) -> None:
    assert RunSpec.make({**BASE.json(), name: another({**NUMBERS, **LATER}[name], getattr(BASE, name))}).key != BASE.key


INSIDE = {"compressor": {"name": "residual", "first": "sign", "second": "top_k"}}


@pytest.mark.parametrize("noun", FAMILIES)
def test_a_member_that_gives_other_numbers_than_it_did_has_a_revision_and_only_its_keys_change(
    noun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand: [salt, {name: revision}, the run], and [salt, the run] where nothing was revised. A member inside another counts too."""
    used, other = RunSpec.make({**BASE.json(), **INSIDE}), RunSpec.make({"compressor": "natural", "algorithm": "gd", "step": "fixed"})
    member = type(getattr(used, noun) if noun != "compressor" else used.compressor.second)
    before = {spec.key for spec in (used, other)}
    monkeypatch.setattr(member, "revision", 3)
    revised, same = RunSpec.make(used.json()), RunSpec.make(other.json())
    assert _hashed([KEY_SALT, {member.name: 3}, used.json()]) == revised.key not in before
    has_it = any(isinstance(getattr(other, each), member) for each in FAMILIES)
    assert has_it or _hashed([KEY_SALT, other.json()]) == same.key in before


def _hashed(document: Json) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:24]


@pytest.mark.parametrize("question", ASK)
def test_what_is_known_of_a_problem_is_forgotten_when_its_data_are_revised(
    prompt: Lab, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for revision in (1, 2, 2):
        monkeypatch.setattr(type(BASE.dataset), "revision", revision)
        ASK[question](prompt, RunSpec.make(BASE.json()), 20.0)
    asked = [task.args[0] for task in prompt.engine.waiting if task.args[0].keys() == set(DEPENDS_ON[question])]
    assert len(asked) == 2


@pytest.mark.parametrize("noun", FAMILIES)
@pytest.mark.parametrize("question", ASK)
def test_a_question_is_asked_anew_where_a_part_that_matters_has_changed_and_not_where_none_has(deaf: Lab, question: str, noun: str) -> None:
    given = variants(noun)
    for part in given:
        with contextlib.suppress(NotReady):
            ASK[question](deaf, with_part(noun, part), 0.0)
    asked = [task.args[0] for task in deaf.engine.waiting]
    assert len({json.dumps(told, sort_keys=True) for told in asked}) == (len(given) if noun in DEPENDS_ON[question] else 1)
    assert all(told.keys() == set(DEPENDS_ON[question]) for told in asked), "a worker is told no more than the key holds"


CHANGES: list[dict[str, Json]] = [
    {"dataset": {"name": "synthetic_classification", "rows": 500}},
    {"dataset": {"name": "synthetic_classification", "rows": 501}},
    {"partition": {"name": "dirichlet", "nodes": 4}},
    {"partition": {"name": "dirichlet", "nodes": 3, "seed": 1}},
    {"partition": {"name": "dirichlet", "nodes": 3, "concentration": 7.0}},
    {"partition": {"name": "contiguous", "nodes": 3}},
    {"objective": {"name": "logistic_ridge", "lam": 0.5}},
    {"objective": {"name": "least_squares", "lam": 0.01}},
    {"held_out": 0.3},
    {"held_out": 0.3, "held_out_seed": 1},
]


def test_answers_are_those_of_the_problem_that_was_asked_about(prompt: Lab) -> None:
    """In memory and, for facts, in the store: one after another, so that a key that forgets a part answers with what came before."""
    specs = [BASE, *(RunSpec.make({**BASE.json(), **change}) for change in CHANGES)]
    for _ in range(2):
        for spec in specs:
            problem = problem_of(spec)
            assert prompt.facts(spec).smoothness == problem.facts.smoothness
            assert prompt.facts(spec).node_rows.tolist() == problem.facts.node_rows.tolist()
            assert prompt._minimum(spec, 20.0) == minimum(problem)
            assert prompt.survey(spec).slopes.levels.smoothness == survey(spec).slopes.levels.smoothness
    assert len(prompt.engine.waiting) == 3 * len(specs)


def test_the_pace_is_that_of_the_rows_that_are_left(deaf: Lab) -> None:
    for held_out in (0.0, 0.5):
        with contextlib.suppress(NotReady):
            deaf.pace(RunSpec.make({**BASE.json(), "held_out": held_out}), 0.0)
    assert [task.args[0].get("held_out", 0.0) for task in deaf.engine.waiting] == [0.0, 0.5]
