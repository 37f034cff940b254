"""What reaches ε is held to the definition, word for word: the least t with values[s] ≤ ε for every s ≥ t."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.runs.experiment import run
from ef21lab.runs.reach import reached

VALUES = st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, math.inf, math.nan]), max_size=9)


@given(VALUES, st.sampled_from([0.0, 1.0, 2.5]))
def test_the_first_record_from_which_on_all_are_there(values, epsilon):
    by_definition = [t for t in range(len(values)) if all(value <= epsilon for value in values[t:])]
    assert reached(np.array(values), epsilon) == (min(by_definition) if by_definition else None)


@given(VALUES, st.sampled_from([0.0, 1.0, 2.5]))
def test_a_first_hit_is_counted_only_when_asked_for(values, epsilon):
    hits = [t for t, value in enumerate(values) if value <= epsilon]
    assert reached(np.array(values), epsilon, stays=False) == (hits[0] if hits else None)


def test_no_epsilon_is_refused():
    with pytest.raises(ValueError, match="ε"):
        reached(np.ones(3), math.nan)


def test_a_run_that_leaves_again_has_not_reached_it():
    """Top-11 at ×256 on mushrooms is near 1e-6 at round 80 and far above it at round 100."""
    trace = run({"compressor": {"name": "top_k", "k": 11}, "step": {"rule": "theory", "multiple": 256}, "rounds": 100})
    lowest = float(trace["grad_norm_sq"].min())
    assert trace["grad_norm_sq"][-1] > 10 * lowest
    assert trace.bits_to(lowest, stays=False) == trace["bits_up"][trace["grad_norm_sq"].argmin()]
    assert trace.bits_to(lowest) == math.inf


def test_the_axis_is_named():
    trace = run({"dataset": "breast_cancer", "rounds": 30})
    epsilon = float(trace["grad_norm_sq"][20])
    at = next(t for t in range(31) if (trace["grad_norm_sq"][t:] <= epsilon).all())
    assert trace.bits_to(epsilon) == trace["bits_up"][at]
    assert trace.bits_to(epsilon, axis="round") == at
    assert trace.bits_to(math.inf, "loss") == trace["bits_up"][0]
