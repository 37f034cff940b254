"""Vectors as they come: checked, and brought by a power of two to where float32 can hold them.

Scaling is an exact multiplication, used only where the largest |xᵢ| lies outside [2^-60, 2^60]; float32 could not hold such a vector.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device, is_array_api_obj, is_numpy_namespace, is_torch_array, to_device

from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import Array, Compressor, Shape, noise_shape
from ef21lab.compressors.wire.refusals import LIMIT, finite

Namespace = Any  # a module that follows the array API

SMALLEST, LARGEST = 2.0**-60, 2.0**60  # peaks in between travel unscaled

_HALF = 540  # 2^e is applied as two factors, each with |exponent| ≤ _HALF, so that neither over- nor underflows

_POWERS = [math.ldexp(1.0, exponent) for exponent in range(-_HALF, _HALF + 1)]


AXES = 3  # lanes, nodes and the vector itself


def admitted(compressor: Compressor, x: Array, noise: Array | None = None) -> tuple[Namespace, Array]:
    """The array library of x, (d,), (nodes, d) or (lanes, nodes, d), and x as float64.

    Raises Refusal where the operator cannot take it, or lacks the noise that it needs. A kernel that was not flattened has more axes, and
    would otherwise pass for very many short vectors.
    """
    xp = _library_of_real(compressor, x)
    why, own = _taken(compressor, x.shape[-1])
    if why is not None:
        raise Refusal(why)
    if own is not None:
        _check_noise(compressor, noise, (*x.shape[:-1], *own))
    return xp, xp.asarray(x.detach() if is_torch_array(x) else x, dtype=xp.float64)


@lru_cache(maxsize=4096)
def _taken(compressor: Compressor, d: int) -> tuple[Text | None, Shape | None]:
    """Why the operator cannot take vectors of length d, and the shape of the noise that it needs for one of them where it can."""
    why = compressor.refusal(d)
    return why, noise_shape(compressor, d) if why is None else None


def _library_of_real(compressor: Compressor, x: Array) -> Namespace:
    """The array library of x; a Refusal where x is no array of real vectors."""
    try:
        xp = np if type(x) is np.ndarray else array_namespace(x)  # NumPy by itself: its wrappers are a seventh of a small message's time
    except TypeError:
        raise Refusal(NOT_REAL.format(who=compressor.name, given=type(x).__name__)) from None
    if not xp.isdtype(x.dtype, ("bool", "integral", "real floating")):
        raise Refusal(NOT_REAL.format(who=compressor.name, given=x.dtype))
    if x.ndim == 0 or x.shape[-1] == 0:
        raise Refusal(NO_VECTOR.format(who=compressor.name, given=tuple(x.shape)))
    if x.ndim > AXES:
        raise Refusal(NOT_FLAT.format(who=compressor.name, given=tuple(x.shape)))
    return xp


def as_given(xp: Namespace, values: Array, given: Array) -> Array:
    """What arrives, computed in float64, in the precision of the vectors that were given: `floating` of them."""
    return xp.astype(values, floating(xp, given), copy=False)


def floating(xp: Namespace, given: Array) -> Any:
    """float32 for vectors of at most 32 bits, whose messages may hold numbers beyond float16, else float64; also for whole numbers."""
    return xp.float32 if xp.isdtype(given.dtype, "real floating") and given.dtype.itemsize <= 4 else xp.float64


def seen_by_numpy(x: Array) -> Array | None:
    """The very memory of an array of another library as an array of NumPy; None for those of NumPy, and for memory of a device."""
    return x.numpy() if is_torch_array(x) and x.device.type == "cpu" else None


def noise_beside(xp: Namespace, noise: Array, x: Array) -> Array:
    """The noise that draw() made in NumPy's memory, in the library and on the device of x; one that is there already stays."""
    return xp.asarray(noise, device=device(x))


def _check_noise(compressor: Compressor, noise: Array | None, shape: tuple[int, ...]) -> None:
    if noise is None:
        raise Refusal(NO_NOISE.format(who=compressor.name, shape=shape))
    if (given := tuple(noise.shape) if hasattr(noise, "shape") else type(noise).__name__) != shape:
        raise Refusal(OTHER_NOISE.format(who=compressor.name, given=given, shape=shape))


def row_major(xp: Namespace, x: Array) -> Array:
    """x (..., d) in row-major memory: the sum of a vector's numbers is then taken in one order, however the stack was laid out."""
    if is_numpy_namespace(xp):
        return np.ascontiguousarray(x)
    return xp.asarray(x, copy=True)


def largest_magnitude(xp: Namespace, x: Array) -> Array:
    """max |xᵢ| of every vector, (..., d) → (...)."""
    return xp.maximum(xp.max(x, axis=-1), -xp.min(x, axis=-1))


