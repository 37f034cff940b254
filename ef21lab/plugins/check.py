"""Whether the members of a plugin keep what their families promise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ef21lab.choices.answers import strictly
from ef21lab.choices.text import Refusal, Text, quoted
from ef21lab.datasets.base import Dataset
from ef21lab.plugins import of_compressors, of_data, of_methods, of_problems
from ef21lab.plugins.families import GROUPS, Added, added, left_out
from ef21lab.plugins.promises import Promise, Tried, judged, of_every_member
from ef21lab.problems.base import Objective
from ef21lab.starts.base import Start

PROMISED: dict[str, tuple[Promise, ...]] = {
    "ef21lab.compressors": of_compressors.PROMISES,
    "ef21lab.datasets": of_data.OF_DATASETS,
    "ef21lab.partitions": of_data.OF_PARTITIONS,
    "ef21lab.problems": of_problems.OF_OBJECTIVES,
    "ef21lab.starts": of_problems.OF_STARTS,
    "ef21lab.metrics": of_problems.OF_METRICS,
    "ef21lab.algorithms": of_methods.OF_ALGORITHMS,
    "ef21lab.steps": of_methods.OF_STEPS,
}


class Checked(NamedTuple):
    """A member with its defaults, and what became of every promise; of one that is not on this machine only those about words."""

    added: Added
    absent: Text | None
    verdicts: Iterator[Tried]


def checked(package: str) -> Iterator[Checked]:
    """Every member of the plugin of this name, or that member of a plugin, one after the other. Raises Refusal where there is none, or a
    part of the plugin was left out.
    """
    wrong = [one for one in left_out() if _is_meant(package, one.plugin.split(" ")[0])]
    if wrong:
        raise Refusal(wrong[0].text)
    found = [one for one in added() if _is_meant(package, one.plugin.name)] or [
        one for one in added() if _is_meant(package, one.member.name)
    ]
    if not found:
        known = ", ".join(sorted({one.plugin.name for one in added()})) or "—"
        raise Refusal(NO_PLUGIN.format(package=quoted(package), known=quoted(known)))
    return map(_checked, found)


def _checked(one: Added) -> Checked:
    member = one.member()
    with strictly():
        absent = member.absence() if isinstance(member, (Dataset, Objective, Start)) else None
    family = GROUPS[one.group]
    promises = of_every_member(family) if absent else PROMISED.get(one.group) or of_every_member(family)
    return Checked(one, absent, judged(member, promises))


def _is_meant(package: str, name: str) -> bool:
    return package.lower().replace("_", "-") == name.lower().replace("_", "-")


NO_PLUGIN = Text("no plugin is called {package}; there are: {known}", "плагина с именем {package} нет; есть: {known}")
