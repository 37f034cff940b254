"""What a lab computes before anybody has come, and out of everybody's way."""

from __future__ import annotations

import pytest

from ef21lab.address.first_screen import first_screen
from ef21lab.choices.text import Refusal
from ef21lab.jobs.engine import guarded
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.unasked import Unasked

from .conftest import HandEngine, spec, until


def test_the_first_screen_is_begun_unasked_and_who_comes_goes_first(hand_lab: Lab, hand: HandEngine) -> None:
    expected = first_screen(hand_lab.facts)
    Unasked(hand_lab, first_screen, {}).start()
    begun = hand.next()
    assert begun.args[0] == [run.json() for run in expected[: len(begun.args[0])]]
    own = hand_lab.submit(spec(), "ann")
    until(lambda: hand_lab.status(own).state == "queued")
    begun.on_done(guarded(begun.function, *begun.args))
    assert hand.compute().key == own


def test_it_waits_while_there_is_anything_to_do_and_is_not_begun_once_the_lab_ends(hand_lab: Lab, hand: HandEngine) -> None:
    own = hand_lab.submit(spec(), "ann")
    ahead = Unasked(hand_lab, first_screen, {})
    ahead.close()
    ahead.start()
    hand.compute(60.0)
    until(lambda: hand_lab.status(own).state == "done")
    assert hand_lab.going == 0
    assert hand.waiting == []


def test_the_switch(hand_lab: Lab, hand: HandEngine) -> None:
    Unasked(hand_lab, first_screen, {"EF21LAB_AHEAD": "off"}).start()
    assert hand.waiting == []
    with pytest.raises(Refusal, match="EF21LAB_AHEAD=perhaps"):
        Unasked(hand_lab, first_screen, {"EF21LAB_AHEAD": "perhaps"})
