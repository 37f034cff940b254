"""The clock of a run: how many nodes it has, and whether its messages can be summed on their way."""

from __future__ import annotations

from collections.abc import Mapping

from ef21lab.choices.fields import Json
from ef21lab.clocks.base import Clock, Topology, topologies
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec


def clock(spec: RunSpec | Mapping[str, Json], network: Topology | Json) -> Clock:
    """How long a run takes on a network, as a function of its record: `clock(spec, "ring").seconds(run(spec))` is (records,), in seconds.

    Messages of mean size stand for all; what a node computes is its share of the seconds measured on this machine. Raises Refusal where
    the run or the network is none.
    """
    run, topology = RunSpec.make(spec), topologies.make(network)
    nodes = problem_of(run).nodes
    return topology.clock(nodes, is_summable(run))


def is_summable(spec: RunSpec) -> bool:
    """Whether its messages are dense, so that a network may sum them on their way."""
    return spec.algorithm.sends_whole or spec.compressor.summable
