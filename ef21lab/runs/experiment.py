"""RunSpec: the one way in. Names become objects, JSON goes both ways, equal specs have equal keys."""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ef21lab import theory
from ef21lab.algorithms.base import TOO_LONG, TOO_SHORT, Algorithm, StepSize, Theorem, algorithms
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Integer, Json, Spec, real, seed_of, shown
from ef21lab.choices.text import Refusal, Text, same
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.datasets.base import Dataset, PerNode, Table, datasets
from ef21lab.kept import Kept
from ef21lab.metrics import Record
from ef21lab.partitions.base import Partition, partitions
from ef21lab.problems.base import Facts, Objective, Problem, objectives
from ef21lab.runs.loop import Checkpoint, Optimization, optimize
from ef21lab.runs.trace import Trace, trace_of
from ef21lab.streams import Stream, generator

KEY_SALT = "ef21lab 3"  # raised when the same spec would give other numbers
MOST_ROUNDS = 1_000_000
SNAPSHOTS = 40  # a run keeps about this many, evenly spread
PROBLEMS_KEPT = 256 * 2**20  # bytes for each process
TABLES_KEPT = 128 * 2**20


def _multiple() -> Any:
    return real(
        1.0,
        0.0,
        1e9,
        Text("Step multiple", "Множитель шага"),
        Text("The step is this many times the base step.", "Во сколько раз шаг больше базового."),
        above=True,
        logarithmic=True,
    )


@dataclass(frozen=True)
class Step(Spec):
    """Where γ comes from."""

    def base(self, algorithm: Algorithm, facts: Facts, compressor: Compressor) -> StepSize:
        """The step of a theorem. Raises Refusal where this rule has none for the method and the problem."""
        return algorithm.step_size(facts, compressor)

    @abstractmethod
    def size(self, base: StepSize) -> float:
        """γ, given the one of the theorem."""


@dataclass(frozen=True)
class TheoryStep(Step):
    """γ = multiple × the theorem's step."""

    name = "theory"
    label = Text("from theory", "по теории")
    about = Text(
        "The largest step of the method's theorem, times a multiple.", "Наибольший шаг из теоремы метода, умноженный на множитель."
    )

    multiple: float = _multiple()

    def size(self, base: StepSize) -> float:
        return self.multiple * base.gamma


@dataclass(frozen=True)
class OtherTheorem(TheoryStep):
    """γ = multiple × the step of another theorem about the same method."""

    theorem: ClassVar[Theorem]
    sign: ClassVar[Text]  # before the multiple, in a legend

    def base(self, algorithm: Algorithm, facts: Facts, compressor: Compressor) -> StepSize:
        found = algorithm.step_size_by(self.theorem, facts, compressor)
        if isinstance(found, Text):
            raise Refusal(found)
        return found


@dataclass(frozen=True)
class ArithmeticStep(OtherTheorem):
    """γ = multiple × the step with L̄ in place of L̃."""

    name = "theory_2024"
    label = Text("from theory, L̄ for L̃", "по теории, L̄ вместо L̃")
    about = Text(
        "The step of “Error Feedback Reloaded” (2024): the mean of the Lᵢ in place of their quadratic mean, so never shorter.",
        "Шаг из статьи «Error Feedback Reloaded» (2024): среднее Lᵢ вместо среднего квадратического, поэтому он не короче.",
    )
    order = 102
    theorem = "arithmetic"
    sign = same("L̄")


@dataclass(frozen=True)
class PolyakLojasiewiczStep(OtherTheorem):
    """γ = multiple × the step under the Polyak–Łojasiewicz condition."""

    name = "theory_pl"
    label = Text("from theory, Polyak–Łojasiewicz", "по теории, Поляк — Лоясевич")
    about = Text(
        "The step of the theorem with a linear rate; it needs μ > 0.", "Шаг из теоремы с линейной скоростью сходимости; нужна μ > 0."
    )
    order = 104
    theorem = "pl"
    sign = same("PL")


@dataclass(frozen=True)
class TightStep(OtherTheorem):
    """γ = multiple × the step of the exact rate, where every fᵢ is strongly convex."""

    name = "theory_tight"
    label = Text("from theory, exact rate", "по теории, точная скорость")
    about = Text(
        "The step with the best linear rate that can be proved of EF21; it needs every fᵢ strongly convex and a deterministic compressor.",
        "Шаг с наилучшей линейной скоростью, какую можно доказать для EF21; нужны сильная выпуклость каждой fᵢ "
        "и детерминированный компрессор.",
    )
    order = 106
    theorem = "tight"
    sign = Text("exact", "точный")


