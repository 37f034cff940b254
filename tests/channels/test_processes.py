"""Nodes in processes of their own give the trace of the simulation: bits equal, numbers but for their last digits, whatever is sent."""

import importlib.util
import json
import os
import pickle
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from ef21lab.algorithms.base import algorithms
from ef21lab.channels.base import DIVERGED
from ef21lab.channels.processes import shares
from ef21lab.choices.text import Refusal
from ef21lab.cli.ports import free_port
from ef21lab.kept import array_bytes
from ef21lab.runs.experiment import run, start_run
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")

BILL = ("round", "bits_up", "floats_up", "bits_down")
MESSAGES = (
    {"name": "top_k", "k": 2},
    {"name": "st_hosvd"},
    {"name": "rand_k", "k": 3, "scaling": "unbiased"},
    {"name": "qsgd"},
    {"name": "then"},
)
SEVEN: dict = {"dataset": "breast_cancer", "partition": {"name": "unequal", "nodes": 7}, "rounds": 6, "seed": 5}
PAIRS = [SEVEN | {"algorithm": method, "compressor": message} for method in algorithms.members for message in MESSAGES]
OTHERS = [
    {"dataset": "mushrooms", "rounds": 4},
    {"dataset": "digits", "objective": "softmax", "partition": {"name": "by_label", "nodes": 5}, "rounds": 4},
    SEVEN | {"algorithm": {"name": "ef21_bc", "downlink": "qsgd", "downlink_init": "compressed"}},
    SEVEN | {"algorithm": {"name": "ef21", "init": "zero"}, "record_every": 4},
    SEVEN | {"algorithm": {"name": "ef21_w", "init": "full"}},
    SEVEN | {"algorithm": {"name": "ef21_sgd", "batch": 3}},
    SEVEN | {"objective": "least_squares", "rounds": 40, "step": {"rule": "fixed", "gamma": 1e9, "multiple": 1e6}},  # diverges, see below
    SEVEN | {"partition": {"name": "contiguous", "nodes": 1}},
    SEVEN | {"precision": "float32"},
    SEVEN | {"compressor": {"name": "power_sgd", "warm": True}},
    SEVEN | {"held_out": 0.3},
]
RUNS = PAIRS + OTHERS
MANY = {"nodes": 20}  # of the default partition


