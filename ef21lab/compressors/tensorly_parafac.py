"""The parafac of tensorly: CP by alternating least squares as that library runs it, one tensor at a time."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
from array_api_compat import device

from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors._tensorly import CALL, AxesAsTheyStand, seconds_to_start, sweeps
from ef21lab.compressors.base import Array
from ef21lab.compressors.low_rank.components import Components
from ef21lab.compressors.low_rank.plan import Decomposed, Plan
from ef21lab.compressors.wire import LARGEST_SENT, Namespace, on_host
from ef21lab.compressors.wire.gauge import frame


@dataclass(frozen=True)
class TensorlyParafac(AxesAsTheyStand, Components):
    """(λ, A, B, …) = tensorly.decomposition.parafac(X, rank=r, init="svd"), C(X) = Σ_c λ_c a_c ⊗ b_c ⊗ ⋯ with unit columns a_c, b_c, …
    Sent as by the greedy CP of this lab: λ_c and its directions, r(1 + Σ (I_k − 1)) floats and the places of their largest entries.

    All components are fitted at once, so they are not orthogonal and two may grow while they cancel; their λ travel as float32 and what is
    left of them may then be far from X. Nothing is certified. Where a least-squares system is singular, which tensorly answers with an
    error, or a λ beyond 2^100, one component fewer is fitted; a zero tensor, by whose norm it would divide, is not given to it.
    Kossaifi, Panagakis, Anandkumar, Pantic 2019, "TensorLy: tensor learning in Python".
    """

    name = "tensorly_parafac"
    label = Text("PARAFAC (tensorly)", "PARAFAC из tensorly")
    about = Text(
        "The parafac of the package tensorly, as it is: a sum of rank-one tensors, all fitted at once by alternating least squares. "
        "The same message as greedy CP's, but one tensor at a time, many times slower, and without a certificate.",
        "parafac из пакета tensorly как он есть: сумма тензоров ранга один, которые подбираются все вместе методом наименьших квадратов по "
        "очереди. Сообщение то же, что у жадного CP, но тензоры раскладываются по одному, во много раз медленнее и без гарантии.",
    )
    source = Text(
        "No certificate: a simultaneous fit may diverge, with components that grow and cancel. The step is scaled by the constant of "
        "greedy CP with as many components, without a guarantee.",
        "Гарантии нет: совместный подбор может расходиться, слагаемые тогда растут и взаимно уничтожаются. Шаг выбран по константе "
        "жадного CP с тем же числом слагаемых, без гарантии.",
    )
    order = 46
    line = Line("#9087C4", "longdashdot")

    sweeps: int = sweeps()

    def decompose(self, xp: Namespace, tensors: Array, plan: Plan, noise: Array | None) -> Decomposed:
        found = [_fitted(tensor, plan.ranks[0], self.sweeps) for tensor in np.asarray(on_host(tensors))]
        sizes = xp.asarray(np.stack([sizes for sizes, _ in found]), device=device(tensors))  # (n, r)
        frames = []
        for component in range(plan.ranks[0]):
            for mode in range(len(plan.sides)):
                columns = np.stack([directions[mode][:, [component]] for _, directions in found])  # (n, I, 1)
                frames.append(frame(xp, xp.asarray(columns, device=device(tensors))))
        return Decomposed(frames, sizes)

    def effort(self, d: int, vectors: int = 1) -> float:
        """A full SVD of every unfolding to start from, and in each sweep for every mode its product with all other directions."""
        plan = self.plan(d)
        cells = math.prod(plan.sides)
        sweep = len(plan.sides) * (CALL + 8e-9 * cells * plan.ranks[0])
        return 1e-4 + vectors * (seconds_to_start(plan.sides) + self.sweeps * sweep)

    def nominal_alpha(self, d: int) -> float:
        return self.greedy_alpha(d)


def _fitted(tensor: Array, rank: int, sweeps: int) -> tuple[Array, list[Array]]:
    """λ (r,) and the unit directions (I, r) of every mode, positive at their largest entry; λ = 0 for components that were not fitted."""
    sizes, directions = np.zeros(rank), [np.eye(side, 1).repeat(rank, axis=1) for side in tensor.shape]
    for count in range(rank if np.any(tensor) else 0, 0, -1):
        if (found := _components(tensor, count, sweeps)) is not None:
            sizes[:count], columns = found
            for direction, own in zip(directions, columns, strict=True):
                direction[:, :count] = own
            break
    return sizes, directions


def _components(tensor: Array, count: int, sweeps: int) -> tuple[Array, list[Array]] | None:
    """λ (count,) and the directions (I, count) as tensorly finds them; None where it finds none that can be sent."""
    import tensorly
    from tensorly.decomposition import parafac

    with tensorly.backend_context("numpy", local_threadsafe=True), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # that a side is shorter than the rank
        try:
            sizes, factors = parafac(tensor, rank=count, n_iter_max=sweeps, init="svd", random_state=0)  # fills sides below the rank
        except np.linalg.LinAlgError:
            return None
        directions = []
        for factor in factors:
            peaks = np.take_along_axis(factor, np.argmax(np.abs(factor), axis=0, keepdims=True), axis=0)[0]
            norms = np.sign(peaks) * np.linalg.norm(factor, axis=0)
            directions.append(factor / norms)
            sizes = sizes * norms
    sound = np.all(np.abs(sizes) <= LARGEST_SENT) and all(np.all(np.isfinite(own)) for own in directions)
    return (sizes, directions) if sound else None
