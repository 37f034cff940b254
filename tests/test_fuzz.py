"""Odd specs, thousands a minute: whatever is made of them is said in numbers or refused in words.

`make nightly` tries EF21LAB_FUZZ of them, from number EF21LAB_FUZZ_FROM on.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from ef21lab.address.controls import EPSILONS
from ef21lab.algorithms.base import StepSize
from ef21lab.choices.fields import Dims, Json
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import compressors
from ef21lab.datasets.base import Dataset
from ef21lab.jobs.limits import Limits, estimated_seconds
from ef21lab.microscope import answer
from ef21lab.plots import theory as figures
from ef21lab.problems.base import Facts
from ef21lab.problems.minimum import minimum
from ef21lab.runs.experiment import described, start_run
from ef21lab.runs.guarantees import guarantees
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.promises import statements
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.survey import survey
from ef21lab.runs.trace import Trace, trace_of
from ef21lab.ui.experiment.contenders import Contender, cost_of
from ef21lab.ui.theory import panel as theory_panel
from ef21lab.ui.theory import rounds as theory_rounds
from ef21lab.vectors.base import vectors
from tests import draws

CONTENDERS = 12  # on each problem
ROW = {"loss": np.ones(1), "grad_norm_sq": np.ones(1), "distortion": np.ones(1)}  # of a trace: x⁰
BLOCK = 25  # problems, or vectors, of one test


def blocks() -> list[range]:
    wanted = draws.numbers(200)
    return [range(first, min(first + BLOCK, wanted.stop)) for first in range(wanted.start, wanted.stop, BLOCK)]


def drawn_here(kind: type[Spec]) -> bool:
    """Datasets that are small where their fields are."""
    return kind.absence is Dataset.absence and kind.name not in ("mushrooms", "digits", "mnist", "breast_cancer")


def assert_said(found: Any, where: str) -> None:
    """No infinity and nothing undefined, however deep."""
    if isinstance(found, dict):
        for name, part in found.items():
            assert_said(part, f"{where}.{name}")
    elif isinstance(found, (list, tuple)):
        for part in found:
            assert_said(part, where)
    elif isinstance(found, np.ndarray) and found.dtype.kind == "f":
        assert np.isfinite(found).all(), where
    elif isinstance(found, float):
        assert math.isfinite(found), where


def posed(rng: random.Random) -> tuple[dict[str, Json], RunSpec, Facts] | None:
    """A problem that can be posed, with what is known of it; a Refusal in words is the other right answer."""
    parts = draws.problem(rng, drawn_here) | draws.held_out(rng)
    try:
        spec = RunSpec.make(parts)
        return parts, spec, problem_of(spec).facts
    except Refusal:
        return None


def racing(parts: dict[str, Json], facts: Facts, rng: random.Random) -> Iterator[Contender]:
    for _ in range(CONTENDERS):
        given = {**parts, **draws.contender(rng), "rounds": 3, "record_every": rng.choice((1, 1, 2))}
        try:
            spec = RunSpec.make(given)
        except Refusal:
            continue
        yield Contender("a", plan(spec, facts))


@pytest.mark.parametrize("block", blocks(), ids=str)
def test_whatever_races_has_a_step_and_words_in_numbers(block: range) -> None:
    for number in block:
        rng = random.Random(f"spec {number}")
        if (found := posed(rng)) is None:
            continue
        parts, problem, facts = found
        L = None if facts.smoothness is None else float(facts.smoothness)  # of a network nobody knows it
        assert_said([L, facts.node_smoothness, facts.mu, facts.lowest], f"{number}: facts")
        contenders = list(racing(parts, facts, rng))
        for place, contender in enumerate(contenders):
            assert_planned(contender, facts, f"case {number}.{place}: {contender.spec.json()}")
        if contenders:
            assert_tables_and_curves(contenders[:3], facts, f"case {number}: {contenders[0].spec.json()}")
        if number % 4 == 0:
            survey(problem)


def assert_planned(contender: Contender, facts: Facts, case: str) -> None:
    spec, planned = contender.spec, contender.planned
    if planned.reason is not None:
        return
    json.dumps(described(planned), allow_nan=False)
    assert planned.gamma > 0.0, case
    assert_said(planned.gamma, case)
    assert not isinstance(planned.allowed, StepSize) or math.isfinite(planned.allowed.gamma), case
    assert_said(estimated_seconds(planned), case)
    try:
        Limits().check_cost(planned, lambda: 1e-3)
    except Refusal:
        return
    cost_of(planned.compressor, facts.d, spec.algorithm)
    promised = statements(spec, facts)
    for statement in () if isinstance(promised, Text) else promised:
        assert (statement.rounds(ROW, 0.1) or 1) >= 1, case


def assert_tables_and_curves(contenders: list[Contender], facts: Facts, case: str) -> None:
    for allowed in theory_panel.allowed(contenders[0], facts):
        assert_words(theory_panel._method_row(allowed, facts), case)
    for certificate in theory_panel.certified(contenders, facts):
        assert_words(theory_panel._certificate_row(certificate), case)
    marks = theory_panel.marks_of([contender for contender in contenders if contender.can_race], facts.d)
    constants = theory_panel.constants(facts)
    for figure in (figures.contraction(marks), *([figures.steps(constants, marks)] if constants else [])):
        for curve in figure.data:
            assert_said(np.array(curve.x, dtype=float), f"{curve.name}: {case}")


def assert_words(row: list[Text], case: str) -> None:
    for cell in row[:-1]:
        assert not {"nan", "inf", "∞"} & set(cell.en.split()), case


@pytest.mark.parametrize("block", blocks()[::2], ids=str)
def test_whatever_runs_has_lines_in_numbers(block: range) -> None:
    for number in block:
        rng = random.Random(f"run {number}")
        if (found := posed(rng)) is None:
            continue
        parts, problem, facts = found
        least = minimum(problem_of(problem)) if facts.mu is not None else None
        for contender in [one for one in racing(parts, facts, rng) if one.can_race][:2]:
            case = f"case {number}: {contender.spec.json()}"
            trace = trace_of(start_run(contender.spec))
            promised = guarantees(contender.planned, least)
            for name, line in promised.columns({name: trace[name] for name in COLUMNS}).items():
                assert trace.diverged or not np.isinf(line).any(), f"{name} of {case}"
            assert_rounds(contender, trace, facts)


COLUMNS = ("round", "loss", "grad_norm_sq", "distortion", "moved")


def assert_rounds(contender: Contender, trace: Trace, facts: Facts) -> None:
    promised = statements(contender.spec, facts)
    if not isinstance(promised, Text) and len(trace) > 1:
        for epsilon in EPSILONS[::8]:
            theory_rounds.enough(promised, trace, epsilon)


@pytest.mark.parametrize("block", blocks()[::2], ids=str)
def test_the_microscope_answers_in_numbers_or_refuses_in_words(block: range) -> None:
    for number in block:
        rng = random.Random(f"question {number}")
        vector = draws.member(vectors, rng)
        for ask in (*["look", "ladder"] * 3, "vector", "spectra"):
            question = {"ask": ask, "vector": vector}
            if ask in ("look", "ladder"):
                question["compressor"] = draws.member(compressors, rng)
            if ask == "spectra":
                question["dims"] = draws.value(Dims(*draws.WORDS), rng)
            try:
                found = answer(question)
            except Refusal:
                continue
            assert_said(found, str(question))
