"""What long vectors were received as, held in the fewest bytes that lose nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ef21lab.channels.norms import distance_sq, norm_sq, of_pieces, piece_norms_sq, with_few

Array = Any

DOUBLE = np.dtype(float)


class Norms(NamedTuple):
    """Of messages v and of what is lost of them, (lanes, some nodes)."""

    lost: Array  # ‖C(v) − v‖²
    whole: Array  # ‖v‖²


class Portion(ABC):
    """What some neighbouring nodes were heard to say, (lanes, some nodes, d)."""

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int, int]: ...

    @abstractmethod
    def times(self, weights: Array) -> Portion:
        """Every vector times its number in weights, (1 or lanes, some nodes, 1)."""

    @abstractmethod
    def of_those(self, present: Array) -> Portion:
        """Zeros in place of what a node said that is not present (lanes, some nodes)."""

    @abstractmethod
    def of_type(self, dtype: np.dtype[Any]) -> Portion:
        """As a state of these numbers keeps it."""

    @abstractmethod
    def onto(self, base: Array, out: Array, ufunc: np.ufunc) -> None:
        """Fill `out` with base ± what was heard."""

    @abstractmethod
    def added_to(self, total: Array) -> None:
        """Add what was heard to a sum over nodes, (lanes, d), node after node."""

    @abstractmethod
    def norms(self, wanted: Array) -> Norms:
        """How much of what was wanted is lost."""

    @abstractmethod
    def array(self) -> Array:
        """What was heard, as float64."""


class Whole(Portion):
    """All numbers; where these are what float32 has carried, in half the bytes."""

    def __init__(self, values: Array) -> None:
        with np.errstate(over="ignore"):
            single = values.astype(np.float32)
        self._numbers = single if np.array_equal(single, values) else values  # (lanes, some nodes, d)

    @property
    def shape(self) -> tuple[int, int, int]:
        shape: tuple[int, int, int] = self._numbers.shape
        return shape

    def times(self, weights: Array) -> Portion:
        return Whole(weights * self.array())

    def of_type(self, dtype: np.dtype[Any]) -> Portion:
        return self if dtype in (DOUBLE, self._numbers.dtype) else Whole(self._numbers.astype(dtype))

    def of_those(self, present: Array) -> Portion:
        return Whole(np.where(present[..., None], self._numbers, 0.0))

    def array(self) -> Array:
        return self._numbers.astype(float, copy=False)

    def onto(self, base: Array, out: Array, ufunc: np.ufunc) -> None:
        ufunc(base, self._numbers, out=out)

    def added_to(self, total: Array) -> None:
        for node in range(self.shape[1]):
            total += self._numbers[:, node]

    def norms(self, wanted: Array) -> Norms:
        return Norms(distance_sq(self.array(), wanted), norm_sq(wanted))


class Sparse(Portion):
    """The few numbers that are sent, and their columns."""

    def __init__(self, columns: Array, numbers: Array, d: int) -> None:
        self._columns, self._numbers, self._d = columns, numbers, d  # (lanes, some nodes, k)

    @property
    def shape(self) -> tuple[int, int, int]:
        lanes, nodes, _ = self._numbers.shape
        return lanes, nodes, self._d

    def times(self, weights: Array) -> Portion:
        return Sparse(self._columns, weights * self._numbers, self._d)

    def of_type(self, dtype: np.dtype[Any]) -> Portion:
        return Sparse(self._columns, self._numbers.astype(dtype, copy=False), self._d)

    def of_those(self, present: Array) -> Portion:
        return Sparse(self._columns, np.where(present[..., None], self._numbers, 0.0), self._d)

    def array(self) -> Array:
        out = np.zeros(self.shape)
        np.put_along_axis(out, self._columns, self._numbers, axis=-1)
        return out

    def onto(self, base: Array, out: Array, ufunc: np.ufunc) -> None:
        sums = ufunc(np.take_along_axis(base, self._columns, axis=-1), self._numbers)
        ufunc(base, 0.0, out=out)  # not a copy: −0.0 + 0.0 is 0.0
        np.put_along_axis(out, self._columns, sums, axis=-1)

    def added_to(self, total: Array) -> None:
        lanes = np.arange(len(total))[:, None]
        for node in range(self.shape[1]):
            total[lanes, self._columns[:, node]] += self._numbers[:, node]

    def norms(self, wanted: Array) -> Norms:
        pieces = piece_norms_sq(wanted)
        return Norms(of_pieces(with_few(pieces, wanted, self._columns, self._numbers)), of_pieces(pieces))


class Held(NDArrayOperatorsMixin):
    """What all nodes were heard to say, (lanes, nodes, d): an array to everybody who asks, and none of that size until somebody does.

    Messages are much shorter than the vectors that are made of them. Three sums need no more than the messages: `base + held`,
    `held + base` and `base - held` fill one new array, whose numbers are to the last bit those of the sum of two arrays. In anything else
    it takes part as the array that it stands for.
    """

    def __init__(self, parts: Sequence[Portion], dtype: np.dtype[Any] = DOUBLE) -> None:
        lanes, _, d = parts[0].shape
        self._parts, self.dtype = [part.of_type(dtype) for part in parts], dtype
        self.shape = (lanes, sum(part.shape[1] for part in parts), d)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Array:
        return np.asarray(self)[key]

    def __iter__(self) -> Iterator[Array]:
        return iter(np.asarray(self))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        whole, first = np.empty(self.shape, self.dtype), 0
        for part in self._parts:
            whole[:, first : (first := first + part.shape[1])] = part.array()
        return whole if dtype is None else whole.astype(dtype, copy=False)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any) -> Array:
        others = [np.asarray(each) if isinstance(each, Held) and each is not self else each for each in inputs]
        if method == "__call__" and not settings and ufunc in (np.add, np.subtract):
            first, second = others
            if second is self and self._is_like(first):
                return self._fill(first, np.empty_like(first), ufunc)
            if ufunc is np.add and self._is_like(second):
                return self._fill(second, np.empty_like(second), ufunc)
        return getattr(ufunc, method)(*(np.asarray(self) if each is self else each for each in others), **settings)

    def __getattr__(self, name: str) -> Any:
        """What else an array can do."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(np.asarray(self), name)

    def _is_like(self, other: Any) -> bool:
        return isinstance(other, np.ndarray) and (other.shape, other.dtype) == (self.shape, self.dtype)

    def _fill(self, base: Array, out: Array, ufunc: np.ufunc) -> Array:
        """base ± what is held, part by part."""
        first = 0
        for part in self._parts:
            nodes = slice(first, first := first + part.shape[1])
            part.onto(base[:, nodes], out[:, nodes], ufunc)
        return out
