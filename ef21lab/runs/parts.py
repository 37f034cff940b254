"""A run whose nodes are processes: what each of them needs of the problem, and its records."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ef21lab.channels.network import Network
from ef21lab.channels.processes import ProcessChannel, Wire, shares
from ef21lab.problems.base import Facts, Point, Problem
from ef21lab.problems.held_out import HeldOut
from ef21lab.runs.experiment import snapshot_rounds
from ef21lab.runs.loop import Optimization, optimize
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import forget, measured_on, problem_of, rows_of
from ef21lab.runs.spec import RunSpec

Array = Any


class NodesHere(Problem):
    """The nodes of a problem that one process holds. The facts are those of the whole; at x it knows the gradients of the nodes here,
    (lanes, nodes here, d), and the mean of their fᵢ. Rows that are held out are held by every process."""

    def __init__(self, whole: Facts, held: Problem, held_out: HeldOut | None = None) -> None:
        self.facts, self._held, self.held_out = whole, held, held_out

    def at(self, x: Array) -> Point:
        return self._held.at(x)

    def in_single(self) -> Problem | None:
        held = self._held.in_single()
        return None if held is None else NodesHere(self.facts, held)

    def initial(self, rng: np.random.Generator) -> Array:
        return self._held.initial(rng)


def part_of(spec: RunSpec, whole: Facts, here: range) -> NodesHere:
    """The nodes `here` of the problem of a run: the same objective on their rows only.

    Which rows those are the partition says, who looks at all of them; so every process reads the whole table, and keeps none of the rest.
    """
    table, held_out = rows_of(spec)
    node_of_row = spec.partition.assign(table)
    rows = np.flatnonzero((node_of_row >= here.start) & (node_of_row < here.stop))
    held = table._replace(features=table.features[rows], labels=table.labels[rows])
    problem = spec.objective.on(held, node_of_row[rows] - here.start, len(here))
    return NodesHere(whole, problem, measured_on(spec.objective, held_out))


def start_among(network: Network, spec: RunSpec, wire: Wire) -> Optimization:
    """The records of a run as an iterator, the same in every process of the network; `wire` counts the bytes of its messages.

    Raises Refusal where the parts of the run do not fit each other, or there are more processes than nodes.
    """
    here = shares(spec.partition.nodes, network.size)[network.rank]
    facts = network.agreed(lambda: problem_of(spec).facts)
    planned = plan(spec, facts)
    gamma = planned.gamma
    part = part_of(spec, facts, here)
    forget()  # the whole table, and in the first process the whole problem
    return optimize(
        part,
        spec.algorithm,
        planned.compressor,
        x0=spec.start.point(part)[None, :],
        gammas=[gamma],
        seeds=[spec.seed],
        rounds=spec.rounds,
        record_every=spec.record_every,
        precision=spec.precision,
        snapshots=snapshot_rounds(spec.rounds, spec.record_every),
        shares=[spec.step.share] if spec.step.fades else None,
        stop_at=spec.stop_at,
        connect=partial(ProcessChannel, network, wire=wire),
    )
