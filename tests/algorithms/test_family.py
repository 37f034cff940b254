"""What every algorithm promises, with every kind of message: a resumed run and a lane among others are the run alone, bit for bit."""

import numpy as np
import pytest

from ef21lab.algorithms.base import algorithms
from ef21lab.compressors.base import compressors
from ef21lab.plugins import of_methods as promised
from ef21lab.problems.base import Facts
from ef21lab.runs.loop import optimize

COMPRESSORS = (
    {"name": "top_k", "k": 3},
    {"name": "top_k", "k": 1},
    {"name": "identity"},
    {"name": "st_hosvd", "dims": "natural", "ranks": 2},
    {"name": "rand_k", "k": 3, "scaling": "unbiased"},
)
FACTS = Facts(12, 4, 43, ((3, 4),), 1.0, np.ones(4), None, 43 * 12, np.array([3, 8, 12, 20]), False, 0.0)  # as in conftest.py
FITTING = {
    name: [given for given in COMPRESSORS if member().refusal(FACTS, compressors.make(given).fitted(FACTS.layout)) is None]
    for name, member in algorithms.members.items()
}
PAIRS = pytest.mark.parametrize(
    ("algorithm", "compressor"), [(name, given) for name, fitting in FITTING.items() for given in fitting], ids=lambda given: str(given)
)
ONE_PAIR_EACH = pytest.mark.parametrize(("algorithm", "compressor"), [(name, fitting[0]) for name, fitting in FITTING.items()])
A_COIN_DECIDES_WHO_SENDS_WHAT = {"ef21_pp", "marina"}


def run(problem, algorithm, compressor, gammas=(0.05,), seeds=(0,), rounds=12, x0=None, **settings):
    compressor = compressors.make(compressor).fitted(problem.facts.layout)
    x0 = np.random.default_rng(3).normal(size=(len(gammas), problem.d)) if x0 is None else x0
    return optimize(problem, algorithms.make(algorithm), compressor, x0=x0, gammas=gammas, seeds=seeds, rounds=rounds, **settings)


def assert_same(one, other, lane=0):
    assert promised.differ(one, other, lane) == []


@PAIRS
def test_a_run_resumed_from_a_checkpoint_gives_the_same_bits(problem, algorithm, compressor):
    whole = list(run(problem, algorithm, compressor, snapshots=range(0, 13, 2)))
    going, records, checkpoints = run(problem, algorithm, compressor, snapshots=range(0, 13, 2)), [], []
    for record in going:
        records.append(record)
        checkpoints.append(going.checkpoint())
    for stop in (0, 1, 7, 12):
        resumed = run(problem, algorithm, compressor, snapshots=range(0, 13, 2), checkpoint=checkpoints[stop])
        parts = [*records[: stop + 1], *resumed]
        assert [record.round for record in parts] == list(range(13))
        for one, other in zip(whole, parts, strict=True):
            assert_same(one, other)
            assert (one.snapshot is None) == (other.snapshot is None) == (one.round % 2 == 1)
            if one.snapshot is not None:
                assert all(np.array_equal(mine, theirs) for mine, theirs in zip(one.snapshot, other.snapshot, strict=True))
        seconds = [record.seconds for record in parts]
        assert seconds == sorted(seconds)


@PAIRS
def test_a_lane_does_not_depend_on_its_neighbours(problem, algorithm, compressor):
    x0 = np.random.default_rng(4).normal(size=(3, problem.d))
    gammas, seeds = (0.01, 0.1, 0.05), (0, 1, 2)
    together = list(run(problem, algorithm, compressor, gammas, seeds, x0=x0))
    for lane in range(3):
        alone = run(problem, algorithm, compressor, gammas[lane : lane + 1], seeds[lane : lane + 1], x0=x0[lane : lane + 1])
        for one, other in zip(together, alone, strict=True):
            assert_same(one, other, lane)


