"""Classification by a neural network."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from ef21lab.choices.spec import nested, real
from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Table
from ef21lab.problems.base import Objective, Problem
from ef21lab.problems.held_out import Classifier
from ef21lab.problems.networks.base import NeuralNetwork, absence, check_torch, networks
from ef21lab.problems.networks.mlp import MLP


@dataclass(frozen=True)
class NetworkObjective(Objective):
    """fᵢ(x) = (1/mᵢ) Σⱼ (log Σ_c exp(z_c) − z_{y_j}) + (λ/2)‖x‖² with the logits z of row a_j, x all parameters; no L is known."""

    name = "network"
    revision = 2  # since nodes pass together as their shapes tell: other last digits
    label = Text("Neural network", "Нейросеть")
    about = Text(
        "Classification by a network, trained with PyTorch; x holds all its parameters.",
        "Классификация нейросетью, обучение на PyTorch; x — все её параметры.",
    )
    order = 40
    tasks = frozenset({"two classes", "many classes"})
    trains = True
    usual = MappingProxyType({"start": {"name": "initial"}, "step": {"rule": "fixed", "gamma": 0.1}})

    network: NeuralNetwork = nested(
        MLP(),
        lambda: networks,
        lambda kind: True,
        Text("Architecture", "Архитектура"),
        Text("Of which layers the network is made.", "Из каких слоёв состоит сеть."),
    )
    lam: float = real(
        1e-4,
        0.0,
        1e6,
        Text("Weight decay λ", "Затухание весов λ"),
        Text("(λ/2)‖x‖² is added to every fᵢ.", "К каждой fᵢ добавлено (λ/2)‖x‖²."),
        logarithmic=True,
    )

    def absence(self) -> Text | None:
        return absence()

    def on(self, table: Table, node_of_row: np.ndarray, nodes: int) -> Problem:
        if len(table.classes) < 2:
            raise Refusal(NO_CLASSES)
        check_torch()
        from ef21lab.problems.networks._problem import NetworkProblem

        return NetworkProblem(self.network, table, node_of_row, nodes, self.lam)

    def classifier(self, table: Table) -> Classifier:
        check_torch()
        from ef21lab.problems.networks._problem import NetworkClassifier

        return NetworkClassifier(self.network, table)

    def literal(self, x: np.ndarray, row: np.ndarray, label: Any, classes: int) -> float:
        logits = self.network.literal(x, row, classes)
        own = int(label > 0) if classes == 2 else label
        return float(np.log(np.sum(np.exp(logits))) - logits[own] + self.lam / 2 * sum(v * v for v in x))


NO_CLASSES = Text(
    "a network needs classes; this dataset has real targets — choose least_squares",
    "сети нужны классы, а здесь вещественные ответы — выберите least_squares",
)
