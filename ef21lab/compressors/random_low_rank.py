"""Random low rank: the vector as a matrix, projected onto a subspace that knows nothing of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices import spec
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors import _rounding, wire
from ef21lab.compressors._unbiased import Scaled, drawn
from ef21lab.compressors.base import Array, Shape
from ef21lab.compressors.low_rank.plan import FOLD, MATRIX_ABOUT, RANK, RANK_ABOUT, Decomposed, Plan
from ef21lab.compressors.low_rank.train import Train
from ef21lab.compressors.wire import Namespace
from ef21lab.compressors.wire.gauge import frame


@dataclass(frozen=True)
class RandomLowRank(Train, Scaled):
    """C(M) = P PᵀM for the d₁ × d₂ fold M, its shorter side first, P (d₁ × r) an orthonormal basis of a subspace that is uniformly random,
    new in each message. Unbiased: Q(M) = (d₁/r) P PᵀM. Sent: PᵀM and the span of P, r(d₁ + d₂) − r² floats and the pivots of the span.

    P spans the columns of a Gaussian matrix, whose law no rotation changes: E PPᵀ commutes with all rotations, so it is a multiple of I,
    and of trace r: E PPᵀ = (r/d₁) I. Hence E Q(M) = M, and since PPᵀ is a projection E‖PPᵀM‖² = tr(Mᵀ E[PPᵀ] M) = (r/d₁)‖M‖². So
    E‖Q(M) − M‖² = (d₁/r)²(r/d₁)‖M‖² − ‖M‖² = ω‖M‖² with ω = d₁/r − 1, for every M; and E‖C(M) − M‖² = (1 − r/d₁)‖M‖², α = r/d₁.
    An SVD of the same size loses at most as much and of a matrix that is nearly of rank r nearly nothing; this loses its share of every
    matrix.
    """

    name = "random_low_rank"
    label = Text("Random low rank", "Случайный малый ранг")
    about = Text(
        "A warning: low rank that can be unbiased. The matrix is projected onto random directions, whatever it is; scaled up, it keeps the "
        "mean, but the square of its error is d₁/r − 1 times that of the vector itself.",
        "Предостережение: малый ранг, который бывает несмещённым. Матрица проецируется на случайные направления, какой бы она ни была; "
        "с растяжением среднее сохраняется, но квадрат ошибки в d₁/r − 1 раз больше квадрата самого вектора.",
    )
    source = Text(
        "Kept as it is, α = r/d₁ in expectation, d₁ the shorter side; scaled by d₁/r it is unbiased with ω = d₁/r − 1: "
        "E PPᵀ = (r/d₁) I for a uniformly random subspace.",
        "Без множителя α = r/d₁ в среднем, d₁ — меньшая сторона; с множителем d₁/r — несмещённый, ω = d₁/r − 1: "
        "E PPᵀ = (r/d₁) I для равномерно случайного подпространства.",
    )
    order = 52
    line = Line("#8C6D1F", "longdash")

    dims: str | Shape = spec.dims("auto", FOLD, MATRIX_ABOUT, order=2)
    ranks: int | Shape = spec.ranks(2, RANK, RANK_ABOUT, places="whole")

    def processed(self, dims: Shape) -> Shape:
        """The shorter side first: of it the fewer directions are missing."""
        return tuple(sorted(range(len(dims)), key=dims.__getitem__))

    def variance(self, d: int) -> float:
        plan = self.plan(d)
        return plan.sides[0] / plan.ranks[0] - 1

    def draw(self, rng: np.random.Generator, shape: Shape) -> Array:
        """A Gaussian matrix for every vector, (..., d₁, r)."""
        plan = self.plan(shape[-1])
        return rng.normal(size=(*shape[:-1], plan.sides[0], plan.ranks[0]))

    def decompose(self, xp: Namespace, tensors: Array, plan: Plan, noise: Array | None) -> Decomposed:
        gaussian = xp.astype(wire.noise_beside(xp, drawn(self, noise), tensors), xp.float64, copy=False)
        chosen = frame(xp, xp.linalg.qr(xp.reshape(gaussian, (tensors.shape[0], plan.sides[0], plan.ranks[0])))[0])
        return Decomposed([chosen], xp.matrix_transpose(chosen.basis) @ tensors)

    def built(self, xp: Namespace, sent: Decomposed, sides: Shape) -> Array:
        side, rank = sent.frames[0].size
        tensors = super().built(xp, sent, sides)
        return tensors * (side / rank) if self.is_unbiased else tensors

    def alpha(self, d: int) -> float | None:
        return Scaled.alpha(self, d)

    def lost_to_float32(self, d: int) -> float:
        """The frame is not spanned by singular directions, and Q multiplies what rounding adds."""
        plan = self.plan(d)
        sizes, gain = self.sizes(plan.sides, plan.ranks), 1 + self.variance(d) if self.is_unbiased else 1.0
        return _rounding.anywhere(self.alpha(d) or 0.0, gain * (_rounding.FLOAT32 + _rounding.turned(sizes.frames)))
