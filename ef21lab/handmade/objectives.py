"""Loss and gradients of a program as a problem."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ef21lab.choices.fields import is_number, shown, whole
from ef21lab.choices.spec import bound
from ef21lab.choices.text import Refusal, Text, same
from ef21lab.datasets.base import Dataset, Table, TableFacts
from ef21lab.datasets.readers.memory import numbers
from ef21lab.handmade.unnamed import UNNAMED
from ef21lab.problems.base import Facts, Objective, Point, Problem

Array = Any
LONGEST = 2**31  # of x, in numbers
OWN = UNNAMED.format(what=Text("the problem", "задача"))


class GivenProblem(Problem):
    """f and ∇fᵢ are functions of one x (d,)."""

    def __init__(self, facts: Facts, loss: Callable[[Array], Any], gradients: Callable[[Array], Any]) -> None:
        self.facts, self._loss, self._gradients = facts, loss, gradients

    def at(self, x: Array) -> Point:
        return GivenPoint(self, x)

    def loss_at(self, x: Array) -> float:
        """f(x). Raises Refusal where the function gives no number."""
        given = self._loss(x.copy())
        found = numbers(given)
        if found is None or found.size != 1:
            raise Refusal(NO_LOSS.format(found=shown(given)))
        return float(found.reshape(()))

    def gradients_at(self, x: Array) -> np.ndarray:
        """∇fᵢ(x), (nodes, d). Raises Refusal where the function gives an array of another shape."""
        given = self._gradients(x.copy())
        found = numbers(given)
        if found is None or found.shape != (self.nodes, self.d):
            raise Refusal(NO_GRADIENTS.format(nodes=self.nodes, d=self.d, found=shown(given if found is None else found.shape)))
        return found.astype(np.float64)


class GivenPoint(Point):
    """Lane after lane: functions of a program know one x at a time."""

    def __init__(self, problem: GivenProblem, x: Array) -> None:
        self._problem, self._x = problem, np.asarray(x, dtype=np.float64)
        self._found: np.ndarray | None = None

    @property
    def gradients(self) -> Array:
        if self._found is None:
            self._found = np.stack([self._problem.gradients_at(one) for one in self._x])
        return self._found

    def sampled(self, rows: Array) -> Array:
        raise Refusal(NO_ROWS)

    def loss(self) -> Array:
        return np.array([self._problem.loss_at(one) for one in self._x])

    def let_go(self) -> None:
        self._found = None


def problem(
    loss: Callable[[Array], Any],
    gradients: Callable[[Array], Any],
    *,
    d: int,
    nodes: int,
    smoothness: float | None = None,
    node_smoothness: Sequence[float] | None = None,
    mu: float | None = None,
    convex: bool = False,
    lowest: float = -math.inf,
    layout: Sequence[tuple[int, ...]] = (),
) -> Problem:
    """min f(x) = (1/n) Σ fᵢ(x), for `lab.run(problem=…)`: `loss` gives f(x), `gradients` gives ∇fᵢ(x) as (nodes, d), of one x (d,).

    With `smoothness` L of f and `node_smoothness` Lᵢ of the fᵢ theory has a step; `mu` is f's (of Polyak–Łojasiewicz is enough), `convex`
    says that every fᵢ is, `lowest` is a number that f is nowhere below, `layout` the natural tensor shapes of x. A run on it has no key: it
    cannot be linked or stored. Raises Refusal.

    >>> import numpy as np, ef21lab as lab
    >>> a = np.array([[1.0, 0.0], [0.0, 3.0]])  # fᵢ(x) = ½‖x − aᵢ‖²
    >>> def loss(x):
    ...     return 0.5 * np.mean(np.sum((x - a) ** 2, axis=1))
    >>> mine = problem(loss, lambda x: x - a, d=2, nodes=2, smoothness=1, node_smoothness=[1, 1])
    >>> np.round(lab.run(problem=mine, compressor="identity", start=[0, 0], rounds=100).x, 6).tolist()
    [0.5, 1.5]
    """
    d, nodes, shapes = _sizes(d, nodes, layout)
    if not (callable(loss) and callable(gradients)):
        raise Refusal(NO_FUNCTIONS)
    L, own = _constant("smoothness", smoothness), _of_nodes(node_smoothness, nodes)
    least = _constant("mu", mu)
    if least is not None and L is not None and least > L:
        raise Refusal(MU_ABOVE_L.format(mu=least, L=L))
    if not (is_number(lowest) and lowest < math.inf):
        raise Refusal(NO_LOWEST.format(given=shown(lowest)))
    rows = np.ones(nodes, dtype=int)
    facts = Facts(d, nodes, nodes, shapes, L, own, least, nodes * d, rows, bool(convex), float(lowest))
    return GivenProblem(facts, loss, gradients)


def _sizes(d: Any, nodes: Any, layout: Any) -> tuple[int, int, tuple[tuple[int, ...], ...]]:
    """d, the number of nodes and the shapes of x as they are given, in whole numbers. Raises Refusal."""
    try:
        length, count = whole(d, 1, LONGEST), whole(nodes, 1, LONGEST)
        shapes = tuple(tuple(whole(side, 1, LONGEST) for side in shape) for shape in layout) or ((length,),)
        if sum(map(math.prod, shapes)) != length:
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise Refusal(NO_SIZE.format(d=shown(d), nodes=shown(nodes), layout=shown(layout))) from None
    return length, count, shapes


def _constant(name: str, given: Any) -> float | None:
    """A number above 0, or None. Raises Refusal."""
    if given is None:
        return None
    if not (is_number(given) and 0.0 < given < math.inf):
        raise Refusal(NO_CONSTANT.format(name=name, given=shown(given)))
    return float(given)


def _of_nodes(given: Any, nodes: int) -> np.ndarray | None:
    """Lᵢ, (nodes,), or None. Raises Refusal."""
    if given is None:
        return None
    found = numbers(given)
    if found is None or found.shape != (nodes,) or found.dtype.kind == "b" or not ((found > 0) & np.isfinite(found)).all():
        raise Refusal(NO_SMOOTHNESS.format(nodes=nodes, given=shown(given)))
    return found.astype(np.float64)


@dataclass(frozen=True)
class GivenObjective(Objective):
    """The problem of a program, whatever the rows."""

    name = "problem"
    label = Text("a problem of the program", "задача из программы")
    about = Text("f and its gradients as a Python program gives them.", "f и её градиенты, какими их задала программа на Python.")
    tasks = frozenset({"regression"})
    unnamed = OWN

    problem: Problem | None = bound(None)

    def on(self, table: Table, node_of_row: np.ndarray, nodes: int) -> Problem:
        assert self.problem is not None
        return self.problem

    def literal(self, x: np.ndarray, row: np.ndarray, label: Any, classes: int) -> float:
        raise Refusal(NO_ROWS)


@dataclass(frozen=True)
class NoRows(Dataset):
    """In place of the data of a problem that has none."""

    name = "no_rows"
    label = Text("a problem of the program", "задача из программы")
    about = Text("The problem brings its data along.", "Данные приносит сама задача.")
    origin = same("—")
    unnamed = OWN

    nodes: int = bound(1)

    def load(self) -> Table:
        return Table(np.zeros((self.nodes, 1)), np.zeros(self.nodes), (), (1,)).read_only()

    def facts(self) -> TableFacts:
        return TableFacts(self.nodes, 1, 0)


def parts_of(given: Any) -> dict[str, Any]:
    """The parts of a run on a problem of a program. Raises Refusal where it is none."""
    if not isinstance(given, Problem):
        raise Refusal(NO_PROBLEM.format(given=type(given).__name__))
    nodes = given.nodes
    return {"dataset": NoRows(nodes), "objective": GivenObjective(given), "partition": {"name": "contiguous", "nodes": nodes}}


NO_LOSS = Text("loss(x) is one real number, got {found}", "loss(x) — одно вещественное число, а получено {found}")
NO_GRADIENTS = Text(
    "gradients(x) is an array of shape ({nodes}, {d}), a row for each node, got {found}",
    "gradients(x) — массив формы ({nodes}, {d}), строка на узел, а получено {found}",
)
NO_ROWS = Text(
    "a problem of the program has no rows to take a mini-batch of: choose a method with whole gradients",
    "у задачи из программы нет строк, мини-батч взять не из чего: выберите метод с полными градиентами",
)
NO_SIZE = Text(
    "d={d}, nodes={nodes}, layout={layout}: whole numbers above 0 are expected, and shapes whose sizes add up to d",
    "d={d}, nodes={nodes}, layout={layout}: нужны целые числа больше 0 и формы, размеры которых в сумме дают d",
)
NO_FUNCTIONS = Text("loss and gradients are functions of x", "loss и gradients — функции от x")
NO_SMOOTHNESS = Text(
    "node_smoothness={given}: numbers above 0, one for each node, are expected ({nodes})",
    "node_smoothness={given}: нужны числа больше 0, по одному на узел ({nodes})",
)
NO_CONSTANT = Text("{name}={given}: a finite number above 0 is expected, or None", "{name}={given}: нужно конечное число больше 0 или None")
MU_ABOVE_L = Text("mu={mu} is above smoothness={L}, and no f has such a μ", "mu={mu} больше smoothness={L}, а такого μ не бывает")
NO_LOWEST = Text("lowest={given}: a number that f is nowhere below is expected", "lowest={given}: нужно число, ниже которого f не бывает")
NO_PROBLEM = Text("problem is what lab.problem makes, got {given}", "problem — то, что делает lab.problem, а получено {given}")
