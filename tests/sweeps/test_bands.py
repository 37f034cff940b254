"""Bands: at every point of the axis the median and quantiles of what each repeat had come to there."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.runs.record import kept_names
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.sweeps.bands import band

BOUND = 0.1  # of ‖∇f‖², at which some runs end
ENDS = RunSpec.make({"stop_at": BOUND})


def trace(bits, values, diverged=False, spec=None):
    columns = {name: np.zeros(len(bits)) for name in kept_names()} | {
        "bits_up": np.array(bits, float),
        "grad_norm_sq": np.array(values, float),
    }
    if diverged:
        columns["distortion"] = np.append(np.zeros(len(bits) - 1), np.inf)
    return Trace(columns, np.zeros((len(bits), 1)), spec=spec)


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


def falling(rate, price, rounds=60):
    """A run whose ‖∇f‖² is `rate` of what it was after every round, with `price` bits each; it ends at BOUND, or after its rounds."""
    values = [rate**round for round in range(rounds + 1)]
    values = values[: next((at + 1 for at, value in enumerate(values) if value <= BOUND), len(values))]
    return trace(price * np.arange(1, len(values) + 1), values, spec=ENDS)


@given(st.lists(st.tuples(st.floats(0.3, 0.95), st.integers(1, 40)), min_size=1, max_size=7))
def test_a_repeat_that_came_to_where_it_was_to_end_stays_there(given):
    """At a point, that of a run is what one holds who may spend so much: of one that has ended, what it ended with."""
    runs = [falling(*one) for one in given]
    found = band({}, runs, points=None)
    ended = [one["grad_norm_sq"][-1] <= BOUND for one in runs]
    ends = [one["bits_up"][-1] for one in runs]
    last = max(ends) if all(ended) else min(end for end, over in zip(ends, ended, strict=True) if not over)
    assert found.x[-1] == max(last, max(one["bits_up"][0] for one in runs))
    for place, x in enumerate(found.x):
        values = [one["grad_norm_sq"][np.flatnonzero(one["bits_up"] <= x)[-1]] for one in runs]
        assert found.median[place] == np.median(values)
        assert (found.low[place], found.high[place]) == tuple(np.quantile(values, [0.25, 0.75], method="inverted_cdf"))


def test_the_line_of_a_median_comes_to_epsilon_where_the_median_run_does():
    """Of an odd number of repeats; as far as all of them go it would never come there, since the fastest ends with its arrival."""
    runs = [falling(rate, 10) for rate in (0.5, 0.9, 0.8, 0.6, 0.7)]
    costs = [10 * next(t + 1 for t in range(99) if rate**t <= BOUND) for rate in (0.5, 0.9, 0.8, 0.6, 0.7)]
    found = band({}, runs, points=None)
    assert [one.bits_to(BOUND) for one in runs] == costs
    for line, quantile in ((found.low, 0.25), (found.median, 0.5), (found.high, 0.75)):
        assert found.x[np.flatnonzero(line <= BOUND)[0]] == np.quantile(costs, quantile, method="inverted_cdf")


def test_one_that_does_not_know_that_it_was_to_end_has_used_up_its_rounds():
    ended, going = falling(0.5, 10), falling(0.97, 10)
    assert band({}, [ended, going]).x[-1] == going["bits_up"][-1]
    assert band({}, [ended.of(None), going]).x[-1] == ended["bits_up"][-1]
