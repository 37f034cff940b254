"""Functions and arrays of a program in a run: the same numbers as the lab's own members, honest bits, and no key."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

import ef21lab as lab
from ef21lab.problems.base import Problem
from ef21lab.runs.posed import problem_of

SPEC = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 4}, "rounds": 12}


def first_three(x: np.ndarray) -> np.ndarray:
    kept = np.zeros_like(x)
    largest = np.argsort(-np.abs(x), kind="stable")[:3]
    kept[largest] = x[largest]
    return kept


def test_a_function_that_is_top_k_runs_as_top_k() -> None:
    """The same α but for what float32 may cost it, and so the same step to five digits. Bits are counted densely: 1 + 32 d a message."""
    own = lab.run(SPEC, compressor={"name": "top_k", "k": 3})
    mine = lab.run(SPEC, compressor=lab.compressor(first_three, alpha=lambda d: 3 / d))
    np.testing.assert_allclose(mine["grad_norm_sq"], own["grad_norm_sq"], rtol=1e-5)
    assert mine["bits_up"].tolist() == [(1 + 32 * 30) * (round + 1) for round in range(13)]
    assert "32 bits for every coordinate" in repr(mine)
    claimed = lab.run(SPEC, compressor=lab.compressor(first_three, alpha=0.1, bits=lambda d: 111))
    assert claimed["bits_up"].tolist() == [111 * (round + 1) for round in range(13)]
    assert "taken on its word" in repr(claimed)


def test_its_message_is_real_unless_it_declares_bits() -> None:
    mine, x = lab.compressor(first_three), np.random.default_rng(0).normal(size=9)
    message = mine.encode(x)
    assert np.array_equal(mine.decode(message, 9), mine.compress(x).values)
    assert message.bits == mine.compress(x).bits == 1 + 32 * 9
    with pytest.raises(lab.Refusal, match="what declares its bits has no bytes"):
        lab.compressor(first_three, bits=5).encode(x)


def test_a_random_function_draws_from_the_runs_seed() -> None:
    def masked(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return x * (rng.random(len(x)) < 0.5)

    mine = lab.compressor(masked, alpha=0.5, random=True)
    one, again, other = (lab.run(SPEC, compressor=mine, seed=seed)["loss"] for seed in (0, 0, 1))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_without_alpha_theory_has_no_step_and_a_fixed_one_runs() -> None:
    with pytest.raises(lab.Refusal, match="no certificate"):
        lab.run(SPEC, compressor=first_three)
    assert len(lab.run(SPEC, compressor=first_three, step={"rule": "fixed", "gamma": 0.1})) == 13


def test_a_problem_of_functions_runs_as_the_labs_own() -> None:
    own = lab.RunSpec.make({**SPEC, "compressor": {"name": "top_k", "k": 3}})
    posed = problem_of(own)
    mine = lab.problem(
        lambda x: posed.loss(x[None, :])[0],
        lambda x: posed.gradients(x[None, :])[0],
        d=30,
        nodes=4,
        smoothness=posed.facts.smoothness,
        node_smoothness=posed.facts.node_smoothness,
    )
    expected, found = lab.run(own), lab.run(problem=mine, compressor="top_k", rounds=12)
    expected = lab.run(own, compressor={"name": "top_k", "k": 1})
    np.testing.assert_allclose(found["loss"], expected["loss"], rtol=1e-12)
    np.testing.assert_allclose(found.x, expected.x, rtol=1e-9)
    assert lab.describe(problem=mine)["L"] == posed.facts.smoothness
    several = lab.run_many([found.spec, lab.run(problem=mine, rounds=12, seed=1).spec])
    assert np.array_equal(several[0]["loss"], found["loss"])


def test_x0_may_be_an_array() -> None:
    x0 = np.random.default_rng(7).normal(size=30)
    mine = lab.run(SPEC, start=x0)
    assert mine["loss"][0] == problem_of(lab.RunSpec.make(SPEC)).loss(x0[None, :])[0]
    assert np.array_equal(mine["loss"], lab.run(SPEC, start={"name": "normal", "seed": 7})["loss"])  # that very x⁰
    assert lab.run(SPEC, start=[0] * 30)["loss"][0] == lab.run(SPEC, start="zeros")["loss"][0]
    with pytest.raises(lab.Refusal, match=r"start holds 3\s+numbers, and x of this problem has 30"):
        lab.run(SPEC, start=[1, 2, 3])
    with pytest.raises(lab.Refusal, match="finite real numbers"):
        lab.run(SPEC, start=[np.nan] * 30)


def test_a_run_from_an_array_has_a_key_by_its_numbers_and_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("EF21LAB_HOME", str(tmp_path / "home"))
    x0 = np.random.default_rng(7).normal(size=30)
    mine = lab.run(SPEC, start=x0, store=tmp_path / "store")
    again = lab.run(SPEC, start=x0.reshape(5, 6).tolist(), store=tmp_path / "store")
    assert again.spec.key == mine.spec.key != lab.run(SPEC, start=np.nextafter(x0, 9)).spec.key
    assert again["seconds"].tolist() == mine["seconds"].tolist()  # it was not computed again
    assert lab.load(mine.save(tmp_path / "trace.npz")).spec == mine.spec
    assert lab.specs(lab.link(mine.spec)) == [mine.spec]
    assert "Not in the link: x⁰ is an array that only this machine has." in capsys.readouterr().err
    assert "only this machine" not in lab.link(SPEC) + capsys.readouterr().err
    monkeypatch.setenv("EF21LAB_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(lab.Refusal, match="this x⁰ is not kept on this machine; hand it over again"):
        lab.run(mine.spec)


def test_a_run_ends_with_the_first_record_at_the_tolerance() -> None:
    whole = lab.run(SPEC, rounds=60, step={"rule": "theory", "multiple": 16})
    epsilon = float(whole["grad_norm_sq"][25])
    ended = lab.run(SPEC, rounds=60, step={"rule": "theory", "multiple": 16}, stop_at=epsilon)
    first = int(np.argmax(whole["grad_norm_sq"] <= epsilon))
    assert 0 < first < 60
    assert np.array_equal(ended["loss"], whole["loss"][: first + 1])
    assert problem_of(ended.spec).loss(ended.x[None, :])[0] == ended["loss"][-1]
    assert len(lab.run(SPEC, stop_at=1e-30)) == 13
    for wrong in (-1.0, np.nan, "small", True):
        with pytest.raises(lab.Refusal, match=r"stop_at must be a number in \[0"):
            lab.run(SPEC, stop_at=wrong)


@pytest.mark.parametrize("part", [{"compressor": lab.compressor(first_three, alpha=0.1)}])
def test_what_has_no_name_has_no_key_and_is_not_stored(part: dict, tmp_path: Path) -> None:
    trace = lab.run(SPEC, **part)
    for ask in (lambda: trace.spec.key, trace.spec.json, lambda: lab.link(trace.spec), lambda: lab.run(SPEC, store=tmp_path, **part)):
        with pytest.raises(lab.Refusal, match="no name in JSON, so its run has no key") as refused:
            ask()
        assert "нет ключа" in refused.value.text.ru
    assert [*tmp_path.iterdir()] == []
    back = lab.load(trace.save(tmp_path / "trace.npz"))
    assert back.spec is None
    assert np.array_equal(back["loss"], trace["loss"])


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: lab.compressor(first_three, k=3), "a function takes alpha, omega, bits and random, not 'k'"),
        (lambda: lab.compressor(first_three, alpha=2), "alpha=2: a number"),
        (lambda: lab.compressor(first_three, alpha=0), "alpha=0: a number"),
        (lambda: lab.compressor(first_three, bits=-1), "bits=-1: a number"),
        (lambda: lab.compressor(lambda x: x[:2]).compress(np.ones(5)), "for x of length 5 a vector of as many finite numbers is expected"),
        (lambda: lab.compressor(lambda x: x / 0).compress(np.zeros(5)), "a vector of as many finite numbers"),
        (lambda: lab.compressor(7), "expected an object such as"),
        (lambda: lab.problem(sum, sum, d=0, nodes=2), "d=0, nodes=2"),
        (lambda: lab.problem(1, 2, d=2, nodes=2), "loss and gradients are functions of x"),
        (lambda: lab.problem(sum, sum, d=2, nodes=2, node_smoothness=[1]), "one for each node"),
        (lambda: lab.run(problem=7), "problem is what lab.problem makes, got int"),
        (lambda: lab.run(problem=lab.problem(sum, sum, d=2, nodes=2), dataset="digits"), "leave dataset, data, partition"),
        (
            lambda: lab.run(problem=lab.problem(sum, lambda x: x, d=2, nodes=2), step={"rule": "fixed"}),
            r"gradients\(x\) is an array of shape \(2, 2\)",
        ),
        (lambda: lab.run(problem=lab.problem(sum, lambda x: np.ones((2, 2)), d=2, nodes=2)), "no L is known"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(ask, words: str) -> None:
    with np.errstate(all="ignore"), pytest.raises(lab.Refusal, match=words):
        ask()


QUADRATIC = {"d": 2, "nodes": 2, "smoothness": 1.0, "node_smoothness": [1.0, 1.0]}
CENTRES = np.array([[1.0, 0.0], [0.0, 3.0]])


def quadratic(**more) -> Problem:
    """fᵢ(x) = ½‖x − aᵢ‖²."""
    return lab.problem(lambda x: 0.5 * np.mean(np.sum((x - CENTRES) ** 2, axis=1)), lambda x: x - CENTRES, **{**QUADRATIC, **more})


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"d": True}, "d=True, nodes=2"),
        ({"d": 2.5}, "d=2.5, nodes=2"),
        ({"layout": 5}, "layout=5"),
        ({"layout": [(-1, -2)]}, "layout="),
        ({"smoothness": -1}, "smoothness=-1: a finite number above 0"),
        ({"smoothness": np.nan}, "smoothness=nan"),
        ({"smoothness": "1"}, "smoothness='1'"),
        ({"node_smoothness": [1, "x"]}, "numbers above 0, one for each node"),
        ({"node_smoothness": [1, np.inf]}, "numbers above 0, one for each node"),
        ({"node_smoothness": [[1], [1, 2]]}, "numbers above 0, one for each node"),
        ({"mu": 0}, "mu=0: a finite number above 0"),
        ({"mu": 5}, "mu=5 is above smoothness=1"),
        ({"lowest": np.nan}, "lowest=nan"),
    ],
)
def test_constants_that_no_function_has_are_refused_before_theory_believes_them(more: dict, words: str) -> None:
    with pytest.raises(lab.Refusal, match=words):
        quadratic(**more)


def test_numbers_of_numpy_are_numbers() -> None:
    found = quadratic(d=np.int64(2), nodes=np.int32(2), smoothness=np.float32(1), layout=np.array([[1, 2]]))
    trace = lab.run(problem=found, compressor="top_k", start=[0, 0], rounds=5, stop_at=np.float32(1e-9))
    assert np.array_equal(trace["loss"], lab.run(problem=quadratic(), compressor="top_k", start=[0, 0], rounds=5)["loss"])


def test_mu_of_f_says_nothing_of_the_nodes() -> None:
    """A μ of Polyak–Łojasiewicz allows fᵢ that are not convex, of which DIANA's theorem is not."""
    unbiased = {"algorithm": "diana", "compressor": {"name": "rand_k", "scaling": "unbiased"}}
    for convex, theorem in ((False, "without convex"), (True, "for convex")):
        facts = quadratic(mu=1.0, convex=convex).facts
        spec = lab.RunSpec.make(unbiased)
        assert theorem in spec.algorithm.step_size(facts, spec.compressor).source.en


