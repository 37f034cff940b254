"""What a run is expected to cost grows with everything that it costs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from ef21lab.choices.text import Refusal
from ef21lab.compressors.base import compressors
from ef21lab.jobs import engine
from ef21lab.jobs.limits import TRIED_ABOVE, Limits, estimated_seconds, store_bytes
from ef21lab.problems.base import Facts
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec

SQUARE, FLAT = [256, 256], [16, 4096]  # d = 65,536 both times


def facts() -> Facts:
    """Of a problem with many long messages."""
    spec = RunSpec.make({})
    return problem_of(spec).facts._replace(d=65_536, nodes=50)


def estimated(compressor: dict[str, object], algorithm: object = "ef21") -> float:
    spec = RunSpec.make({"rounds": 100, "compressor": compressor, "algorithm": algorithm})
    return estimated_seconds(plan(spec, facts()))


@pytest.mark.parametrize("name", ["svd", "st_hosvd", "hosvd", "hooi", "tensor_train"])
def test_an_estimate_grows_with_the_sides_of_the_tensor(name: str) -> None:
    """The singular directions of an I × P matrix, I ≤ P, take I multiplications a cell and more: 256 a cell against 16."""
    compressor = {"name": name, "dims": SQUARE, "ranks": 1}
    without = estimated({"name": "top_k", "k": 1})
    square, flat = (estimated({**compressor, "dims": dims}) - without for dims in (SQUARE, FLAT))
    assert square > 256 / 16 / 4 * flat
    assert square > 100 * 50 * 256 * 65_536 * 1e-10, "ten milliards of multiplications a second are more than one core can"


def test_an_estimate_counts_every_operator_of_a_method() -> None:
    folded = {"name": "svd", "dims": SQUARE, "ranks": 1}
    both = estimated({"name": "top_k", "k": 1}, {"name": "ef21_bc", "downlink": folded})
    bare = estimated({"name": "top_k", "k": 1}, {"name": "ef21_bc", "downlink": {"name": "top_k", "k": 1}})
    assert both - bare == pytest.approx(100 * (effort(folded) - effort({"name": "top_k", "k": 1})), rel=1e-6)


@pytest.mark.parametrize("method", ["ef21_sgd", "ef21_sgdm", "ef14_sgd", "dcgd_sgd"])
def test_an_estimate_counts_the_rows_that_a_round_looks_at_and_all_of_them_at_a_record(method: str) -> None:
    """Only the data differ: 40 of 400 rows a round, and all of them in one round of ten where a record is made."""

    def seconds(batch: int, record_every: int) -> float:
        spec = RunSpec.make({"rounds": 100, "record_every": record_every, "algorithm": {"name": method, "batch": batch}})
        return estimated_seconds(plan(spec, facts()._replace(rows=400, node_rows=np.full(50, 8), nodes=50, entries=10**9)))

    whole = seconds(8, 100)
    assert whole == seconds(1000, 1)
    assert whole - seconds(1, 100) == pytest.approx(100 * 4e-9 * 10**9 * (1 - 1 / 8 - 1 / 100))
    assert whole - seconds(1, 10) == pytest.approx(100 * 4e-9 * 10**9 * (1 - 1 / 8 - 1 / 10))


def effort(compressor: dict[str, object]) -> float:
    """Of one message."""
    return compressors.make(compressor).effort(65_536, 1)


def test_the_size_of_the_record_is_a_setting_in_megabytes() -> None:
    assert store_bytes({"EF21LAB_STORE_MB": "10"}, 7) == 10 * 1024**2
    assert store_bytes({}, 7) == 7
    with pytest.raises(Refusal, match="EF21LAB_STORE_MB=lots: a positive number"):
        store_bytes({"EF21LAB_STORE_MB": "lots"}, 7)


def test_a_network_as_the_page_trains_it_begins_without_a_trial() -> None:
    """Who moves a slider waits for a trial as long as for the points themselves."""
    pytest.importorskip("torch", reason="PyTorch is not installed")
    network = {"dataset": "mnist", "partition": {"name": "shuffled", "nodes": 10}, "objective": {"name": "network", "network": "conv"}}
    spec = RunSpec.make(
        {**network, "algorithm": {"name": "ef21_sgdm", "batch": 16}, "compressor": "per_layer", "rounds": 400, "record_every": 10}
    )
    assert estimated_seconds(plan(spec, problem_of(spec).facts)) < TRIED_ABOVE * Limits().seconds


@pytest.mark.parametrize(
    ("of_round", "of_record", "records"),
    [(0.001, 0.01, 8), (0.01, 0.15, 2), (0.1, 0.15, 2), (0.01, 0.07, 3), (0.3, 1.2, 1)],
    ids=["quick", "long-records", "long-rounds", "between", "hopeless"],
)
def test_a_trial_is_over_once_the_pace_is_known(of_round: float, of_record: float, records: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that only the run moves: of a record every tenth round the pace is that of the rounds and a tenth of a record."""
    now, made = [5.0], list[int]()

    def run(spec: dict[str, int], facts: object = None) -> Iterator[int]:
        for round in range(0, spec["rounds"] + 1, spec["record_every"]):
            now[0] += (of_round * spec["record_every"] if round else 0.0) + of_record
            made.append(round)
            yield round

    monkeypatch.setattr(engine, "start_run", run)
    monkeypatch.setattr(engine.time, "thread_time", lambda: now[0])
    pace = engine.pace_of({"record_every": 10})
    assert pace == pytest.approx(of_round + of_record / 10 if records > 1 else of_record)
    assert len(made) == records + (records == 8)  # x⁰ and eight more