def ended(here, size, asked):
    """The exit codes of so many processes that were asked to compute this, and their words."""
    (here / "runs.json").write_text(json.dumps(asked))
    program = [sys.executable, Path(__file__).parent / "among.py", size, free_port(), here / "runs.json", here / "out.pickle"]
    told = os.environ | {"OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}
    done = subprocess.run([*map(str, program)], env=told, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


@pytest.fixture(scope="module", params=[2, 4])
def found(request, tmp_path_factory):
    """What came of every run, by its number, in so many processes."""
    here = tmp_path_factory.mktemp("among")
    codes, words = ended(here, request.param, RUNS)
    assert codes == [0] * request.param, words
    return request.param, pickle.loads((here / "out.pickle").read_bytes())


@cache
def simulated(number):
    """What comes of a run of RUNS without processes, or the words with which it is refused."""
    try:
        return run(RUNS[number])
    except Refusal as refusal:
        return str(refusal)


def largest(trace):
    """‖∇f‖², of the rounds in which it is finite."""
    column = trace["grad_norm_sq"]
    return np.max(column[np.isfinite(column)])


def assert_within(column, known, within):
    """Closer than `within` where finite numbers are known, the same where they are not."""
    finite = np.isfinite(known)
    assert np.array_equal(column[~finite], known[~finite], equal_nan=True)
    assert np.all(np.abs(column[finite] - known[finite]) <= within[finite])


def called(number):
    given = RUNS[number]
    names = [member if isinstance(member, str) else member["name"] for noun in ("algorithm", "compressor") if (member := given.get(noun))]
    return "-".join([str(number), *names])


@needs_torch
@pytest.mark.parametrize("number", range(len(RUNS)), ids=called)
def test_the_trace_is_that_of_the_simulation(found, number):
    size, results = found
    simulation, result = simulated(number), results[number]
    if RUNS[number].get("partition", MANY)["nodes"] < size:
        assert "cannot share" in result
        return
    if isinstance(simulation, str) or isinstance(result, str):
        assert result == simulation
        return
    trace, x, (up, down), _ = result
    for name in simulation.names:
        if name in BILL:
            assert np.array_equal(trace[name], simulation[name]), name
        elif name == "distortion":  # where it is all rounding, as of gradients sent whole, it is no more exact than ∇f is
            known = simulation[name]
            assert_within(trace[name], known, 1e-12 * known + 1e-13 * np.sqrt(known) * np.sqrt(largest(simulation)))
        elif name != "seconds":
            np.testing.assert_allclose(trace[name], simulation[name], rtol=1e-12, err_msg=name)
    np.testing.assert_allclose(x, simulation.x, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(trace.contraction, simulation.contraction, rtol=1e-9, atol=1e-12)
    assert trace.snapshots.keys() == simulation.snapshots.keys()
    for round, shot in simulation.snapshots.items():
        assert np.array_equal(trace.snapshots[round].nodes, shot.nodes)
        np.testing.assert_allclose(trace.snapshots[round].received, shot.received, rtol=1e-6, atol=1e-9)
    nodes = trace.contraction.shape[1]
    messages = nodes * (1 + 2 * trace["round"][-1])  # at most: MARINA may send twice in a round
    bits = trace["bits_up"][-1] * nodes
    assert bits / 8 <= up < bits / 8 + messages  # a message ends with its byte
    assert trace["bits_down"][-1] * nodes / 8 <= down < trace["bits_down"][-1] * nodes / 8 + messages


@needs_torch
def test_a_process_keeps_the_rows_of_its_nodes_and_no_others(found):
    """Of the default problem, whose nodes have as many rows each, to one; beside them the facts, which are of a few vectors."""
    size, results = found
    number = next(number for number, given in enumerate(RUNS) if given.get("dataset") == "mushrooms")
    elsewhere, here = results[number][-1]
    asked = RunSpec.make(RUNS[number])
    whole = array_bytes(problem_of(asked))
    assert elsewhere == 0
    assert 0.8 * whole / size < here < 1.2 * whole / size


def test_a_run_diverges_in_one_node_before_the_others():
    """So the processes that do not hold it must be told."""
    given = next(given for given in OTHERS if "step" in given)
    going = start_run(given)
    assert list(going)[-1].round < given["rounds"]
    gradients = going.problem.gradients(going.checkpoint().state["x"])[0]  # (nodes, d)
    assert np.count_nonzero(np.abs(gradients).max(axis=-1) >= DIVERGED) == 1


def test_most_pairs_are_compared_and_not_refused():
    assert sum(not isinstance(simulated(number), str) for number in range(len(PAIRS))) >= 0.8 * len(PAIRS)


@needs_torch
@pytest.mark.parametrize("number", ["SIGKILL", "SIGSTOP"])
def test_a_process_that_dies_or_falls_silent_hangs_nobody(tmp_path, number):
    codes, words = ended(tmp_path, 3, {"run": SEVEN | {"rounds": 100_000}, "signal": number})
    assert codes == [2, 2, -signal.SIGKILL]
    assert words.count("another process no longer answers") == 2


@pytest.mark.parametrize(("nodes", "processes"), [(7, 2), (7, 4), (20, 3), (5, 5), (1, 1)])
def test_shares_are_in_order_complete_and_even_within_one(nodes, processes):
    held = shares(nodes, processes)
    assert [node for share in held for node in share] == list(range(nodes))
    assert len(held) == processes
    assert max(map(len, held)) - min(map(len, held)) <= 1


def test_more_processes_than_nodes_are_refused():
    with pytest.raises(Refusal, match=r"4 processes cannot share 3 nodes.*1\.\.3"):
        shares(3, 4)
