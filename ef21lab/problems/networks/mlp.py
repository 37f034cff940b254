"""A multilayer perceptron."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from ef21lab.choices.spec import integer
from ef21lab.choices.text import Text
from ef21lab.problems.networks.base import ACTIVATIONS, Module, NeuralNetwork, Shape, activation, activation_module, parts


@dataclass(frozen=True)
class MLP(NeuralNetwork):
    """a₀ = a, a_l = σ(W_l a_{l−1} + b_l) with `width` entries for l = 1 … `hidden`, and z = W a_hidden + b."""

    name = "mlp"
    label = Text("Multilayer perceptron", "Полносвязная сеть")
    about = Text("Fully connected layers; takes any rows.", "Полносвязные слои; годится для любых строк.")
    order = 0

    width: int = integer(32, 1, 4096, Text("Width", "Ширина"), Text("Units of a hidden layer.", "Сколько нейронов в скрытом слое."))
    hidden: int = integer(1, 1, 8, Text("Hidden layers", "Скрытых слоёв"), Text("How many of them.", "Сколько их."))
    activation: str = activation()

    def module(self, shape: Shape, classes: int) -> Module:
        from torch import nn

        sides = self._sides(int(np.prod(shape)))
        layers = [layer for pair in sides for layer in (nn.Linear(*pair), activation_module(self.activation))]
        return nn.Sequential(*layers, nn.Linear(self.width, classes))

    def literal(self, x: np.ndarray, row: np.ndarray, classes: int) -> np.ndarray:
        pairs = [*self._sides(len(row)), (self.width, classes)]
        tensors = parts(x, *(shape for before, after in pairs for shape in ((after, before), (after,))))
        for _ in range(self.hidden):
            row = ACTIVATIONS[self.activation](next(tensors) @ row + next(tensors))
        return next(tensors) @ row + next(tensors)

    def _sides(self, p: int) -> list[tuple[int, int]]:
        """Of the hidden layers, each from how many numbers to how many."""
        return list(itertools.pairwise([p, *[self.width] * self.hidden]))
