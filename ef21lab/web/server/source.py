"""What the live view needs from whoever owns the runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from ef21lab.channels.snapshot import Snapshot
from ef21lab.choices.text import Text
from ef21lab.problems.base import Coordinate
from ef21lab.runs.guarantees import Guarantees
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace

ENDED = frozenset({"done", "failed", "cancelled"})


class RunStatus(Protocol):
    """Where a run stands: its state in one word, the last recorded round out of `rounds`, the reason of a failure, and how many
    pages wish it to go on."""

    @property
    def state(self) -> str: ...
    @property
    def round(self) -> int: ...
    @property
    def rounds(self) -> int: ...
    @property
    def reason(self) -> Text | None: ...
    @property
    def wanted(self) -> int: ...


class Source(Protocol):
    """The runs by key. Every method may be called from any thread."""

    def status(self, key: str) -> RunStatus | None:
        """None for a key that names no run. A run in an ENDED state has all its rows in `trace`."""

    def trace(self, key: str, after: int = -1) -> Trace:
        """The records of rounds greater than `after`; their snapshots may be left out."""

    def snapshot(self, key: str, round: int) -> Snapshot | None: ...

    def snapshot_again(self, key: str, round: int, node: int) -> Snapshot:
        """The messages of a recorded round that `snapshot` does not have, `node`'s among them; may take a while. Raises Refusal."""

    def snapshot_rounds(self, key: str) -> Sequence[int]: ...

    def point(self, key: str) -> np.ndarray | None:
        """x after the last record, (d,); None where that is not known."""

    def network(self, key: str) -> bytes | None:
        """That x as the parameters of the run's network, a file of PyTorch's; may take a while. Raises Refusal where it trains none."""

    def coordinates(self, key: str) -> Sequence[Coordinate]:
        """What the coordinates of that x are called, where they have names; may take a while. Raises Refusal."""

    def spec(self, key: str) -> RunSpec: ...

    def guarantees(self, key: str) -> Guarantees:
        """What theorems say of the run; may take a while, and is asked for once. Raises Refusal."""

    def version(self, key: str) -> object:
        """A cheap value that differs whenever the run's state or rows do."""

    def subscribe(self, callback: Callable[[str], None]) -> object:
        """Call back with the key of a run that has changed, from any thread."""


class Microscope(Protocol):
    """Who answers the microscope's questions."""

    def ask(self, question: Mapping[str, Any], *, owner: str) -> dict[str, Any]:
        """The answer as microscope.answer gives it, in the turn of `owner`. Raises Refusal; may be called from any thread."""
