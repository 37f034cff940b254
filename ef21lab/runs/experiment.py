"""A run in this process: its records, its trace, and its constants before it starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ef21lab import theory
from ef21lab.choices.fields import Json
from ef21lab.problems.base import Facts
from ef21lab.runs.checkpoint import Checkpoint
from ef21lab.runs.loop import Optimization, optimize
from ef21lab.runs.planned import Planned, plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.record import Record
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace, trace_of

SNAPSHOTS = 40  # a run keeps about this many, evenly spread


def start_run(given: RunSpec | Mapping[str, Json], checkpoint: Checkpoint | None = None, facts: Facts | None = None) -> Optimization:
    """The records of a run as an iterator, from round 0 or after a checkpoint. Raises Refusal where there can be no such run.

    `facts` of its problem, where they are known, are not computed again.
    """
    spec = RunSpec.make(given)
    problem = problem_of(spec, facts)
    planned = plan(spec, problem.facts)
    return optimize(
        problem,
        spec.algorithm,
        planned.compressor,
        x0=spec.start.point(problem)[None, :],
        gammas=[planned.gamma],
        seeds=[spec.seed],
        rounds=spec.rounds,
        record_every=spec.record_every,
        precision=spec.precision,
        snapshots=snapshot_rounds(spec.rounds, spec.record_every),
        checkpoint=checkpoint,
        shares=[spec.step.share] if spec.step.fades else None,
        stop_at=spec.stop_at,
    )


def snapshot_rounds(rounds: int, record_every: int = 1) -> range:
    """The rounds whose messages are kept: round 0, then evenly, about SNAPSHOTS in all."""
    every = -(-max(rounds, 1) // SNAPSHOTS)
    return range(0, rounds + 1, -(-every // record_every) * record_every)


def stream(given: RunSpec | Mapping[str, Json]) -> Iterator[Record]:
    """Records as they are computed, in this process. Raises Refusal where there can be no such run.

    >>> [record.round for record in stream({"rounds": 4, "record_every": 2})]
    [0, 2, 4]
    """
    return start_run(given)


def run(given: RunSpec | Mapping[str, Json]) -> Trace:
    """The whole run, in this process, with the x that it came to. Raises Refusal where there can be no such run.

    >>> trace = run({"compressor": {"name": "top_k", "k": 1}, "rounds": 2})
    >>> trace["bits_up"].tolist()  # per node: a header, 32 bits for the value and 7 for its index among 112, in each message
    [40.0, 80.0, 120.0]
    """
    spec = RunSpec.make(given)
    going = start_run(spec)
    records = [*going]
    return trace_of(records, x=going.checkpoint().point(), spec=spec)


def describe(given: RunSpec | Mapping[str, Json]) -> dict[str, Json]:
    """The constants of a run before it starts; None (null) where a quantity is not defined or not certified.

    Raises Refusal where there can be no such run.

    >>> known = describe({"compressor": {"name": "top_k", "k": 28}})
    >>> known["d"], known["nodes"], known["alpha"], known["bits_per_round"]  # 1 + 32 · 28 + ⌈log₂ C(112, 28)⌉
    (112, 20, 0.25, 985.0)
    """
    spec = RunSpec.make(given)
    return described(plan(spec, problem_of(spec).facts))


def described(planned: Planned) -> dict[str, Json]:
    """`describe` of a run that is settled; θ, β and γ are those of `alpha_received`, the α of messages as they arrive. Raises Refusal."""
    gamma, spec, facts, compressor = planned.gamma, planned.spec, planned.facts, planned.compressor
    alpha = compressor.received_alpha(facts.d)
    bits, floats = spec.algorithm.cost(compressor, facts.d)
    first_down, down = spec.algorithm.cost_down(facts)
    return {
        "d": facts.d,
        "nodes": facts.nodes,
        "rows": facts.rows,
        "L": None if facts.smoothness is None else float(facts.smoothness),
        "L_authors": facts.pooled_smoothness,
        "node_L": None if facts.node_smoothness is None else [float(value) for value in facts.node_smoothness],
        "L_tilde": None if facts.node_smoothness is None else facts.L_tilde,
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
