"""PowerSGD's operator: a low-rank matrix from one power iteration that begins at random."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ef21lab.choices import spec
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors import _rounding, wire
from ef21lab.compressors.base import Array, Shape
from ef21lab.compressors.low_rank.plan import FOLD, MATRIX_ABOUT, RANK, RANK_ABOUT, Decomposed, Plan
from ef21lab.compressors.low_rank.shares import sequential_alpha
from ef21lab.compressors.low_rank.spectra import PRODUCT
from ef21lab.compressors.low_rank.train import Train
from ef21lab.compressors.wire import Namespace
from ef21lab.compressors.wire.gauge import frame


@dataclass(frozen=True)
class PowerSgd(Train):
    """C(M) = P PᵀM for the d₁ × d₂ fold M, P (d₁ × r) an orthonormal basis of the columns of MΩ, Ω (d₂ × r) Gaussian, new in each message.
    Sent: PᵀM and the span of P, r(d₁ + d₂) − r² floats and the pivots of the span (see wire/gauge.py).

    Certified in expectation, with the constant of the SVD. Let ρ = rank M ≤ min(d₁, d₂), A = MᵀM on the row space of M, and Ω the part of
    the start in it (ρ × r, Gaussian again); r < ρ, else nothing is lost. Then ‖PᵀM‖² = tr((ΩᵀAΩ)⁻¹ ΩᵀA²Ω), and by the Cauchy–Schwarz
    inequality for matrices ΩᵀA²Ω ⪰ ΩᵀAΩ (ΩᵀΩ)⁻¹ ΩᵀAΩ, so ‖PᵀM‖² ≥ tr(ΠA) with Π the projection onto the columns of Ω. A Gaussian has
    no preferred direction: E Π = (r/ρ) I, and E‖PᵀM‖² ≥ (r/ρ) tr A = (r/ρ)‖M‖². No single message is certified: for every start there is
    an M whose rows it is orthogonal to.
    Vogels, Karimireddy, Jaggi 2019, "PowerSGD", Algorithm 1, from a fresh start in each message instead of the last one's Q.
    """

    name = "power_sgd"
    label = Text("PowerSGD (one iteration)", "PowerSGD (одна итерация)")
    about = Text(
        "Folds the vector into a matrix and sends its projection onto the image of a few random directions: "
        "PowerSGD's low rank, much cheaper than an SVD, from a new random start in each message.",
        "Сворачивает вектор в матрицу и посылает её проекцию на образ нескольких случайных направлений: "
        "малый ранг, как в PowerSGD, намного дешевле SVD; в каждом сообщении новое случайное начало.",
    )
    source = Text(
        "α = r/min(d₁, d₂) in expectation over the random start: one power iteration keeps no less than projecting onto the start itself; "
        "a single message may keep less (operator: Vogels et al. 2019).",
        "α = r/min(d₁, d₂) в среднем по случайному началу: одна степенная итерация сохраняет не меньше, чем проекция на само начало; "
        "отдельное сообщение может сохранить и меньше (оператор: Vogels et al. 2019).",
    )
    order = 50
    line = Line("#B8A400", "dot")

    dims: str | Shape = spec.dims("auto", FOLD, MATRIX_ABOUT, order=2)
    ranks: int | Shape = spec.ranks(2, RANK, RANK_ABOUT, places="whole")

    def draw(self, rng: np.random.Generator, shape: Shape) -> Array:
        """Ω for every vector, (..., d₂, r)."""
        plan = self.plan(shape[-1])
        return rng.normal(size=(*shape[:-1], plan.sides[1], plan.ranks[0]))

    def decompose(self, xp: Namespace, tensors: Array, plan: Plan, noise: Array | None) -> Decomposed:
        start = xp.reshape(
            xp.astype(wire.noise_beside(xp, noise, tensors), xp.float64, copy=False), (tensors.shape[0], plan.sides[1], plan.ranks[0])
        )  # (n, d₂, r)
        image = frame(xp, xp.linalg.qr(tensors @ start)[0])
        return Decomposed([image], xp.matrix_transpose(image.basis) @ tensors)

    def effort(self, d: int, vectors: int = 1) -> float:
        """Two products with few columns."""
        plan = self.plan(d)
        return 2e-4 + 10 * PRODUCT * math.prod(plan.sides) * plan.ranks[0] * vectors

    def alpha(self, d: int) -> float:
        plan = self.plan(d)
        return sequential_alpha(self.shares(plan.sides, plan.ranks))

    def lost_to_float32(self, d: int) -> float:
        """The frame is not spanned by singular directions."""
        plan = self.plan(d)
        sizes = self.sizes(plan.sides, plan.ranks)
        return _rounding.anywhere(self.alpha(d), _rounding.FLOAT32 + _rounding.turned(sizes.frames))
