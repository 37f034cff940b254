"""The formulas of the theorems, and nothing else. Letters as in Richtárik, Sokolov, Fatkhullin (2021), "EF21"."""

from __future__ import annotations

import math

import numpy as np


def quadratic_mean(node_smoothness: np.ndarray) -> float:
    """L̃ = √((1/n) Σ Lᵢ²)."""
    return float(np.sqrt(np.mean(np.square(node_smoothness))))


def theta(alpha: float) -> float:
    """θ = 1 − √(1 − α): how much of the distortion one message removes for certain (EF21, Lemma 3 with the best s)."""
    return alpha / (1.0 + math.sqrt(1.0 - alpha))


def beta(alpha: float) -> float:
    """β = (1 − α)/(1 − √(1 − α)): how much of the gradients' drift the distortion takes in."""
    return (1.0 - alpha) / theta(alpha)


def root_beta_over_theta(alpha: float) -> float:
    """√(β/θ) = √(1 − α)/(1 − √(1 − α))."""
    return math.sqrt(1.0 - alpha) / theta(alpha)


def ef21_step(L: float, L_tilde: float, alpha: float) -> float:
    """γ = 1/(L + L̃√(β/θ)): the largest step of EF21, Theorem 1 (nonconvex)."""
    return 1.0 / (L + L_tilde * root_beta_over_theta(alpha))


def gd_step(L: float) -> float:
    """γ = 1/L."""
    return 1.0 / L


def ef21_guarantee(gap: float, distortion: float, gamma: float, alpha: float, rounds: np.ndarray) -> np.ndarray:
    """2(f(x⁰) − f_inf)/(γT) + G⁰/(θT) for T in `rounds` (T ≥ 1): above the running mean of ‖∇f‖² (EF21, Theorem 1)."""
    return (2.0 * gap / gamma + distortion / theta(alpha)) / rounds
