"""Every place that an address can have: which room of the pages a control stands in, and whether there is such a control at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ef21lab.choices.spec import Nested
from ef21lab.runs.spec import FAMILIES
from ef21lab.vectors.base import vectors

LETTERS = "abcdef"  # of contenders
ROOMS: dict[str, tuple[str, ...]] = {
    "problem": ("dataset", "partition", "objective", "start", "rounds", "seed"),
    "race": ("race", *LETTERS),
    "chart": ("metric", "axis", "theory", "contender", "node", "round", "logX", "whole", "oneScale"),
    "pictures": ("slice",),
    "ready made": ("setting",),
    "promises": ("epsilon", "with"),
    "microscope": ("vector", "fold", "operator", "other", "bits", "rung"),
    "language": ("lang",),
}
ROOM_OF = {head: room for room, heads in ROOMS.items() for head in heads}
MEMBERS: dict[str, Any] = {
    "dataset": FAMILIES["dataset"],
    "partition": FAMILIES["partition"],
    "objective": FAMILIES["objective"],
    "start": FAMILIES["start"],
    "vector": vectors,
    "operator": FAMILIES["compressor"],
    **dict.fromkeys(LETTERS, FAMILIES["compressor"]),
}
BESIDE: dict[str, Any] = {"method": FAMILIES["algorithm"], "step": FAMILIES["step"]}  # a contender's compressor


def room(key: str) -> str:
    """The controls that a page has together or not at all; a control that is in no room is a room of its own."""
    head = key.partition(".")[0]
    return ROOM_OF.get(head, head)


def exists(key: str) -> bool:
    """Whether some page can have a control of this name."""
    head, *rest = key.split(".")
    if head in LETTERS and rest and rest[0] in BESIDE:
        return _within(BESIDE[rest[0]], rest[1:])
    if head == "objective" and rest and _within(MEMBERS[head], rest[1:]) and rest[0] in MEMBERS[head].members:
        return True  # labels of another kind have a menu of their own
    return _within(MEMBERS[head], rest) if head in MEMBERS else head in ROOM_OF and not rest


def _within(family: Any, path: Sequence[str]) -> bool:
    """The menu of a family itself, or member.field of one of its members, and so on into members inside members."""
    if not path:
        return True
    member = family.members.get(path[0])
    field = member.fields().get(path[1]) if member and len(path) > 1 else None
    if isinstance(field, Nested):
        return _within(field.family(), path[2:])
    return field is not None and len(path) == 2
