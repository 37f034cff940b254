"""Quadratics: the same f at every heterogeneity, shared out among the nodes more and more unlike each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices.spec import integer, real, seed_of
from ef21lab.choices.text import Text
from ef21lab.datasets.base import PerNode, Table
from ef21lab.streams import Stream, generator

SPREAD = 3.0  # of the nodes' minimisers around that of f at heterogeneity 1, per coordinate, before they are balanced
CONCENTRATION = 0.2  # of the Dirichlet shares: a few nodes hold most of each direction
LEAST = 1e-3  # the smallest positive eigenvalue over L where μ = 0


@dataclass(frozen=True)
class Quadratic(PerNode):
    """Least squares with λ = 0 on these rows is fᵢ(x) = ½ (x − cᵢ)ᵀHᵢ(x − cᵢ), Hᵢ = Q diag(λⱼ e_ij) Qᵀ.

    λ₁ = L, …, λ_d = μ in geometric progression (where μ = 0, down to L/1000 and then one 0); Q is a random rotation. Direction j is
    shared out among the n nodes by w_·j ~ Dirichlet(0.2), and

        e_ij = 1 − h + h n w_ij,     cᵢ = x* + h Q ζᵢ,     ζ_ij = ξ_ij − (1/n) Σ_k e_kj ξ_kj,     ξ_ij ~ N(0, 3²).

    The e_ij of a direction have mean 1 and the e_ij ζ_ij mean 0, so at every heterogeneity h

        f(x) = ½ (x − x*)ᵀ Q diag(λ) Qᵀ (x − x*) + f*

    with the same x*, the same L and the same μ, all exact: gradient descent takes the same steps, and whatever differs is the price of
    heterogeneity. At h = 0 the nodes are alike and f* = 0. Lᵢ = maxⱼ λⱼ e_ij is at most (1 − h + hn) L; L̄ and L̃ are convex in h,
    equal to L at h = 0 and nowhere below it, so they never fall as h grows.
    """

    dimension: int = integer(40, 2, 100, Text("Dimension", "Размерность"), Text("Length d of x.", "Длина d вектора x."))
    heterogeneity: float = real(
        0.5,
        0.0,
        1.0,
        Text("Heterogeneity", "Неоднородность"),
        Text(
            "0: all nodes have the same function; 1: a few nodes hold most of every direction. f itself stays the same.",
            "0: у всех узлов одна и та же функция; 1: каждое направление почти целиком у немногих узлов. Сама f не меняется.",
        ),
    )
    smoothness: float = real(
        1.0, 0.0, 1e6, Text("Smoothness L", "Гладкость L"), Text("The largest curvature of f.", "Наибольшая кривизна f."), above=True
    )
    mu_share: float = real(
        0.01,
        0.0,
        1.0,
        Text("μ/L", "μ/L"),
        Text(
            "The smallest curvature of f as a share of the largest; at 0 one direction is flat.",
            "Наименьшая кривизна f в долях наибольшей; при 0 одно направление плоское.",
        ),
        logarithmic=True,
    )
    seed: int = seed_of(
        Text("Data seed", "Зерно данных"),
        Text("Another seed draws another problem.", "С другим зерном задача будет другой."),
    )

    name = "quadratic"
    label = Text("Quadratics", "Квадратичные функции")
    about = Text(
        "One quadratic f with exact L and μ (least squares, λ = 0), split among the nodes as unevenly as the heterogeneity says.",
        "Одна квадратичная f с точными L и μ (наименьшие квадраты, λ = 0); неоднородность задаёт, насколько по-разному её видят узлы.",
    )
    order = 84
    origin = Text("Drawn on this machine from the seed.", "Порождается на этой машине из зерна.")

    @property
    def numbers_of_node(self) -> int:
        return self.dimension**2

    def load_for(self, nodes: int) -> Table:
        rng, d = generator(Stream.QUADRATICS, self.seed), self.dimension
        Q = np.linalg.qr(rng.standard_normal((d, d)))[0]
        x_star = rng.standard_normal(d)
        e = self._shares(rng.dirichlet(np.full(nodes, CONCENTRATION), size=d).T)  # (nodes, d)
        zeta = _balanced(SPREAD * rng.standard_normal((nodes, d)), e)
        centres = x_star + self.heterogeneity * zeta @ Q.T  # cᵢ, (nodes, d)
        features = np.sqrt(d * self.eigenvalues() * e)[:, :, None] * Q.T  # (nodes, d, d): AᵢᵀAᵢ/d = Hᵢ
        targets = np.einsum("irp,ip->ir", features, centres)
        return Table(features.reshape(-1, d), targets.reshape(-1), (), (d,)).read_only()

    def eigenvalues(self) -> np.ndarray:
        """λ₁ … λ_d of the Hessian of f, falling, (d,)."""
        if self.mu_share == 0.0:
            return self.smoothness * np.append(np.geomspace(1.0, LEAST, self.dimension - 1), 0.0)
        return self.smoothness * np.geomspace(1.0, self.mu_share, self.dimension)

    def _shares(self, w: np.ndarray) -> np.ndarray:
        shares: np.ndarray = 1 - self.heterogeneity + self.heterogeneity * len(w) * w
        return shares


def _balanced(offsets: np.ndarray, e: np.ndarray) -> np.ndarray:
    """ζ: the offsets less what would move the minimiser of f, so that Σᵢ e_ij ζ_ij = 0; (nodes, d)."""
    shifted: np.ndarray = offsets - (e * offsets).mean(axis=0)
    return shifted
