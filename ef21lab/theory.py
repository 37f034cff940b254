"""The formulas of the theorems, and nothing else. Letters as in Richtárik, Sokolov, Fatkhullin (2021), "EF21".

Constants are numbers ≥ 0. Where one is so small that it rounds to zero, a formula is its own limit: α = 0 allows no step, L = 0 any.
"""

from __future__ import annotations

import math
from itertools import accumulate

import numpy as np


def quadratic_mean(node_smoothness: np.ndarray) -> float:
    """L̃ = √((1/n) Σ Lᵢ²)."""
    _, exponent = math.frexp(float(np.max(node_smoothness)))  # in powers of two, so that no square is lost and no digit changes
    return math.ldexp(float(np.sqrt(np.mean(np.square(np.ldexp(node_smoothness, -exponent))))), exponent)


def arithmetic_mean(node_smoothness: np.ndarray) -> float:
    """L̄ = (1/n) Σ Lᵢ ≤ L̃."""
    return float(np.mean(node_smoothness))


def theta(alpha: float) -> float:
    """θ = 1 − √(1 − α): how much of the distortion one message removes for certain (EF21, Lemma 3 with the best s)."""
    return alpha / (1.0 + math.sqrt(1.0 - alpha))


def beta(alpha: float) -> float:
    """β = (1 − α)/(1 − √(1 − α)): how much of the gradients' drift the distortion takes in."""
    return _over(1.0 - alpha, theta(alpha))


def root_beta_over_theta(alpha: float) -> float:
    """√(β/θ) = √(1 − α)/(1 − √(1 − α))."""
    return _over(math.sqrt(1.0 - alpha), theta(alpha))


def ef21_step(L: float, L_tilde: float, alpha: float) -> float:
    """γ = 1/(L + L̃√(β/θ)): the largest step of EF21, Theorem 1 (nonconvex)."""
    return _over(1.0, L + L_tilde * root_beta_over_theta(alpha))


def ef21_pl_step(L: float, L_tilde: float, alpha: float, mu: float) -> float:
    """γ = min{1/(L + L̃√(2β/θ)), θ/(2μ)}: the largest step of EF21, Theorem 2 (Polyak–Łojasiewicz)."""
    return min(ef21_step(L, math.sqrt(2.0) * L_tilde, alpha), _over(theta(alpha), 2.0 * mu))


def tight_step(L_max: float, mu: float, alpha: float) -> float:
    """η* = 2/(L + μ) · (1 − s)/(1 + s), s = √(1 − α): the step of EF21's exact rate (proof in algorithms/_tight.py)."""
    return _over(2.0, L_max + mu) * theta(alpha) / (2.0 - theta(alpha))


def tight_rate(gamma: float, L_max: float, mu: float, alpha: float) -> float:
    """ρ with V⁺ ≤ ρV at a step γ = τη*: ρ = ((1 − s)q/2 + √((1 − s)²q²/4 + s))², q = |1 − τ| + τ(L − μ)/(L + μ); ρ* at τ = 1.

    Where L = μ, q = 0 and ρ* = s. At 1 or above nothing is said.
    """
    tau, s = gamma / tight_step(L_max, mu, alpha), math.sqrt(1.0 - alpha)
    half = 0.5 * theta(alpha) * (abs(1.0 - tau) + tau * (L_max - mu) / (L_max + mu))
    return (half + math.sqrt(half**2 + s)) ** 2


def tight_longest(L_max: float, alpha: float) -> float:
    """(2/L)(1 − s)/(1 + s): at every shorter step `tight_rate` is below 1."""
    return _over(2.0, L_max) * theta(alpha) / (2.0 - theta(alpha))


def tight_potential(grad_norm_sq: np.ndarray, distortion: np.ndarray, nodes: int, alpha: float) -> np.ndarray:
    """V = (s/n)‖Σ ∇fᵢ‖² + Σ ‖∇fᵢ − gᵢ‖² = n(s‖∇f‖² + G), s = √(1 − α)."""
    return nodes * (math.sqrt(1.0 - alpha) * grad_norm_sq + distortion)


def gd_step(L: float) -> float:
    """γ = 1/L."""
    return _over(1.0, L)


def ef21_guarantee(gap: float, distortion: float, gamma: float, alpha: float, rounds: np.ndarray) -> np.ndarray:
    """2(f(x⁰) − f_inf)/(γT) + G⁰/(θT) for T in `rounds` (T ≥ 1): above the running mean of ‖∇f‖² (EF21, Theorem 1)."""
    return (_over(2.0 * gap, gamma) + _over(distortion, theta(alpha))) / rounds


def pl_rate(potential: float, gamma: float, mu: float, rounds: np.ndarray) -> np.ndarray:
    """(1 − γμ)^T Ψ⁰ for T in `rounds`: above Ψ^T (EF21, Theorem 2)."""
    return potential * (1.0 - gamma * mu) ** np.asarray(rounds, dtype=float)


