"""A ready-made setting is runs and a view; its address, whole or by its name alone, opens just these."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

import pytest

from ef21lab.address.opening import Opened, specs_of
from ef21lab.address.presets import PRESETS
from ef21lab.address.writing import address_of, words_of_preset

GIVEN_OUT = {  # as links in lecture notes have them, each written by hand
    "divergence": "dataset=divergence&partition.contiguous.nodes=3&objective.least_squares.least_squares.lam=0.5&start=ones&rounds=300"
    "&axis=round&a.step=fixed&a.step.fixed.gamma=0.03&b.step=fixed&b.step.fixed.gamma=0.03&c.step=fixed&c.step.fixed.gamma=0.03"
    "&a.top_k.k=1&a.method=dcgd&b=top_k&b.method=ef14&c=top_k",
    "stall": "dataset=stall&partition.contiguous.nodes=5&objective.least_squares.least_squares.lam=0&start=zeros&rounds=200&axis=round"
    "&a=hosvd&a.hosvd.ranks=1x1x1&a.step.theory.multiple=1&b.st_hosvd.ranks=1x1x1&b.step.theory.multiple=1"
    "&c=tensor_train&c.tensor_train.ranks=1x1",
    "theory": "metric=mean&theory=on&objective=logistic_ridge&objective.logistic_ridge.lam=0.1&rounds=600&axis=round&race=ab"
    "&a.top_k.k=11&a.step.theory.multiple=1&b=top_k&b.top_k.k=11&b.step.theory.multiple=16",
}
STEPS = {  # what they left out was the step of theory; a link of today says so, and leaves out what a multiple is by itself
    "divergence": ({}, ()),
    "stall": (
        {"a.step": "theory", "b.step": "theory", "c.step": "theory"},
        ("a.step.theory.multiple", "b.step.theory.multiple"),
    ),
    "theory": ({"a.step": "theory", "b.step": "theory"}, ("a.step.theory.multiple",)),
}


def runs(opened: Opened) -> list[object]:
    assert opened.complaints == {}
    return [run.json() for run in opened.specs]


@pytest.mark.parametrize("name", PRESETS)
def test_its_address_opens_its_runs_and_its_view(name: str) -> None:
    setting = PRESETS[name]
    opened = specs_of(address_of(setting.specs, {"setting": name, **setting.view}))
    assert runs(opened) == [run.json() for run in setting.specs]
    assert opened.view == {"setting": name, **setting.view}


@pytest.mark.parametrize("name", PRESETS)
def test_its_name_alone_opens_the_same(name: str) -> None:
    opened = specs_of({"setting": name})
    assert runs(opened) == [run.json() for run in PRESETS[name].specs]
    assert opened.view == {"setting": name, **PRESETS[name].view}


@pytest.mark.parametrize("name", GIVEN_OUT)
def test_links_that_were_given_out_open_it(name: str) -> None:
    words: Mapping[str, str] = dict(parse_qsl(GIVEN_OUT[name]))
    assert runs(specs_of(words)) == [run.json() for run in PRESETS[name].specs]
    added, gone = STEPS[name]
    assert {key: value for key, value in words.items() if key not in gone} | added == words_of_preset(name)
