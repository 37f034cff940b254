"""PowerSGD that goes on from where its last message ended: the recursion of the paper, each node's own, kept with the run."""

from __future__ import annotations

import numpy as np
import pytest

import ef21lab as lab
from ef21lab.channels.arrays import ArrayChannel
from ef21lab.choices.text import Refusal
from ef21lab.compressors.base import compressors
from ef21lab.runs.experiment import start_run
from ef21lab.runs.lanes import run_many
from ef21lab.runs.spec import RunSpec
from ef21lab.streams import Stream, generator

LANES, NODES, SIDES, RANK = 2, 3, (6, 5), 2
WARM = {"name": "power_sgd", "dims": list(SIDES), "ranks": RANK, "warm": True}
D = 30


def said(rounds: int) -> list[np.ndarray]:
    """What nodes want to say, round after round: it drifts, so that the last start is a good one and not the best."""
    rng = np.random.default_rng(0)
    first, drift = rng.normal(size=(2, LANES, NODES, D))
    return [first + 0.3 * round * drift for round in range(rounds)]


def test_messages_are_those_of_the_papers_recursion() -> None:
    """P = orth(M Q), M̂ = P PᵀM, Q ← MᵀP, from the start that a message without memory would have had."""
    channel = ArrayChannel(compressors.make(WARM), seeds=(0, 1), nodes=NODES)
    q: np.ndarray | None = None
    for round, wanted in enumerate(said(5)):
        channel.round = round
        if q is None:
            q = np.stack([channel.compressor.draw(generator(Stream.UPLINK, seed, 0), (NODES, D)) for seed in (0, 1)])
        received, matrices = channel.send(wanted).own, wanted.reshape(LANES, NODES, *SIDES)
        for lane in range(LANES):
            for node in range(NODES):
                m = matrices[lane, node]
                p = np.linalg.qr(m @ q[lane, node])[0]
                np.testing.assert_allclose(received[lane, node].reshape(SIDES), p @ (p.T @ m), rtol=0, atol=1e-5)
                q[lane, node] = m.T @ p


def test_of_a_matrix_that_stays_as_it_is_the_messages_tend_to_those_of_the_svd() -> None:
    """Subspace iteration: the error of the span falls by (σ₃/σ₂)² in each message."""
    rng = np.random.default_rng(1)
    left, right = (np.linalg.qr(rng.normal(size=(side, 5)))[0] for side in SIDES)
    x = (left * [5.0, 3.0, 1.0, 0.5, 0.1] @ right.T).reshape(1, 1, D)
    best = compressors.make({"name": "svd", "dims": list(SIDES), "ranks": RANK}).compress(x).values
    apart = {}
    for name, given in (("warm", WARM), ("cold", WARM | {"warm": False})):
        channel = ArrayChannel(compressors.make(given), seeds=(0,), nodes=1)
        for round in range(12):
            channel.round = round
            apart[name] = float(np.linalg.norm(channel.send(x).own - best))
    assert apart["warm"] < 1e-5 < 1e-2 < apart["cold"]


def test_whoever_is_not_present_keeps_what_it_remembers() -> None:
    channel = ArrayChannel(compressors.make(WARM), seeds=(0, 1), nodes=NODES)
    first, second = said(2)
    channel.send(first)
    before, present = channel.memory.copy(), np.array([[True, False, True], [False, True, True]])
    channel.round = 1
    channel.send(second, present)
    moved = np.any(channel.memory != before, axis=(2, 3))
    np.testing.assert_array_equal(moved, present)


def test_directions_that_are_zero_begin_anew() -> None:
    channel = ArrayChannel(compressors.make(WARM), seeds=(0, 1), nodes=NODES)
    channel.send(np.zeros((LANES, NODES, D)))
    assert not channel.memory.any()
    channel.round = 1
    received = channel.send(said(1)[0]).own
    cold = ArrayChannel(compressors.make(WARM | {"warm": False}), seeds=(0, 1), nodes=NODES)
    cold.round = 1
    np.testing.assert_array_equal(received, cold.send(said(1)[0]).own)


RUN = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 3}, "rounds": 12}
ONE = {"name": "power_sgd", "ranks": 1, "warm": "on"}
OPERATORS = [ONE, {"name": "per_layer", "inner": ONE}]


@pytest.mark.parametrize("compressor", OPERATORS, ids=["alone", "in a layer"])
@pytest.mark.parametrize("method", ["ef21", "ef14", "ef21_plus", "ef21_sgdm", "ef21_pp"])
def test_a_run_goes_on_from_its_checkpoint_to_the_same_bits(method: str, compressor: dict[str, object]) -> None:
    spec = RunSpec.make({**RUN, "algorithm": method, "compressor": compressor})
    whole = [record.grad_norm_sq for record in start_run(spec)]
    begun = start_run(spec)
    early = [next(begun).grad_norm_sq for _ in range(5)]
    later = [record.grad_norm_sq for record in start_run(spec, begun.checkpoint())]
    np.testing.assert_array_equal([*early, *later], whole)


def test_a_lane_remembers_its_own_messages_alone_also_when_its_neighbours_have_ended() -> None:
    common = {**RUN, "objective": "least_squares", "rounds": 30, "compressor": ONE}
    steps = [{"rule": "fixed", "gamma": 1e9, "multiple": 1e9}, {"rule": "fixed", "gamma": 0.01}, {"rule": "fixed", "gamma": 0.05}]
    specs = [{**common, "seed": seed, "step": step} for seed, step in enumerate(steps)]
    together = run_many(specs)
    assert together[0]["round"][-1] < 30
    for spec, trace in zip(specs, together, strict=True):
        np.testing.assert_array_equal(trace["grad_norm_sq"], lab.run(spec)["grad_norm_sq"])


def test_it_has_no_certificate_and_says_why() -> None:
    warm = compressors.make(WARM)
    assert warm.alpha(D) is None
    assert warm.nominal_alpha(D) == compressors.make(WARM | {"warm": False}).alpha(D)
    assert "with a warm start" in warm.alpha_reason(D).en


def test_truth_values_are_words_too_and_the_default_is_a_new_start() -> None:
    assert compressors.make(WARM) == compressors.make(WARM | {"warm": "on"})
    assert compressors.make("power_sgd") == compressors.make({"name": "power_sgd", "warm": False})
    with pytest.raises(Refusal, match="one of off, on"):
        compressors.make(WARM | {"warm": 2})


def test_where_nothing_is_remembered_a_warm_start_is_refused_in_words() -> None:
    residual = compressors.make({"name": "residual", "first": "top_k", "second": WARM})
    with pytest.raises(Refusal, match="no warm start: warm = off"):
        residual.compress(np.ones(D), residual.draw(np.random.default_rng(0), (D,)))
    with pytest.raises(Refusal, match="the master remembers nothing"):
        lab.run({**RUN, "algorithm": {"name": "ef21_bc", "downlink": {"name": "power_sgd", "warm": True}}})


def test_a_hook_that_remembers_no_messages_refuses_it_in_words() -> None:
    operators = pytest.importorskip("ef21lab.torch.operators", reason="PyTorch is not installed")
    with pytest.raises(Refusal, match="no warm start: warm = off"):
        operators.layer_by_layer(WARM)


def test_where_nothing_is_drawn_nothing_is_remembered() -> None:
    layered = compressors.make({"name": "per_layer", "inner": "top_k", "small": ONE}).fitted(((5, 6),))
    assert ArrayChannel(layered, seeds=(0, 1), nodes=NODES).send(said(1)[0]).own.any()
