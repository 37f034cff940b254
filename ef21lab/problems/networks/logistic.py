"""No hidden layer: softmax regression as a network, by which the networks are held to the library's own problem."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.problems.networks.base import Module, NeuralNetwork, Shape


@dataclass(frozen=True)
class LogisticNetwork(NeuralNetwork):
    """z = X a with X (C, p) and no bias: the objective softmax, computed by PyTorch."""

    name = "logistic"
    label = Text("No hidden layer", "Без скрытых слоёв")
    about = Text(
        "One linear layer without a bias: softmax regression, to rounding.",
        "Один линейный слой без сдвига: та же softmax-регрессия, с точностью до округления.",
    )
    order = 20
    convex = True

    def module(self, shape: Shape, classes: int) -> Module:
        from torch import nn

        return nn.Sequential(nn.Linear(int(np.prod(shape)), classes, bias=False))

    def literal(self, x: np.ndarray, row: np.ndarray, classes: int) -> np.ndarray:
        return x.reshape(classes, -1) @ row

    def layout(self, module: Module, shape: Shape, classes: int) -> tuple[Shape, ...]:
        return ((classes, *shape),)
