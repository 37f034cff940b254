"""What a node of the experiment's own problem has to say: all of it, or of a network one layer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from ef21lab.choices.spec import Spec, integer, nested, real, seed_of
from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Dataset
from ef21lab.partitions.base import Partition
from ef21lab.problems.base import Objective
from ef21lab.runs.spec import FAMILIES, RunSpec
from ef21lab.starts.base import Start
from ef21lab.vectors import _run as run
from ef21lab.vectors.base import Sample, Vector, sample_of

USUAL = RunSpec.make({})
MOST_LAYERS = 1000
MOST_NUMBERS = 4_000_000_000  # of all gradients of all rounds together: about a minute


def _part(noun: str, label: Text) -> Any:
    """A part of the problem: any member of its family."""
    default: Spec = getattr(USUAL, noun)
    return nested(default, lambda: FAMILIES[noun], lambda kind: True, label, Text("As in the experiment.", "Как в эксперименте."))


@dataclass(frozen=True)
class FromExperiment(Vector):
    """∇fᵢ(x^t) − gᵢ^{t−1} of node i in round t of EF21 with the lab's default operator and step on this problem; in round 0 ∇fᵢ(x⁰).

    Of the tensors that x is made of, as the kernels of a network, one may be taken alone, in its own shape.
    """

    dataset: Dataset = _part("dataset", Text("Dataset", "Данные"))
    partition: Partition = _part("partition", Text("Partition", "Разбиение"))
    objective: Objective = _part("objective", Text("Objective", "Целевая функция"))
    start: Start = _part("start", Text("Starting point x⁰", "Начальная точка x⁰"))
    held_out: float = real(
        0.0,
        0.0,
        0.9,
        Text("Share held out", "Отложенная доля"),
        Text("The share of the rows that no node gets.", "Доля строк, которых нет ни у одного узла."),
    )
    held_out_seed: int = seed_of(
        Text("Seed of that share", "Зерно этой доли"), Text("Another seed holds out other rows.", "С другим зерном отложены другие строки.")
    )
    node: int = run.node()
    round: int = integer(
        0,
        0,
        run.MOST_ROUNDS,
        Text("Round", "Раунд"),
        Text(
            "After how many rounds of EF21: in round 0 it is the gradient at x⁰.",
            "После скольких раундов EF21; в раунде 0 это градиент в x⁰.",
        ),
    )
    layer: int = integer(
        1,
        0,
        MOST_LAYERS,
        Text("Layer", "Слой"),
        Text("Which of the tensors of x, counted from 1; 0 is all of x.", "Какой из тензоров, составляющих x; счёт с 1, 0 — весь x."),
    )

    name = "from_experiment"
    label = Text("From the experiment", "Из эксперимента")
    about = Text(
        "What a node of the problem that is set on the experiment page has to say; of a network, layer by layer.",
        "То, что хочет передать узел в задаче со страницы эксперимента; у сети — по слоям.",
    )
    order = 5

    def sample(self) -> Sample:
        problem = run.posed(self.origin())
        layout, nodes = problem.layout, problem.nodes
        run.check_node(type(self).__name__, self.node, nodes)
        if self.layer > len(layout):
            raise Refusal(NO_LAYER.format(layer=self.layer, n=len(layout)))
        if (self.round + 1) * nodes * problem.d > MOST_NUMBERS:
            raise Refusal(TOO_LONG.format(round=self.round, nodes=nodes, d=problem.d))
        whole = run.wanted_of(self.origin(), self.round)[self.node]
        if self.layer == 0:
            return sample_of(whole, layout)
        begin = sum(math.prod(shape) for shape in layout[: self.layer - 1])
        shape = layout[self.layer - 1]
        return sample_of(whole[begin : begin + math.prod(shape)], (shape,))

    def origin(self) -> RunSpec:
        parts = ("dataset", "partition", "objective", "start")
        return RunSpec.make({name: getattr(self, name) for name in (*parts, "held_out", "held_out_seed")} | {"rounds": 0})

    def names(self) -> list[str]:
        """In a network nothing has a name of its own."""
        return [] if self.objective.trains else super().names()


NO_LAYER = Text(
    "FromExperiment(layer={layer}): x is made of {n:tensor|tensors}; layer must be an integer in 0..{n}",
    "FromExperiment(layer={layer}): x составлен из {n:тензора|тензоров|тензоров}; layer — это целое число от 0 до {n}",
)
TOO_LONG = Text(
    "round {round} of {nodes:node|nodes}, d = {d}: that is too long to wait for here; take an earlier round",
    "раунд {round}, {nodes:узел|узла|узлов}, d = {d}: здесь этого пришлось бы ждать слишком долго; возьмите раунд пораньше",
)
