"""Every control that a page can have is known by its name, and nothing else is."""

from __future__ import annotations

import pytest
from ef21lab.ui.experiment.settings import SETTINGS

from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Nested, Spec
from ef21lab.ui.experiment.live_panel import PICKED
from ef21lab.ui.kit import rooms
from ef21lab.ui.kit.forms import codes


@pytest.mark.parametrize("head", list(rooms.MEMBERS))
def test_every_field_of_every_member_has_its_place(head: str) -> None:
    family: Family[Spec] = rooms.MEMBERS[head]
    for name in family.members:
        for key in codes(head, family.make(name)):
            assert rooms.exists(key), key
            assert rooms.room(key) == rooms.room(head)
        assert not rooms.exists(f"{head}.{name}.bogus")
        assert rooms.exists(f"{head}.{name}") == (head == "objective")  # which has a menu for each kind of labels
        for field, declared in family.members[name].fields().items():
            assert isinstance(declared, Nested) or not rooms.exists(f"{head}.{name}.{field}.more")


def test_the_controls_of_the_chart_and_of_every_ready_made_setting_are_known() -> None:
    keys = {*PICKED, *(key for setting in SETTINGS.values() for key in setting.codes)}
    assert [key for key in keys if not rooms.exists(key)] == []


@pytest.mark.parametrize(
    "key", ["", "zz", "a.", "a.b", "g", "rounds.x", "lang.ru", "step", "a.step.theory", "objective.bogus", "dataset.digits.k"]
)
def test_what_no_page_has_is_not_known(key: str) -> None:
    assert not rooms.exists(key)
