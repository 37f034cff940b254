"""What a ready-made setting is: runs on one problem, how they are drawn, a name, and what to look at."""

from __future__ import annotations

from typing import NamedTuple

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Text
from ef21lab.runs.spec import RunSpec


class Preset(NamedTuple):
    """What is said of it, and its runs: the parts that they share, and those of each contender; what is left out is as in any run."""

    label: Text
    look_at: Text
    shared: dict[str, Json]
    contenders: tuple[dict[str, Json], ...]
    view: dict[str, Json]

    @property
    def specs(self) -> list[RunSpec]:
        return [RunSpec.make({**self.shared, **own}) for own in self.contenders]


def fixed(gamma: float) -> Json:
    """A step of one's own."""
    return {"rule": "fixed", "gamma": gamma}
