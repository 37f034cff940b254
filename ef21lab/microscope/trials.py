"""One vector through one operator."""

from __future__ import annotations

import math
import time
from typing import NamedTuple

import numpy as np

from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import Compressor
from ef21lab.microscope import work
from ef21lab.streams import Stream, generator
from ef21lab.vectors.base import Sample

HEAD = 64  # bytes of a message that are shown


class Trial(NamedTuple):
    """What one operator made of one vector."""

    received: np.ndarray  # (d,)
    bits: int
    floats: float
    error: float  # ‖C(x) − x‖/‖x‖; 0 for x = 0
    seconds: float  # of compress()


class Certificates(NamedTuple):
    """What is proved of an operator at one length."""

    alpha: float | None
    alpha_reason: Text
    omega: float | None


class Seen(NamedTuple):
    """One vector through one operator, with the message that carries it."""

    compressor: Compressor  # with its fold resolved
    trial: Trial
    certificates: Certificates
    parts: tuple[tuple[Text, int], ...]  # what the bits are spent on; they add up to the message's length
    head: bytes  # the first bytes of the message


def look(compressor: Compressor, sample: Sample, seed: int = 0) -> Seen:
    """What the receiver would hold of this vector, and its message; a random operator draws from `seed`.

    Raises Refusal where the operator cannot take the vector, or would compute for too long.
    """
    compressor, d = compressor.fitted(sample.layout), len(sample.values)
    if (why := compressor.misfit(d)) is not None:
        raise Refusal(why)
    work.check(compressor, d)
    message = compressor.encode(sample.values, noise(compressor, d, seed))
    return Seen(
        compressor,
        trial(compressor, sample.values, seed),
        certificates(compressor, d),
        tuple((name, bits) for name, bits in compressor.parts(message, d) if bits),
        message.payload[:HEAD],
    )


def trial(compressor: Compressor, x: np.ndarray, seed: int) -> Trial:
    """C(x) of a vector (d,) that is not refused."""
    drawn = noise(compressor, len(x), seed)
    began = time.perf_counter()
    received, bits, floats = compressor.compress(x, drawn)
    seconds = time.perf_counter() - began
    return Trial(received, int(bits), float(floats), relative_error(x, received), seconds)


def certificates(compressor: Compressor, d: int) -> Certificates:
    """What is proved of this operator at length d."""
    return Certificates(compressor.alpha(d), compressor.alpha_reason(d), compressor.omega(d))


def noise(compressor: Compressor, d: int, seed: int) -> np.ndarray | None:
    """The randomness of one message; None for a deterministic operator."""
    return compressor.draw(generator(Stream.MICROSCOPE, seed), (d,))


def relative_error(x: np.ndarray, received: np.ndarray) -> float:
    """‖received − x‖/‖x‖ without over- or underflow; 0 for x = 0."""
    peak = float(np.max(np.abs(x)))
    if peak == 0:
        return 0.0
    x, received = (np.ldexp(vector, -math.frexp(peak)[1]) for vector in (x, received))  # |xᵢ| ≤ 1
    return float(np.linalg.norm(received - x) / np.linalg.norm(x))


def spectra(x: np.ndarray, dims: tuple[int, ...]) -> list[np.ndarray]:
    """The singular values, descending, of every mode's unfolding of x (d,) folded to `dims` with zeros at the end; Π dims ≥ d."""
    tensor = np.concatenate([x, np.zeros(math.prod(dims) - len(x))]).reshape(dims)
    _, exponent = math.frexp(float(np.max(np.abs(x))))
    scaled = np.ldexp(tensor, -exponent)
    unfoldings = (np.moveaxis(scaled, mode, 0).reshape(side, -1) for mode, side in enumerate(dims))
    return [np.ldexp(np.linalg.svd(unfolding, compute_uv=False), exponent) for unfolding in unfoldings]
