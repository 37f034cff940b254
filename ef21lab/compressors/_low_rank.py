"""What the Tucker compressors share: dims and ranks, the floats that are sent, and the tensor that is built from them.

A vector is folded to sides I₁ ≤ … ≤ I_m (see _fold; the modes are taken shortest side first). A decomposition gives a core S (r₁ × … × r_m)
and factors U_k (I_k × r_k) with orthonormal columns; the receiver builds S ×₁ U₁ ⋯ ×_m U_m. `compress` builds it from the very float32
numbers that `encode` writes, by the code that `decode` runs, and every product here is a stack of small matrix products, one for each
vector; so both agree to the bit and no vector sees its neighbours.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from array_api_compat import device

from ef21lab import spec
from ef21lab.compressors import _wire as wire
from ef21lab.compressors._fold import fold, resolved, unfold
from ef21lab.compressors.base import Array, Compressed, Compressor, Message, Shape
from ef21lab.text import Text


class Tucker(NamedTuple):
    """core (..., *ranks) and one factor (..., I_k, r_k) for each mode, in the order of processing."""

    core: Array
    factors: Sequence[Array]


Shares = tuple[tuple[int, int], ...]


class Plan(NamedTuple):
    """How vectors of one length are folded and truncated. From `sides` on, in the order of processing."""

    dims: Shape
    modes: Shape  # modes[k] is the axis of dims that is processed k-th
    sides: Shape
    shares: Shares

    @property
    def ranks(self) -> Shape:
        return tuple(kept for kept, _ in self.shares)

    @property
    def floats(self) -> int:
        """Σ r_k I_k + Π r_k."""
        return math.prod(self.ranks) + sum(rank * side for rank, side in zip(self.ranks, self.sides, strict=True))


@dataclass(frozen=True)
class LowRank(Compressor):
    """A compressor that sends a Tucker decomposition of the folded vector."""

    dims: str | Shape = spec.dims(
        "auto",
        Text("Fold", "Форма тензора"),
        Text(
            "The tensor that the vector is folded into: its own shape, near-cubic, or any sides; zeros fill what is left.",
            "Тензор, в который сворачивается вектор: собственная форма задачи, почти куб или любые стороны; остаток заполняют нули.",
        ),
    )
    ranks: int | Shape = spec.ranks(
        2,
        Text("Ranks", "Ранги"),
        Text(
            "How many directions are kept in each mode: one number for all modes, or one for each.",
            "Сколько направлений оставить в каждой моде: одно число на все моды или по числу на каждую.",
        ),
    )

    @abstractmethod
    def decompose(self, xp: wire.Namespace, tensors: Array, ranks: Shape) -> Tucker:
        """The decomposition of tensors (..., *sides), in float64."""

    @abstractmethod
    def shares(self, sides: Shape, ranks: Shape) -> Shares:
        """(r_k, m_k) for each mode: of at most m_k directions that mode k can have when its turn comes, r_k are kept."""

    def bound(self, layout: Sequence[Shape]) -> Self:
        return self.replace(dims=resolved(self.dims, layout))

    def refusal(self, d: int) -> Text | None:
        dims = self._dims(d)
        if math.prod(dims) < d:
            return self._refused(
                Text(f"a fold must hold all d = {d} coordinates", f"в тензоре должны поместиться все d = {d} координат"),
            )
        if math.prod(dims) > (most := max(8 * d, 4096)):
            return self._refused(
                Text(f"a fold of d = {d} coordinates may hold at most {most}", f"тензор для d = {d} координат вмещает не больше {most}"),
            )
        if isinstance(self.ranks, int):
            return None
        if len(self.ranks) != len(dims):
            return self._refused(
                Text(
                    f"{_times(dims)} needs {len(dims)} ranks, one for each mode",
                    f"{_times(dims)}: нужно рангов — {len(dims)}, по одному на моду",
                ),
            )
        if any(rank > side for rank, side in zip(self.ranks, dims, strict=True)):
            return self._refused(
                Text(f"no rank may exceed its side of {_times(dims)}", f"ранг не может быть больше своей стороны в {_times(dims)}"),
            )
        return None

    def compress(self, x: Array, noise: Array | None = None) -> Compressed:
        xp, x = wire.admitted(self, x)
        d, plan = x.shape[-1], self.plan(x.shape[-1])
        exponents = wire.exponents(xp, wire.largest_magnitude(xp, x))
        sent = wire.through_float32(xp, self._floats(xp, wire.scale_down(xp, x, exponents), plan))
        values = wire.scale_up(xp, _received(xp, sent, plan, d), exponents)
        return Compressed(values, wire.header_bits(exponents) + 32 * plan.floats, plan.floats)

    def encode(self, x: Array, noise: Array | None = None) -> Message:
        xp, x = wire.admitted(self, x)
        exponent = wire.only(wire.exponents(xp, wire.largest_magnitude(xp, x)))
        scaled = wire.scale_down(xp, x, xp.asarray(exponent))
        return wire.pack(wire.header(exponent), wire.floats(self._floats(xp, scaled, self.plan(x.shape[-1]))))

    def decode(self, message: Message, d: int) -> Array:
        plan, reader = self.plan(d), wire.Reader(message)
        exponent, sent = reader.exponent(), reader.floats(plan.floats)
        reader.end()
        return wire.restored(_received(np, sent, plan, d), exponent)

    def plan(self, d: int) -> Plan:
        """Fold, order and ranks for vectors of length d, which must not be refused."""
        dims = self._dims(d)
        asked = (self.ranks,) * len(dims) if isinstance(self.ranks, int) else self.ranks
        modes = tuple(sorted(range(len(dims)), key=dims.__getitem__))
        sides, ranks = tuple(dims[mode] for mode in modes), tuple(asked[mode] for mode in modes)
        return Plan(dims, modes, sides, self.shares(sides, ranks))

    def _floats(self, xp: wire.Namespace, x: Array, plan: Plan) -> Array:
        tensors = xp.permute_dims(fold(xp, x, plan.dims), _axes(x.ndim - 1, plan.modes))  # (..., *sides)
        return to_floats(xp, self.decompose(xp, tensors, plan.ranks), x.shape[:-1])

    def _dims(self, d: int) -> Shape:
        return resolved(self.dims, ((d,),))

    def _refused(self, why: Text) -> Text:
        given = f"{type(self).__name__}(dims={self.settings()['dims']}, ranks={self.settings()['ranks']}): "
        return Text(given, given) + why


def to_floats(xp: wire.Namespace, tucker: Tucker, stack: Shape) -> Array:
    """The numbers of a message, (..., floats): the core, then the factors, row by row. The inverse of `from_floats`."""
    return xp.concat([xp.reshape(part, (*stack, -1)) for part in (tucker.core, *tucker.factors)], axis=-1)


def from_floats(xp: wire.Namespace, sent: Array, sides: Shape, ranks: Shape) -> Tucker:
    """The decomposition that these numbers (..., floats) stand for."""
    shapes, parts, start = (ranks, *zip(sides, ranks, strict=True)), [], 0
    for shape in shapes:
        stop = start + math.prod(shape)
        parts.append(xp.reshape(sent[..., start:stop], (*sent.shape[:-1], *shape)))
        start = stop
    return Tucker(parts[0], parts[1:])


def built(xp: wire.Namespace, tucker: Tucker) -> Array:
    """S ×₁ U₁ ⋯ ×_m U_m, (..., *sides)."""
    return multiplied(xp, tucker.core, [xp.matrix_transpose(factor) for factor in tucker.factors])


def multiplied(xp: wire.Namespace, tensors: Array, matrices: Iterable[Array]) -> Array:
    """T ×₁ M₁ᵀ ⋯ ×_m M_mᵀ for T (..., *sides) and M_k (..., side_k, new side_k).

    Each step multiplies the first mode and moves it to the end, so that after m steps the modes stand in order again.
    """
    for matrix in matrices:
        tensors = times_first(xp, tensors, matrix)
    return tensors


def times_first(xp: wire.Namespace, tensors: Array, matrix: Array) -> Array:
    """T ×₁ Mᵀ with the first mode moved to the end: T (..., I, *rest), M (..., I, r) → (..., *rest, r)."""
    stack = matrix.shape[:-2]
    rest = tensors.shape[len(stack) + 1 :]
    return xp.reshape(xp.matrix_transpose(rows_of(xp, tensors, stack)) @ matrix, (*stack, *rest, matrix.shape[-1]))


def rows_of(xp: wire.Namespace, tensors: Array, stack: Shape) -> Array:
    """The unfolding along the first mode: T (*stack, I, *rest) → (*stack, I, Π rest)."""
    return xp.reshape(tensors, (*stack, tensors.shape[len(stack)], -1))


def leading(xp: wire.Namespace, rows: Array, rank: int) -> Array:
    """Orthonormal columns U (..., I, r) that span the r leading left singular vectors of A (..., I, P); r ≤ min(I, P).

    From the smaller of two Gram matrices: the eigenvectors of AAᵀ, or A times those of AᵀA made orthonormal. Squaring is safe since the
    largest entry lies in [2^-60, 2^60]; it blurs directions of less than 1e-8 of the norm, far below float32.
    """
    side, columns = rows.shape[-2:]
    if rank == side:
        return xp.broadcast_to(xp.eye(side, dtype=rows.dtype, device=device(rows)), (*rows.shape[:-2], side, side))
    across = xp.matrix_transpose(rows)
    if side <= columns:
        return xp.linalg.eigh(rows @ across)[1][..., -rank:]
    return xp.linalg.qr(rows @ xp.linalg.eigh(across @ rows)[1][..., -rank:])[0]


def full_shares(sides: Shape, ranks: Shape) -> Shares:
    """Mode by mode of the full tensor: m_k = min(I_k, Π other sides), r_k = min(rank, m_k)."""
    total = math.prod(sides)
    return tuple((min(rank, side, total // side), min(side, total // side)) for side, rank in zip(sides, ranks, strict=True))


def sequential_shares(sides: Shape, ranks: Shape) -> Shares:
    """The same when each mode is truncated before the next is looked at: the sides already passed count as their ranks."""
    current, kept = list(sides), []
    for mode, rank in enumerate(ranks):
        kept.append(full_shares(tuple(current), (*current[:mode], rank, *current[mode + 1 :]))[mode])
        current[mode] = kept[mode][0]
    return tuple(kept)


def sequential_alpha(shares: Shares) -> float:
    """Π_k r_k / m_k: the r_k leading of at most m_k singular directions keep at least that share of the energy still there."""
    return math.prod(kept / most for kept, most in shares)


def _axes(stack: int, modes: Shape) -> Shape:
    return (*range(stack), *(stack + mode for mode in modes))


def _received(xp: wire.Namespace, sent: Array, plan: Plan, d: int) -> Array:
    """The vectors (..., d) that a receiver builds from the numbers (..., floats) of a message."""
    tensors = built(xp, from_floats(xp, sent, plan.sides, plan.ranks))  # (..., *sides)
    stack = sent.ndim - 1
    back = tuple(sorted(range(len(plan.modes)), key=plan.modes.__getitem__))
    return unfold(xp, xp.permute_dims(tensors, _axes(stack, back)), len(plan.dims), d)


def _times(dims: Shape) -> str:
    return "×".join(map(str, dims))
