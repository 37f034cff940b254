"""A convolutional network: strided 3 × 3 convolutions and a linear layer."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ef21lab.choices.spec import choice, integer
from ef21lab.choices.text import Refusal, Text
from ef21lab.problems.networks.base import ACTIVATIONS, Module, NeuralNetwork, Shape, activation, activation_module, parts

GROUPS = 4  # of channels that are normed together, or fewer where they do not divide them


@dataclass(frozen=True)
class ConvNet(NeuralNetwork):
    """a_l = σ(K_l ∗ a_{l−1} + b_l) for l = 1 … `layers`, then z = W a + b of the last, flattened.

    K_l (2^(l−1)·channels, i, 3, 3) sees every second pixel of an image with a border of zeros, so each layer halves the sides and doubles
    the channels. With a norm, each of the groups of channels of an image has mean 0 and variance 1 before σ, then a scale and a shift.
    """

    name = "conv"
    label = Text("Convolutional network", "Свёрточная сеть")
    about = Text("Strided 3×3 convolutions and a linear layer; takes images.", "Свёртки 3×3 с шагом 2 и линейный слой; нужны картинки.")
    order = 10

    channels: int = integer(
        8,
        1,
        256,
        Text("Channels", "Каналы"),
        Text("Of the first layer; every further one has twice as many.", "В первом слое; в каждом следующем вдвое больше."),
    )
    layers: int = integer(2, 1, 4, Text("Convolutions", "Свёрток"), Text("How many layers of them.", "Сколько свёрточных слоёв."))
    activation: str = activation()
    norm: str = choice(
        "none",
        {"none": Text("none", "нет"), "group": Text("group norm", "групповая (group norm)")},
        Text("Norm", "Нормировка"),
        Text("What stands between a convolution and its activation.", "Что стоит между свёрткой и активацией."),
    )

    def module(self, shape: Shape, classes: int) -> Module:
        if len(shape) not in (2, 3):
            raise Refusal(NO_IMAGES.format(shape=" × ".join(map(str, shape))))
        from torch import nn

        image = shape if len(shape) == 3 else (1, *shape)
        layers: list[Module] = [nn.Unflatten(1, image)]
        before = image[0]
        for after in self._channels():
            normed = [nn.GroupNorm(math.gcd(GROUPS, after), after)] if self.norm == "group" else []
            layers += [nn.Conv2d(before, after, 3, stride=2, padding=1), *normed, activation_module(self.activation)]
            before = after
        sides = [math.ceil(side / 2**self.layers) for side in image[1:]]
        return nn.Sequential(*layers, nn.Flatten(), nn.Linear(before * sides[0] * sides[1], classes))

    def literal(self, x: np.ndarray, row: np.ndarray, classes: int) -> np.ndarray:
        side = math.isqrt(len(row))
        image = row.reshape(1, side, side)
        for after in self._channels():
            kernel, bias, *scales = parts(
                x[: after * (9 * len(image) + (3 if self.norm == "group" else 1))], *self._shapes(len(image), after)
            )
            x = x[kernel.size + bias.size + sum(scale.size for scale in scales) :]
            image = _convolved(image, kernel) + bias[:, None, None]
            if scales:
                image = _normed(image, math.gcd(GROUPS, after)) * scales[0][:, None, None] + scales[1][:, None, None]
            image = ACTIVATIONS[self.activation](image)
        return x[:-classes].reshape(classes, -1) @ image.reshape(-1) + x[-classes:]

    def _channels(self) -> list[int]:
        return [self.channels * 2**layer for layer in range(self.layers)]

    def _shapes(self, before: int, after: int) -> list[Shape]:
        return [(after, before, 3, 3), (after,), *([(after,), (after,)] if self.norm == "group" else [])]


def _convolved(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Σ_{c,u,v} K[o, c, u, v] · image[c, 2y + u − 1, 2x + v − 1], with zeros outside the image."""
    padded = np.pad(image, ((0, 0), (1, 1), (1, 1)))
    rows, columns = (math.ceil(side / 2) for side in image.shape[1:])
    window = [[np.tensordot(kernel, padded[:, 2 * y : 2 * y + 3, 2 * x : 2 * x + 3], 3) for x in range(columns)] for y in range(rows)]
    return np.moveaxis(np.array(window), -1, 0)


def _normed(image: np.ndarray, groups: int) -> np.ndarray:
    """Mean 0 and variance 1 in each group of channels; 1e-5 keeps the root from zero, as PyTorch has it."""
    grouped = image.reshape(groups, -1)
    centred = grouped - grouped.mean(axis=1, keepdims=True)
    return (centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)).reshape(image.shape)


NO_IMAGES = Text(
    "a convolutional network needs images, height × width; the rows of this dataset are {shape} — choose mlp",
    "свёрточной сети нужны картинки, высота × ширина, а строки этих данных — {shape}; выберите mlp",
)