def descent_line(gap: float, distortion: np.ndarray, gamma: float, mu: float) -> np.ndarray:
    """a⁰ = f(x⁰) − f*, aᵗ⁺¹ = (1 − γμ)aᵗ + (γ/2)Gᵗ: above f(xᵗ) − f* of gradient descent at any γ ≤ 1/L, under Polyak–Łojasiewicz.

    For g near ∇f, f(x − γg) ≤ f(x) − (γ/2)‖∇f‖² − (1/(2γ) − L/2)‖γg‖² + (γ/2)‖g − ∇f‖² (the descent lemma), ‖∇f‖² ≥ 2μ(f − f*), and G,
    what rounding the gradients on their way has cost, is at least ‖g − ∇f‖². Exact gradients: f − f* contracts by 1 − γμ.
    """
    left = 1.0 - gamma * mu
    return np.array(list(accumulate(0.5 * gamma * distortion[:-1], lambda above, lost: left * above + lost, initial=gap)))


def pl_potential(gap: np.ndarray, distortion: np.ndarray, gamma: float, alpha: float) -> np.ndarray:
    """Ψ = f(x) − f* + (γ/θ) G (EF21, Theorem 2)."""
    return gap + _over(gamma, theta(alpha)) * distortion


def next_distortion(distortion: np.ndarray, moved: np.ndarray, L_tilde: float, alpha: float) -> np.ndarray:
    """(1 − θ) G + β L̃² ‖x⁺ − x‖²: above G⁺ (EF21, Lemma 3)."""
    return (1.0 - theta(alpha)) * distortion + beta(alpha) * (L_tilde * L_tilde) * moved  # a power may raise, a product is infinite


def ef21_hb_step(L: float, L_tilde: float, alpha: float, eta: float) -> float:
    """γ = (1 − η)/(L(1 + η)/(1 − η) + L̃√(β/θ)): proved with EF21-HB; EF21's at η = 0."""
    return (1.0 - eta) * ef21_step(L * (1.0 + eta) / (1.0 - eta), L_tilde, alpha)


def ef21_bc_step(L: float, L_tilde: float, alpha: float, alpha_down: float) -> float:
    """γ = 1/(L + L̃(√(β/θ) + √(β_M/θ_M)(1 + √(1 − α))/θ)), M for the downlink: proved with EF21-BC; EF21's where it is exact."""
    down = root_beta_over_theta(alpha_down) * _over(1.0 + math.sqrt(1.0 - alpha), theta(alpha))
    return _over(1.0, L + L_tilde * (root_beta_over_theta(alpha) + down))


def ef21_bc_weight(alpha: float, alpha_down: float) -> float:
    """w = (1 + q_M k)(1 + q_M k/(1 − θ)), q_M = √(β_M/θ_M), k = 1 + √(1 − α): in EF21-BC from g⁰ = mean gᵢ⁰ and at its step
    Σ‖∇f(x^t)‖² ≤ 2(f(x⁰) − f_inf)/γ + wG⁰/θ. Infinite where α = 1 and α_M < 1.
    """
    drift, rest = root_beta_over_theta(alpha_down) * (1.0 + math.sqrt(1.0 - alpha)), math.sqrt(1.0 - alpha)
    if drift == 0.0:
        return 1.0
    return (1.0 + drift) * (1.0 + drift / rest) if rest > 0.0 else math.inf


def ef21_prox_step(L: float, L_tilde: float, alpha: float) -> float:
    """γ = 1/(L + L̃√(5β/(2θ))): proved with EF21-Prox."""
    return ef21_step(L, math.sqrt(2.5) * L_tilde, alpha)


def ef21_sgdm_step(L: float, L_tilde: float, alpha: float, eta: float) -> float:
    """γ = min{α/(20L̃), η/(7L)}: Fatkhullin, Tyurin, Richtárik (2023), "Momentum Provably Improves Error Feedback!", Theorem 3."""
    return min(_over(alpha, 20.0 * L_tilde), _over(eta, 7.0 * L))


def diana_step(L_max: float, omega: float, nodes: int) -> float:
    """γ = 1/(L_max(1 + 6ω/n)): DIANA in Gorbunov, Hanzely, Richtárik (2020), "A Unified Theory of SGD", f strongly convex, fᵢ convex."""
    return _over(1.0, L_max * (1.0 + 6.0 * omega / nodes))


def diana_strong_step(L_max: float, mu: float, omega: float, nodes: int) -> float:
    """γ = min{β/(2μ), 2/((L_max + μ)(1 + 6ω/n))}, β = 1/(1 + ω): DIANA where every fᵢ is μ-strongly convex; proved with DIANA."""
    return min(_over(1.0, 2.0 * mu * (1.0 + omega)), _over(2.0, (L_max + mu) * (1.0 + 6.0 * omega / nodes)))


def marina_step(L: float, L_tilde: float, omega: float, p: float, nodes: int) -> float:
    """γ = 1/(L + L̃√((1 − p)ω/(pn))): MARINA (nonconvex); proved with MARINA; gradient descent's at p = 1."""
    return _over(1.0, L + L_tilde * math.sqrt(_over((1.0 - p) * omega, p * nodes)))


def _over(above: float, below: float) -> float:
    """above/below of numbers ≥ 0; infinite where what is below rounds to zero."""
    return above / below if below > 0.0 else math.inf
