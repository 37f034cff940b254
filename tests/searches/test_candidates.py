"""Who takes part: every operator of the registry, in folds and strengths that it has here, or a reason why not."""

from dataclasses import dataclass

import pytest

import ef21lab as lab
from ef21lab.choices.fields import Dims
from ef21lab.choices.plugged import Plugin
from ef21lab.choices.text import Text
from ef21lab.compressors.base import compressors
from ef21lab.compressors.top_k import TopK
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.searches.candidates import FOLDS, OCTAVES, STRENGTHS, everything, of_grid

SPEC = lab.RunSpec.make({"dataset": "breast_cancer", "rounds": 10})


@pytest.fixture(scope="module")
def field():
    return everything(SPEC)


def test_every_operator_takes_part_or_it_is_said_why_not(field):
    taking_part = {spec.compressor.name for spec in field.specs}
    left_out = {one.label for one in field.left_out}
    assert all((name in taking_part) != (member.label in left_out) for name, member in compressors.members.items())
    assert all(one.reason.en and one.reason.ru for one in field.left_out)


def test_all_can_run_and_none_is_there_twice(field):
    facts = problem_of(SPEC).facts
    planned = [plan(spec, facts) for spec in field.specs]
    assert all(one.reason is None for one in planned)
    assert len({(one.compressor, one.gamma) for one in planned}) == len(field.specs) == len({spec.key for spec in field.specs})
    assert {spec.rounds for spec in field.specs} == {SPEC.rounds}


def test_an_operator_has_several_strengths_folds_and_all_steps(field):
    for name in compressors.members:
        own = [spec for spec in field.specs if spec.compressor.name == name]
        settings = {spec.compressor for spec in own}
        assert len(own) == len(settings) * (OCTAVES + 1)
        folded = isinstance(compressors.members[name].fields().get("dims"), Dims)
        assert len(settings) <= STRENGTHS * (FOLDS if folded else 1)
        if own and folded:
            assert len({spec.compressor.dims for spec in own}) > 1
    assert len({spec.compressor for spec in field.specs if "k" in type(spec.compressor).fields()}) > STRENGTHS


def test_steps_are_those_of_the_run():
    multiples = {
        spec.step.multiple for spec in everything(lab.RunSpec.make({**SPEC.json(), "step": {"rule": "theory", "multiple": 3.0}})).specs
    }
    assert multiples == {3.0 * 2**octave for octave in range(OCTAVES + 1)}
    tuned = lab.RunSpec.make({**SPEC.json(), "step": {"rule": "tuned", "octaves": 2, "per_octave": 2}})
    assert {spec.step.multiple for spec in everything(tuned).specs} == {2.0 ** (half / 2) for half in range(5)}
    fixed = lab.RunSpec.make({**SPEC.json(), "step": {"rule": "fixed", "gamma": 0.1}})
    gammas = {spec.step.gamma * spec.step.multiple for spec in everything(fixed).specs}
    assert gammas == {0.1 * 2**octave for octave in range(OCTAVES + 1)}


def test_where_all_send_the_same_one_takes_part():
    whole = everything(lab.RunSpec.make({**SPEC.json(), "algorithm": "gd"}))
    assert len({spec.algorithm.messenger(spec.compressor) for spec in whole.specs}) * (OCTAVES + 1) == len(whole.specs)


def test_of_a_grid_those_take_part_that_make_sense():
    found = of_grid(SPEC, {"compressor": ["top_k", {"name": "top_k", "k": 500}], "step": [{"rule": "tuned", "octaves": 2}]})
    assert [(spec.compressor.k, spec.step.multiple) for spec in found.specs] == [(1, 1.0), (1, 2.0), (1, 4.0)]
    (left,) = found.left_out
    assert "500" in left.reason.en


def test_an_operator_of_a_plugin_that_breaks_takes_no_part_and_holds_up_nobody(field, monkeypatch):
    @dataclass(frozen=True)
    class Broken(TopK):
        name = "broken"
        label = Text("Broken", "Сломанный")
        plugin = Plugin("somebody", "1")

        def alpha(self, d):
            raise RuntimeError("not for such d")

    monkeypatch.setitem(compressors.members, "broken", Broken)
    found = everything(SPEC)
    assert found.specs == field.specs
    assert [one.reason.en for one in found.left_out if one.label == Broken.label] == ["RuntimeError: not for such d"]
    monkeypatch.setattr(Broken, "plugin", None)
    with pytest.raises(RuntimeError):  # of the lab's own it is a fault
        everything(SPEC)
