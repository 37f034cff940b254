"""The training of a network as a problem: f = (1/n) Σᵢ (1/mᵢ) Σⱼ ℓ(network(aⱼ; x), yⱼ) + (λ/2)‖x‖², every node's gradient by PyTorch."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy, deepcopy
from functools import cached_property
from typing import Any

import numpy as np

from ef21lab.datasets.base import Table
from ef21lab.problems._regularisers import Ridge
from ef21lab.problems.base import Facts, Point, Problem
from ef21lab.problems.networks._passes import ABREAST, FULL, TOGETHER, Group, abreast, groups_of, passing
from ef21lab.problems.networks._tape import Parameters, leaves_of, logits, slopes
from ef21lab.problems.networks.base import Module, NeuralNetwork

Array = Any
Tensor = Any

ROWS_AT_ONCE = 4096  # of those that are only classified
PRODUCTS_OF_AN_ENTRY = 4  # weights that take about as long as a number of the data, which is read from memory: 1e-9 s each, forth and back


class NetworkProblem(Problem):
    """x is the flat vector of all parameters, in the order of the module's. Arithmetic is float64, or float32 `in_single`.

    Equally many rows of every node pass through the network at once, and each node has its part of the gradient. Lanes follow each other:
    what PyTorch computes for several at a time is not to the last bit what it computes for one. For the same reason one thread computes.
    """

    def __init__(self, network: NeuralNetwork, table: Table, node_of_row: np.ndarray, nodes: int, decay: float) -> None:
        self.regulariser, self.number, self.module = Ridge(decay), "float64", module_for(network, table)
        self._leaves = leaves_of(self.module)
        node_rows = np.bincount(node_of_row, minlength=nodes)
        order = np.lexsort((node_of_row, node_rows[node_of_row]))  # node by node, the smallest share first
        ends = np.cumsum(np.sort(node_rows, kind="stable"))
        self.first_rows = np.empty(nodes, dtype=np.intp)  # (nodes,) where each node's rows begin
        self.first_rows[np.argsort(node_rows, kind="stable")] = ends - np.sort(node_rows, kind="stable")
        labels = table.labels > 0 if len(table.classes) == 2 else table.labels
        self._rows = _copied(_dense(table)[order], self.number).numpy()  # (rows, p)
        self._classes = _copied(labels[order], "int64").numpy()  # (rows,)
        of_row = passing(self.module, table.features.shape[1])
        self.together, self._abreast = (max(1, most // of_row.numbers) for most in (TOGETHER, ABREAST))  # rows
        self._numbers = of_row.numbers
        layout = network.layout(self.module, table.shape, len(table.classes))
        self.facts = Facts(
            d=sum(math.prod(shape) for shape in layout),
            nodes=nodes,
            rows=len(node_of_row),
            layout=layout,
            smoothness=None,
            node_smoothness=None,
            mu=None,
            entries=len(node_of_row) * of_row.products // PRODUCTS_OF_AN_ENTRY,
            node_rows=node_rows,
            convex=network.convex,
            lowest=0.0,  # no part of f is ever negative
        )

    def at(self, x: Array) -> NetworkPoint:
        return NetworkPoint(self, np.asarray(x))

    def in_single(self) -> NetworkProblem:
        other = copy(self)
        vars(other).pop("groups", None)
        other._rows, other.number = _copied(self._rows, "float32").numpy(), "float32"
        return other

    def initial(self, rng: np.random.Generator) -> Array:
        """As PyTorch does it, but from NumPy's numbers: weights and biases of a layer uniform in ±1/√(numbers that an output is made of),
        scales of a norm 1 and its shifts 0."""
        drawn = []
        for layer in self.module.modules():
            own = dict(layer.named_parameters(recurse=False))
            fan_in = math.prod(own["weight"].shape[1:]) if "weight" in own and own["weight"].ndim > 1 else None
            for name, parameter in own.items():
                count, usual = parameter.numel(), 1.0 if name == "weight" else 0.0
                drawn.append(np.full(count, usual) if fan_in is None else rng.uniform(-1.0, 1.0, count) / math.sqrt(fan_in))
        return np.concatenate(drawn)

    def trained(self, x: Array) -> Module:
        module = deepcopy(self.module)
        module.load_state_dict({name: _copied(part, self.number) for name, part in self.named(x).items()})
        return module

    def named(self, x: Array) -> dict[str, Array]:
        """x (d,) as the module's parameters, by their names."""
        return named(self.module, x)

    def parameters(self, x: Array) -> Parameters:
        """x (d,) as PyTorch has it."""
        return _parameters(self.module, x, self.number)

    def sums(self, parameters: Parameters, rows: Tensor, classes: Tensor) -> tuple[Array, Array]:
        """Σⱼ ∇ℓⱼ (k, d) and Σⱼ ℓⱼ (k,) of k batches of rows (k, m, p) with their classes (k, m), at these parameters."""
        found, losses = slopes(self._leaves, parameters, rows, classes)
        return found.numpy(), losses.numpy()

    @cached_property
    def groups(self) -> list[Group]:
        """All rows of all nodes, in the passes of a full gradient."""
        of_row = self._numbers * np.dtype(self.number).itemsize
        return list(groups_of(self.facts.node_rows, self.first_rows, max(1, FULL // of_row)))

    def mini_batches(self, batch: int) -> list[slice]:
        """The nodes whose mini-batches of so many rows pass at once."""
        return list(abreast(self.nodes, batch, self.together, self._abreast))

    def batches(self, places: Array) -> tuple[Tensor, Tensor]:
        """The rows at these places (k, m), and their classes."""
        import torch

        at = torch.from_numpy(places)
        return torch.from_numpy(self._rows)[at], torch.from_numpy(self._classes)[at]


class NetworkPoint(Point):
    def __init__(self, problem: NetworkProblem, x: Array) -> None:
        self._problem, self._x = problem, x
        self._losses: Array | None = None  # (lanes,) the data's part of f, once a pass has measured it

    @cached_property
    def gradients(self) -> Array:
        problem = self._problem
        out = np.zeros((len(self._x), problem.nodes, problem.d), dtype=problem.number)
        losses = np.zeros((len(self._x), problem.nodes))
        first: dict[bytes, int] = {}  # of the lanes at one x: where steps are tried, all begin there
        with _one_thread():
            for lane, x in enumerate(self._x):
                twin = first.setdefault(x.tobytes(), lane)
                if twin < lane:
                    out[lane], losses[lane] = out[twin], losses[twin]
                    continue
                parameters = problem.parameters(x)
                for group in problem.groups:
                    sums, values = problem.sums(parameters, *problem.batches(group.places))
                    np.add.at(out[lane], group.nodes, sums)
                    np.add.at(losses[lane], group.nodes, values)
        out /= problem.facts.node_rows[:, None].astype(problem.number)
        self._losses = (losses / problem.facts.node_rows).sum(axis=-1) / problem.nodes
        return self._penalised(out)

    def sampled(self, rows: Array) -> Array:
        problem, batch = self._problem, rows.shape[-1]
        out = np.empty((len(self._x), problem.nodes, problem.d), dtype=problem.number)
        places, passes = problem.first_rows[:, None] + rows, problem.mini_batches(batch)
        with _one_thread():
            for lane, x in enumerate(self._x):
                parameters = problem.parameters(x)
                for nodes in passes:
                    out[lane, nodes] = problem.sums(parameters, *problem.batches(places[lane, nodes]))[0]
        out /= batch
        return self._penalised(out)

    def loss(self) -> Array:
        """Measured with the gradients: a record asks for both."""
        if self._losses is None:
            _ = self.gradients
        assert self._losses is not None  # measured by the pass
        return self._losses + self._problem.regulariser.value(self._x.astype(float))

    def let_go(self) -> None:
        vars(self).pop("gradients", None)

    def _penalised(self, gradients: Array) -> Array:
        gradients += self._problem.regulariser.gradient(self._x)[:, None]
        return gradients


class NetworkClassifier:
    """Of which class each row of a table is, by the network with parameters x (lanes, d): (lanes, rows)."""

    def __init__(self, network: NeuralNetwork, table: Table) -> None:
        self._module, self._rows = module_for(network, table), _copied(_dense(table), "float64").numpy()
        self._leaves = leaves_of(self._module)

    def __call__(self, x: Array) -> Array:
        with _one_thread():
            return np.stack([np.concatenate(list(self._of_lane(one))) for one in x])

    def _of_lane(self, x: Array) -> Iterator[Array]:
        import torch

        parameters = _parameters(self._module, x, "float64")
        for first in range(0, len(self._rows), ROWS_AT_ONCE):
            yield logits(self._leaves, parameters, torch.from_numpy(self._rows[first : first + ROWS_AT_ONCE])).numpy().argmax(axis=1)


def module_for(network: NeuralNetwork, table: Table) -> Module:
    """The network for the rows of this table. Its own numbers are never looked at, and nobody's random numbers are drawn for them."""
    import torch

    with torch.random.fork_rng(devices=[]):
        return network.module(table.shape, len(table.classes)).double()


def named(module: Module, x: Array) -> dict[str, Array]:
    """x (d,) as the parameters of a module, by their names."""
    parameters = dict(module.named_parameters())
    edges = np.cumsum([parameter.numel() for parameter in parameters.values()])[:-1]
    return {
        name: part.reshape(tuple(parameter.shape)) for (name, parameter), part in zip(parameters.items(), np.split(x, edges), strict=True)
    }


def _parameters(module: Module, x: Array, number: str) -> Parameters:
    """Copied to where PyTorch puts its arrays: what a product rounds to depends on where its factors lie."""
    return {name: _copied(part, number) for name, part in named(module, x).items()}


def _dense(table: Table) -> Array:
    return table.features.toarray() if table.sparse else table.features


def _copied(values: Array, number: str) -> Tensor:
    import torch

    return torch.tensor(values, dtype=getattr(torch, number))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums are split among threads, so their last bits would depend on the machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
