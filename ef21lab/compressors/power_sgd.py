"""PowerSGD's operator: a low-rank matrix from one power iteration that begins at random."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from array_api_compat import array_namespace

from ef21lab.choices import spec
from ef21lab.choices.fields import OFF, ON, Switch
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors import _rounding, wire
from ef21lab.compressors.base import Array, Compressed, Shape
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

    With a warm start Ω is the last message's Q = MᵀP, as far as it is not zero: iterations go on from message to message, and of a matrix
    that stays as it is C(M) tends to the SVD's. The sender alone remembers Q; what is sent is the same. Then nothing is certified: the
    start is no longer random, and M may have turned away from it.
    Vogels, Karimireddy, Jaggi 2019, "PowerSGD", Algorithm 1; without its warm start, unless that is asked for.
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
    warm: str = field(
        default=OFF,
        metadata={
            "field": Switch(
                Text("Warm start", "Тёплый старт"),
                Text(
                    "Where the iteration begins: at new random directions, or where the last message of the node has ended.",
                    "Откуда начинается итерация: с новых случайных направлений или оттуда, где закончило прошлое сообщение узла.",
                ),
                {OFF: Text("at random", "случайно"), ON: Text("where the last message ended", "с конца прошлого сообщения")},
            )
        },
    )

    @property
    def remembers(self) -> bool:
        return self.warm == ON

    def draw(self, rng: np.random.Generator, shape: Shape) -> Array:
        """Ω for every vector, (..., d₂, r)."""
        plan = self.plan(shape[-1])
        return rng.normal(size=(*shape[:-1], plan.sides[1], plan.ranks[0]))

    def recalled(self, noise: Array, memory: Array, d: int) -> Array:
        """Directions of Q, and new ones in place of those that are zero; both (..., d₂, r)."""
        xp = array_namespace(memory)
        return xp.where(xp.any(memory != 0, axis=-2, keepdims=True), memory, noise)

    def remembering(self, x: Array, noise: Array) -> tuple[Compressed, Array]:
        """Q = MᵀP of what was sent, (..., d₂, r)."""
        found, sent = self._compressed(x, noise)
        assert sent is not None  # all ranks are the same
        xp = array_namespace(sent.core)
        return found, xp.reshape(xp.matrix_transpose(sent.core), tuple(noise.shape))

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

    def alpha(self, d: int) -> float | None:
        return None if self.remembers else self.nominal_alpha(d)

    def nominal_alpha(self, d: int) -> float:
        plan = self.plan(d)
        return sequential_alpha(self.shares(plan.sides, plan.ranks))

    def alpha_reason(self, d: int) -> Text:
        return WARM if self.remembers else self.source

    def lost_to_float32(self, d: int) -> float:
        """The frame is not spanned by singular directions."""
        plan = self.plan(d)
        sizes = self.sizes(plan.sides, plan.ranks)
        return _rounding.anywhere(self.nominal_alpha(d), _rounding.FLOAT32 + _rounding.turned(sizes.frames))


WARM = Text(
    "No certificate: with a warm start the directions are those of the last message and not random, and the vector may have turned away "
    "from them. The step is scaled by the constant of a random start, without a guarantee.",
    "Гарантии нет: при тёплом старте направления берутся из прошлого сообщения, они не случайны, и вектор мог от них отвернуться. "
    "Шаг выбран по константе случайного старта, без гарантии.",
)
