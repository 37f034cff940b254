"""The runs that a contender enters with: the grid grows as `tune` makes it grow, and not before all is known."""

from __future__ import annotations

import ef21lab as lab
from ef21lab.runs.entered import grown, known_of, place_of_best, tried
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.runs.tuned import candidates, tune

SMALL = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 4}, "compressor": {"name": "top_k", "k": 3}, "rounds": 30}
GRID = RunSpec.make({**SMALL, "step": {"rule": "tuned", "octaves": 1}})  # its best lies at its edge


class Computed:
    """Every run that is asked for."""

    def __init__(self) -> None:
        self.traces: dict[RunSpec, Trace] = {}

    def __call__(self, run: RunSpec) -> Trace:
        return self.traces.setdefault(run, lab.run(run))


def test_a_grid_grows_to_that_of_a_tuned_run() -> None:
    found, known = tune(GRID), Computed()
    group = grown(GRID, 0.0, 1, 400, known)
    assert tuple(run for (run,) in group) == found.candidates != candidates(GRID)
    assert place_of_best(GRID, known_of(group, known), 0.0) == found.chosen.place


def test_it_stays_while_a_run_of_it_is_not_known_and_where_there_is_no_room() -> None:
    known, asked = Computed(), tried(GRID, 2)
    assert [len(repeats) for repeats in asked] == [2, 2]
    assert grown(GRID, 0.0, 2, 400, lambda run: None if run == asked[1][1] else known(run)) == asked
    assert grown(GRID, 0.0, 1, 2, known) == tried(GRID, 1)
    assert known_of(asked, lambda run: None) is None


def test_the_first_is_the_best_while_one_of_them_has_no_record() -> None:
    known = Computed()
    traces = known_of(tried(GRID, 1), known)
    assert traces is not None
    empty = lab.runs.trace.joined([])
    assert place_of_best(GRID, [traces[0], [empty]], 0.0) == 0
    assert place_of_best(GRID, traces, 0.0) == 1
