"""Quantising compressors against their definitions, written out slowly, and the vectors that attain their constants."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ef21lab.choices.text import Refusal
from ef21lab.compressors import _quantise as quantise
from ef21lab.compressors import wire
from ef21lab.compressors.base import Compressor, compressors

EVENLY = (np.arange(2000) + 0.5) / 2000  # noise that visits [0, 1) evenly: a mean over it is an integral to 1/2000


def made(name: str, **fields: object) -> Compressor:
    return compressors.make({"name": name, **fields})


def spread(compressor: Compressor, x: float) -> np.ndarray:
    """What one number becomes as its noise goes through [0, 1)."""
    return compressor.compress(np.full((2000, 1), x), EVENLY[:, None]).values[:, 0]


def squared(x: np.ndarray) -> float:
    return float(np.sum(x * x))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=20))
def test_sign_loses_what_its_certificate_says_of_this_vector(numbers: list[int]) -> None:
    x = np.array(numbers, dtype=float)
    lost = squared(made("sign").compress(x).values - x)
    assert lost == pytest.approx(squared(x) - np.sum(np.abs(x)) ** 2 / len(x), abs=1e-5)


def test_one_coordinate_alone_attains_the_constant_of_sign() -> None:
    x = np.eye(7)[3]
    assert squared(made("sign").compress(x).values - x) == pytest.approx(1 - made("sign").alpha(7))


def test_sign_costs_one_bit_a_coordinate_and_one_number() -> None:
    assert made("sign").compress(np.ones((3, 112))).bits == 1 + 32 + 112


@given(st.floats(2.0**-190, 2.0**60), st.sampled_from([1, -1]))
def test_natural_takes_the_nearest_power_of_two(size: float, sign: int) -> None:
    received = made("natural").compress(np.array([2.0**60, sign * size])).values[1]
    below = 2.0 ** math.floor(math.log2(size))
    nearest = min((abs(power - size), power) for power in (below / 2, below, 2 * below))[0]
    assert abs(received - sign * size) == nearest
    assert math.frexp(received)[0] == 0.5 * sign


def test_three_halves_attain_the_constant_of_nearest_rounding() -> None:
    assert squared(made("natural").compress(np.array([1.5])).values - 1.5) == pytest.approx((1 - 8 / 9) * 1.5**2)


@pytest.mark.parametrize("x", [1.0, 4 / 3, 1.5, 1.75, -3.9, 2.0**-190])
def test_natural_at_random_keeps_the_mean_and_has_the_variance_of_the_paper(x: float) -> None:
    values, below = spread(made("natural", rounding="random"), x), 2.0 ** math.floor(math.log2(abs(x)))
    t = abs(x) / below
    assert np.mean(values) == pytest.approx(x, rel=1e-3)
    assert np.mean((values - x) ** 2) == pytest.approx((t - 1) * (2 - t) * below**2, rel=0.02, abs=1e-9 * below**2)


def test_four_thirds_attain_omega_of_natural() -> None:
    values = spread(made("natural", rounding="random"), 4 / 3)
    assert np.mean((values - 4 / 3) ** 2) == pytest.approx(made("natural", rounding="random").omega(1) * 16 / 9, rel=0.01)


@pytest.mark.parametrize("tiny", [2.0**-195, 2.0**-196, -(2.0**-200)])
def test_what_is_too_small_for_an_exponent_keeps_its_mean(tiny: float) -> None:
    x = np.stack([np.full(2000, 1.0), np.full(2000, tiny)], axis=-1)
    values = made("natural", rounding="random").compress(x, np.stack([EVENLY, EVENLY], axis=-1)).values[:, 1]
    assert np.mean(values) == pytest.approx(tiny, rel=0.05)
    assert made("natural").compress(x[0]).values[1] == 0


def test_natural_costs_nine_bits_a_coordinate() -> None:
    assert made("natural").compress(np.ones((3, 112))).bits == 1 + 9 * 112


def qsgd_as_printed(x: np.ndarray, s: int, noise: np.ndarray) -> np.ndarray:
    """Alistarh et al. 2017, section 3.1: level l or l + 1 with probability s|xᵢ|/‖x‖ − l of the second."""
    norm = math.sqrt(squared(x))
    values = []
    for number, uniform in zip(x, noise, strict=True):
        share = abs(number) / norm * s
        level = math.floor(share)
        level += uniform >= 1 - (share - level)
        values.append(norm * math.copysign(1, number) * level / s)
    return np.array(values)


@pytest.mark.parametrize("s", [1, 2, 7, 1000])
def test_qsgd_is_the_operator_of_the_paper(s: int) -> None:
    rng = np.random.default_rng(s)
    for _ in range(20):
        x, noise = rng.normal(size=13), rng.random(13)
        received = made("qsgd", s=s, scaling="unbiased").compress(x, noise).values
        np.testing.assert_allclose(received, qsgd_as_printed(x, s, noise), rtol=1e-6)


@pytest.mark.parametrize(("d", "s", "omega"), [(16, 1, 4.0), (16, 8, 1 / 16), (112, 4, 1.75), (400, 4, 5.0)])
def test_qsgd_certifies_the_smaller_of_two_bounds(d: int, s: int, omega: float) -> None:
    assert made("qsgd", s=s, scaling="unbiased").omega(d) == omega
    assert made("qsgd", s=s).alpha(d) == 1 / (1 + omega)
    assert made("qsgd", s=s).omega(d) is None


def qsgd_variance(x: np.ndarray, s: int) -> float:
    """E‖Q(x) − x‖²/‖x‖² exactly: a coordinate goes up with probability p and down with 1 − p, so it is p(1 − p) (‖x‖/s)²."""
    shares = s * np.abs(x) / np.linalg.norm(x)
    up = shares - np.floor(shares)
    return float(np.sum(up * (1 - up))) / s**2


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), s=st.integers(1, 9), d=st.integers(1, 400), spread=st.floats(0, 3))
def test_no_vector_has_a_larger_variance_than_qsgd_certifies(seed: int, s: int, d: int, spread: float) -> None:
    x = np.exp(spread * np.random.default_rng(seed).normal(size=d))
    assert qsgd_variance(x, s) <= made("qsgd", s=s, scaling="unbiased").omega(d) * (1 + 1e-12)


@pytest.mark.parametrize("s", [1, 2, 5, 8])
def test_where_all_coordinates_lie_in_the_middle_between_two_levels_qsgd_varies_as_certified(s: int) -> None:
    """|xᵢ|/‖x‖ = 1/√d = 1/(2s): a factor above ¼ in ω would be seen here."""
    assert qsgd_variance(np.ones(4 * s * s), s) == pytest.approx(made("qsgd", s=s, scaling="unbiased").omega(4 * s * s), rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), s=st.sampled_from([1, 2, 5, 300]), share=st.floats(0, 1), d=st.integers(1, 60))
def test_levels_come_back_from_the_shorter_code_and_cost_its_length(seed: int, s: int, share: float, d: int) -> None:
    rng = np.random.default_rng(seed)
    levels = rng.integers(-s, s + 1, size=d) * (rng.random(d) < share)
    message = wire.pack(*quantise.signed_code(levels, s))
    assert message.bits == quantise.signed_bits(levels[None, :], s)[0] <= 1 + d * math.ceil(math.log2(2 * s + 1))
    reader = wire.Reader(message)
    assert np.array_equal(quantise.read_signed(reader, d, s), levels)
    reader.end()


@pytest.mark.parametrize("name", ["qsgd", "ternary"])
def test_only_levels_that_are_not_zero_count_as_sent(name: str) -> None:
    x, noise = np.random.default_rng(0).normal(size=(3, 112)), np.random.default_rng(1).random((3, 112))
    values, _, floats = made(name).compress(x, noise)
    assert floats.tolist() == (1 + np.count_nonzero(values, axis=-1)).tolist()


def test_a_level_that_nobody_sends_is_refused() -> None:
    with pytest.raises(Refusal, match="beyond 2"):
        quantise.read_signed(wire.Reader(wire.pack(wire.Bits(0, 1), wire.Bits(7, 3))), 1, 2)


@pytest.mark.parametrize("x", [0.0, 0.1, -0.5, 2.0])
def test_ternary_sends_the_largest_or_nothing_and_keeps_the_mean(x: float) -> None:
    stack = np.stack([np.full(2000, 2.0), np.full(2000, x)], axis=-1)
    values = made("ternary", scaling="unbiased").compress(stack, np.stack([EVENLY, EVENLY], axis=-1)).values
    assert set(np.abs(values[:, 1])) <= {0.0, 2.0}
    assert np.mean(values[:, 1]) == pytest.approx(x, abs=2e-3)


@pytest.mark.parametrize("d", [1, 2, 9, 100, 641])
def test_the_vector_of_the_proof_attains_omega_of_ternary(d: int) -> None:
    x = np.array([1.0, *[1 / (1 + math.sqrt(d))] * (d - 1)])
    variance = np.max(x) * np.sum(x) - squared(x)  # of m · Bernoulli(xᵢ/m), summed
    assert made("ternary", scaling="unbiased").omega(d) * squared(x) == pytest.approx(variance, abs=1e-12)


@given(st.lists(st.floats(-2.0, 2.0), min_size=1, max_size=9))
def test_float16_rounds_as_numpy_does(numbers: list[float]) -> None:
    x = np.array([1.9, *numbers])
    np.testing.assert_array_equal(made("half").compress(x).values, np.ldexp(np.ldexp(x, 14).astype(np.float16).astype(float), -14))


@pytest.mark.parametrize("name", ["half", "natural", "sign", "qsgd", "ternary"])
@pytest.mark.parametrize("peak", [2.0**-60, 2.0**60, np.nextafter(2.0**-60, 0), np.nextafter(2.0**60, np.inf), 5e-324, 2.0**1000])
def test_the_largest_and_smallest_of_peaks_survive_their_message(name: str, peak: float) -> None:
    x, noise = np.array([peak, -peak / 2, 0.0]), np.full(3, 0.25)
    quantiser = made(name)
    message = quantiser.encode(x, noise)
    assert np.array_equal(quantiser.decode(message, 3), quantiser.compress(x, noise).values)
    assert message.bits == quantiser.compress(x, noise).bits


@given(st.floats(2.0**-120, 2.0**60))
def test_bfloat16_is_the_nearest_number_with_eight_significant_bits(size: float) -> None:
    received = made("half", format="bfloat16").compress(np.array([2.0**60, size])).values[1]
    step = 2.0 ** (math.floor(math.log2(size)) - 7)
    assert received / step == round(size / step)


def test_every_bfloat16_number_survives_its_message() -> None:
    words = np.arange(0x2080, 0x5D80, 7, dtype=np.uint32)  # 2^-62 … 2^60
    x = (words << 16).view(np.float32).astype(float)
    half = made("half", format="bfloat16")
    assert np.array_equal(half.compress(x).values, x)
    assert np.array_equal(half.decode(half.encode(x), len(x)), x)


@pytest.mark.parametrize("name", ["qsgd", "ternary"])
def test_a_random_operator_without_noise_says_so(name: str) -> None:
    with pytest.raises(ValueError, match="give it noise from its draw"):
        made(name).compress(np.ones(3))


def test_an_unbiased_operator_with_small_omega_contracts_as_it_is() -> None:
    assert made("natural", rounding="random").alpha(9) == 7 / 8
    assert made("natural", rounding="shrunk").alpha(9) == 8 / 9
    assert made("ternary", scaling="unbiased").alpha(112) is None
    assert "DIANA" in made("ternary", scaling="unbiased").alpha_reason(112).en