@pytest.mark.parametrize(
    ("gradients", "words"),
    [
        (lambda x: [[1], [1, 2]], r"a row for each node, got \[\[1\], \[1, 2\]\]"),
        (lambda x: np.ma.array(x - CENTRES, mask=[[0, 1], [0, 0]]), "a row for each node, got masked_array"),
        (lambda x: sp.csr_matrix(x - CENTRES), "a row for each node, got "),
    ],
)
def test_gradients_that_are_no_array_of_numbers_are_refused_in_one_line(gradients, words: str) -> None:
    mine = lab.problem(lambda x: 0.0, gradients, **QUADRATIC)
    with pytest.raises(lab.Refusal, match=words) as refused:
        lab.run(problem=mine, compressor="identity", start=[0, 0], rounds=2)
    assert "\n" not in str(refused.value)


def test_a_gradient_that_is_lost_in_a_round_ends_the_run_there() -> None:
    calls = []

    def lost(x):
        calls.append(1)
        return (x - CENTRES) * (np.nan if len(calls) == 7 else 1.0)

    trace = lab.run(problem=lab.problem(lambda x: 1.0, lost, **QUADRATIC), compressor="top_k", start=[0, 0], rounds=20)
    assert trace.diverged
    assert trace["round"][-1] == 6  # x⁰ was the first call


@pytest.mark.parametrize(
    "claim", [{"alpha": lambda d: 5}, {"alpha": lambda d: "a"}, {"omega": lambda d: np.nan}, {"bits": lambda d: -3}, {"bits": np.inf}]
)
def test_what_a_function_of_d_claims_is_held_to_what_can_be(claim: dict) -> None:
    def claimed() -> list:
        mine = lab.compressor(first_three, **claim)
        return [mine.alpha(5), mine.omega(5), mine.cost(5)]

    with pytest.raises(lab.Refusal, match=r"alpha in \(0, 1\], the others finite and at least 0"):
        claimed()


def test_a_problem_beside_data_of_the_run_is_refused() -> None:
    for given in ({"dataset": "digits"}, {"partition": {"name": "contiguous", "nodes": 3}}):
        with pytest.raises(lab.Refusal, match="leave dataset, data, partition"):
            lab.run(given, problem=quadratic())
