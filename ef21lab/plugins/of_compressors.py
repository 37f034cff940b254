"""What every compressor promises."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import Compressor, Message, compressors
from ef21lab.plugins.promises import Promise, claim, drawn, of_every_member, refusing

DRAWS = 4000
FLOAT64 = 1e-14  # relative: what measuring an error costs
EXTREMES = (0.0, -0.0, 1.0, -1.0, 1e300, -1e300, 1e-300, 5e-324, -5e-324, 2.0**-60, 2.0**60, 2.0**1000, 1e-10, 3.0)
SCALES = (1.0, 0.0, 1e-300, 1e300, 1e-19, 1e19, 5e-324)
LENGTHS = (1, 2, 3, 7, 12, 13, 30)
STACKS = 20  # of each kind and length


def noise_for(compressor: Compressor, shape: tuple[int, ...]) -> np.ndarray | None:
    """The same noise for the same shape; None of a deterministic operator."""
    noise: np.ndarray | None = compressor.draw(drawn(1), shape)
    return noise


def one(noise: np.ndarray | None, index: int) -> np.ndarray | None:
    """The noise of one vector of a stack."""
    return None if noise is None else noise[index]


def bits_of(x: np.ndarray) -> np.ndarray:
    """So that 0.0 and -0.0 differ."""
    return np.ascontiguousarray(x).view(np.int64)


def arrives(compressor: Compressor, x: np.ndarray) -> None:
    """What arrives is what compress says, to the bit, and costs what it says; x is a stack (n, d)."""
    n, d = x.shape
    noise = noise_for(compressor, x.shape)
    values, bits, floats = compressor.compress(x, noise)
    claim(values.shape == x.shape, f"compress of {x.shape} has shape {values.shape}")
    claim(np.all(np.broadcast_to(floats, (n,)) >= 0), "floats {} of {!r}", floats, x)
    for index, vector in enumerate(x):
        message = compressor.encode(vector, one(noise, index))
        decoded = compressor.decode(message, d)
        same = np.array_equal(bits_of(decoded), bits_of(values[index]))
        claim(same, "{!r}: decoded {!r}, compress says {!r}", vector, decoded, values[index])
        said = np.broadcast_to(bits, (n,))[index]
        claim(message.bits == said, "{!r}: a message of {} bits, compress says {}", vector, message.bits, said)
        claim(len(message.payload) == math.ceil(message.bits / 8), f"{message.bits} bits in {len(message.payload)} bytes")
        spent = sum(spent for _, spent in compressor.parts(message, d))
        claim(spent == message.bits, f"the parts hold {spent} bits of {message.bits}")


def contracts(compressor: Compressor, x: np.ndarray) -> None:
    """‖C(x) − x‖² ≤ (1 − α)‖x‖² of a deterministic operator, rounding to float32 allowed for, at any scale."""
    d = x.shape[-1]
    alpha = compressor.received_alpha(d)
    if alpha is None or noise_for(compressor, x.shape) is not None:
        return
    peak = np.max(np.abs(x), axis=-1, keepdims=True)
    _, exponent = np.frexp(peak)
    scaled = np.ldexp(x, -exponent)  # at most 1, so that squares neither over- nor underflow
    error = np.ldexp(compressor.compress(x).values, -exponent) - scaled
    below_float64 = np.ldexp(1.0, -1074 - exponent)  # half a subnormal step per coordinate cannot be blamed on the operator
    slack = d * np.where(peak > 0, np.minimum(below_float64, 1.0), 0.0) ** 2
    kept = (1 - alpha + FLOAT64) * np.sum(scaled**2, axis=-1, keepdims=True)
    lost = np.sum(error**2, axis=-1, keepdims=True)
    claim(np.all(lost <= kept + slack + 2 * np.sqrt(kept * slack)), "α = {} at d = {} does not hold of {!r}", alpha, d, x)


def averaged_over() -> Iterator[np.ndarray]:
    """Vectors (30,) that random operators find hard: dense, sparse, one coordinate alone, one above many."""
    rng = drawn(0)
    yield rng.normal(size=30)
    yield rng.integers(-2, 3, size=30).astype(float)
    yield np.eye(30)[4]
    yield np.array([1.0, *[1 / (1 + math.sqrt(30))] * 29])
    yield np.full(30, 4 / 3)


def contracts_on_average(compressor: Compressor) -> None:
    """E‖C(x) − x‖² ≤ (1 − α)‖x‖² of a random operator, over thousands of draws."""
    alpha = compressor.alpha(30) if compressor.refusal(30) is None else None
    if alpha is None or noise_for(compressor, (30,)) is None:
        return
    for x in averaged_over():
        lost, _ = _errors(compressor, x)
        most = 1 - alpha + 1e-6 + 4 * np.std(lost) / math.sqrt(DRAWS)
        claim(np.mean(lost) <= most, f"α = {alpha}: on average {np.mean(lost)} of the energy of {x!r} is lost")


def is_unbiased(compressor: Compressor) -> None:
    """E C(x) = x and E‖C(x) − x‖² ≤ ω‖x‖² where there is an ω, over thousands of draws."""
    omega = compressor.omega(30) if compressor.refusal(30) is None else None
    if omega is None:
        return
    for x in averaged_over():
        lost, error = _errors(compressor, x)
        most = omega + 1e-6 + 4 * np.std(lost) / math.sqrt(DRAWS)
        claim(np.mean(lost) <= most, f"ω = {omega}: the variance on {x!r} is {np.mean(lost)}")
        off = np.sum(np.mean(error, axis=0) ** 2)  # its mean is the first, its spread smaller still
        claim(off <= 4 * omega / DRAWS + 1e-12, f"the mean of {DRAWS} messages of {x!r} is not x")


def _errors(compressor: Compressor, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(DRAWS,) the shares of energy lost, and (DRAWS, d) the errors over ‖x‖."""
    stack = np.tile(x, (DRAWS, 1))
    error = (compressor.compress(stack, noise_for(compressor, stack.shape)).values - x) / np.sqrt(np.sum(x * x))
    return np.sum(error**2, axis=-1), error


