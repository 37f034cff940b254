"""The hook is EF21 as in the paper, in processes that train for real: what the optimiser is given, to the last digits, whatever happens."""

import importlib.util
import json
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from ef21lab.cli.ports import free_port
from ef21lab.compressors.base import compressors

pytestmark = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")

IN_TWO = (
    "pairs",
    "plainly",
    "halves",
    "accumulated",
    "composed",
    "several_models",
    "uneven",
    "restored",
    "unused",
    "overflowing",
    "refused",
)
ST_HOSVD, TOP_K = {"name": "st_hosvd", "ranks": 2}, {"name": "top_k", "k": 3}
ETA = 0.3
PAIRS = [
    (ST_HOSVD, "ef21"),
    (ST_HOSVD, "ef14"),
    (ST_HOSVD, "ef21_sgdm"),
    (TOP_K, "full"),
    (TOP_K, "zero"),
    (TOP_K, "dcgd"),
    ("identity", "ef21"),
]


ACTS = {
    "two": {"size": 2, "scenarios": IN_TWO},
    "four": {"size": 4, "scenarios": ("one_pair", "in_a_group")},
    "SIGKILL": {"size": 3, "signal": "SIGKILL"},
    "SIGSTOP": {"size": 3, "signal": "SIGSTOP"},
}


class Seen(NamedTuple):
    """What came of an act: the exit codes of its processes, and what each of them saw, by scenario."""

    codes: list[int]
    found: dict[str, list[Any]]
    words: str


