"""What a grid is judged by: levels of ε of which its runs tell something."""

from __future__ import annotations

import ef21lab as lab
from ef21lab.runs.spec import RunSpec
from ef21lab.sweeps import judged
from ef21lab.sweeps.judged import EPSILONS

SMALL = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 4}, "rounds": 5}


def test_no_epsilon_is_offered_below_where_the_runs_are_to_end():
    spec = RunSpec.make({**SMALL, "stop_at": 2e-3})
    (aim,) = judged.of(spec).values()
    assert aim.levels == (2e-3, *(level for level in EPSILONS if level > 2e-3))
    assert aim.usual(lab.run(spec)) == 2e-3  # a ten-thousandth of where it starts lies below


def test_where_they_only_count_their_rounds_every_level_is_offered():
    (aim,) = judged.of(RunSpec.make(SMALL)).values()
    assert aim.levels == EPSILONS
