"""A survey is computed by a worker, once for all who ask, and does not depend on what the data are not about."""

from __future__ import annotations

import numpy as np
import pytest

from ef21lab.choices.text import Refusal
from ef21lab.jobs.knowledge import NotReady
from ef21lab.jobs.lab import Lab
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.survey import Shares, Slopes, survey

DIGITS = {"dataset": "digits", "objective": "softmax"}


@pytest.mark.engine
def test_a_worker_surveys_as_this_process_would_and_once(lab: Lab) -> None:
    spec = RunSpec.make(DIGITS)
    found, here = lab.survey(spec, timeout=120), survey(spec)
    assert isinstance(found.shares, Shares)
    assert isinstance(here.shares, Shares)
    assert isinstance(found.slopes, Slopes)
    assert isinstance(here.slopes, Slopes)
    np.testing.assert_array_equal(found.shares.counts, here.shares.counts)
    np.testing.assert_allclose(found.slopes.apart, here.slopes.apart)
    assert lab.survey(RunSpec.make({**DIGITS, "rounds": 3})) is found
    assert lab.survey(RunSpec.make({**DIGITS, "start": "zeros"}), timeout=120) is not found


@pytest.mark.engine
def test_absent_data_are_refused_in_words(lab: Lab) -> None:
    with pytest.raises(Refusal, match="on the Data page first"):
        lab.survey(RunSpec.make({"dataset": "uploaded"}), timeout=120)


def test_asked_too_early_it_says_that_the_data_are_being_prepared(hand_lab: Lab) -> None:
    with pytest.raises(NotReady, match="still being prepared"):
        hand_lab.survey(RunSpec.make(DIGITS), timeout=0.01)
