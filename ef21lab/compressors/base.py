"""What a compressor is: an operator on vectors, what its message costs, and the constant that is certified for it."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from numbers import Real
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from ef21lab.choices.answers import REASON, WORDS, Answer, Failed
from ef21lab.choices.fields import is_number, shown
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors import _rounding
from ef21lab.streams import Stream, generator

Array = Any  # an array of any library that follows the array API: NumPy, PyTorch …
Shape = tuple[int, ...]
HEADER = Text("header", "заголовок")  # a part of every message


class Compressed(NamedTuple):
    """What the receiver would hold, and what it cost: `values` (..., d); `bits` and `floats` (...) or one number for all."""

    values: Array
    bits: Array | int
    floats: Array | int


class LayerByLayer(Compressed):
    """The same of vectors that were compressed tensor by tensor: with the bits of each of them, as `bits`."""

    each: tuple[Array | int, ...] = ()


class Few(NamedTuple):
    """What `Compressed` says of vectors (..., d), by their `columns` (..., k), in which the `numbers` (..., k) stand; the others are 0."""

    columns: Array
    numbers: Array
    bits: Array | int
    floats: Array | int


class Message(NamedTuple):
    """One encoded vector: `bits` of `payload` count, the last byte is padded with zeros."""

    payload: bytes
    bits: int


def _is_message(operator: Compressor, found: Any, *asked: Any) -> bool:
    return isinstance(found, Message) and isinstance(found.payload, bytes) and 0 <= found.bits <= 8 * len(found.payload)


def _is_compressed(operator: Compressor, found: Any, x: Array, *noise: Any) -> bool:
    """Values of NumPy that are no numbers are refused too: a run would take them for its own overflow."""
    of_numpy = not isinstance(found.values, np.ndarray) or bool(np.isfinite(found.values).all())
    return isinstance(found, Compressed) and tuple(found.values.shape) == tuple(x.shape) and of_numpy


@dataclass(frozen=True)
class Compressor(Spec):
    """An operator C: R^d → R^d with a message. Frozen and stateless; it learns d from the vector it is given.

    decode(encode(x), d) equals compress(x).values to the last bit, and compress(x).bits equals encode(x).bits.

    >>> sign, x = compressors.make("sign"), np.array([3.0, -1.0, 0.0, 4.0])
    >>> sign.compress(x)  # ‖x‖₁/4 = 2 with the signs of x; a header of 1 bit, 32 for the scale, 4 for the signs
    Compressed(values=array([ 2., -2.,  2.,  2.]), bits=37, floats=5)
    >>> message = sign.encode(x)
    >>> message.bits, sign.decode(message, d=4).tolist()
    (37, [2.0, -2.0, 2.0, 2.0])
    """

    answers = MappingProxyType(
        {
            "fitted": Answer(lambda operator, found, layout: isinstance(found, Compressor), Text("a Compressor", "Compressor")),
            "refusal": REASON,
            "misfit": REASON,
            "compress": Answer(
                _is_compressed,
                Text("a Compressed with finite values of the shape of x", "Compressed с конечными values той же формы, что x"),
            ),
            "encode": Answer(
                _is_message,
                Text("a Message of bytes, with no more bits than they have", "Message из байтов, бит в нём не больше, чем в них"),
            ),
            "decode": Answer(
                lambda operator, found, message, d: np.shape(found) == (d,), Text("a vector of length d, (d,)", "вектор длины d, (d,)")
            ),
            "alpha_reason": WORDS,
            "effort": Answer(
                lambda operator, found, *asked: is_number(found) and found >= 0.0, Text("a number of seconds", "число секунд")
            ),
        }
    )

    summable: ClassVar[bool] = False  # the sum of two messages is a message of the same size
    source: ClassVar[Text] = Text(  # where the certificate (or its absence) is proved
        "No certificate: nothing is claimed of this operator.", "Гарантии нет: об этом операторе ничего не утверждается."
    )
    unwritten: ClassVar[Text] = Text(
        "values alone are no message, and 32 bits for each of them would not be its price: say what is sent, as a Declared does",
        "сами значения — ещё не сообщение, и 32 бита на каждое — не его цена; скажите, что посылается, как это делает Declared",
    )

    def fitted(self, layout: Sequence[Shape]) -> Self:
        """The same operator with "natural" and "auto" dims resolved for a problem whose x has these tensor shapes."""
        return self

    def refusal(self, d: int) -> Text | None:
        """Why this operator cannot take vectors of length d; None where it can."""
        return None

    def misfit(self, d: int) -> Text | None:
        """Why nobody can use this operator at length d: its `refusal`, or that it claims what holds for none. None: it can be used."""
        return self.refusal(d) or overclaimed(self, d)

    def draw(self, rng: np.random.Generator, shape: Shape) -> Array | None:
        """The randomness of one call on vectors of this shape (..., d), as data; None for a deterministic operator."""
        return None

    @abstractmethod
    def compress(self, x: Array, noise: Array | None = None) -> Compressed:
        """C(x) for a stack of vectors x (..., d). Raises Refusal on NaN or infinity."""

    def few(self, x: Array, noise: Array | None = None) -> Few | None:
        """`compress` of an operator whose vectors have only a few entries, without the zeros; None of any other operator."""
        return None

    @property
    def bits_of_a_number(self) -> int | None:
        """What every number costs where a message is all of them, one after the other; None of other messages."""
        return None

    @property
    def remembers(self) -> bool:
        """Whether a sender begins a message with something of the last one, in place of noise; the receiver need not know of it."""
        return False

    def recalled(self, noise: Array, memory: Array, d: int) -> Array:
        """What stands in for the noise of messages of vectors of length d by those who have this memory, an array like the noise."""
        return noise

    def remembering(self, x: Array, noise: Array) -> tuple[Compressed, Array]:
        """`compress` by an operator that `remembers`, and what the sender remembers: an array like the noise, for `recalled`."""
        return self.compress(x, noise), noise

    @abstractmethod
    def encode(self, x: Array, noise: Array | None = None) -> Message:
        """The real message for one vector x (d,). Raises Refusal on NaN or infinity."""

    @abstractmethod
    def decode(self, message: Message, d: int) -> Array:
        """The vector (d,) that `message` carries. Raises Refusal on bytes that no encode() could have made."""

    def alpha(self, d: int) -> float | None:
        """Certified contraction: E‖C(x) − x‖² ≤ (1 − alpha)‖x‖² for every x in R^d, before values are rounded to float32.

        None without a certificate, and then no theorem gives a step; a fixed one is as good as with it.
        """
        return None

    def alpha_reason(self, d: int) -> Text:
        """Why `alpha` is what it is, in a sentence; shown beside the number or in its place."""
        return self.source

    def nominal_alpha(self, d: int) -> float | None:
        """A stand-in for `alpha` that only scales a step where there is no certificate; equals `alpha` where there is one."""
        return self.alpha(d)

    def lost_to_float32(self, d: int) -> float:
        """What rounding its numbers to float32 adds to 1 − `alpha`, at most: E‖C(x) − x‖² ≤ (1 − alpha + lost)‖x‖² of what arrives."""
        return _rounding.anywhere(self.alpha(d) or 0.0)

    def received_alpha(self, d: int) -> float | None:
        """`alpha` of what arrives, rounded to float32; None without one, or where rounding might undo it."""
        alpha = self.alpha(d)
        received = 0.0 if alpha is None else alpha - self.lost_to_float32(d)
        return received if received > 0.0 else None

    def step_alpha(self, d: int) -> float:
        """The α that every step is computed with and every line is judged by: `received_alpha`, or in its place the stand-in.

        Raises Refusal where there is neither.
        """
        received = self.received_alpha(d)
        found = self.nominal_alpha(d) if received is None else received
        if found is None:
            raise Refusal(NO_ALPHA.format(compressor=self.label))
        return found

    def omega(self, d: int) -> float | None:
        """Variance: E C(x) = x and E‖C(x) − x‖² ≤ omega‖x‖²; None for a biased operator."""
        return None

    @abstractmethod
    def cost(self, d: int) -> tuple[float, float]:
        """(bits, floats) of one message of a vector that needs no scaling: exact where they are the same for all such vectors, else
        about their mean over Gaussian ones. By arithmetic: nothing is compressed, so that a page may ask at any d.
        """

    def effort(self, d: int, vectors: int = 1) -> float:
        """About how many seconds one compress() of so many vectors takes on one core, within a few times; by arithmetic, as `cost`."""
        return 1e-4 + 4e-8 * d * vectors

    def parts(self, message: Message, d: int) -> list[tuple[Text, int]]:
        """What the bits of one of its messages are spent on; they add up to its length. A part of no bits is left out by who shows it."""
        return [(Text("message", "сообщение"), message.bits)]


NO_ALPHA = Text(
    "“{compressor}” has no certificate for α and nothing that stands in for it, so theory gives no step; choose a fixed γ",
    "у «{compressor}» нет ни гарантии α, ни значения, которое бы её заменило, поэтому шага по теории нет; выберите фиксированный γ",
)


@lru_cache(maxsize=4096)
def noise_shape(compressor: Compressor, d: int) -> Shape | None:
    """The shape of the randomness that one vector of length d takes; None for a deterministic operator.

    Raises Refusal where the member's `draw` gives no array.
    """
    noise = compressor.draw(generator(Stream.COUNTED, 0), (d,))
    if noise is None:
        return None
    if (shape := getattr(noise, "shape", None)) is None:
        raise Refusal(NO_ARRAY_DRAWN.format(who=compressor.name, given=shown(noise)))
    return tuple(shape)


@lru_cache(maxsize=4096)
def overclaimed(compressor: Compressor, d: int) -> Text | None:
    """What a member says of itself at length d that holds for no operator: α outside (0, 1], ω below 0, a price that is none."""
    return next((CLAIM.format(who=compressor.name, **claim) for claim in _overclaims(compressor, d)), None)


def _overclaims(compressor: Compressor, d: int) -> Iterator[dict[str, object]]:
    for method, low, high, allowed in (("alpha", 0.0, 1.0, IN_UNIT), ("omega", 0.0, math.inf, NOT_NEGATIVE)):
        found = getattr(compressor, method)(d)
        if found is not None and not (_is_real(found) and low <= found <= high and (method == "omega" or found > 0.0)):
            yield {"method": method, "d": d, "given": shown(found), "allowed": allowed}
    try:
        price = compressor.cost(d)
    except Failed:
        raise
    except Refusal:  # a member may leave it open until somebody asks
        return
    if not (isinstance(price, tuple) and len(price) == 2 and all(_is_real(part) and 0.0 <= part < math.inf for part in price)):
        yield {"method": "cost", "d": d, "given": shown(price), "allowed": TWO_NUMBERS}


def _is_real(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and not math.isnan(value)


NO_ARRAY_DRAWN = Text(
    "{who}: draw() must return an array of random numbers, or None, got {given}",
    "{who}: draw() возвращает массив случайных чисел или None, а получено {given}",
)
CLAIM = Text("{who}: {method}({d}) must be {allowed}, got {given}", "{who}: {method}({d}) — это {allowed}, а получено {given}")
IN_UNIT = Text("a number in (0, 1], or None where nothing is proved", "число из (0; 1] или None, если ничего не доказано")
NOT_NEGATIVE = Text("a number of at least 0, or None for a biased operator", "число не меньше 0 или None у смещённого оператора")
TWO_NUMBERS = Text("a pair of numbers, its bits and its floats, both at least 0", "пара чисел: биты и числа сообщения, оба не меньше 0")


compressors: Family[Compressor] = Family(Compressor, Text("compressor", "компрессор"), package="ef21lab.compressors")
