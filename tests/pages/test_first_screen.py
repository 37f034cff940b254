"""What a lab computes unasked is what its first screen shows."""

from __future__ import annotations

import pytest

from ef21lab.address.first_screen import first_screen
from ef21lab.jobs.lab import Lab
from tests.pages.apps import opened

pytestmark = pytest.mark.engine


def test_what_is_computed_ahead_is_what_the_first_screen_shows(lab: Lab) -> None:
    asked = {run.key for run in first_screen(lab.facts)}
    assert len(asked) == 30
    assert lab.going == 0
    opened("experiment", {})
    assert all(lab.status(key) is not None for key in asked)
    assert lab.going + sum(lab.status(key).state == "done" for key in asked) == 30