@ONE_PAIR_EACH
def test_a_step_that_is_far_too_long_ends_in_a_record_and_not_in_an_error(problem, algorithm, compressor):
    records = list(run(problem, algorithm, compressor, gammas=(1e9,), rounds=2000))
    last = float(records[-1].loss[0] + records[-1].grad_norm_sq[0])
    assert not np.isfinite(last) or last > 1e300 or records[0].loss[0] * 1e6 < last


@PAIRS
def test_a_bill_never_falls_and_the_way_down_is_free_in_round_0(problem, algorithm, compressor):
    records = list(run(problem, algorithm, compressor))
    promised.never_falls(records, str(compressor))


@pytest.mark.parametrize(
    ("algorithm", "compressor"),
    [(name, given) for name, fitting in FITTING.items() if name not in A_COIN_DECIDES_WHO_SENDS_WHAT for given in fitting],
    ids=lambda given: str(given),
)
def test_a_method_without_coins_pays_one_compressed_message_a_round(problem, algorithm, compressor):
    records = list(run(problem, algorithm, compressor))
    method, asked = algorithms.make(algorithm), compressors.make(compressor).fitted(problem.facts.layout)
    message, round = method.messenger(asked).cost(problem.d), method.cost(method.messenger(asked), problem.d)
    assert round == (message[0] + (algorithm == "ef21_plus"), message[1])
    assert set(np.diff([record.bits_up[0] for record in records])) == {round[0]}
    assert set(np.diff([record.floats_up[0] for record in records])) == {round[1]}
    first, later = method.cost_down(problem.facts)
    assert np.diff([record.bits_down[0] for record in records]).tolist() == [first, *[later] * (len(records) - 2)]


@pytest.mark.parametrize(("algorithm", "compressor"), [("ef21_pp", {"name": "top_k", "k": 5}), ("marina", COMPRESSORS[-1])])
def test_what_coins_decide_costs_on_average_what_is_said(problem, algorithm, compressor):
    rounds, asked = 400, compressors.make(compressor)
    last = list(run(problem, {"name": algorithm, "p": 0.3}, compressor, rounds=rounds))
    bits, floats = algorithms.make({"name": algorithm, "p": 0.3}).cost(asked, problem.d)
    assert (last[-1].bits_up[0] - last[0].bits_up[0]) / rounds == pytest.approx(bits, rel=0.15)
    assert (last[-1].floats_up[0] - last[0].floats_up[0]) / rounds == pytest.approx(floats, rel=0.15)
    assert last[-1].bits_down[0] / rounds == pytest.approx(
        algorithms.make({"name": algorithm, "p": 0.3}).cost_down(problem.facts)[1], rel=0.15
    )


@pytest.mark.parametrize("downlink_init", ["dense", "compressed"])
@pytest.mark.parametrize("init", ["compressed", "full", "zero"])
def test_the_first_direction_of_both_ways_costs_what_is_said(problem, init, downlink_init):
    method = {"name": "ef21_bc", "init": init, "downlink_init": downlink_init, "downlink": {"name": "top_k", "k": 2}}
    bills = [record.bits_down[0] for record in run(problem, method, COMPRESSORS[0])][:3]
    first, later = algorithms.make(method).cost_down(problem.facts)
    assert bills == [0, first, first + later]
    assert first == (64 * problem.d if downlink_init == "dense" else later)


@ONE_PAIR_EACH
def test_a_record_is_measured_at_the_x_of_its_round(problem, algorithm, compressor):
    going = run(problem, algorithm, compressor)
    record = [next(going) for _ in range(5)][-1]
    promised.is_of_the_state(problem, going, record, str(compressor))


@ONE_PAIR_EACH
def test_the_step_has_words_in_both_languages(problem, algorithm, compressor):
    method, operator = algorithms.make(algorithm), compressors.make(compressor).fitted(problem.facts.layout)
    base = method.step_size(problem.facts, operator)
    assert base.gamma > 0
    assert base.source.en != base.source.ru
