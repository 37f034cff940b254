"""The ready-made settings with networks show what their sentences say."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import ef21lab
from ef21lab.address.network_presets import NETWORK_PRESETS
from ef21lab.runs.record import Layers
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace

pytest.importorskip("torch")

BITS = 1.2e6  # of a node: here curves are compared


def traces(name: str, rounds: int, contenders: int = 3, first: int = 0) -> list[Trace]:
    """The first rounds of its runs."""
    return [
        trace(RunSpec.make({**spec.json(), "rounds": rounds, "record_every": 20}))
        for spec in NETWORK_PRESETS[name].specs[first : first + contenders]
    ]


@cache
def trace(spec: RunSpec) -> Trace:
    with threadpool_limits(1):  # as a worker has it
        return ef21lab.run(spec)


def layers(found: Trace) -> Layers:
    assert found.layers is not None
    return found.layers


def errors(found: Trace) -> np.ndarray:
    """The root of the mean square of every layer's relative errors."""
    return np.sqrt(layers(found).contraction[1:].mean(axis=0))


def test_feedback_is_essential_three_in_five_without_and_nine_in_ten_with_it() -> None:
    without, *others = traces("feedback", 100)
    assert without["accuracy"][-1] < 0.65
    assert min(other["accuracy"][-1] for other in others) > 0.88
    assert len({found["bits_up"][-1] for found in (without, *others)}) == 1


def test_no_step_takes_what_has_no_feedback_much_further() -> None:
    spec = NETWORK_PRESETS["feedback"].specs[0].json()
    assert trace(RunSpec.make({**spec, "step": {"rule": "fixed", "gamma": 0.8}, "rounds": 100, "record_every": 100}))["accuracy"][-1] < 0.65


def test_one_label_a_node_makes_gradients_of_nearly_rank_one() -> None:
    dcgd, ef21, whole = traces("split", 100)
    shuffled = traces("feedback", 100, contenders=1)[0]
    matrices = [0, 2]
    assert (errors(dcgd)[matrices] < 0.17).all()
    assert (errors(shuffled)[matrices] > 0.6).all()
    assert dcgd["accuracy"][-1] > 0.85
    assert ef21["accuracy"][-1] > whole["accuracy"][-1] - 0.02
    assert whole["bits_up"][-1] / ef21["bits_up"][-1] == pytest.approx(13.5, abs=0.5)


def test_a_fold_that_keeps_the_shape_is_ahead_of_the_matrix_at_equal_bits() -> None:
    matrix, tucker = [np.interp(BITS, found["bits_up"], found["loss"]) for found in traces("tucker", 120, contenders=2)]
    assert tucker < 0.85 * matrix


def test_layers_lose_unequal_shares_and_top_k_over_all_of_them_is_ahead_at_equal_bits() -> None:
    (tucker,), top_k = traces("layers", 120, contenders=1), traces("layers", 120, first=1)[0]
    kernel, matrix = errors(tucker)[2], errors(tucker)[6]
    assert (errors(tucker)[1::2] < 1e-3).all(), "biases are sent exactly"
    assert kernel > 0.75 > 0.45 > matrix
    assert top_k["loss"][-1] < 0.85 * np.interp(top_k["bits_up"][-1], tucker["bits_up"], tucker["loss"])
