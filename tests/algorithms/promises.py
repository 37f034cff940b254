"""What the proof of every method says of its runs, by the method's name and, for another theorem than its own, by that theorem's.

A promise takes a Run at the step that is called proved and gives what must not be above 0, (claims, lanes); where messages or coins are
random, in the mean over lanes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import scipy.optimize

from ef21lab import theory


class Run(NamedTuple):
    problem: Any
    method: Any
    alpha: float | None  # of the messages as they arrive
    omega: float | None
    gamma: float
    lowest: float  # f is nowhere below
    records: list[Any]  # of rounds 0 … T
    states: list[dict[str, np.ndarray]]

    def column(self, name: str) -> np.ndarray:
        """(T + 1, lanes)."""
        return np.array([getattr(record, name) for record in self.records])

    @property
    def theta(self) -> float:
        return 1 - math.sqrt(1 - self.alpha)


Promise = Callable[[Run], np.ndarray]


def falls(height: np.ndarray, by: np.ndarray | float) -> np.ndarray:
    """What each height is above the one before less the fall, as a part of the first height."""
    return (height[1:] - height[:-1] + by) / np.maximum(np.abs(height[0]), 1e-300)


def error_feedback(run: Run, share: float = 1.0) -> np.ndarray:
    """Φ = f + (γ/2θ)G falls by (γ/2)‖∇f‖², θ of `share` · α (EF21, Theorem 1)."""
    theta = 1 - math.sqrt(1 - share * run.alpha)
    height = run.column("loss") - run.lowest + run.gamma / (2 * theta) * run.column("distortion")
    return falls(height, run.gamma / 2 * run.column("grad_norm_sq")[:-1])


def partial_participation(run: Run) -> np.ndarray:
    return error_feedback(run, run.method.p)


def weighted(run: Run) -> np.ndarray:
    """The same with Σ ‖gᵢ − ∇fᵢ‖²/(n²wᵢ), wᵢ = Lᵢ/ΣLⱼ, in the place of G ("Error Feedback Reloaded")."""
    L = run.problem.facts.node_smoothness
    weights = (L / L.sum())[:, None]  # (nodes, 1)
    errors = np.array([run.method.estimates(run.method.resume(run.problem, s)) - run.problem.gradients(s["x"]) for s in run.states])
    of_nodes = np.divide(
        errors**2, len(L) ** 2 * weights, out=np.zeros_like(errors), where=errors != 0
    )  # 0 of a node that is known exactly
    G = np.sum(of_nodes, axis=(-2, -1))  # (T + 1, lanes)
    height = run.column("loss") - run.lowest + run.gamma / (2 * run.theta) * G
    return falls(height, run.gamma / 2 * run.column("grad_norm_sq")[:-1])


def descent(run: Run) -> np.ndarray:
    """f falls by (γ/2)(‖∇f‖² − G): gradient descent up to 1/L, with messages that are exact but for G."""
    return falls(run.column("loss") - run.lowest, run.gamma / 2 * (run.column("grad_norm_sq") - run.column("distortion"))[:-1])


def summed(run: Run, stretch: float = 1.0, extra: float | np.ndarray = 0.0) -> np.ndarray:
    """Σ ‖∇f‖² ≤ 2(f(x⁰) − f_inf)/(sγ) + extra, at every T."""
    total = np.cumsum(run.column("grad_norm_sq")[:-1], axis=0)
    limit = 2 * (run.column("loss")[0] - run.lowest) / (stretch * run.gamma) + extra
    return (total - limit) / limit


def heavy_ball(run: Run) -> np.ndarray:
    return summed(run, 1 / (1 - run.method.eta), run.column("distortion")[0] / run.theta)


def both_ways(run: Run) -> np.ndarray:
    """The sums of EF21-BC's proof with their constants: ΣG ≤ G⁰/θ + c_G²ΣR, ΣH ≤ H⁰/θ_M + …, and (1 + s)ΣG + (1 + 1/s)ΣH."""
    root, down = math.sqrt(1 - run.alpha), run.method.downlink.fitted(run.problem.facts.layout).received_alpha(run.problem.d)
    theta_M, q, q_M = theory.theta(down), theory.root_beta_over_theta(run.alpha), theory.root_beta_over_theta(down)
    c_G, c_H = max(q, 1e-9), max(q_M * (1 + root) / run.theta, 1e-9)
    H = np.sum((run.states[1]["direction"] - run.states[0]["estimates"].mean(axis=1)) ** 2, axis=-1)
    G, s, t = run.column("distortion")[0], c_H / c_G, 1 / c_G
    later = H / theta_M + (q_M * (1 + root)) ** 2 * (1 + t) * G / run.theta
    return summed(run, extra=(1 + s) * G / run.theta + (1 + 1 / s) * later)


def proximal(run: Run) -> np.ndarray:
    """F + (5γ/4θ)G falls by (γ/8)‖M‖²."""
    height = run.column("loss") - run.lowest + 5 * run.gamma / (4 * run.theta) * run.column("distortion")
    return falls(height, run.gamma / 8 * run.column("grad_norm_sq")[:-1])


def momentum(run: Run) -> np.ndarray:
    """Σ ‖∇f‖² ≤ 2Φ⁰/γ where vᵢ⁰ = ∇fᵢ(x⁰) and the batches are whole; Φ⁰ counts G⁰ with γ/θ."""
    return summed(run, extra=2 * run.column("distortion")[0] / run.theta)