@pytest.fixture(scope="module")
def acts(tmp_path_factory):
    """One program for all, so that PyTorch is imported once."""
    here = tmp_path_factory.mktemp("among")
    asked = [act | {"name": name, "port": free_port()} for name, act in ACTS.items()]
    program = [sys.executable, str(Path(__file__).parent / "among.py"), json.dumps(asked), str(here)]
    done = subprocess.run(
        program, env=os.environ | {"OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stderr
    return {name: Seen(codes, seen_in(here, name), done.stderr) for name, codes in json.loads(done.stdout).items()}


def seen_in(here, name):
    each = [pickle.loads(file.read_bytes()) for file in sorted(here.glob(f"{name}-*.pickle"))]
    return {scenario: [one[scenario] for one in each] for scenario in each[0]} if each else {}


@pytest.fixture
def two(acts):
    assert acts["two"].codes == [0, 0], acts["two"].words
    return acts["two"].found


# The papers' recursions, parameter by parameter, with real messages. ∇[t][i] is the gradient of node i in step t, a vector.


class Wire:
    """C by its messages, and how many bits they have taken: vectors exactly, a kernel as a tensor of three sides."""

    def __init__(self, spec, shape):
        small, folded = len(shape) < 2, isinstance(spec, dict) and spec["name"] == "st_hosvd"
        sides = [*shape[:2], shape[2] * shape[3]] if len(shape) == 4 else [*shape]
        self.compressor = compressors.make("identity" if small else {**spec, "dims": sides} if folded else spec)
        self.bits = 0

    def __call__(self, v, compressor=None):
        compressor = compressor or self.compressor
        message = compressor.encode(v)
        self.bits += message.bits
        return compressor.decode(message, len(v))


def ef21(C, gradients, g):
    """Richtárik, Sokolov, Fatkhullin (2021), Algorithm 2, from gᵢ⁰ on: Σ gᵢ/n of every step."""
    yield sum(g) / len(g)
    for step in gradients[1:]:
        g = [g_i + C(gradient - g_i) for g_i, gradient in zip(g, step, strict=True)]
        yield sum(g) / len(g)


def compressed(C, gradients):
    return ef21(C, gradients, [C(gradient) for gradient in gradients[0]])


def full(C, gradients):
    return ef21(C, gradients, [C(gradient, compressors.make("identity")) for gradient in gradients[0]])


def zero(C, gradients):
    return ef21(C, gradients, [np.zeros_like(gradient) for gradient in gradients[0]])


def sgdm(C, gradients):
    """Fatkhullin, Tyurin, Richtárik (2023): EF21 on vᵢ⁺ = (1 − η)vᵢ + η∇fᵢ."""
    v = [gradients[0]]
    for step in gradients[1:]:
        v.append([(1 - ETA) * v_i + ETA * gradient for v_i, gradient in zip(v[-1], step, strict=True)])
    return compressed(C, v)


def ef14(C, gradients):
    """Stich, Cordonnier, Jaggi (2018), Algorithm 1 in units of gradients: Σ C(eᵢ + ∇fᵢ)/n."""
    e = [np.zeros_like(gradient) for gradient in gradients[0]]
    for step in gradients:
        p = [e_i + gradient for e_i, gradient in zip(e, step, strict=True)]
        said = [C(p_i) for p_i in p]
        e = [p_i - s_i for p_i, s_i in zip(p, said, strict=True)]
        yield sum(said) / len(said)


def dcgd(C, gradients):
    for step in gradients:
        yield sum(map(C, step)) / len(step)


LITERAL = {"ef21": compressed, "full": full, "zero": zero, "ef21_sgdm": sgdm, "ef14": ef14, "dcgd": dcgd}


def assert_literal(found, spec, method, rtol=1e-9, atol=1e-12):
    """What processes saw is what the transcription makes of their gradients, its bits too."""
    shapes = {name: each.shape for name, each in found[0]["steps"][0][1].items()}
    bits = 0
    for name, shape in shapes.items():
        wire = Wire(spec, shape)
        gradients = [
            [own.get(name, np.zeros(shape)).ravel() for own, _ in step] for step in zip(*(each["steps"] for each in found), strict=True)
        ]
        for step, expected in enumerate(LITERAL[method](wire, gradients)):
            for each in found:
                if name in (given := each["steps"][step][1]):
                    np.testing.assert_allclose(given[name].ravel(), expected, rtol=rtol, atol=atol, err_msg=f"{name}, step {step}")
        bits += wire.bits
    return bits


def assert_replicas(found):
    for other in found[1:]:
        for name, weights in found[0]["weights"].items():
            assert np.array_equal(weights, other["weights"][name]), name
        for (_, given), (_, here) in zip(found[0]["steps"], other["steps"], strict=True):
            assert all(np.array_equal(given[name], here[name]) for name in given)


@pytest.mark.parametrize("number", range(len(PAIRS)), ids=[f"{method}-{number}" for number, (_, method) in enumerate(PAIRS)])
def test_the_optimiser_is_given_what_the_paper_says(two, number):
    spec, method = PAIRS[number]
    found = [each[number] for each in two["pairs"]]
    bits = assert_literal(found, spec, method)
    assert bits == sum(each["bits"] for each in found)
    assert_replicas(found)


@pytest.mark.parametrize("number", range(3), ids=["ef21", "ef14", "ef21_sgdm"])
def test_the_weights_are_those_of_the_method_in_a_simulation(two, number):
    """EF14's messages are γ times as long there, so their float32 is another."""
    from .simulated import steps_of

    spec, method = PAIRS[number]
    settings = {"name": method, **({"eta": ETA, "batch": 8} if method == "ef21_sgdm" else {})}
    near = {"rtol": 1e-5, "atol": 1e-8} if method == "ef14" else {"rtol": 1e-10}
    for name, weights in steps_of(settings, {"name": "per_layer", "inner": spec}, steps=6).items():
        np.testing.assert_allclose(two["pairs"][0][number]["weights"][name], weights, **near, err_msg=name)


def test_nothing_is_lost_of_what_is_sent_whole(two):
    """Identity with EF21's memory gives the mean of the gradients but for the float32 of its messages."""
    found = [each[len(PAIRS) - 1]["steps"] for each in two["pairs"]]
    for step in zip(*found, strict=True):
        for name in step[0][0]:
            np.testing.assert_allclose(step[0][1][name], np.mean([own[name] for own, _ in step], axis=0), rtol=1e-6, atol=1e-7)


def test_identity_without_a_memory_is_plain_ddp_to_the_bit(two):
    """Of two processes: both halve before they add, and so do we but for the order, which two numbers do not have."""
    for found in two["plainly"]:
        for given, plain in found:
            assert all(np.array_equal(given[name], plain[name]) for name in plain)


@pytest.mark.parametrize(("dtype", "rtol"), [("torch.float32", 1e-4), ("torch.bfloat16", 2e-2), ("torch.float16", 2e-3)])
def test_gradients_keep_their_type_and_replicas_agree(two, dtype, rtol):
    found = [each[dtype] for each in two["halves"]]
    assert_literal(found, ST_HOSVD, "ef21", rtol=rtol, atol=rtol / 20)
    assert_replicas(found)


def test_with_no_sync_the_accumulated_gradient_is_what_is_sent(two):
    assert_literal(two["accumulated"], TOP_K, "ef21")
    assert_replicas(two["accumulated"])


@pytest.mark.parametrize("how", ["static_graph", "gradient_as_bucket_view", "gradient_as_bucket_view, no_sync", "fp16_compress_wrapper"])
def test_it_composes_with_what_else_ddp_can_do(two, how):
    found, rtol = [each[how] for each in two["composed"]], 2e-3 if how == "fp16_compress_wrapper" else 1e-9
    bits = assert_literal(found, ST_HOSVD, "ef21", rtol=rtol, atol=rtol / 20)
    assert bits == sum(each["bits"] for each in found)  # the wrapper makes no message shorter
    assert_replicas(found)


@pytest.mark.parametrize("model", range(4), ids=["own state", "own state of another", "a state for both", "the other of both"])
def test_several_models_do_not_get_into_each_other_s_memory(two, model):
    found = [each[model] for each in two["several_models"]]
    assert_literal(found, ST_HOSVD, "ef21")
    assert_replicas(found)


def test_who_has_run_out_of_mini_batches_has_gradients_of_zero(two):
    assert_literal(two["uneven"], TOP_K, "ef21")


def test_a_state_that_is_loaded_goes_on_to_the_same_bits(two):
    for found in two["restored"]:
        for (through, bits), *others in found:
            for weights, counted in others:
                assert counted == bits
                assert all(np.array_equal(weights[name], through[name]) for name in through)


def test_a_parameter_that_some_do_not_use_has_a_gradient_of_zero_there(two):
    """And where nobody uses it, the optimiser is given none, as without a hook."""
    for each in two["unused"]:
        assert ["spare.weight" in given for _, given in each["steps"]][0]
    assert_literal(two["unused"], TOP_K, "ef21")


def test_what_overflows_in_one_process_is_nan_in_all_and_remembered_by_none(two):
    for given, unchanged in two["overflowing"]:
        assert all(np.isnan(each).all() for each in given.values())
        assert unchanged


def test_what_cannot_be_is_refused_in_words(two):
    words = ["sparse=False", "'k': 4", "rank = ", "spare.", "one of ef21, ", "compressor residual: ", "registered with a dict as its state"]
    words += ["was given a Tensor. FSDP", "was given a Tensor. FSDP", "was given a tuple. FSDP", "can only be called once"]
    for found in two["refused"]:
        for said, expected in zip(found, words, strict=True):
            assert expected in said


def test_every_parameter_has_its_line_in_the_report(two):
    for each in two["pairs"]:
        told = {one.name: one for one in each[0]["report"]}
        assert sum(one.bits for one in told.values()) == each[0]["bits"] <= 8 * each[0]["bytes"]
        assert {one.rounds for one in told.values()} == {6}
        assert told["second.weight"].shape == (6, 4, 3, 3)
        assert 0 < told["second.weight"].relative_error < 1
        assert told["last.bias"].relative_error < 1e-7


def test_four_processes_and_two_in_a_group_of_theirs(acts):
    assert acts["four"].codes == [0] * 4, acts["four"].words
    found = acts["four"].found
    for those in (found["one_pair"], found["in_a_group"][:2], found["in_a_group"][2:]):
        assert_literal(those, ST_HOSVD, "ef21")
        assert_replicas(those)


@pytest.mark.parametrize("number", ["SIGKILL", "SIGSTOP"])
def test_a_process_that_dies_or_falls_silent_hangs_nobody(acts, number):
    assert acts[number].codes == [2, 2, -signal.SIGKILL], acts[number].words
    said = acts[number].words.split(f"{number}: Lost: ")[1:]
    assert len(said) == 2
    assert all("another process no longer answers" in each for each in said)


def test_the_lab_itself_does_not_import_pytorch():
    program = "import sys, ef21lab, ef21lab.cli, ef21lab.algorithms.base as a; a.algorithms.members; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=120).returncode == 0


def test_random_operators_draw_anew_for_every_parameter_process_and_round():
    from ef21lab.torch.layers import HookedLayer

    rand_k, wanted = compressors.make({"name": "rand_k", "k": 8}), np.ones(256)
    layers = [HookedLayer(name, (256,), rand_k, place) for place, name in enumerate("ab")]
    said = [layer.encoded(rand_k, wanted, seed=0, rank=rank).payload for layer in layers for rank in (0, 1)]
    layers[0].rounds += 1
    said.append(layers[0].encoded(rand_k, wanted, seed=0, rank=0).payload)
    assert len({*said}) == len(said)
