"""What every objective, start and metric promises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.datasets.base import Table
from ef21lab.metrics.base import Metric, metrics
from ef21lab.plugins.promises import Promise, claim, drawn, of_every_member
from ef21lab.problems.base import Objective, Problem, objectives
from ef21lab.runs.experiment import start_run
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec
from ef21lab.starts.base import Start, starts

ROWS, P = 23, 4
NODE_OF_ROW = np.repeat(np.arange(4), [1, 3, 7, 12])
STEP = 1e-5  # of a finite difference


def table(task: str) -> Table:
    """A few rows for a task: some columns are larger than others, many entries are zero."""
    rng = drawn(0)
    features = rng.normal(size=(ROWS, P)) * (rng.random((ROWS, P)) < 0.6) * [1, 2, 0.1, 3]
    labels, classes = {
        "two classes": (rng.choice([-1.0, 1.0], ROWS), ("no", "yes")),
        "many classes": (rng.permutation(np.arange(ROWS) % 3), ("a", "b", "c")),
        "regression": (rng.normal(size=ROWS), ()),
    }[task]
    return Table(features, labels, classes, (P,))


class Posed(NamedTuple):
    """An objective on rows that nodes share, with its formula row by row beside it."""

    objective: Objective
    given: Table  # dense
    node_of_row: np.ndarray  # (rows,)
    problem: Problem  # on these rows, dense or sparse

    def of_node(self, x: np.ndarray, node: int) -> float:
        """fᵢ(x), row by row, by the member's own formula."""
        rows, given = np.flatnonzero(node == self.node_of_row), self.given
        return float(np.mean([self.objective.literal(x, given.features[row], given.labels[row], len(given.classes)) for row in rows]))


def is_the_mean_of_its_formula(posed: Posed, x: np.ndarray) -> None:
    """f at x (lanes, d) is the mean over nodes of the mean over their rows of `literal`."""
    problem = posed.problem
    slow = [np.mean([posed.of_node(row, node) for node in range(problem.nodes)]) for row in x]
    claim(np.allclose(problem.loss(x), slow, rtol=1e-12, atol=0), f"loss {problem.loss(x)}, by `literal` {slow}")


def has_the_slopes_of_its_formula(posed: Posed, x: np.ndarray) -> None:
    """Every node's gradient at x (d,) is the finite difference of its own loss."""
    problem = posed.problem
    gradients = problem.gradients(x[None, :])[0]
    for node in range(problem.nodes):
        for k in range(problem.d):
            e = STEP * np.eye(problem.d)[k]
            slope = (posed.of_node(x + e, node) - posed.of_node(x - e, node)) / (2 * STEP)
            near = abs(gradients[node, k] - slope) <= max(1e-6 * abs(slope), 1e-8)
            claim(near, f"∂f/∂x[{k}] of node {node} is {gradients[node, k]}, the difference {slope}")


def keeps_lanes_apart(problem: Problem, x: np.ndarray) -> None:
    """A lane of x (lanes, d) does not depend on its neighbours."""
    together = problem.at(x)
    for lane in range(len(x)):
        alone = problem.at(x[lane : lane + 1])
        same = np.array_equal(together.gradients[lane], alone.gradients[0]) and together.loss()[lane] == alone.loss()[0]
        claim(same, f"lane {lane} of {len(x)} is another than alone")


def changes_no_faster_than_allowed(problem: Problem, x: np.ndarray, y: np.ndarray) -> None:
    """Between x and y (lanes, d) no gradient of a node changes faster than Lᵢ allows, and none of f faster than L; both are known."""
    facts, distance = problem.facts, np.linalg.norm(x - y, axis=-1)
    change = problem.gradients(x) - problem.gradients(y)
    of_nodes = np.linalg.norm(change, axis=-1) <= 1.000001 * distance[:, None] * facts.node_L + 1e-12
    claim(np.all(of_nodes), "a node's gradient changes faster than its L allows")
    claim(np.all(np.linalg.norm(change.mean(axis=1), axis=-1) <= 1.000001 * distance * facts.L + 1e-12), "∇f changes faster than L allows")


def pairs_near_and_far(x: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points (lanes, d) of lengths over decades, and others at distances over decades from them."""
    x = x * 10 ** rng.uniform(-3, 1, (len(x), 1))
    return x, x + rng.normal(size=x.shape) * 10 ** rng.uniform(-4, 1, (len(x), 1))


def _posed(objective: Objective) -> Iterator[Posed]:
    for task in sorted(objective.tasks):
        given = table(task)
        yield Posed(objective, given, NODE_OF_ROW, objective.on(given, NODE_OF_ROW, 4))


def loss_is_its_formula(objective: Objective) -> None:
    """f is the mean over nodes of the mean over their rows of `literal`."""
    for posed in _posed(objective):
        is_the_mean_of_its_formula(posed, drawn(1).normal(size=(3, posed.problem.d)))


def gradient_is_a_difference(objective: Objective) -> None:
    """Every node's gradient is the finite difference of its own loss."""
    for posed in _posed(objective):
        has_the_slopes_of_its_formula(posed, drawn(2).normal(size=posed.problem.d))


def lanes_are_apart(objective: Objective) -> None:
    """A lane does not depend on its neighbours."""
    for posed in _posed(objective):
        keeps_lanes_apart(posed.problem, drawn(3).normal(size=(4, posed.problem.d)))


def smoothness_holds(objective: Objective) -> None:
    """Gradients of nodes never change faster than Lᵢ allows, where it is known."""
    for posed in _posed(objective):
        if posed.problem.facts.node_smoothness is not None:
            rng = drawn(4)
            changes_no_faster_than_allowed(posed.problem, *pairs_near_and_far(rng.normal(size=(100, posed.problem.d)), rng))


def is_a_point(start: Start) -> None:
    """x⁰ is (d,) finite numbers, the same every time."""
    for spec in (RunSpec.make({"dataset": "breast_cancer"}), RunSpec.make({"dataset": "digits", "objective": "softmax"})):
        problem = problem_of(spec)
        x = start.point(problem)
        claim(np.shape(x) == (problem.d,) and np.isfinite(x).all(), f"x⁰ of shape {np.shape(x)}, d = {problem.d}")
        claim(np.array_equal(x, start.point(problem)), "another x⁰ the second time")


def measures_every_lane(metric: Metric) -> None:
    """It is a number for each lane, in every record of a run."""
    going = start_run({"dataset": "breast_cancer", "rounds": 3, "held_out": 0.2})
    if metric.name not in going.measures:
        return
    for record in going:
        claim(np.shape(record.column(metric.name)) == (1,), f"{np.shape(record.column(metric.name))} for one lane")


OF_OBJECTIVES = (
    *of_every_member(objectives),
    Promise(Text("the loss is that of its formula", "значение функции совпадает с формулой"), loss_is_its_formula),
    Promise(Text("gradients are finite differences of the formula", "градиенты — конечные разности формулы"), gradient_is_a_difference),
    Promise(Text("a lane does not depend on its neighbours", "дорожка не зависит от соседних"), lanes_are_apart),
    Promise(Text("gradients change no faster than L allows", "градиенты меняются не быстрее, чем позволяет L"), smoothness_holds),
)
OF_STARTS = (*of_every_member(starts), Promise(Text("x⁰ is d finite numbers", "x⁰ — это d конечных чисел"), is_a_point))
OF_METRICS = (*of_every_member(metrics), Promise(Text("it is a number for each lane", "это число на каждую дорожку"), measures_every_lane))
