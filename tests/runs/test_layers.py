"""What is recorded of every tensor of a network adds up to what is recorded of the whole, and is the same however it is computed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ef21lab
from ef21lab.channels import arrays
from ef21lab.compressors.base import compressors
from ef21lab.jobs import blobs
from ef21lab.jobs.engine import execute
from ef21lab.jobs.store import Store
from ef21lab.runs.experiment import start_run
from ef21lab.runs.lanes import run_many
from ef21lab.runs.posed import problem_of
from ef21lab.runs.record import Layers
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace, trace_of

pytest.importorskip("torch")

RANK_1 = {"name": "per_layer", "inner": {"name": "svd", "ranks": 1}, "fold": "matrix", "small": {"name": "top_k", "k": 2}}


def spec(**changes: Any) -> RunSpec:
    return RunSpec.make(
        {
            "dataset": "digits",
            "partition": {"name": "by_label", "nodes": 3},
            "objective": {"name": "network", "network": {"name": "conv", "channels": 2}},
            "compressor": RANK_1,
            "step": {"rule": "fixed", "gamma": 0.1},
            "rounds": 6,
            **changes,
        }
    )


def layers(trace: Trace) -> Layers:
    assert trace.layers is not None
    return trace.layers


def same(first: Layers, second: Layers) -> None:
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.fixture(scope="module")
def whole() -> Trace:
    return ef21lab.run(spec())


def test_energies_and_bits_of_the_layers_add_up_to_those_of_the_whole(whole: Trace) -> None:
    assert layers(whole).energy.shape == (7, 6)  # two kernels, a matrix, and a bias of each
    np.testing.assert_allclose(layers(whole).energy.sum(axis=1), whole["grad_norm_sq"], rtol=1e-12)
    np.testing.assert_array_equal(layers(whole).bits_up.sum(axis=1), whole["bits_up"])


def test_of_the_first_message_every_layer_is_what_its_operator_makes_of_that_part_of_the_gradient(whole: Trace) -> None:
    """Written once more: the kernel as a matrix through the SVD, two numbers of a bias; their messages encoded one by one."""
    problem = problem_of(spec())
    x = spec().start.point(problem)
    gradients, start = problem.gradients(x[None])[0], 0  # (nodes, d)
    for layer, shape in enumerate(problem.facts.layout):
        size = int(np.prod(shape))
        rows = [] if len(shape) == 1 else [shape[0], size // shape[0]]
        operator = compressors.make({"name": "svd", "dims": rows, "ranks": 1} if rows else {"name": "top_k", "k": min(2, size)})
        wanted = gradients[:, start : start + size]
        messages = [operator.encode(vector) for vector in wanted]
        heard = np.stack([operator.decode(message, size) for message in messages])
        assert layers(whole).contraction[0, layer] == pytest.approx(((heard - wanted) ** 2).sum() / (wanted**2).sum(), rel=1e-9)
        assert layers(whole).bits_up[0, layer] == np.mean([message.bits for message in messages])
        assert layers(whole).energy[0, layer] == pytest.approx((gradients.mean(axis=0)[start : start + size] ** 2).sum(), rel=1e-12)
        start += size


def test_of_a_method_that_measures_another_vector_the_layers_add_up_to_that_one() -> None:
    """With a regulariser in the step, stationarity is no gradient of f."""
    trace = ef21lab.run(spec(algorithm={"name": "ef21_prox"}, rounds=3))
    np.testing.assert_allclose(layers(trace).energy.sum(axis=1), trace["grad_norm_sq"], rtol=1e-12)
    assert not np.allclose(layers(trace).energy, layers(ef21lab.run(spec(rounds=3))).energy)


def test_of_a_layer_that_had_nothing_to_say_no_error_is_told() -> None:
    """At x⁰ = 0 what lies before a layer of zeros has no gradient at all; the last bias has one."""
    found = layers(ef21lab.run(spec(start="zeros", rounds=0)))
    assert np.isfinite(found.contraction[0]).tolist() == (found.energy[0] > 0.0).tolist()
    assert np.isnan(found.contraction[0]).any()


def test_where_nothing_is_sent_no_error_is_told_of_any_layer() -> None:
    """From zero estimates nobody says anything about x⁰."""
    trace = ef21lab.run(spec(algorithm={"name": "ef21", "init": "zero"}, rounds=1))
    assert trace["bits_up"][0] == 0.0
    assert np.isnan(layers(trace).contraction).all(axis=1).tolist() == [True, False]


@pytest.mark.parametrize(
    ("compressor", "known"),
    [({"name": "identity"}, True), ({"name": "top_k", "k": 5}, False)],
    ids=["each number costs the same", "the message is one of all layers"],
)
def test_bits_of_a_layer_are_known_where_its_numbers_have_a_price_of_their_own(compressor: Any, known: bool) -> None:
    found = layers(ef21lab.run(spec(compressor=compressor, rounds=1))).bits_up
    sizes = [int(np.prod(shape)) for shape in problem_of(spec()).facts.layout]
    np.testing.assert_array_equal(found[1], 64 * np.array(sizes) if known else np.full(6, np.nan))


@pytest.mark.parametrize(
    ("method", "nobodys"),
    [
        ("ef21_plus", [0, 1, 2, 3, 4, 5, 6]),  # the bit that says which of two messages it is
        ({"name": "ef21", "init": "full"}, [1] * 7),  # the header of an uncompressed message
        *((method, [0] * 7) for method in ("ef21_pp", "ef21_sgdm", "ef14")),
    ],
    ids=str,
)
def test_whoever_sends_the_bits_of_the_layers_are_the_bill_but_for_what_belongs_to_none(method: Any, nobodys: list[int]) -> None:
    trace = ef21lab.run(spec(algorithm=method))
    np.testing.assert_allclose(trace["bits_up"] - layers(trace).bits_up.sum(axis=1), nobodys, atol=1e-9)


def test_a_lane_has_the_layers_of_its_run_alone() -> None:
    several = [spec(step={"rule": "fixed", "gamma": gamma}) for gamma in (0.05, 0.1, 1e9)]
    for asked, trace in zip(several, run_many(several), strict=True):
        same(layers(trace), layers(ef21lab.run(asked)))


def test_long_vectors_have_the_layers_that_short_ones_have(whole: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "WIDE", 100)
    monkeypatch.setattr(arrays, "TOGETHER", 1000)
    same(layers(ef21lab.run(spec())), layers(whole))


def test_a_run_that_is_resumed_has_the_same_layers(whole: Trace) -> None:
    first = start_run(spec())
    records = [next(first) for _ in range(4)]
    rest = start_run(spec(), first.checkpoint())
    same(layers(trace_of([*records, *rest])), layers(whole))


def test_after_a_checkpoint_of_an_earlier_version_what_had_been_sent_is_not_known(whole: Trace) -> None:
    going = start_run(spec())
    _ = [next(going) for _ in range(4)]
    reached = going.checkpoint()
    bill = {name: entry for name, entry in reached.bill.items() if name in ("bits_up", "floats_up", "bits_down")}
    rest = layers(trace_of(list(start_run(spec(), reached._replace(bill=bill)))))
    np.testing.assert_array_equal(rest.energy, layers(whole).energy[4:])
    assert np.isnan(rest.bits_up).all()


def test_the_store_gives_them_back_chunk_by_chunk(whole: Trace, tmp_path: Path) -> None:
    store, before = Store(tmp_path / "runs.db"), -1
    store.enter(spec())
    for chunk in _chunks():
        assert store.append(spec().key, before, *chunk)
        before = chunk.checkpoint.round
        same(layers(store.trace(spec().key)), Layers(*(each[: before + 1] for each in layers(whole))))
    same(layers(store.trace(spec().key, after=3)), Layers(*(each[4:] for each in layers(whole))))


def _chunks() -> Iterator[Any]:
    chunk = None
    while chunk is None or not chunk.finished:
        chunk = execute(spec().json(), chunk and chunk.checkpoint, 10.0, 3)
        yield chunk


def test_a_run_of_one_tensor_is_kept_as_before() -> None:
    trace = ef21lab.run(rounds=2)
    assert trace.layers is None
    with np.load(io.BytesIO(blobs.trace_blob(trace))) as kept:
        assert set(kept.files) == {"names", "table", "contraction"}
