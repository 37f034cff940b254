"""x⁰ as an array of a program."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.readers.shelf import HASH
from ef21lab.problems.base import Problem
from ef21lab.starts.base import Start
from ef21lab.starts.points import shelf


@dataclass(frozen=True)
class ArrayStart(Start):
    """x⁰ that `start_at` has kept, by the hash of its numbers: equal starts make equal runs, others never do."""

    content: str = field(default="", metadata={"field": HASH})

    name = "from_array"
    label = Text("an array of a program", "массив из программы")
    about = Text(
        "x⁰ that a Python program has handed over with `start=x`, kept on this machine.",
        "x⁰, который программа на Python передала через `start=x`; хранится на этой машине.",
    )
    order = 110
    offered = False

    def absence(self) -> Text | None:
        if not self.content:
            return NOTHING_YET
        return None if shelf().holds(self.content) else GONE

    def point(self, problem: Problem) -> np.ndarray:
        """Raises Refusal where the numbers are not kept here, or the problem has another length."""
        kept = shelf().kept(self.content) if self.content else None
        if kept is None:
            raise Refusal(GONE if self.content else NOTHING_YET)
        x = np.frombuffer(kept, dtype="<f8").astype(np.float64)
        if len(x) != problem.d:
            raise Refusal(OTHER_LENGTH.format(given=len(x), d=problem.d))
        return x

    def kept_here(self) -> Text | None:
        return KEPT_HERE if self.content else None


OTHER_LENGTH = Text(
    "start holds {given:number|numbers}, and x of this problem has {d}", "в start {given:число|числа|чисел}, а у x этой задачи их {d}"
)
GONE = Text(
    "this x⁰ is not kept on this machine; hand it over again with lab.run(spec, start=x)",
    "этого x⁰ на этой машине нет; передайте его снова: lab.run(spec, start=x)",
)
NOTHING_YET = Text("a Python program hands x⁰ over with lab.run(spec, start=x)", "x⁰ передаёт программа на Python: lab.run(spec, start=x)")
KEPT_HERE = Text("x⁰ is an array that only this machine has", "x⁰ — массив, и есть он только на этой машине")
