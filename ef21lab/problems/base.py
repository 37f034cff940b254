"""What a problem is: f = (1/n) Σ fᵢ over nodes, its gradients, and the constants its theorems need."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ef21lab import theory
from ef21lab.choices.answers import REASON, Answer
from ef21lab.choices.fields import Json
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Table
from ef21lab.problems.held_out import Classifier, HeldOut

Array = Any


class Point(ABC):
    """f and its gradients at one x per lane; all that is asked of it shares one product with the data."""

    @property
    @abstractmethod
    def gradients(self) -> Array:
        """∇fᵢ(x), (lanes, nodes, d); computed when first asked for."""

    @abstractmethod
    def sampled(self, rows: Array) -> Array:
        """Mini-batch gradients (1/b) Σ ∇fᵢⱼ(x) over the rows j of each node in `rows` (lanes, nodes, b), counted from 0 within its
        share; a row may come more than once. (lanes, nodes, d)."""

    @abstractmethod
    def loss(self) -> Array:
        """f(x), (lanes,)."""

    def let_go(self) -> None:  # noqa: B027  a point may have nothing to forget
        """Forget what can be computed again: no more is likely to be asked."""


class Facts(NamedTuple):
    """What theory, forms and cost estimates need of a problem, without its data. `layout`: the natural tensor shapes of x."""

    d: int
    nodes: int
    rows: int
    layout: tuple[tuple[int, ...], ...]
    smoothness: float | None  # L of f; None where it is not known
    node_smoothness: np.ndarray | None  # (nodes,) Lᵢ of fᵢ; None where they are not known
    mu: float | None  # strong convexity (Polyak–Łojasiewicz) constant of f; None where it has none
    entries: int  # numbers read from the data by one product
    node_rows: np.ndarray  # (nodes,) mᵢ
    convex: bool  # whether every fᵢ is
    lowest: float  # a number that f is nowhere below
    node_mu: np.ndarray | None = None  # (nodes,) strong convexity constants of the fᵢ, 0 where none is known
    pooled_smoothness: float | None = None  # L as EF21's authors take it, every row weighing 1/N; None where f has no such form

    @property
    def L(self) -> float:
        """L of f. Raises Refusal where it is not known."""
        if self.smoothness is None:
            raise Refusal(NO_L)
        return self.smoothness

    @property
    def node_L(self) -> np.ndarray:
        """Lᵢ, (nodes,). Raises Refusal where they are not known."""
        if self.node_smoothness is None:
            raise Refusal(NO_L)
        return self.node_smoothness

    @property
    def L_tilde(self) -> float:
        """L̃ = √((1/n) Σ Lᵢ²). Raises as `node_L`."""
        return theory.quadratic_mean(self.node_L)

    @property
    def L_bar(self) -> float:
        """L̄ = (1/n) Σ Lᵢ. Raises as `node_L`."""
        return theory.arithmetic_mean(self.node_L)

    @property
    def L_max(self) -> float:
        """max Lᵢ. Raises as `node_L`."""
        return float(self.node_L.max())

    @property
    def common_mu(self) -> float | None:
        """min μᵢ: every fᵢ is this strongly convex; None where some fᵢ is not known to be."""
        return float(self.node_mu.min()) if self.node_mu is not None and self.node_mu.min() > 0.0 else None


NO_L = Text(
    "no L is known for this problem, so theory gives no step and no guarantee; choose a fixed γ",
    "у этой задачи L неизвестна, поэтому теория не даёт ни шага, ни гарантий; выберите фиксированный γ",
)

NO_NETWORK = Text(
    "only the objective network has a module to be trained; here x is all there is",
    "модуль есть только у целевой функции network; здесь, кроме x, ничего нет",
)


class Problem(ABC):
    """minimise f(x) = (1/n) Σᵢ fᵢ(x) over x ∈ R^d."""

    facts: Facts
    held_out: HeldOut | None = None  # what x is measured on besides; None where no rows are held out, or there are no classes to tell

    @property
    def d(self) -> int:
        return self.facts.d

    @property
    def nodes(self) -> int:
        return self.facts.nodes

    def settle(self, facts: Facts | None = None) -> None:  # noqa: B027 - nothing is left to do where facts are there from the start
        """Before the first use: take `facts`, which are known of this very problem, or else compute them now."""

    @abstractmethod
    def at(self, x: Array) -> Point:
        """f at x (lanes, d)."""

    def measured(self) -> Problem:
        """The same problem, for rounds of which the loss will be asked too: it may be measured in passing, when gradients are."""
        return self

    def in_single(self) -> Problem | None:
        """The same problem, whose gradients are computed in float32 and are such arrays; None where it can only round them to that."""
        return None

    def initial(self, rng: np.random.Generator) -> Array:
        """Where the search usually begins, (d,): 0, or the initialisation of a network."""
        return np.zeros(self.d)

    def trained(self, x: Array) -> Any:
        """The network with parameters x (d,), a torch.nn.Module. Raises Refusal where the objective is no network."""
        raise Refusal(NO_NETWORK)

    def loss(self, x: Array) -> Array:
        return self.at(x).loss()

    def gradients(self, x: Array) -> Array:
        return self.at(x).gradients


class Coordinate(NamedTuple):
    """What one coordinate of x is the weight of."""

    column: str = ""  # of the table
    of_class: str = ""  # where every class has weights of its own

    def __str__(self) -> str:
        return " · ".join(filter(None, self))


@dataclass(frozen=True)
class Objective(Spec):
    """A loss with its regulariser; put on a table and a partition it becomes a Problem."""

    answers = MappingProxyType(
        {
            "on": Answer(lambda objective, found, *asked: isinstance(found, Problem), Text("a Problem", "Problem")),
            "classifier": Answer(
                lambda objective, found, table: found is None or callable(found), Text("a function of x, or None", "функцию от x или None")
            ),
            "coordinates": Answer(
                lambda objective, found, table: isinstance(found, tuple) and all(isinstance(one, Coordinate) for one in found),
                Text("a tuple of Coordinate", "кортеж из Coordinate"),
            ),
            "absence": REASON,
        }
    )
    tasks: ClassVar[frozenset[str]]  # which tables it can take: "two classes", "many classes", "regression"
    trains: ClassVar[bool] = False  # whether x are the parameters of a network, which its problem knows as a module
    usual: ClassVar[Mapping[str, Json]] = MappingProxyType({})  # its "start" and "step" where nobody names any, if they are not a run's

    def absence(self) -> Text | None:
        """Why it cannot be computed on this machine (a library to install first); None where it can."""
        return None

    @abstractmethod
    def on(self, table: Table, node_of_row: np.ndarray, nodes: int) -> Problem:
        """The problem on this data. Raises Refusal where the objective cannot take these labels."""

    def classifier(self, table: Table) -> Classifier | None:
        """What says, for any x, of which class every row of a table of the same kind is; None where the objective tells no classes.

        Where x is undecided between classes, the first of them is meant.
        """
        return None

    def coordinates(self, table: Table) -> tuple[Coordinate, ...]:
        """What each coordinate of x is the weight of, (d,); nothing where they are no weights of columns."""
        return ()

    @abstractmethod
    def literal(self, x: np.ndarray, row: np.ndarray, label: Any, classes: int) -> float:
        """The formula as it stands, at one x (d,) for one row a (p,): the loss of the row and the regulariser, so that fᵢ is the mean over
        the rows of node i. `classes` is 0 for regression. No page calls it: the family's tests hold `on` to it.
        """


objectives: Family[Objective] = Family(Objective, Text("objective", "целевая функция"), package="ef21lab.problems")
