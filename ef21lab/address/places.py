"""Every place that an address can have: which room of the pages a control stands in, and whether there is such a control at all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from ef21lab.address.controls import LETTERS, MEMBERS_SEEN, OF_EXPERIMENT
from ef21lab.address.notes import KEYS as NOTES
from ef21lab.choices.fields import Field, Nested
from ef21lab.clocks.base import topologies
from ef21lab.figures.base import figures
from ef21lab.runs.spec import FAMILIES
from ef21lab.vectors.base import vectors

ROOMS: dict[str, tuple[str, ...]] = {
    "problem": ("dataset", "partition", "objective", "start", "rounds", "record_every", "seed", "held_out", "held_out_seed", "stop_at"),
    "race": ("race", *LETTERS),
    "repeats": ("repeats",),
    "chart": ("metric", "axis", "theory", "goal", "contender", "node", "round", "layer", "logX", "whole", "oneScale"),
    "network": ("network",),
    "figures": ("figure",),
    "pictures": ("slice",),
    "ready made": ("setting",),
    "promises": ("epsilon", "with"),
    "microscope": ("vector", "fold", "operator", "other", "bits", "rung"),
    "library": ("find", "on", "of", "through", "below", "tag", "only", "sort", "page", "against"),
    "part": ("part",),
    "sweep": (
        *("rule", "octaves", "finer", "strength", "strengths", "budget", "starts", "counts", "splits", "also"),
        *("judged", "reach", "level", "shows", "case", "seen", "cell", "go", "paused"),
    ),
    "hunt": ("hunt", "least", "by", "aim", "right"),
    "language": ("lang",),
    "notes": NOTES,
    "teaching": ("view", "hide", "lock"),
}
ROOM_OF = {head: room for room, heads in ROOMS.items() for head in heads}
MEMBERS: dict[str, Any] = {
    "dataset": FAMILIES["dataset"],
    "partition": FAMILIES["partition"],
    "objective": FAMILIES["objective"],
    "start": FAMILIES["start"],
    "network": topologies,
    "figure": figures,
    "rule": FAMILIES["step"],
    "vector": vectors,
    "operator": FAMILIES["compressor"],
    **dict.fromkeys(LETTERS, FAMILIES["compressor"]),
}
BESIDE: dict[str, Any] = {"method": FAMILIES["algorithm"], "step": FAMILIES["step"]}  # a contender's compressor


def room(key: str) -> str:
    """The controls that a page has together or not at all; a control that is in no room is a room of its own."""
    head = key.partition(".")[0]
    return ROOM_OF.get(key) or ROOM_OF.get(head, head)


def usual_seen(key: str, words: Collection[str]) -> str:
    """The member in a menu of the microscope where an address with these words leaves it out: of an experiment, something of that."""
    return OF_EXPERIMENT if key == "vector" and any(room(word) == "problem" for word in words) else MEMBERS_SEEN[key]


def exists(key: str) -> bool:
    """Whether some page can have a control of this name."""
    return (key in ROOM_OF and key not in MEMBERS) or any(_leads(family, path) is not None for family, path in _ways(key))


def family_at(key: str) -> Any | None:
    """The family whose menu stands here; None where there is no menu."""
    found = (_leads(family, path) for family, path in _ways(key))
    return next((family for family in found if family is not None and not isinstance(family, Field)), None)


def _ways(key: str) -> list[tuple[Any, list[str]]]:
    """The family that a place begins with, and how it goes on inside; labels of another kind have a menu of objectives of their own."""
    head, *rest = key.split(".")
    if head in LETTERS and rest and rest[0] in BESIDE:
        return [(BESIDE[rest[0]], rest[1:])]
    own = [(MEMBERS[head], rest)] if head in MEMBERS else []
    return [*own, (MEMBERS[head], rest[1:])] if head == "objective" and rest and rest[0] in MEMBERS[head].members else own


def _leads(family: Any, path: Sequence[str]) -> Any | Field | None:
    """The family itself, a field of one of its members, or what stands inside a member of a member; None for a path that leads nowhere."""
    if not path:
        return family
    member = family.members.get(path[0])
    field = member.fields().get(path[1]) if member and len(path) > 1 else None
    if isinstance(field, Nested):
        return _leads(field.family(), path[2:])
    return field if len(path) == 2 else None
