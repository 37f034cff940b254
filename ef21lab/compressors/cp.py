"""CP by deflation: a sum of rank-one tensors, each the best that was found for what the ones before it left."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ef21lab.choices import spec
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors import wire
from ef21lab.compressors.base import Array
from ef21lab.compressors.low_rank.components import Components
from ef21lab.compressors.low_rank.plan import Decomposed, Plan
from ef21lab.compressors.low_rank.spectra import CALL, EACH
from ef21lab.compressors.low_rank.tucker import built, improved, truncated
from ef21lab.compressors.wire.gauge import Frame


@dataclass(frozen=True)
class Cp(Components):
    """X₀ = X, and for c = 1 … r: Y_c = λ_c a_c ⊗ b_c ⊗ ⋯ near X_{c−1}, X_c = X_{c−1} − Y_c. C(X) = Y₁ + ⋯ + Y_r.
    Y_c is ST-HOSVD with ranks 1, improved by alternating least squares: for one component that is HOOI, the higher-order power method.
    Sent for each component: λ_c and its directions, each scaled to 1 at its largest entry, 1 + Σ (I_k − 1) floats and the places of those.

    Y_c is an orthogonal projection of X_{c−1} that keeps no less than ST-HOSVD's, α₁ = Π 1/m_k of ‖X_{c−1}‖². So ‖X_r‖² ≤ (1 − α₁)^r ‖X‖²
    and α = 1 − (1 − α₁)^r. A simultaneous fit of all r components (PARAFAC) may come nearer or diverge, and nothing is certified for it.
    De Lathauwer, De Moor, Vandewalle 2000, "On the best rank-1 and rank-(R₁, …, R_N) approximation of higher-order tensors", Algorithm 3.2.
    """

    name = "cp"
    label = Text("CP (greedy)", "CP (жадный)")
    about = Text(
        "Folds the vector into a tensor and sends a sum of rank-one tensors, each fitted to what the ones before it left.",
        "Сворачивает вектор в тензор и посылает сумму тензоров ранга один; каждый подбирается к тому, что оставили предыдущие.",
    )
    source = Text(
        "α = 1 − (1 − α₁)^r, where α₁ = Π 1/mₖ is that of ST-HOSVD with ranks 1, from which every component starts: "
        "each component removes at least this share of the energy that is left.",
        "α = 1 − (1 − α₁)^r, где α₁ = Π 1/mₖ — константа ST-HOSVD с рангами 1, с которого начинается каждое слагаемое: "
        "каждое убирает не меньше этой доли оставшейся энергии.",
    )
    order = 45
    line = Line("#6A51A3", "dash")

    sweeps: int = spec.integer(
        3,
        1,
        50,
        Text("Sweeps", "Проходы"),
        Text("How many times every direction of a component is improved.", "Сколько раз улучшается каждое направление слагаемого."),
    )

    def decompose(self, xp: wire.Namespace, tensors: Array, plan: Plan, noise: Array | None) -> Decomposed:
        frames: list[Frame] = []
        sizes = []
        for _ in range(plan.ranks[0]):
            start = truncated(xp, tensors, (1,) * len(plan.sides))
            found = improved(xp, tensors, start, self.sweeps)
            component = found._replace(core=wire.through_float32(xp, found.core))
            tensors = tensors - built(xp, component)
            frames += component.frames
            sizes.append(xp.reshape(component.core, (-1,)))
        return Decomposed(frames, xp.stack(sizes, axis=-1))

    def effort(self, d: int, vectors: int = 1) -> float:
        """Of every component a start, its sweeps, each a product with every direction for every mode, and what they leave."""
        plan = self.plan(d)
        order, cells = len(plan.sides), math.prod(plan.sides)
        return 1e-4 + plan.ranks[0] * (1 + self.sweeps) * order * (CALL + vectors * (EACH + 4e-9 * order * cells))

    def alpha(self, d: int) -> float:
        return self.greedy_alpha(d)
