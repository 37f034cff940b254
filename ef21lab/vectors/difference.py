"""What a node of EF21 compresses: the difference between its gradient and what the master believes of it."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.choices.spec import integer
from ef21lab.choices.text import Text
from ef21lab.runs.spec import RunSpec
from ef21lab.vectors import _run as run
from ef21lab.vectors.base import Sample, Vector, sample_of


@dataclass(frozen=True)
class Difference(Vector):
    """∇fᵢ(x^t) − gᵢ^{t−1} of node i in round t of EF21 with the lab's default settings; in round 0 that is ∇fᵢ(x⁰)."""

    dataset: str = run.dataset()
    nodes: int = run.nodes()
    node: int = run.node()
    round: int = integer(
        20,
        0,
        run.MOST_ROUNDS,
        Text("Round", "Раунд"),
        Text("After how many rounds of EF21 the difference is taken.", "После скольких раундов EF21 взята разность."),
    )

    name = "difference"
    label = Text("Difference ∇fᵢ − gᵢ of a run", "Разность ∇fᵢ − gᵢ из запуска")
    about = Text(
        "What a node of EF21 compresses in a given round: its gradient minus what the master already believes it to be.",
        "То, что узел EF21 сжимает в данном раунде: его градиент минус то, что о нём уже знает сервер.",
    )
    order = 0

    def sample(self) -> Sample:
        run.check_node(type(self).__name__, self.node, self.nodes)
        return sample_of(run.wanted(self.dataset, self.nodes, self.round)[self.node], run.layout(self.dataset, self.nodes))

    def origin(self) -> RunSpec:
        return run.spec(self.dataset, self.nodes)
