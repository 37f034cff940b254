"""The tucker of tensorly: HOOI as that library runs it, one tensor at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from array_api_compat import device

from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors._tensorly import CALL, AxesAsTheyStand, seconds_to_start, sweeps
from ef21lab.compressors.base import Array, Shape
from ef21lab.compressors.low_rank.plan import Decomposed, Plan
from ef21lab.compressors.low_rank.shares import Shares, full_shares, of_a_core, sequential_alpha, sequential_shares
from ef21lab.compressors.low_rank.spectra import times_of_svd
from ef21lab.compressors.low_rank.tucker import Tucker, projected
from ef21lab.compressors.wire import Namespace, on_host
from ef21lab.compressors.wire.gauge import frame


@dataclass(frozen=True)
class TensorlyTucker(AxesAsTheyStand, Tucker):
    """U₁, …, U_m = the factors of tensorly.decomposition.tucker(X, rank, init="svd"), S = X ×₁ U₁ᵀ ⋯ ×_m U_mᵀ.
    Sent as by HOOI of this lab: the core and the spans of the factors, Π r_k + Σ r_k (I_k − r_k) floats and the pivots of each span.

    The library starts from classical HOSVD, whose core may be zero where the tensor is not, and keeps the last sweep whatever it kept:
    nothing is certified. A zero tensor, by whose norm it would divide, is not given to it. Ranks above the product of the others, which no
    core has, are lowered first.
    Kossaifi, Panagakis, Anandkumar, Pantic 2019, "TensorLy: tensor learning in Python".
    """

    name = "tensorly_tucker"
    label = Text("Tucker (tensorly)", "Tucker из tensorly")
    about = Text(
        "The tucker of the package tensorly, as it is: HOOI from classical HOSVD. The same message as HOOI's here, but tensors "
        "are taken one at a time: many times slower, and without a certificate.",
        "tucker из пакета tensorly как он есть: HOOI, начатый с классического HOSVD. Сообщение то же, что у здешнего HOOI, но тензоры "
        "раскладываются по одному, во много раз медленнее и без гарантии.",
    )
    source = Text(
        "No certificate: tensorly starts from classical HOSVD, which may map a nonzero tensor to zero, and no sweep is held to keep more. "
        "The step is scaled by the constant of ST-HOSVD with the same fold and ranks, without a guarantee.",
        "Гарантии нет: tensorly начинает с классического HOSVD, который может перевести ненулевой тензор в ноль, и не следит, чтобы проход "
        "сохранял больше. Шаг выбран по константе ST-HOSVD с той же формой и теми же рангами, без гарантии.",
    )
    order = 26
    line = Line("#7D6B57", "dot")

    sweeps: int = sweeps()

    def decompose(self, xp: Namespace, tensors: Array, plan: Plan, noise: Array | None) -> Decomposed:
        found = [_factors(tensor, plan.ranks, self.sweeps) for tensor in np.asarray(on_host(tensors))]
        bases = [xp.asarray(np.stack(mode), device=device(tensors)) for mode in zip(*found, strict=True)]  # (n, I, r) for each mode
        return projected(xp, tensors, [frame(xp, basis) for basis in bases])

    def effort(self, d: int, vectors: int = 1) -> float:
        """A full SVD of every unfolding to start from, and in each sweep for every mode the products with the others and an SVD again."""
        plan = self.plan(d)
        cells, core = math.prod(plan.sides), math.prod(plan.ranks)
        sizes = zip(plan.sides, plan.ranks, strict=True)
        sweep = sum(2 * CALL + 4e-9 * cells * max(plan.ranks) + times_of_svd(side, core // rank) for side, rank in sizes)
        return 1e-4 + vectors * (seconds_to_start(plan.sides) + self.sweeps * sweep)

    def shares(self, sides: Shape, ranks: Shape) -> Shares:
        return full_shares(sides, ranks)

    def possible(self, sides: Shape, ranks: Shape) -> Shape:
        return of_a_core(super().possible(sides, ranks))

    def nominal_alpha(self, d: int) -> float:
        plan = self.plan(d)
        return sequential_alpha(sequential_shares(plan.sides, plan.ranks))


def _factors(tensor: Array, ranks: Shape, sweeps: int) -> list[Array]:
    """The factors (I, r) of one tensor (*sides)."""
    import tensorly
    from tensorly.decomposition import tucker

    if not np.any(tensor):
        return [np.eye(side, rank) for side, rank in zip(tensor.shape, ranks, strict=True)]
    with tensorly.backend_context("numpy", local_threadsafe=True):
        return [np.asarray(factor) for factor in tucker(tensor, rank=list(ranks), n_iter_max=sweeps, init="svd")[1]]
