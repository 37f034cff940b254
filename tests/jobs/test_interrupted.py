"""A sweep whose worker, engine and server are killed while it goes on is the sweep that nobody disturbed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.interrupted import of_sweep, struck, sweep

pytestmark = pytest.mark.engine


def test_a_sweep_that_is_killed_three_times_is_the_undisturbed_one_and_nothing_recorded_is_computed_again(tmp_path: Path) -> None:
    """`python -m benchmarks interrupted` strikes twenty times."""
    report = struck(
        tmp_path / "runs.db", of_sweep(sweep(rounds=1000, multiples=2, starts=1)), ["worker", "server", "engine"], random.Random(3)
    )
    assert report.good, report
    assert report.strikes["server"] == 1
    assert report.kept > 0
