"""What a network is: a PyTorch module, made for the rows of a table, and its formula once more in NumPy."""

from __future__ import annotations

import importlib.util
import io
from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec, choice
from ef21lab.choices.text import Refusal, Text, same

Array = Any
Module = Any  # torch.nn.Module, which is not imported before somebody asks for one
Shape = tuple[int, ...]


@dataclass(frozen=True)
class NeuralNetwork(Spec):
    """A map from a row of a table to one number (a logit) for each class."""

    convex: ClassVar[bool] = False  # whether its loss is convex in its parameters

    @abstractmethod
    def module(self, shape: Shape, classes: int) -> Module:
        """The network for rows (batch, p) whose natural shape is `shape`: any torch module whose rows do not see each other, so no batch
        norm. Raises Refusal for a shape that it cannot take."""

    @abstractmethod
    def literal(self, x: np.ndarray, row: np.ndarray, classes: int) -> np.ndarray:
        """The logits (classes,) of one row (p,) with the parameters x (d,), slow and as the docstring has it; an image is square here."""

    def layout(self, module: Module, shape: Shape, classes: int) -> tuple[Shape, ...]:
        """The tensors that x is made of, one after the other: those of the module's parameters."""
        return tuple(tuple(parameter.shape) for parameter in module.parameters())


def absence() -> Text | None:
    """Why there are no networks on this machine; None where there are."""
    return None if importlib.util.find_spec("torch") else NO_TORCH


def load() -> None:
    """Import PyTorch, where there is one, so that the first network need not wait for it."""
    if absence() is None:
        import torch  # noqa: F401


def saved(module: Module) -> bytes:
    """The file of a module's state_dict."""
    import torch

    file = io.BytesIO()
    torch.save(module.state_dict(), file)
    return file.getvalue()


def check_torch() -> None:
    """Raises Refusal where PyTorch is not installed."""
    if why := absence():
        raise Refusal(why)


NO_TORCH = Text(
    "networks need PyTorch, which is not installed here: `make run EXTRAS=torch` installs it, and so does `pip install torch`",
    "сетям нужен PyTorch, а здесь он не установлен; его ставит `make run EXTRAS=torch` или `pip install torch`",
)

ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"relu": lambda z: np.maximum(z, 0.0), "tanh": np.tanh}


def activation() -> Any:
    """The field that says what stands between two layers."""
    options = {"relu": same("ReLU"), "tanh": same("tanh")}
    return choice("relu", options, Text("Activation", "Активация"), Text("What stands between two layers.", "Что стоит между слоями."))


def activation_module(name: str) -> Module:
    from torch import nn

    return {"relu": nn.ReLU, "tanh": nn.Tanh}[name]()


def parts(x: np.ndarray, *shapes: Shape) -> Iterator[np.ndarray]:
    """x cut into tensors of these shapes, one after the other."""
    edges = np.cumsum([int(np.prod(shape)) for shape in shapes])
    return (part.reshape(shape) for part, shape in zip(np.split(x, edges[:-1]), shapes, strict=True))


networks: Family[NeuralNetwork] = Family(NeuralNetwork, Text("network", "сеть"), package="ef21lab.problems.networks")
