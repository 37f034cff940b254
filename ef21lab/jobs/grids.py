"""A grid as an errand: so many runs, in their order, until none is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal
from ef21lab.jobs.errands import Feeds, Piece
from ef21lab.jobs.knowledge import NotReady
from ef21lab.runs.lanes import groups
from ef21lab.runs.spec import RunSpec


class LabGrid:
    """Runs that are wanted to their ends, the first of them first. What of them is done, has failed or can never be here is over."""

    kind: ClassVar[str] = "grid"

    def __init__(self, specs: Sequence[RunSpec]) -> None:
        self._specs = tuple({spec.key: spec for spec in specs}.values())
        self._over: set[str] = set()

    @classmethod
    def of(cls, document: Json) -> LabGrid:
        """The inverse of `json`. Raises Refusal, ValueError or TypeError for anything else."""
        return cls([RunSpec.make(one) for one in document])

    def json(self) -> Json:
        return [spec.json() for spec in self._specs]

    @property
    def over(self) -> bool:
        return len(self._over) == len(self._specs)

    def next(self, lab: Feeds, owner: str, most: int) -> list[Piece]:
        """The first that are not over, so many runs; none beyond one of which nothing can be said yet."""
        found: list[RunSpec] = []
        for spec in self._specs:
            if len(found) == most:
                break
            if spec.key in self._over:
                continue
            status = lab.status(spec.key)
            if status is not None and status.state in ("done", "failed"):
                self._over.add(spec.key)
                continue
            try:
                lab.check(spec, owner)
            except NotReady:
                break
            except Refusal:
                self._over.add(spec.key)
                continue
            found.append(spec)
        return [tuple(found[place] for place in group) for group in groups(found)]
