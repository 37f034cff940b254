"""What the low-rank compressors share: the fold, the ranks, the message and the vector that is built from it.

A vector is folded to a tensor (see fold.py). A decomposition of it is a list of frames, subspaces in the form in which they travel (see
wire/gauge.py), and a core, the coordinates of the tensor in their orthonormal bases. `compress` builds what arrives from the very float32
numbers that `encode` writes, by the code that `decode` runs, and every product here is a stack of small matrix products, one for each
vector; so both agree to the bit and no vector sees its neighbours.

A message: the header; the ranks, where they are chosen for each vector; the pivots of every frame; its other weights and the core.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
from array_api_compat import device

from ef21lab.choices import spec
from ef21lab.choices.fields import Dims, Ranks
from ef21lab.choices.text import Text, same
from ef21lab.compressors import _rounding, wire
from ef21lab.compressors.base import HEADER, Array, Compressed, Compressor, Message, Shape
from ef21lab.compressors.low_rank.fold import fold, resolved, unfold
from ef21lab.compressors.low_rank.plan import FOLD, FOLD_ABOUT, Decomposed, Plan, Sizes
from ef21lab.compressors.low_rank.shares import Shares
from ef21lab.compressors.low_rank.spectra import CALL, EACH, PRODUCT, products
from ef21lab.compressors.wire import gauge


@dataclass(frozen=True)
class LowRank(Compressor):
    """A compressor that sends a low-rank decomposition of the folded vector."""

    dims: str | Shape = spec.dims("auto", FOLD, FOLD_ABOUT)
    ranks: int | Shape = spec.ranks(
        2,
        Text("Ranks", "Ранги"),
        Text(
            "How many directions are kept in each mode: one number for all modes, or one for each.",
            "Сколько направлений оставить в каждой моде: одно число на все моды или по числу на каждую.",
        ),
    )

    @abstractmethod
    def shares(self, sides: Shape, ranks: Shape) -> Shares:
        """(r_k, m_k) for each rank: of at most m_k directions that there can be when its turn comes, r_k are kept."""

    @abstractmethod
    def sizes(self, sides: Shape, ranks: Shape) -> Sizes:
        """What is sent."""

    @abstractmethod
    def decompose(self, xp: wire.Namespace, tensors: Array, plan: Plan, noise: Array | None) -> Decomposed:
        """The decomposition of tensors (n, *sides) with plan.ranks, in float64."""

    @abstractmethod
    def built(self, xp: wire.Namespace, sent: Decomposed, sides: Shape) -> Array:
        """The tensors (n, *sides) that a decomposition stands for."""

    @property
    def tolerance(self) -> float:
        """The relative error that ranks chosen for each vector must keep to; 0 where the ranks are those of the settings."""
        return 0.0

    def ranks_within(self, xp: wire.Namespace, tensors: Array, plan: Plan) -> Array:
        """The ranks (n, places) that keep each of the tensors (n, *sides) within the tolerance.

        Raises NotImplementedError where the operator has none.
        """
        raise NotImplementedError(f"{self.name} has no tolerance")

    def processed(self, dims: Shape) -> Shape:
        """The axes in the order of processing: shortest side first."""
        return tuple(sorted(range(len(dims)), key=dims.__getitem__))

    def possible(self, sides: Shape, ranks: Shape) -> Shape:
        """The ranks that a tensor truncated to these ranks can have."""
        return tuple(kept for kept, _ in self.shares(sides, ranks))

    def fitted(self, layout: Sequence[Shape]) -> Self:
        return self.replace(dims=resolved(self.dims, layout, self._order()))

    def refusal(self, d: int) -> Text | None:
        dims = self._dims(d)
        if math.prod(dims) < d:
            return self._refused(
                Text(
                    "a fold must hold all of {d:coordinate|coordinates}", "тензор вмещает не меньше {d:координаты|координат|координат}"
                ).format(d=d)
            )
        if math.prod(dims) > (most := max(8 * d, 4096)):
            return self._refused(
                Text("for d = {d} a fold may hold at most {most}", "тензор для d = {d} вмещает не больше {most}").format(d=d, most=most)
            )
        return None if isinstance(self.ranks, int) else self._refused_ranks(dims, self.ranks)

    def compress(self, x: Array, noise: Array | None = None) -> Compressed:
        return self._compressed(x, noise)[0]

    def _compressed(self, x: Array, noise: Array | None) -> tuple[Compressed, Decomposed | None]:
        """C(x), and what was sent of it where all vectors have the same ranks."""
        given = x
        xp, x = wire.admitted(self, x, noise)
        d, vectors = x.shape[-1], xp.reshape(x, (-1, x.shape[-1]))  # (n, d)
        exponents, plan = wire.exponents(xp, wire.largest_magnitude(xp, vectors)), self.plan(d)
        tensors, sent = folded(xp, wire.scale_down(xp, vectors, exponents), plan), None
        if self.tolerance:
            received, bits, floats = self._group_by_group(xp, tensors, plan, d)
            bits, floats = xp.reshape(bits, x.shape[:-1]), xp.reshape(floats, x.shape[:-1])
        else:
            sent = self._sent(xp, tensors, plan, noise)
            received = self._received(xp, sent, plan, d)
            bits, floats = _price(self, d)
        header = wire.header_bits(exponents if exponents is None else xp.reshape(exponents, x.shape[:-1]))
        values = wire.as_given(xp, wire.scale_up(xp, received, exponents), given)
        return Compressed(xp.reshape(values, x.shape), header + bits, floats), sent

    def encode(self, x: Array, noise: Array | None = None) -> Message:
        xp, x = wire.admitted(self, x, noise)
        exponent, plan = wire.only(wire.exponents(xp, wire.largest_magnitude(xp, x))), self.plan(x.shape[-1])
        tensors = folded(xp, wire.scale_down(xp, x[None, :], xp.asarray([exponent], device=device(x))), plan)
        own = next(self._groups(xp, tensors, plan))[1] if self.tolerance else plan
        sent = self._sent(xp, tensors, own, noise)
        numbers = np.concatenate([*gauge.numbers(sent.frames), np.reshape(wire.on_host(sent.core), (-1,))])
        return wire.pack(wire.header(exponent), *self._ranks_code(plan, own), *gauge.pivot_codes(sent.frames), wire.floats(numbers))

    def decode(self, message: Message, d: int) -> Array:
        reader = wire.Reader(message)
        exponent, plan = reader.exponent(), self._read_ranks(reader, self.plan(d))
        sizes = self.sizes(plan.sides, plan.ranks)
        pivots, numbers = gauge.read_pivots(reader, sizes.frames), reader.floats(sizes.floats)
        reader.end()
        weights = gauge.floats(sizes.frames)
        sent = Decomposed(gauge.assembled(pivots, sizes.frames, numbers[:weights]), np.reshape(numbers[weights:], (1, *sizes.core)))
        return wire.restored(self._received(np, sent, plan, d)[0], exponent)

    def cost(self, d: int) -> tuple[float, float]:
        plan = self.plan(d)
        sizes = self.sizes(plan.sides, plan.ranks)
        return 1.0 + sizes.bits, float(sizes.floats)

    def effort(self, d: int, vectors: int = 1) -> float:
        plan = self.plan(d)
        cells = math.prod(plan.sides)
        return 1e-4 + sum(CALL + vectors * (EACH + PRODUCT * products(*size, cells)) for size in self.sizes(plan.sides, plan.ranks).frames)

    def lost_to_float32(self, d: int) -> float:
        plan = self.plan(d)
        sizes = self.sizes(plan.sides, plan.ranks)
        turning = [(side, side / 2) for side, _ in sizes.frames] if self.tolerance else sizes.frames  # r(I − r) is greatest at I/2
        return _rounding.stationary(turning, math.prod(sizes.core))

    def parts(self, message: Message, d: int) -> list[tuple[Text, int]]:
        reader = wire.Reader(message)
        reader.exponent()
        plan = self._read_ranks(reader, self.plan(d))
        sizes = self.sizes(plan.sides, plan.ranks)
        return [
            (HEADER, message.bits - sizes.bits),
            (Text("pivots", "номера опорных строк"), gauge.pivot_bits(sizes.frames)),
            (Text("factors", "факторы"), 32 * gauge.floats(sizes.frames)),
            (Text("core", "ядро"), 32 * math.prod(sizes.core)),
        ]

    def plan(self, d: int) -> Plan:
        """Fold, order and ranks for vectors of length d, which must not be refused; all ranks that can be where vectors choose theirs."""
        return _plan(self, d)

    def _sent(self, xp: wire.Namespace, tensors: Array, plan: Plan, noise: Array | None) -> Decomposed:
        found = self.decompose(xp, tensors, plan, noise)
        return found._replace(core=wire.through_float32(xp, found.core))

    def _received(self, xp: wire.Namespace, sent: Decomposed, plan: Plan, d: int) -> Array:
        """The vectors (n, d) that a receiver builds."""
        back = tuple(sorted(range(len(plan.modes)), key=plan.modes.__getitem__))
        return unfold(xp, xp.permute_dims(self.built(xp, sent, plan.sides), _axes(back)), len(plan.dims), d)

    def _groups(self, xp: wire.Namespace, tensors: Array, plan: Plan) -> Iterator[tuple[Array, Plan]]:
        """The vectors that have chosen the same ranks, (group,) of 0..n−1, and the plan with these ranks."""
        chosen = self.ranks_within(xp, tensors, plan)  # (n, places)
        code = xp.zeros(chosen.shape[0], dtype=xp.int64, device=device(chosen))
        for place, most in enumerate(plan.ranks):
            code = code * most + chosen[:, place] - 1
        for one in xp.unique_values(code):
            rows = xp.nonzero(code == one)[0]
            asked = tuple(int(rank) for rank in chosen[rows[0], :])
            yield rows, plan._replace(ranks=self.possible(plan.sides, asked))

    def _group_by_group(self, xp: wire.Namespace, tensors: Array, plan: Plan, d: int) -> tuple[Array, Array, Array]:
        """What is received (n, d), and the bits and floats (n,) of messages whose ranks differ."""
        n = tensors.shape[0]
        received = xp.zeros((n, d), dtype=tensors.dtype, device=device(tensors))
        floats = xp.zeros(n, dtype=xp.int64, device=device(tensors))
        bits = xp.zeros_like(floats)
        for rows, own in self._groups(xp, tensors, plan):
            sizes = self.sizes(own.sides, own.ranks)
            received[rows, :] = self._received(xp, self._sent(xp, xp.take(tensors, rows, axis=0), own, None), own, d)
            floats[rows], bits[rows] = sizes.floats, sizes.bits + sum(code.width for code in self._ranks_code(plan, own))
        return received, bits, floats

    def _ranks_code(self, plan: Plan, own: Plan) -> list[wire.Bits]:
        if not self.tolerance:
            return []
        return [wire.Bits(rank - 1, (most - 1).bit_length()) for rank, most in zip(own.ranks, plan.ranks, strict=True)]

    def _read_ranks(self, reader: wire.Reader, plan: Plan) -> Plan:
        if not self.tolerance:
            return plan
        ranks = tuple(1 + reader.take((most - 1).bit_length()) for most in plan.ranks)
        if self.possible(plan.sides, ranks) != ranks:
            words = Text("no tensor of {sides} has ranks {given}", "у тензора {sides} не бывает рангов {given}")
            raise wire.malformed(words.format(sides=_times(plan.sides), given=_times(ranks)))
        return plan._replace(ranks=ranks)

    def _dims(self, d: int) -> Shape:
        return resolved(self.dims, ((d,),), self._order())

    @classmethod
    def _order(cls) -> int | None:
        field = cls.fields()["dims"]
        return field.order if isinstance(field, Dims) else None

    @classmethod
    def _ranks_field(cls) -> Ranks:
        field = cls.fields()["ranks"]
        assert isinstance(field, Ranks)
        return field

    def _refused_ranks(self, dims: Shape, ranks: Shape) -> Text | None:
        modes, most = self._ranks_field().places == "modes", self._ranks_field().most(dims)
        if len(ranks) != len(most):
            each = Text("each mode", "каждую моду") if modes else Text("each pair of neighbouring modes", "каждую пару соседних мод")
            words = Text("{sides} needs {n:rank|ranks}, one for {each}", "тензору {sides} нужно {n:ранг|ранга|рангов}, по одному на {each}")
            return self._refused(words.format(sides=_times(dims), n=len(most), each=each))
        if modes and any(rank > side for rank, side in zip(ranks, dims, strict=True)):
            words = Text("no rank may exceed its side of {sides}", "ранг не может быть больше своей стороны в {sides}")
            return self._refused(words.format(sides=_times(dims)))
        if not modes and any(rank > limit for rank, limit in zip(ranks, most, strict=True)):
            words = Text("the unfoldings of {sides} have ranks of at most {limits}", "ранги развёрток {sides} не больше {limits}")
            return self._refused(words.format(sides=_times(dims), limits=", ".join(map(str, most))))
        return None

    def _refused(self, why: Text) -> Text:
        given = same("{name}(dims={dims}, ranks={ranks}): ").format(
            name=type(self).__name__, dims=str(self.settings()["dims"]), ranks=str(self.settings()["ranks"])
        )
        return given + why


@lru_cache(maxsize=1024)
def _plan(compressor: LowRank, d: int) -> Plan:
    dims = compressor._dims(d)
    modes, most = compressor.processed(dims), compressor._ranks_field().most(dims)
    asked = compressor.ranks if isinstance(compressor.ranks, tuple) else tuple(min(compressor.ranks, rank) for rank in most)
    if compressor.tolerance:
        asked = most
    if compressor._ranks_field().places == "modes":
        asked = tuple(asked[mode] for mode in modes)
    sides = tuple(dims[mode] for mode in modes)
    return Plan(dims, modes, sides, asked, compressor.possible(sides, asked))


@lru_cache(maxsize=1024)
def _price(compressor: LowRank, d: int) -> tuple[int, int]:
    """Bits, less the header's, and floats of a message with the ranks of the plan."""
    plan = compressor.plan(d)
    sizes = compressor.sizes(plan.sides, plan.ranks)
    return sizes.bits, sizes.floats


def folded(xp: wire.Namespace, vectors: Array, plan: Plan) -> Array:
    """The tensors (n, *sides), axes in the order of processing, in memory of their own and in row-major order."""
    n, d = vectors.shape
    tensors = xp.empty((n, *plan.sides), dtype=vectors.dtype, device=device(vectors))
    whole = xp.reshape(vectors, (n, *plan.dims)) if math.prod(plan.dims) == d else fold(xp, vectors, plan.dims)
    tensors[...] = xp.permute_dims(whole, _axes(plan.modes))
    return tensors


def _axes(modes: Shape) -> Shape:
    return (0, *(1 + mode for mode in modes))


def _times(dims: Shape) -> str:
    return "×".join(map(str, dims))