def is_alone(compressor: Compressor, x: np.ndarray) -> None:
    """A vector does not depend on its neighbours in a stack (n, d)."""
    noise = noise_for(compressor, x.shape)
    together = compressor.compress(x, noise).values
    for index, vector in enumerate(x):
        alone = compressor.compress(vector, one(noise, index)).values
        claim(np.array_equal(bits_of(together[index]), bits_of(alone)), "{!r} is another message among {!r}", vector, x)


def leaves_x_alone(compressor: Compressor) -> None:
    """Compressing does not write into its argument, and zero stays zero."""
    x = drawn(0).normal(size=(2, 30))
    before = x.copy()
    if compressor.refusal(30) is None:
        compressor.compress(x, noise_for(compressor, x.shape))
        claim(np.array_equal(x, before), "compress has changed its argument")
    for d in _lengths(compressor):
        claim(
            not np.any(compressor.compress(np.zeros((2, d)), noise_for(compressor, (2, d))).values), f"zero does not stay zero at d = {d}"
        )


def refuses_what_is_no_number(compressor: Compressor) -> None:
    """NaN, infinities and magnitudes beyond 2¹⁰⁰⁰ are refused in words."""
    noise = noise_for(compressor, (3, 30))
    for bad in (np.nan, np.inf, -np.inf, 1e302):
        x = np.ones((3, 30))
        x[1, 17] = bad
        refusing(partial(compressor.compress, x, noise), "finite numbers", f"compress with {bad}")
        refusing(partial(compressor.encode, x[1], one(noise, 1)), "finite numbers", f"encode with {bad}")


def refuses_damage(compressor: Compressor) -> None:
    """Bytes that are missing or left over are refused; flipped ones are refused or read as finite numbers."""
    rng = drawn(0)
    payload, bits = compressor.encode(rng.normal(size=30), noise_for(compressor, (30,)))
    for cut, said in ((payload[:-1], bits), (payload[:-1], 8 * (len(payload) - 1)), (b"", 0)):
        seen = f"a message of {said} bits in {len(cut)} bytes, cut from {bits}"
        refusing(partial(compressor.decode, Message(cut, said), 30), "malformed message", seen)
    for _ in range(200):
        flipped = bytearray(payload)
        for place in rng.integers(0, len(payload), size=rng.integers(1, 5)):
            flipped[place] ^= int(rng.integers(1, 256))
        with contextlib.suppress(Refusal):
            claim(np.all(np.isfinite(compressor.decode(Message(bytes(flipped), bits), 30))), "damaged bytes were read as no numbers")


def constants_are_in_range(compressor: Compressor) -> None:
    """α in (0, 1] or None, ω at least 0 or None, α explained in words, and of what arrives hardly less."""
    for d in (*_lengths(compressor), 112, 641):
        if compressor.refusal(d) is not None:
            continue
        certified, received, omega = compressor.alpha(d), compressor.received_alpha(d), compressor.omega(d)
        claim(certified is None or 0 < certified <= 1, f"alpha({d}) = {certified}")
        claim(omega is None or omega >= 0, f"omega({d}) = {omega}")
        claim(certified is None or compressor.nominal_alpha(d) == certified, f"nominal_alpha({d}) is not alpha({d}) = {certified}")
        claim(
            received is None or (certified is not None and certified - 1e-5 <= received <= certified), f"received_alpha({d}) = {received}"
        )
        claim(compressor.alpha_reason(d).en, f"alpha_reason({d}) says nothing")


