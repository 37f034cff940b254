"""The gradient of one node at the starting point."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.choices.text import Text
from ef21lab.runs.spec import RunSpec
from ef21lab.vectors import _run as run
from ef21lab.vectors.base import Sample, Vector, sample_of


@dataclass(frozen=True)
class Gradient(Vector):
    """∇fᵢ(x⁰) of node i, x⁰ ~ N(0, I) from seed 0."""

    dataset: str = run.dataset()
    nodes: int = run.nodes()
    node: int = run.node()

    name = "gradient"
    label = Text("Gradient ∇fᵢ(x⁰)", "Градиент ∇fᵢ(x⁰)")
    about = Text(
        "The gradient of one node at the starting point: what a method without memory would compress first.",
        "Градиент одного узла в начальной точке: то, что первым сжал бы метод без памяти.",
    )
    order = 10

    def sample(self) -> Sample:
        run.check_node(type(self).__name__, self.node, self.nodes)
        return sample_of(run.wanted(self.dataset, self.nodes, 0)[self.node], run.layout(self.dataset, self.nodes))

    def origin(self) -> RunSpec:
        return run.spec(self.dataset, self.nodes)
