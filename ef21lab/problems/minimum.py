"""The least value of a strongly convex f, between two numbers that are certain."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy.optimize
import scipy.sparse.linalg

from ef21lab.problems.base import Problem

Array = Any

CLOSE = 1e-12  # of max(1, |f|): how near high and low are wanted
ROUNDING = 1e-14  # of max(1, |f|): what adding up the losses may cost
DESCENTS, NEWTON_STEPS, SOLVER_STEPS = 500, 30, 1000


class Minimum(NamedTuple):
    """f* lies in [low, high]."""

    low: float
    high: float


class _At(NamedTuple):
    x: Array  # (d,)
    value: float
    gradient: Array  # (d,)


def minimum(problem: Problem) -> Minimum:
    """f(x) − ‖∇f(x)‖²/(2μ) ≤ f* ≤ f(x) at an x near the minimiser; ValueError where no μ > 0 is known.

    L-BFGS comes near it, Newton steps by conjugate gradients (for a quadratic f one is exact) come as near as numbers allow.
    """
    mu = problem.facts.mu
    if mu is None:
        raise ValueError("f has a certain minimum only where μ > 0 is known")
    near = _descended(problem)
    for _ in range(NEWTON_STEPS):
        if _gap(near, mu) <= CLOSE * _scale(near):
            break
        closer = _newton(problem, near)
        if not np.linalg.norm(closer.gradient) < np.linalg.norm(near.gradient):
            break
        near = closer
    rounding = ROUNDING * _scale(near)
    return Minimum(near.value - _gap(near, mu) - rounding, near.value + rounding)


def _descended(problem: Problem) -> _At:
    def f(x: Array) -> tuple[float, Array]:
        at = _at(problem, x)
        return at.value, at.gradient

    found = scipy.optimize.minimize(f, np.zeros(problem.d), jac=True, method="L-BFGS-B", options={"maxiter": DESCENTS, "gtol": 1e-9})
    return _at(problem, found.x)


def _newton(problem: Problem, near: _At) -> _At:
    """x − H⁻¹∇f(x), where H v is a central difference of ∇f along v; x itself where that is no point."""

    def curved(v: Array) -> Array:
        v = np.ravel(v)
        h = np.cbrt(np.finfo(float).eps) * (1.0 + np.linalg.norm(near.x)) / (np.linalg.norm(v) or 1.0)
        return (_at(problem, near.x + h * v).gradient - _at(problem, near.x - h * v).gradient) / (2.0 * h)

    hessian = scipy.sparse.linalg.LinearOperator((problem.d, problem.d), matvec=curved, dtype=float)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # along a direction that numbers cannot tell from a flat one
        step, _ = scipy.sparse.linalg.cg(hessian, near.gradient, rtol=1e-4, maxiter=min(SOLVER_STEPS, 2 * problem.d + 10))
        closer = near.x - step
    return _at(problem, closer) if np.isfinite(closer).all() else near


def _at(problem: Problem, x: Array) -> _At:
    point = problem.measured().at(x[None, :])
    gradient = point.gradients.mean(axis=-2)[0]
    return _At(x, float(point.loss()[0]), gradient)


def _gap(at: _At, mu: float) -> float:
    return float(at.gradient @ at.gradient) / (2.0 * mu)


def _scale(at: _At) -> float:
    return max(1.0, abs(at.value))
