"""The families of the lab by the groups of their entry points, and what plugins have added to them."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

from ef21lab.choices import plugged
from ef21lab.choices.plugged import Broken, Plugin
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Language, Text
from ef21lab.clocks.base import topologies
from ef21lab.figures.base import figures
from ef21lab.metrics.base import metrics
from ef21lab.problems.networks.base import networks
from ef21lab.runs.spec import FAMILIES
from ef21lab.vectors.base import vectors

GROUPS: dict[str, Family[Any]] = {
    family.package: family for family in (*FAMILIES.values(), metrics, topologies, networks, figures, vectors)
}


class Added(NamedTuple):
    """A member that a plugin has brought along."""

    plugin: Plugin
    group: str
    member: type[Spec]


def added() -> list[Added]:
    """Every member of every family that is not the lab's own."""
    return [
        Added(member.plugin, group, member)
        for group, family in GROUPS.items()
        for member in family.members.values()
        if member.plugin is not None
    ]


def left_out() -> list[Broken]:
    """Every plugin, or part of one, that could not be taken in; a group that nobody knows counts as one."""
    added()
    known = (*GROUPS, plugged.PAGES)
    strange = [
        Broken(str(offer.plugin), group, offer.place, NO_GROUP.format(known=", ".join(known)))
        for group in plugged.groups()
        if group not in known
        for offer in plugged.offers(group)
    ]
    return [*plugged.broken(), *strange]


def tell(language: Language) -> None:
    """Say on standard error what was left out."""
    for one in left_out():
        print(one.text(language), file=sys.stderr)


NO_GROUP = Text("there is no such group; known are {known}", "такой группы нет; есть {known}")
