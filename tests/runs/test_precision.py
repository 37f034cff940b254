"""A float32 state: the run of a float64 state to within rounding, for the same bits, in half the memory."""

import numpy as np
import pytest

import ef21lab as lab
from ef21lab.algorithms.base import algorithms
from ef21lab.channels import arrays
from ef21lab.choices.text import Refusal
from ef21lab.runs.document import changed
from ef21lab.runs.experiment import start_run
from ef21lab.runs.guarantees import STATEMENTS, guarantees
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec

ROUNDS = 12
SINGLE = 2.0**-24  # what rounding to float32 costs, relatively


def spec(method="ef21", precision="float32", compressor=None):
    unbiased = method in ("diana", "marina")
    compressor = compressor or ({"name": "rand_k", "k": 20, "scaling": "unbiased"} if unbiased else {"name": "top_k", "k": 20})
    step = {"rule": "fixed", "gamma": 0.05}
    return {"algorithm": method, "compressor": compressor, "step": step, "rounds": ROUNDS, "precision": precision}


@pytest.mark.parametrize("method", algorithms.members)
def test_a_float32_run_is_the_float64_run_to_within_rounding(method):
    single, double = lab.run(spec(method)), lab.run(spec(method, "float64"))
    np.testing.assert_allclose(single["loss"], double["loss"], rtol=1e-5)
    np.testing.assert_allclose(single["grad_norm_sq"], double["grad_norm_sq"], rtol=2e-3)
    assert np.array_equal(single["bits_up"], double["bits_up"])
    assert np.array_equal(single["bits_down"], double["bits_down"])
    assert 0 < np.abs(single.x - double.x).max() <= 1e4 * SINGLE


@pytest.mark.parametrize("method", algorithms.members)
def test_its_state_takes_half_the_bytes_and_is_gone_on_from_to_the_same_bits(method):
    whole, cut, double = start_run(spec(method)), start_run(spec(method)), start_run(spec(method, "float64"))
    for _ in range(5):
        next(cut)
        next(double)
    state, twice = cut.checkpoint().state, double.checkpoint().state
    assert {name: 2 * array.nbytes for name, array in state.items()} == {name: array.nbytes for name, array in twice.items()}
    records, resumed = list(whole), start_run(spec(method), cut.checkpoint())
    assert [record.loss.tobytes() for record in records[5:]] == [record.loss.tobytes() for record in resumed]
    reached, again = whole.checkpoint().state, resumed.checkpoint().state
    assert {name: array.tobytes() for name, array in reached.items()} == {name: array.tobytes() for name, array in again.items()}


@pytest.mark.parametrize("method", algorithms.members)
@pytest.mark.parametrize("compressor", [None, {"name": "st_hosvd"}, {"name": "identity"}], ids=str)
def test_its_messages_in_parts_are_the_messages_of_all(method, compressor, monkeypatch):
    if compressor is not None and method in ("diana", "marina"):
        compressor = {"name": "qsgd", "scaling": "unbiased"}
    whole = start_run(spec(method, compressor=compressor))
    records = list(whole)
    monkeypatch.setattr(arrays, "WIDE", 0)
    parted = start_run(spec(method, compressor=compressor))
    for record, other in zip(records, parted, strict=True):
        for field in ("loss", "grad_norm_sq", "distortion", "bits_up", "contraction"):
            assert np.array_equal(getattr(record, field), getattr(other, field), equal_nan=True), (record.round, field)
    reached, arrived = whole.checkpoint().state, parted.checkpoint().state
    assert {name: array.tobytes() for name, array in reached.items()} == {name: array.tobytes() for name, array in arrived.items()}


def test_ef21_by_hand():
    """x⁺ = x − γg, cᵢ = Top-1(∇fᵢ(x⁺) − gᵢ), gᵢ⁺ = gᵢ + cᵢ, g⁺ = g + mean cᵢ, whatever is kept rounded to float32."""
    asked = RunSpec.make(spec(compressor={"name": "top_k", "k": 1}))
    problem = problem_of(asked)
    x = np.float32(asked.start.point(problem))
    gradients = np.float32(problem.gradients(x[None].astype(float))[0])
    estimates = np.array([top_1(v) for v in gradients])
    g = np.float32(estimates.mean(axis=0, dtype=float))
    run = start_run(asked)
    next(run)
    for _ in range(ROUNDS):
        next(run)
        x = np.float32(x - 0.05 * g.astype(float))
        gradients = np.float32(problem.gradients(x[None].astype(float))[0])
        sent = np.array([top_1(v) for v in gradients - estimates])
        estimates, g = estimates + sent, np.float32(g + sent.mean(axis=0, dtype=float))
        state = run.checkpoint().state
        assert np.array_equal(state["x"][0], x)
        assert np.array_equal(state["estimates"][0], estimates)


def top_1(v):
    kept = np.zeros_like(v)
    kept[np.argmax(np.abs(v))] = v[np.argmax(np.abs(v))]
    return kept


def test_nothing_is_certain_of_it_and_it_is_said_why():
    for precision, certain in (("float64", True), ("float32", False)):
        asked = RunSpec.make({"step": "theory", "precision": precision})
        found = guarantees(plan(asked, problem_of(asked).facts))
        assert ("mean" not in found.missing) is certain
    assert set(found.missing) == set(STATEMENTS)
    assert all("float32" in why("en") and "float32" in why("ru") for why in found.missing.values())
    assert found.level is None


def test_no_run_has_another_name_than_before_there_was_a_choice():
    usual = RunSpec.make({})
    assert "precision" not in usual.json()
    assert RunSpec.make({"precision": "float64"}).key == usual.key != RunSpec.make({"precision": "float32"}).key
    asked = RunSpec.make({"precision": "float32"})
    assert RunSpec.make(asked.json()) == asked


def test_it_is_set_by_its_name_and_refused_where_there_is_none():
    assert changed({}, ["precision=float32"]) == {"precision": "float32"}
    with pytest.raises(Refusal, match="precision"):
        RunSpec.make({"precision": "float16"})
    with pytest.raises(Refusal, match="float32"):
        lab.link([RunSpec.make({"precision": "float32"})])


def test_lanes_are_what_they_are_alone():
    specs = [spec() | {"step": {"rule": "fixed", "gamma": gamma}} for gamma in (0.02, 0.05)]
    for trace, one in zip(lab.run_many([*specs, spec(precision="float64")]), [*specs, spec(precision="float64")], strict=True):
        assert np.array_equal(trace["loss"], lab.run(one)["loss"])