def diana(run: Run) -> np.ndarray:
    """V = ‖x − x*‖² + (4ω/(nβ))γ² mean ‖hᵢ − ∇fᵢ(x*)‖² shrinks by max{1 − γμ, 1 − β/2}."""
    beta, n = 1 / (1 + run.omega), run.problem.nodes
    best = solution(run.problem)
    learned = run.problem.gradients(best[None])[0]
    height = []
    for s in run.states:
        h = (s["shifts"] - beta * s["estimates"]) / (1 - beta) if beta < 1 else s["estimates"]  # before the message of this round
        spread = np.mean(np.sum((h - learned) ** 2, axis=-1), axis=-1)
        height.append(np.sum((s["x"] - best) ** 2, axis=-1) + 4 * run.omega / (n * beta) * run.gamma**2 * spread)
    rate = max(1 - run.gamma * run.problem.facts.mu, 1 - beta / 2)
    return falls(np.array(height), (1 - rate) * np.array(height)[:-1])


def marina(run: Run) -> np.ndarray:
    """f + (γ/2p)‖g − ∇f‖² falls by (γ/2)‖∇f‖²."""
    off = [np.sum((s["estimates"].mean(axis=1) - run.problem.gradients(s["x"]).mean(axis=1)) ** 2, axis=-1) for s in run.states]
    height = run.column("loss") - run.lowest + run.gamma / (2 * run.method.p) * np.array(off)
    return falls(height, run.gamma / 2 * run.column("grad_norm_sq")[:-1])


def polyak_lojasiewicz(run: Run) -> np.ndarray:
    """Ψ = f − f* + (γ/θ)G shrinks by 1 − γμ (EF21, Theorem 2)."""
    height = run.column("loss") - run.lowest + run.gamma / run.theta * run.column("distortion")
    return falls(height, run.gamma * run.problem.facts.mu * height[:-1])


def weighted_polyak_lojasiewicz(run: Run) -> np.ndarray:
    """The same with the weighted distortion, which is at most (L̄/min Lᵢ)-fold: summed up, Ψᵀ ≤ (1 − γμ)ᵀ of the first."""
    L = run.problem.facts.node_smoothness
    gap, G = run.column("loss") - run.lowest, run.column("distortion")
    first = gap[0] + run.gamma / run.theta * G[0] * L.mean() / L.min()
    return (gap - first * (1 - run.gamma * run.problem.facts.mu) ** np.arange(len(gap))[:, None]) / first


def descent_with_a_rate(run: Run) -> np.ndarray:
    """f − f* shrinks by 1 − γμ, but for the rounding of the gradients."""
    height = run.column("loss") - run.lowest
    return falls(height, run.gamma * run.problem.facts.mu * height[:-1] - run.gamma / 2 * run.column("distortion")[:-1])


def exact_rate(run: Run) -> np.ndarray:
    """V = s‖∇f‖² + G shrinks by ρ*, s = √(1 − α)."""
    L, mu = run.problem.facts.node_smoothness.max(), run.problem.facts.common_mu
    s, half = math.sqrt(1 - run.alpha), (1 - math.sqrt(1 - run.alpha)) * (L - mu) / (L + mu) / 2
    height = s * run.column("grad_norm_sq") + run.column("distortion")
    return falls(height, (1 - (half + math.sqrt(half**2 + s)) ** 2) * height[:-1])


def exact_rate_of_old_feedback(run: Run) -> np.ndarray:
    """V = s‖x − e − x*‖² + ‖e‖² shrinks by ρ* on one node; e is what was kept before the message at x."""
    L, mu = run.problem.facts.node_smoothness.max(), run.problem.facts.common_mu
    s, half = math.sqrt(1 - run.alpha), (1 - math.sqrt(1 - run.alpha)) * (L - mu) / (L + mu) / 2
    best = solution(run.problem)
    kept = [np.zeros_like(run.states[0]["x"]), *(one["errors"][:, 0] for one in run.states[:-1])]
    height = np.array([s * np.sum((one["x"] - e - best) ** 2, -1) + np.sum(e**2, -1) for one, e in zip(run.states, kept, strict=True)])
    return falls(height, (1 - (half + math.sqrt(half**2 + s)) ** 2) * height[:-1])


@cache
def solution(problem: Any) -> np.ndarray:
    """Where ∇f is zero: of an affine one by its equations (of several places the one nearest to 0), else by a search from there."""
    at_0, *at_axes = problem.gradients(np.vstack([np.zeros(problem.d), np.eye(problem.d)])).mean(axis=1)
    x = np.linalg.lstsq(np.transpose(at_axes - at_0), -at_0, rcond=None)[0]
    if np.allclose(gradient(problem, x), 0.0, atol=1e-9):
        return x
    return scipy.optimize.root(lambda x: gradient(problem, x), x, tol=1e-13).x


def gradient(problem: Any, x: np.ndarray) -> np.ndarray:
    return problem.gradients(x[None])[0].mean(axis=0)


OWN: dict[str, Promise] = {
    "ef21": error_feedback,
    "ef21_plus": error_feedback,
    "ef21_hb": heavy_ball,
    "ef21_pp": partial_participation,
    "ef21_bc": both_ways,
    "ef21_w": weighted,
    "ef21_prox": proximal,
    "ef21_sgd": error_feedback,
    "ef21_sgdm": momentum,
    "ef21_page": error_feedback,
    "diana": diana,
    "marina": marina,
    "gd": descent,
}
BY_THEOREM: dict[tuple[str, str], Promise] = {
    ("ef21", "arithmetic"): weighted,
    ("ef21_plus", "arithmetic"): weighted,
    ("ef21_w", "arithmetic"): weighted,
    ("ef21", "pl"): polyak_lojasiewicz,
    ("ef21_plus", "pl"): polyak_lojasiewicz,
    ("ef21_w", "pl"): weighted_polyak_lojasiewicz,
    ("gd", "pl"): descent_with_a_rate,
    ("ef21", "tight"): exact_rate,
    ("ef21_plus", "tight"): exact_rate,
    ("ef14", "tight"): exact_rate_of_old_feedback,
}