@dataclass(frozen=True)
class FixedStep(Step):
    """γ = multiple × a number of one's own."""

    name = "fixed"
    label = Text("fixed γ", "фиксированный γ")
    about = Text("A step of your own.", "Свой шаг.")
    order = 110

    gamma: float = real(0.1, 0.0, 1e9, Text("Step γ", "Шаг γ"), Text("The step size.", "Длина шага."), above=True, logarithmic=True)
    multiple: float = _multiple()

    def size(self, base: StepSize) -> float:
        return self.multiple * self.gamma


@dataclass(frozen=True)
class Start(Spec):
    """Where x⁰ comes from."""

    @abstractmethod
    def point(self, d: int) -> np.ndarray:
        """x⁰, (d,)."""


@dataclass(frozen=True)
class NormalStart(Start):
    """x⁰ = numpy.random.default_rng(seed).normal(size=d)."""

    name = "normal"
    label = Text("standard normal", "нормальное распределение")
    about = Text("Every coordinate drawn from N(0, 1).", "Каждая координата из N(0, 1).")

    seed: int = seed_of(Text("Seed of x⁰", "Зерно x⁰"), Text("Seed of the starting point.", "Зерно начальной точки."))

    def point(self, d: int) -> np.ndarray:
        return generator(Stream.START, self.seed).normal(size=d)


@dataclass(frozen=True)
class ZerosStart(Start):
    """x⁰ = 0."""

    name = "zeros"
    label = Text("zero", "ноль")
    about = Text("x⁰ = 0.", "x⁰ = 0.")

    def point(self, d: int) -> np.ndarray:
        return np.zeros(d)


@dataclass(frozen=True)
class OnesStart(Start):
    """x⁰ = (1, …, 1)."""

    name = "ones"
    label = Text("all ones", "все единицы")
    about = Text("Every coordinate is 1.", "Каждая координата равна 1.")
    order = 110

    def point(self, d: int) -> np.ndarray:
        return np.ones(d)


steps: Family[Step] = Family(
    Step, Text("step", "шаг"), classes=(TheoryStep, ArithmeticStep, PolyakLojasiewiczStep, TightStep, FixedStep), tag="rule"
)
starts: Family[Start] = Family(Start, Text("start", "начальная точка"), classes=(NormalStart, ZerosStart, OnesStart))

FAMILIES: dict[str, Family[Any]] = {
    "dataset": datasets,
    "partition": partitions,
    "objective": objectives,
    "algorithm": algorithms,
    "compressor": compressors,
    "step": steps,
    "start": starts,
}


DEFAULTS: dict[str, str] = {
    "dataset": "mushrooms",
    "partition": "contiguous",
    "objective": "logistic_nonconvex",
    "algorithm": "ef21",
    "compressor": "top_k",
    "step": "theory",
    "start": "normal",
}

NUMBERS: dict[str, Integer] = {
    "rounds": Integer(Text("Rounds", "Раунды"), Text("Rounds of communication.", "Сколько раундов обмена."), 0, MOST_ROUNDS),
    "record_every": Integer(
        Text("Record every", "Запись раз в"), Text("Rounds between records.", "Раундов между записями."), 1, MOST_ROUNDS
    ),
    "seed": Integer(
        Text("Seed", "Зерно"), Text("Of the compressor's and the method's randomness.", "Случайности сжатия и метода."), 0, 2**31 - 1
    ),
}


@dataclass(frozen=True)
class RunSpec:
    """One run, completely: equal specs have equal keys, and a key names one trace for ever."""

    dataset: Dataset
    partition: Partition
    objective: Objective
    algorithm: Algorithm
    compressor: Compressor
    step: Step
    start: Start
    rounds: int = 400
    record_every: int = 1
    seed: int = 0

    @staticmethod
    def make(given: Json) -> RunSpec:
        """A checked RunSpec from a mapping (or one already made). What is left out takes its default. Raises Refusal in words."""
        if isinstance(given, RunSpec):
            return given
        if not isinstance(given, Mapping):
            raise Refusal(
                Text("a run is a JSON object, got {given}", "запуск — это объект JSON, а получено {given}").format(given=shown(given))
            )
        known = (*FAMILIES, *NUMBERS)
        for field in given:
            if field not in known:
                raise Refusal(
                    Text("a run has no field {field}; its fields: {known}", "у запуска нет поля {field}; есть поля: {known}").format(
                        field=shown(field), known=", ".join(known)
                    )
                )
        members = {noun: family.make(given.get(noun, DEFAULTS[noun])) for noun, family in FAMILIES.items()}
        numbers = {name: field.check(given[name], "run", name) for name, field in NUMBERS.items() if name in given}
        return RunSpec(**members, **numbers)

    def json(self) -> dict[str, Json]:
        """The inverse of `make`, every default written out."""
        members = {noun: family.json(getattr(self, noun)) for noun, family in FAMILIES.items()}
        return {**members, **{name: getattr(self, name) for name in NUMBERS}}

    @cached_property
    def key(self) -> str:
        """24 hexadecimal digits of SHA-256 of the canonical JSON."""
        canonical = json.dumps([KEY_SALT, self.json()], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:24]


