"""A plain function as a compressor."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ef21lab.choices.fields import is_number, shown
from ef21lab.choices.spec import bound
from ef21lab.choices.text import Refusal, Text, quoted
from ef21lab.compressors import wire
from ef21lab.compressors.base import Array, Compressed, Compressor, Message, compressors
from ef21lab.datasets.readers.memory import numbers
from ef21lab.handmade.unnamed import UNNAMED
from ef21lab.streams import Stream, generator

Number = float | Callable[[int], float | None] | None  # said once for all lengths, or for each


@dataclass(frozen=True)
class Function(Compressor):
    """C(x) = function(x) for x (d,); of a random one function(x, rng).

    Without `bits` the values travel as float32, every one of them, and that is what is counted; with them the values arrive as they are
    and their price is taken on the function's word. `alpha` and `omega` are taken on its word too.
    """

    name = "function"
    label = Text("Function", "Функция")
    about = Text("A function of a Python program.", "Функция из программы на Python.")
    source = Text("α is what the program claims of its function.", "α — то, что программа утверждает о своей функции.")

    function: Callable[..., Any] = bound(None)
    claimed_alpha: Number = bound(None)
    claimed_omega: Number = bound(None)
    bits: Number = bound(None)
    random: bool = bound(False)

    def __post_init__(self) -> None:
        super().__post_init__()
        called = str(getattr(self.function, "__name__", type(self.function).__name__))
        words = DENSE if self.bits is None else DECLARED
        object.__setattr__(self, "label", words.format(name=quoted(called)))
        object.__setattr__(self, "unnamed", UNNAMED.format(what=quoted(called)))

    def __str__(self) -> str:
        return str(self.label)

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array | None:
        """A seed for every vector, from which the function's own generator is made."""
        return rng.integers(0, 2**32, size=(*shape[:-1], 1)).astype(np.float64) if self.random else None

    def compress(self, x: Array, noise: Array | None = None) -> Compressed:
        _, admitted = wire.admitted(self, x, noise)
        x = np.asarray(admitted, dtype=np.float64)
        rows = x.reshape(-1, x.shape[-1])
        seeds = [None] * len(rows) if noise is None else np.asarray(noise).reshape(-1)
        values = np.stack([self._of_one(row, seed) for row, seed in zip(rows, seeds, strict=True)]).reshape(x.shape)
        if self.bits is None:
            return _dense().compress(values)
        return Compressed(values, *self.cost(x.shape[-1]))

    def _of_one(self, x: np.ndarray, seed: float | None) -> np.ndarray:
        """Raises Refusal where the function gives no vector of the length that it was given."""
        more = () if seed is None else (generator(Stream.FUNCTION, int(seed)),)
        given = self.function(x.copy(), *more)
        found = numbers(given)
        if found is None or found.shape != x.shape or not np.isfinite(found).all():
            shape = "—" if found is None else shown(found.shape)
            raise Refusal(NO_VECTOR.format(who=self.label, d=len(x), found=shown(given), shape=shape))
        return found.astype(np.float64)

    def encode(self, x: Array, noise: Array | None = None) -> Message:
        if self.bits is not None:
            raise Refusal(NO_MESSAGE.format(who=self.label))
        return _dense().encode(self.compress(x, noise).values)

    def decode(self, message: Message, d: int) -> Array:
        if self.bits is not None:
            raise Refusal(NO_MESSAGE.format(who=self.label))
        return _dense().decode(message, d)

    def alpha(self, d: int) -> float | None:
        return _at("alpha", self.claimed_alpha, d)

    def omega(self, d: int) -> float | None:
        return _at("omega", self.claimed_omega, d)

    def cost(self, d: int) -> tuple[float, float]:
        bits = _at("bits", self.bits, d)
        return _dense().cost(d) if bits is None else (bits, float(math.ceil(bits / 32)))


def compressor(given: Any, **settings: Any) -> Compressor:
    """An operator by its name, from a mapping, or from a function of yours; `settings` are its own.

    A function takes x (d,) and returns C(x) (d,); with random=True it takes a NumPy generator too. `alpha` and `omega`, numbers or
    functions of d, are what it claims; `bits`, likewise, is what its message costs. Without `bits` all of its values are counted,
    32 bits each, and travel as float32. A run with it has no key: it cannot be linked or stored. Raises Refusal, which says what is wrong.

    >>> import numpy as np
    >>> compressor("top_k", k=4).alpha(d=8)
    0.5
    >>> def halves(x):
    ...     return np.where(np.arange(len(x)) % 2 == 0, x, 0.0)
    >>> mine = compressor(halves)
    >>> mine.compress(np.array([3.0, 1.0, -2.0, 4.0])).values.tolist(), mine.cost(d=4)  # a header of 1 bit and 4 times 32
    ([3.0, 0.0, -2.0, 0.0], (129.0, 4.0))
    >>> print(mine)
    halves (32 bits for every coordinate, since it declares none)
    """
    if isinstance(given, (str, Mapping, Compressor, type)) or not callable(given):
        return compressors.make(given, **settings)
    if strange := sorted({*settings} - {"alpha", "omega", "bits", "random"}):
        raise Refusal(NO_SETTING.format(given=shown(strange[0])))
    for name in ("alpha", "omega", "bits"):
        if not callable(settings.get(name)):
            _at(name, settings.get(name), 0)
    return Function(given, settings.get("alpha"), settings.get("omega"), settings.get("bits"), bool(settings.get("random", False)))


def _dense() -> Compressor:
    return compressors.make("identity")


def _at(name: str, claimed: Number, d: int) -> float | None:
    """What is claimed for vectors of this length. Raises Refusal where it cannot be true."""
    value = claimed(d) if callable(claimed) else claimed
    if value is None:
        return None
    if not is_number(value) or not 0.0 <= value < math.inf or (name == "alpha" and not 0.0 < value <= 1.0):
        raise Refusal(NO_CLAIM.format(name=name, given=shown(value)))
    return float(value)


DENSE = Text("{name} (32 bits for every coordinate, since it declares none)", "{name} (по 32 бита на координату: своих бит не объявлено)")
DECLARED = Text("{name} (its bits taken on its word)", "{name} (число бит — с её слов)")
NO_VECTOR = Text(
    "{who}: for x of length {d} a vector of as many finite numbers is expected, got {found}, shape {shape}",
    "{who}: для x длины {d} нужен вектор из стольких же конечных чисел, а получено {found}, форма {shape}",
)
NO_MESSAGE = Text(
    "{who}: what declares its bits has no bytes; leave bits out, or write a Declared with the parts of its message",
    "{who}: у объявленных бит нет байтов; уберите bits или напишите класс Declared с частями сообщения",
)
NO_SETTING = Text(
    "a function takes alpha, omega, bits and random, not {given}", "у функции бывают alpha, omega, bits и random, а не {given}"
)
NO_CLAIM = Text(
    "{name}={given}: a number (alpha in (0, 1], the others finite and at least 0), a function of d, or None is expected",
    "{name}={given}: нужно число (alpha из (0; 1], остальные конечные и не меньше 0), функция от d или None",
)
