"""Bands: at every point of the axis the median and quantiles of what each repeat had come to there."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.runs.record import kept_names
from ef21lab.runs.trace import Trace
from ef21lab.sweeps.bands import band


def trace(bits, values, diverged=False):
    columns = {name: np.zeros(len(bits)) for name in kept_names()} | {
        "bits_up": np.array(bits, float),
        "grad_norm_sq": np.array(values, float),
    }
    if diverged:
        columns["distortion"] = np.append(np.zeros(len(bits) - 1), np.inf)
    return Trace(columns, np.zeros((len(bits), 1)))


def value_at(one, x):
    """The last record that is not beyond x, searched for."""
    known = [value for bits, value in zip(one["bits_up"], one["grad_norm_sq"], strict=True) if bits <= x]
    return np.inf if one.diverged and x > one["bits_up"][-1] else known[-1]


@given(st.lists(st.integers(1, 8), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_a_band_is_what_a_search_finds(lengths, seed):
    rng = np.random.default_rng(seed)
    runs = [trace(np.cumsum(rng.integers(1, 50, n)), rng.random(n), diverged=bool(rng.random() < 0.3)) for n in lengths]
    found = band({}, runs, points=17)
    for place, x in enumerate(found.x):
        values = sorted(value_at(one, x) for one in runs)
        assert found.median[place] == np.median(values)
        for quantile, edge in ((0.25, found.low), (0.75, found.high)):
            assert edge[place] == next(v for count, v in enumerate(values, start=1) if count >= quantile * len(values) - 1e-12)
    assert found.runs == len(runs)


def test_it_goes_as_far_as_all_of_those_that_do_not_diverge():
    long, short, lost = trace([0, 10, 40], [4, 2, 1]), trace([0, 20, 30], [3, 2, 1]), trace([0, 5], [1, 9], diverged=True)
    assert band({}, [long, short, lost]).x[[0, -1]].tolist() == [0.0, 30.0]
    assert band({}, [lost]).x[-1] == 5.0


def test_one_run_is_its_own_band():
    one = trace([0, 10, 20], [4, 2, 1])
    found = band({"k": 1}, [one], points=3)
    assert found.low.tolist() == found.median.tolist() == found.high.tolist() == [4.0, 2.0, 1.0]
    assert found.varied == {"k": 1}