def exponents(xp: Namespace, peak: Array) -> Array | None:
    """e with 2^-e · peak in [1/2, 1) where `peak` (...) lies outside [2^-60, 2^60], else 0; None where it is 0 for all.

    Raises Refusal on NaN, infinity and anything above 2^1000.
    """
    if xp.all((peak >= SMALLEST) & (peak <= LARGEST)):
        return None
    if not xp.all(peak <= LIMIT):
        raise Refusal(
            Text(
                "a vector to compress must hold finite numbers of magnitude at most 2^1000; this one has NaN, infinity or more",
                "сжимаемый вектор должен состоять из конечных чисел, по модулю не больше 2^1000; в этом есть NaN, бесконечность или больше",
            )
        )
    scaled = (peak > 0) & ((peak < SMALLEST) | (peak > LARGEST))
    if not xp.any(scaled):
        return None
    return xp.where(scaled, xp.asarray(xp.frexp(peak)[1], dtype=xp.int64), 0)


def stacked(xp: Namespace, bits: Array | int, x: Array) -> Array | int:
    """What the n messages of x (..., d) cost, (n,) → (...), beside x; one number for all stays one."""
    return bits if isinstance(bits, int) else xp.reshape(xp.asarray(bits, device=device(x)), x.shape[:-1])


def on_host(counted: Array | int) -> Array | int:
    """What is counted, in NumPy's memory: of an array of any library, on any device."""
    return np.asarray(to_device(counted, "cpu")) if is_array_api_obj(counted) else counted


def only(exponents: Array | None) -> int:
    """The exponent of a single vector, from what `exponents` says of it."""
    return 0 if exponents is None else int(exponents.reshape(-1)[0])


def scale_down(xp: Namespace, x: Array, exponents: Array | None) -> Array:
    """x · 2^-e, vector by vector: x (..., d), e (...)."""
    return x if exponents is None else _times_power_of_two(xp, x, -exponents)


def scale_up(xp: Namespace, x: Array, exponents: Array | None) -> Array:
    """x · 2^e, vector by vector: the inverse of scale_down."""
    return x if exponents is None else _times_power_of_two(xp, x, exponents)


def through_float32(xp: Namespace, values: Array) -> Array:
    """What is left of float64 numbers after they have travelled as float32."""
    return xp.astype(xp.astype(values, xp.float32), xp.float64)


def rounded(xp: Namespace, x: Array, exponents: Array | None) -> Array:
    """What is left of the numbers of x (..., d) after they have travelled as float32 behind their header."""
    return scale_up(xp, through_float32(xp, scale_down(xp, x, exponents)), exponents)


def restored(values: Array, exponent: int) -> Array:
    """The receiver's last step: values (d,) · 2^exponent, which an honest message never makes infinite."""
    with np.errstate(over="ignore"):
        return finite(scale_up(array_namespace(values), values, np.asarray(exponent)) if exponent else values)


def powers(xp: Namespace, exponents: Array, where: Any) -> Array:
    """2^e for |e| ≤ 540, on the device `where`."""
    return xp.asarray(_POWERS, dtype=xp.float64, device=where)[exponents + _HALF]


def _times_power_of_two(xp: Namespace, x: Array, exponents: Array) -> Array:
    half = exponents // 2
    first, second = powers(xp, half, device(x)), powers(xp, exponents - half, device(x))
    return x * first[..., None] * second[..., None]


NOT_REAL = Text(
    "{who}: a vector to compress must be an array of real numbers, got {given}",
    "{who}: сжимаемый вектор должен быть массивом вещественных чисел, а получено {given}",
)

NO_VECTOR = Text(
    "{who}: vectors to compress have the shape (..., d) with d of at least 1, got {given}",
    "{who}: у сжимаемых векторов форма (..., d), где d не меньше 1, а получена {given}",
)

NOT_FLAT = Text(
    "{who}: vectors to compress have the shape (d,), (nodes, d) or (lanes, nodes, d), got {given}: flatten a tensor first, and let "
    "fitted() know its shape",
    "{who}: у сжимаемых векторов форма (d,), (nodes, d) или (lanes, nodes, d), а получена {given}: сначала вытяните тензор в вектор, "
    "а его форму сообщите в fitted()",
)

NO_NOISE = Text(
    "{who} is random: give it noise from its draw(), of the shape {shape}",
    "{who} — случайный оператор: передайте ему шум из его draw(), форма {shape}",
)

OTHER_NOISE = Text(
    "{who}: noise from draw() has the shape {shape} for these vectors, got {given}",
    "{who}: шум из draw() для этих векторов имеет форму {shape}, а получена {given}",
)
