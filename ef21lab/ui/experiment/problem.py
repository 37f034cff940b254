"""The controls of a problem: which data, how they are split, with which objective, from where and for how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ef21lab.address.controls import FIRST, LABELS, PLAIN, RACE, ROUNDS, start_of
from ef21lab.address.members import codes
from ef21lab.address.objectives import objective_of
from ef21lab.choices.fields import Field
from ef21lab.choices.registry import Family
from ef21lab.choices.text import Refusal, Text, same
from ef21lab.datasets.base import Dataset, datasets
from ef21lab.partitions.base import NODES, partitions
from ef21lab.problems.base import Facts, Objective, objectives
from ef21lab.runs.spec import RunSpec
from ef21lab.starts.base import starts
from ef21lab.steps.base import steps
from ef21lab.ui.data import download
from ef21lab.ui.kit import forms, refused, visitor
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.link import Link

Detail = Callable[[type[Dataset], forms.Context], tuple[Mapping[str, Field], Sequence[DeltaGenerator]]]

Along = Callable[[Objective], dict[str, str]]


def controls(link: Link, detail: Detail | None = None, along: Along | None = None) -> RunSpec:
    """What the runs of all contenders share, with the step that is usual for the objective.

    Which data, on how many nodes; folded away: how they are split, with which objective, from where, for how long. `detail` says of the
    chosen dataset's kind which of its fields offer less here, and where those stand that it folds away; `along` is what else on the page
    is to be moved, as words of an address, where an objective is chosen whose start and step are not those of the one before.
    """
    base, context, limits = RunSpec.make({}), forms.Context(link), visitor.lab().limits  # of a run started here; others have none
    of_data = forms.menu(datasets, "dataset", base.dataset, context, label=LABELS["dataset"], names=_offered(datasets, "dataset", link))
    dataset = forms.fields(of_data, "dataset", base.dataset, context, *(detail(of_data, context) if detail else ()))
    st.caption(_size(dataset))
    in_sight, folded = st.container(), st.expander(say(Text("Partition, objective, rounds", "Разбиение, целевая функция, раунды")))
    with folded:
        kind = forms.menu(partitions, "partition", base.partition, context, label=LABELS["partition"])
        objective = _objective(dataset, context, along)
        start = forms.member(
            starts,
            "start",
            RunSpec.make({"objective": objective}).start,
            context,
            label=LABELS["start"],
            names=_offered(starts, "start", link),
        )
        rounds = forms.control("rounds", forms.bounded(ROUNDS, 1, limits.rounds), base.rounds, context)
        plain = {name: forms.control(name, field, getattr(base, name), context) for name, field in PLAIN.items()}
    with in_sight:
        nodes = {"nodes": forms.bounded(NODES, 1, limits.nodes)}
        partition = forms.fields(kind, "partition", base.partition, context, nodes)
    chosen = {"dataset": dataset, "partition": partition, "objective": objective, "start": start, "rounds": rounds}
    return RunSpec.make({**{name: part for name, part in base.json().items() if name != "step"}, **chosen, **plain})


def _offered(family: Family[Any], place: str, link: Link) -> list[str]:
    """The members that stand in a menu, with one that a link names or that stands there already."""
    return family.menu(Link.shows(place), link.asked(place))


def facts(run: RunSpec) -> Facts | None:
    """What the problem of a run is like; or on the page the reason why it cannot be posed, and None."""
    try:
        return visitor.facts(run)
    except Refusal as refusal:
        refused.tell(refusal)
        download.offer(run.dataset)
        return None


def _objective(dataset: Dataset, context: forms.Context, along: Along | None) -> Objective:
    """The objectives that can take this dataset's labels; each kind of labels has a control, and a place in the link, of its own."""
    key, first, names = objective_of(dataset)

    def goes_along(name: str) -> None:
        """Another start and other steps, where those of the objective that it was are not those of this one."""
        new, before = objectives.members[name](), objectives.members[Link.shows(key) or first.name]
        if new.usual != before.usual:
            found = codes("start", RunSpec.make({"objective": new}).start) | (along(new) if along else {})
            for letter in Link.shows(RACE) or FIRST:
                found |= codes(f"{letter}.step", steps.make(start_of(letter, new)["step"]))
            Link.put(found)

    kind = forms.menu(objectives, key, first, context, label=LABELS["objective"], names=names, then=goes_along)
    return forms.fields(kind, key, first, context)


def _size(dataset: Dataset) -> str:
    """One line about the data: what it is, N, p and the number of classes."""
    rows, columns, classes = dataset.facts()
    known = [
        say(same("N = {rows}").format(rows=rows)) if rows is not None else "",
        say(Text("{n:feature|features}", "{n:признак|признака|признаков}").format(n=columns)) if columns is not None else "",
        say(Text("{n:class|classes}", "{n:класс|класса|классов}").format(n=classes)) if classes else "",
    ]
    return f"{say(dataset.about)} " + " · ".join(filter(None, known))
