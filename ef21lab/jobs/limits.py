"""What a visitor may ask for, and what a run is expected to cost before it is accepted."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ef21lab.channels.last import SNAPSHOT_FLOATS
from ef21lab.choices.text import Refusal, Text
from ef21lab.choices.written import whole
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts
from ef21lab.runs.experiment import snapshot_rounds
from ef21lab.runs.lanes import groups
from ef21lab.runs.planned import Planned, plan
from ef21lab.runs.record import column_names
from ef21lab.runs.spec import RunSpec

# Seconds, measured on one core of a shared server. What comes of them is 0.4 to 36 times the truth (`benchmarks pace`): it only decides
# whether a run is tried before it is accepted, and the trial was within a factor of 2.
PER_ROUND = 1.5e-4  # the loop itself
PER_ENTRY = 4e-9  # a number of the data, read by both products of a round
PER_FLOAT = 2e-8  # a coordinate of one node's message: gradient, difference, estimate, metrics
LANE = 0.4  # of the seconds of a run alone that one more lane takes beside it
TRIED_ABOVE = 1 / 20  # of the seconds allowed: what seems to take longer is tried
HOPELESS = 100  # times the seconds allowed: what seems to take longer is not even tried

SURE = 1.0  # seconds of computing after which the pace of a run is known
LENIENCE = 2.0

ENVIRONMENT = "EF21LAB_LIMIT_"
STORE_MB = "EF21LAB_STORE_MB"  # how much the record of runs may take
TOKEN = "EF21LAB_ADMIN"  # what its operator shows to change it for everybody

TOO_MANY = Text(
    "{what}: {asked} asked for, at most {limit} allowed here — lower {how}", "{what}: задано {asked}, здесь можно не больше {limit} — {how}"
)
TOO_LONG = Text(
    "this run would compute for about {seconds:second|seconds}, and {limit} are allowed here — "
    "lower the rounds, the nodes or the tensor's sides",
    "на этот запуск ушло бы около {seconds:секунды|секунд|секунд} вычислений, а здесь можно {limit} — "
    "уменьшите число раундов, узлов или стороны тензора",
)
TOO_SLOW = Text(
    "stopped: {rounds:round|rounds} took {seconds} s, so all would take about {whole} s, and {limit} s are allowed here — "
    "lower the rounds, the nodes, the ranks or the sweeps",
    "остановлен: на {rounds:раунд|раунда|раундов} ушло {seconds} с, на все ушло бы около {whole} с, а здесь можно {limit} с — "
    "уменьшите число раундов, узлов, ранги или число проходов",
)
NOT_A_LIMIT = Text("{name}={value}: a positive number is expected", "{name}={value}: нужно положительное число")


@dataclass(frozen=True)
class Limits:
    """Bounds that no visitor passes. EF21LAB_LIMIT_ROUNDS=100000 and so on set them for a server."""

    rounds: int = 20_000
    nodes: int = 500
    seconds: int = 300  # of one worker, for one run
    gradient_floats: int = 20_000_000  # of all nodes together, nodes × d: 160 MB, and a method keeps several such arrays
    stored_floats: int = 8_000_000  # of one run: 64 MB
    running: int = 48  # runs of one visitor at a time; those that are computed together count as one
    queue: int = 400  # … of everybody
    alone: int = 43_200  # seconds that a grid or a race goes on after its page was closed

    @staticmethod
    def of(environment: Mapping[str, str] = os.environ) -> Limits:
        """The defaults, changed where the environment says so."""
        named = {field.name: f"{ENVIRONMENT}{field.name.upper()}" for field in dataclasses.fields(Limits)}
        return Limits(**{field: _positive(name, environment[name]) for field, name in named.items() if name in environment})

    def check_size(self, spec: RunSpec) -> None:
        """What is known before the data are. Raises Refusal."""
        _at_most(self.rounds, spec.rounds, ROUNDS, Text("the rounds", "уменьшите число раундов"))
        _at_most(self.nodes, spec.partition.nodes, NODES, Text("the nodes", "уменьшите число узлов"))

    def check_cost(self, run: Planned, pace: Callable[[], float]) -> None:
        """What the run is expected to take; `pace()` measures the seconds of a round where arithmetic leaves it open. Raises Refusal."""
        spec, facts = run.spec, run.facts
        _at_most(self.gradient_floats, facts.nodes * facts.d, GRADIENTS, Text("the nodes", "уменьшите число узлов"))
        seconds = estimated_seconds(run)
        if self.seconds * TRIED_ABOVE < seconds <= self.seconds * HOPELESS:
            seconds = spec.rounds * pace()
        if seconds > self.seconds:
            raise Refusal(TOO_LONG.format(seconds=_round(seconds), limit=self.seconds))
        _at_most(self.stored_floats, stored_floats(spec, facts), STORED, FEWER_RECORDS)

    def check_measured(self, spec: RunSpec, round: int, seconds: float) -> None:
        """What `round` rounds did take, in seconds of a worker, and what all will at this pace. Raises Refusal.

        A machine that is busy makes every run slower, so the bound is held with a factor of LENIENCE.
        """
        whole = seconds * (spec.rounds + 1) / (round + 1)
        if seconds >= SURE and whole > LENIENCE * self.seconds:
            raise Refusal(TOO_SLOW.format(rounds=round + 1, seconds=_round(seconds), whole=_round(whole), limit=self.seconds))


def store_bytes(environment: Mapping[str, str], usual: int) -> int:
    """How many bytes the record of runs may take. Raises Refusal for what is no number of megabytes."""
    return _positive(STORE_MB, environment[STORE_MB]) * 1024**2 if STORE_MB in environment else usual


ROUNDS = Text("rounds", "раунды")
NODES = Text("nodes", "узлы")
GRADIENTS = Text("coordinates of all nodes' gradients", "координат в градиентах всех узлов")
STORED = Text("numbers kept of one run", "чисел в записи одного запуска")
FEWER_RECORDS = Text("the rounds or record less often", "уменьшите число раундов или записывайте реже")


def estimated_seconds(run: Planned) -> float:
    """Seconds of one worker: rounds × (the loop + the data + every node's coordinates + every message, made one by one).

    A record of a method that looks at a few rows only goes through all of them.
    """
    spec, facts, compressor = run.spec, run.facts, run.compressor
    floats = facts.nodes * facts.d
    operators = [compressor, *(part for part in vars(spec.algorithm).values() if isinstance(part, Compressor))]  # a downlink's too
    messages = sum(operator.effort(facts.d, facts.nodes if operator is compressor else 1) for operator in operators)
    passes = spec.algorithm.passes(facts)
    entries = facts.entries * max(passes, min(1.0, passes + 1.0 / spec.record_every))
    return spec.rounds * (PER_ROUND + PER_ENTRY * entries + PER_FLOAT * floats + messages)


def seconds_together(runs: Sequence[RunSpec], facts: Facts) -> float:
    """Seconds of one worker for runs on one problem, those that may share lanes computed together."""
    return sum(estimated_seconds(plan(runs[group[0]], facts)) * (1.0 + LANE * (len(group) - 1)) for group in groups(runs))


def stored_floats(spec: RunSpec, facts: Facts) -> int:
    """Numbers of eight bytes that the store keeps."""
    records = spec.rounds // spec.record_every + 1
    one_snapshot = min(facts.nodes * facts.d, max(SNAPSHOT_FLOATS, facts.d))  # two arrays of float32
    columns = len(column_names()) + (spec.held_out > 0.0)
    return facts.d + records * (columns + facts.nodes) + len(snapshot_rounds(spec.rounds, spec.record_every)) * one_snapshot


def _at_most(limit: int, asked: int, what: Text, how: Text) -> None:
    if asked > limit:
        raise Refusal(TOO_MANY.format(what=what, asked=asked, limit=limit, how=how))


def _round(seconds: float) -> float:
    """To two digits, or to whole seconds where there are more."""
    return float(f"{seconds:.2g}") if seconds < 100 else round(seconds)


def _positive(name: str, value: str) -> int:
    if not (number := whole(value)):
        raise Refusal(NOT_A_LIMIT.format(name=name, value=value[:40]))
    return number