def costs_what_it_says(compressor: Compressor) -> None:
    """`cost` is that of real messages of Gaussian vectors: exactly where all cost the same, else about their mean."""
    for d in (30, 112):
        if compressor.refusal(d) is not None:
            continue
        x = drawn(0).normal(size=(50, d))
        _, bits, floats = compressor.compress(x, noise_for(compressor, x.shape))
        expected, scalars = compressor.cost(d)
        if np.ndim(bits) == 0 or np.min(bits) == np.max(bits):
            claim((expected, scalars) == (np.max(bits), np.max(floats)), f"cost({d}) = {expected, scalars}, messages {np.max(bits)}")
        else:  # their mean, or within the range of real ones where there are few steps
            near = math.isclose(expected, np.mean(bits), rel_tol=0.05) or np.min(bits) <= expected <= np.max(bits)
            claim(near, f"cost({d}) says {expected} bits, messages have {np.mean(bits)}")
            near = math.isclose(scalars, np.mean(floats), rel_tol=0.1) or np.min(floats) <= scalars <= np.max(floats)
            claim(near, f"cost({d}) says {scalars} floats, messages have {np.mean(floats)}")
        claim(0 < scalars <= expected, f"cost({d}) = {expected, scalars}")


def hard_stacks() -> Iterator[np.ndarray]:
    """Stacks (n, d) from a seed: extremes, ties and zeros are common, and each vector has a scale of its own."""
    rng = drawn(0)
    for d in LENGTHS:
        for _ in range(STACKS):
            n = int(rng.integers(1, 4))
            yield rng.choice(EXTREMES, size=(n, d))
            yield rng.normal(size=(n, d)) * rng.choice(SCALES, size=(n, 1))
            yield rng.integers(-2, 3, size=(n, d)) * rng.choice(SCALES, size=(n, 1))
        yield np.eye(d)
        yield np.cumsum(np.eye(d), axis=0)  # k equal coordinates


def _lengths(compressor: Compressor) -> list[int]:
    return [d for d in LENGTHS if compressor.refusal(d) is None]


def arrives_always(compressor: Compressor) -> None:
    """`arrives` on all hard stacks."""
    _on_hard(compressor, arrives)


def contracts_always(compressor: Compressor) -> None:
    """`contracts` on all hard stacks, and on average where it is random."""
    _on_hard(compressor, contracts)
    contracts_on_average(compressor)


def is_always_alone(compressor: Compressor) -> None:
    """`is_alone` on all hard stacks."""
    _on_hard(compressor, is_alone)


def _on_hard(compressor: Compressor, check: Callable[[Compressor, np.ndarray], None]) -> None:
    for x in hard_stacks():
        if compressor.refusal(x.shape[-1]) is None:
            check(compressor, x)


PROMISES = (
    *of_every_member(compressors),
    Promise(
        Text(
            "decode(encode(x)) is compress(x) to the last bit, and bits are those of the message",
            "decode(encode(x)) совпадает с compress(x) до последнего бита, а биты — это длина сообщения",
        ),
        arrives_always,
    ),
    Promise(
        Text("‖C(x) − x‖² ≤ (1 − α)‖x‖² on hard vectors", "‖C(x) − x‖² ≤ (1 − α)‖x‖² на трудных векторах"),
        contracts_always,
    ),
    Promise(
        Text("E C(x) = x and the variance is at most ω, where there is one", "E C(x) = x и дисперсия не больше ω, если ω есть"), is_unbiased
    ),
    Promise(Text("a vector does not depend on its neighbours", "вектор не зависит от соседей"), is_always_alone),
    Promise(Text("zero stays zero, and x stays as it was", "ноль остаётся нулём, а x не меняется"), leaves_x_alone),
    Promise(Text("NaN and infinity are refused in words", "NaN и бесконечность отклоняются словами"), refuses_what_is_no_number),
    Promise(Text("damaged messages are refused in words", "испорченные сообщения отклоняются словами"), refuses_damage),
    Promise(Text("α and ω are in range and explained", "α и ω в допустимых пределах и объяснены"), constants_are_in_range),
    Promise(Text("the price is that of real messages", "цена — это цена настоящих сообщений"), costs_what_it_says),
)
