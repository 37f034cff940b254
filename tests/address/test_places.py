"""Every control that a page can have is known by its name, and nothing else is."""

from __future__ import annotations

import pytest

from ef21lab.address import places
from ef21lab.address.controls import PICKED
from ef21lab.address.members import codes
from ef21lab.address.presets import PRESETS
from ef21lab.address.writing import words_of_preset
from ef21lab.choices.fields import Nested
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec


@pytest.mark.parametrize("head", list(places.MEMBERS))
def test_every_field_of_every_member_has_its_place(head: str) -> None:
    family: Family[Spec] = places.MEMBERS[head]
    for name in family.members:
        for key in codes(head, family.make(name)):
            assert places.exists(key), key
            assert places.room(key) == places.room(head)
        assert not places.exists(f"{head}.{name}.bogus")
        assert places.exists(f"{head}.{name}") == (head == "objective")  # which has a menu for each kind of labels
        for field, declared in family.members[name].fields().items():
            assert isinstance(declared, Nested) or not places.exists(f"{head}.{name}.{field}.more")


def test_the_controls_of_the_chart_and_of_every_ready_made_setting_are_known() -> None:
    keys = {*PICKED, *(key for name in PRESETS for key in words_of_preset(name))}
    assert [key for key in keys if not places.exists(key)] == []


@pytest.mark.parametrize(
    "key", ["", "zz", "a.", "a.b", "g", "rounds.x", "lang.ru", "step", "a.step.theory", "objective.bogus", "dataset.digits.k"]
)
def test_what_no_page_has_is_not_known(key: str) -> None:
    assert not places.exists(key)
