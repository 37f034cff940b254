"""Networks on the experiment page: chosen in the form or by a link, trained, refused in words where PyTorch is missing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import ef21lab
from ef21lab.jobs.lab import the_lab
from ef21lab.problems.networks import base
from ef21lab.runs.spec import RunSpec
from tests.pages.apps import address, opened, ran

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("lab")]
with_torch = pytest.mark.skipif(base.absence() is not None, reason="PyTorch is not installed")

OBJECTIVE = "objective.softmax"  # where the menu stands for many classes


def page(**query: str) -> AppTest:
    return opened("experiment", {"dataset": "digits", "rounds": "4", "partition.contiguous.nodes": "5", **query})


def until(claim: Callable[[], bool]) -> None:
    ends = time.monotonic() + 120
    while not claim():
        assert time.monotonic() < ends
        time.sleep(0.05)


def menu(app: AppTest, key: str) -> Any:
    """That of this control; one that the page has moved has a number behind its name."""
    return next(each for each in app.selectbox if str(each.key).split("@")[0] == key)


def racing(app: AppTest) -> list[RunSpec]:
    query = "&".join(f"{key}={words}" for key, words in address(app).items())
    return ef21lab.specs(f"?{query}")


@with_torch
def test_who_chooses_a_network_gets_its_start_and_steps_that_need_no_theory() -> None:
    app = page(race="a", **{"a.step": "theory"})
    menu(app, OBJECTIVE).set_value("network")
    ran(app)
    assert not app.warning
    assert not app.error
    specs = racing(app)
    assert {spec.start.name for spec in specs} == {"initial"}
    assert {spec.step.in_short().en for spec in specs} == {"γ = 0.1"}
    menu(app, "a.step").set_value("tuned")
    ran(app)
    assert not app.warning
    steps = [step.in_short().en for step in racing(app)[0].step.candidates()]
    assert (steps[0], steps[-1]) == ("γ = 0.0125", "γ = 0.8")
    menu(app, OBJECTIVE).set_value("softmax")
    assert {spec.start.name for spec in racing(ran(app))} == {"normal"}
    assert {spec.step.name for spec in racing(app)} == {"tuned"}
    assert not app.warning


@with_torch
def test_a_link_with_a_network_opens_it_and_its_runs_are_computed() -> None:
    spec = {
        "dataset": "digits",
        "partition": {"name": "contiguous", "nodes": 5},
        "objective": {"name": "network", "network": {"name": "conv", "channels": 2}},
        "algorithm": {"name": "ef21_sgdm", "batch": 8},
        "rounds": 4,
        "record_every": 2,
    }
    assert ef21lab.specs(link := ef21lab.link(spec)) == [RunSpec.make(spec)]
    app = page(**dict(pair.split("=") for pair in link.split("?")[1].replace("%2C", ",").split("&")))
    assert racing(app) == [RunSpec.make(spec)]
    key = RunSpec.make(spec).key
    until(lambda: the_lab().status(key).state == "done")
    assert list(the_lab().trace(key)["loss"]) == list(ef21lab.run(spec)["loss"])