class Plan(NamedTuple):
    """What is settled before any data is touched again: the compressor for this layout, and the step."""

    compressor: Compressor  # bound to the problem's layout
    base_step: StepSize
    gamma: float


def plan(spec: RunSpec, facts: Facts) -> Plan:
    """Bind and check a run against the facts of its problem. Raises Refusal where the parts do not fit each other."""
    compressor = spec.algorithm.messenger(spec.compressor).bound(facts.layout)
    reason = spec.algorithm.refusal(facts, compressor)
    if reason is not None:
        raise Refusal(reason)
    base = spec.step.base(spec.algorithm, facts, compressor)
    step = base._replace(gamma=spec.step.size(base))
    if not step.is_number:
        raise Refusal(_lost(step))
    return Plan(compressor, base if base.is_number else base._replace(proved=False, source=_lost(base)), step.gamma)


def _lost(step: StepSize) -> Text:
    """Why a step that is no number is none."""
    return TOO_SHORT if step.gamma < 1.0 else TOO_LONG


_problems: Kept[tuple[Dataset, Partition, Objective], Problem] = Kept(PROBLEMS_KEPT)
_tables: Kept[Dataset, Table] = Kept(TABLES_KEPT)


def problem_of(dataset: Dataset, partition: Partition, objective: Objective) -> Problem:
    """The problem, kept for the next run on it."""
    return _problems.get((dataset, partition, objective), lambda: _posed(dataset, partition, objective))


def _posed(dataset: Dataset, partition: Partition, objective: Objective) -> Problem:
    table = table_of(dataset, partition.nodes)
    return objective.on(table, partition.assign(table), partition.nodes)


def table_of(dataset: Dataset, nodes: int) -> Table:
    """The rows of a dataset as `nodes` nodes will share them."""
    return dataset.load_for(nodes) if isinstance(dataset, PerNode) else _tables.get(dataset, dataset.load)


def start_run(given: RunSpec | Mapping[str, Json], checkpoint: Checkpoint | None = None) -> Optimization:
    """The records of a run as an iterator, from round 0 or after a checkpoint."""
    spec = RunSpec.make(given)
    problem = problem_of(spec.dataset, spec.partition, spec.objective)
    planned = plan(spec, problem.facts)
    return optimize(
        problem,
        spec.algorithm,
        planned.compressor,
        x0=spec.start.point(problem.d)[None, :],
        gammas=[planned.gamma],
        seeds=[spec.seed],
        rounds=spec.rounds,
        record_every=spec.record_every,
        snapshots=snapshot_rounds(spec.rounds, spec.record_every),
        checkpoint=checkpoint,
    )


def snapshot_rounds(rounds: int, record_every: int = 1) -> range:
    """The rounds whose messages are kept: round 0, then evenly, about SNAPSHOTS in all."""
    every = -(-max(rounds, 1) // SNAPSHOTS)
    return range(0, rounds + 1, -(-every // record_every) * record_every)


def stream(given: RunSpec | Mapping[str, Json]) -> Iterator[Record]:
    """Records as they are computed, in this process."""
    return start_run(given)


def run(given: RunSpec | Mapping[str, Json]) -> Trace:
    """The whole run, in this process."""
    return trace_of(stream(given))


def describe(given: RunSpec | Mapping[str, Json]) -> dict[str, Json]:
    """The constants of a run before it starts; None (null) where a quantity is not defined or not certified."""
    spec = RunSpec.make(given)
    return described(spec, problem_of(spec.dataset, spec.partition, spec.objective).facts)


def described(spec: RunSpec, facts: Facts) -> dict[str, Json]:
    """`describe` from the facts of the problem alone; θ, β and γ are those of `alpha_received`, the α of messages as they arrive."""
    compressor, _, gamma = plan(spec, facts)
    alpha = compressor.received_alpha(facts.d)
    bits, floats = spec.algorithm.cost(compressor, facts.d)
    first_down, down = spec.algorithm.cost_down(facts)
    return {
        "d": facts.d,
        "nodes": facts.nodes,
        "rows": facts.rows,
        "L": float(facts.smoothness),
        "L_authors": facts.pooled_smoothness,
        "node_L": [float(value) for value in facts.node_smoothness],
        "L_tilde": theory.quadratic_mean(facts.node_smoothness),
        "mu": facts.mu,
        "alpha": compressor.alpha(facts.d),
        "alpha_received": alpha,
        "theta": None if alpha is None else theory.theta(alpha),
        "beta": None if alpha is None else theory.beta(alpha),
        "gamma": float(gamma),
        "bits_per_round": bits,
        "floats_per_round": floats,
        "bits_down_first_round": first_down,
        "bits_down_per_round": down,
    }
