"""Bits, floats and index sets come back as they went in."""

from __future__ import annotations

import math
from itertools import combinations

import array_api_compat.numpy as xp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.choices.text import Refusal
from ef21lab.compressors import wire
from ef21lab.compressors.base import Message
from ef21lab.compressors.wire import subsets, support

fields = st.lists(st.integers(1, 70).flatmap(lambda width: st.tuples(st.integers(0, 2**width - 1), st.just(width))))


@given(fields)
def test_fields_come_back_in_order(given: list[tuple[int, int]]) -> None:
    message = wire.pack(*(wire.Bits(value, width) for value, width in given))
    assert message.bits == sum(width for _, width in given)
    reader = wire.Reader(message)
    assert [(reader.take(width), width) for _, width in given] == given
    reader.end()


def test_the_first_field_takes_the_most_significant_bits() -> None:
    assert wire.pack(wire.Bits(0b1, 1), wire.Bits(0b0110, 4), wire.Bits(0b101, 3), wire.Bits(1, 1)) == Message(
        bytes([0b10110101, 0b10000000]), 9
    )


@given(st.lists(st.floats(-(2.0**100), 2.0**100, width=32)))
def test_float32_numbers_come_back_exactly(numbers: list[float]) -> None:
    reader = wire.Reader(wire.pack(wire.Bits(1, 1), wire.floats(np.array(numbers))))
    reader.take(1)
    assert reader.floats(len(numbers)).tolist() == numbers


@given(st.lists(st.floats(-(2.0**1000), 2.0**1000)))
def test_float64_numbers_come_back_exactly(numbers: list[float]) -> None:
    assert wire.Reader(wire.pack(wire.floats(np.array(numbers), 64))).floats(len(numbers), 64).tolist() == numbers


@pytest.mark.parametrize(("bad", "words"), [(math.nan, "NaN or infinite"), (math.inf, "NaN or infinite"), (2.0**101, "larger than any")])
def test_a_float_that_nobody_sends_is_refused(bad: float, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        wire.Reader(wire.pack(wire.floats(np.array([1.0, bad])))).floats(2)


def test_a_signalling_nan_is_refused_without_a_warning() -> None:
    with pytest.raises(Refusal, match="NaN or infinite"):
        wire.Reader(wire.pack(wire.Bits(0x7FA00000, 32))).floats(1)


@given(st.floats(2.0**-1074, 2.0**1000))
def test_a_peak_travels_near_one_and_comes_back_exactly(peak: float) -> None:
    exponents = wire.exponents(xp, np.array([peak]))
    assert (exponents is None) == (2.0**-60 <= peak <= 2.0**60)
    if exponents is not None:
        scaled = wire.scale_down(xp, np.array([[peak]]), exponents)
        assert scaled == math.ldexp(peak, -int(exponents[0]))
        assert 0.5 <= scaled < 1
        assert wire.scale_up(xp, scaled, exponents) == peak


@pytest.mark.parametrize("exponent", [-1073, -300, -60, 61, 997, 1001])
def test_a_header_says_its_exponent(exponent: int) -> None:
    message = wire.pack(wire.header(exponent))
    assert message.bits == 13
    assert wire.Reader(message).exponent() == exponent


@pytest.mark.parametrize("exponent", [-2048, -1074, -59, 1, 60, 1002, 2047])
def test_an_exponent_that_nobody_sends_is_refused(exponent: int) -> None:
    with pytest.raises(Refusal, match="never sent"):
        wire.Reader(wire.pack(wire.header(exponent))).exponent()


def test_set_bits_in_the_padding_are_refused() -> None:
    with pytest.raises(Refusal, match="padding"):
        wire.Reader(Message(b"\x81", 7))


@pytest.mark.parametrize("d", [1, 2, 5, 8])
def test_subsets_are_numbered_in_colexicographic_order(d: int) -> None:
    for k in range(1, d + 1):
        colexicographic = sorted(combinations(range(d), k), key=lambda subset: subset[::-1])
        for place, subset in enumerate(colexicographic):
            assert wire.subset_code(subset, d) == wire.Bits(place, math.ceil(math.log2(math.comb(d, k))))
            assert wire.subset(place, d, k).tolist() == list(subset)


def test_a_code_beyond_the_last_subset_is_refused() -> None:
    with pytest.raises(Refusal, match="index code"):
        wire.subset(math.comb(8, 3), 8, 3)


@pytest.mark.parametrize("k", [1, 3, 2500, 5000, 9999, 10000])
def test_thousands_of_ten_thousand_coordinates_are_named_and_found(k: int) -> None:
    chosen = np.sort(np.random.default_rng(k).choice(10_000, k, replace=False))
    code = wire.subset_code(chosen, 10_000)
    assert code.value < 2**code.width
    assert np.array_equal(wire.subset(code.value, 10_000, k), chosen)


def in_the_order_of_halves(d: int, k: int, short: int) -> list[tuple[int, ...]]:
    """The k-subsets of 0..d−1 as the module's docstring says, one after another."""
    if k <= 1 or d <= short:
        return sorted(combinations(range(d), k), key=lambda subset: subset[::-1])
    one, two = d // 2, d - d // 2
    mode = max(range(max(0, k - two), min(k, one) + 1), key=lambda i: (math.comb(one, i) * math.comb(two, k - i), i))
    return [
        (*first, *(one + member for member in second))
        for i in sorted(range(max(0, k - two), min(k, one) + 1), key=lambda i: (abs(i - mode), -i))
        for first in in_the_order_of_halves(one, i, short)
        for second in in_the_order_of_halves(two, k - i, short)
    ]


@pytest.mark.parametrize("short", [1, 3])
@pytest.mark.parametrize("d", [2, 5, 8, 11])
def test_longer_ranges_are_numbered_half_by_half(d: int, short: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subsets, "SHORT", short)
    for k in range(d + 1):
        for place, subset in enumerate(in_the_order_of_halves(d, k, short)):
            assert wire.subset_code(subset, d).value == place
            assert wire.subset(place, d, k).tolist() == list(subset)


@pytest.mark.parametrize("d", [63, 64, 127, 1000, 40_001])
def test_the_first_and_the_last_place_are_sets_and_the_next_is_refused(d: int) -> None:
    for k in {1, 2, d // 10, d // 2, d - 1}:
        last = math.comb(d, k) - 1
        for place in (0, last):
            assert wire.subset_code(wire.subset(place, d, k), d) == wire.Bits(place, last.bit_length())
        with pytest.raises(Refusal, match="index code"):
            wire.subset(last + 1, d, k)


@pytest.mark.parametrize("kind", ["scattered", "side by side", "in one half", "uneven"])
def test_a_tenth_of_a_hundred_thousand_coordinates_is_named_and_found(kind: str) -> None:
    rng, d, k = np.random.default_rng(0), 100_000, 10_000
    half, few = rng.choice(d // 2, k, replace=False), rng.choice(d // 2, k // 4, replace=False)
    chosen = {
        "scattered": rng.choice(d, k, replace=False),
        "side by side": np.arange(5, k + 5),
        "in one half": half,
        "uneven": np.concatenate([few, d // 2 + half[: k - k // 4]]),
    }[kind]
    code = wire.subset_code(np.sort(chosen), d)
    assert code.value < 2**code.width
    assert np.array_equal(wire.subset(code.value, d, k), np.sort(chosen))


@given(st.integers(1, 300).flatmap(lambda d: st.tuples(st.just(d), st.integers(1, d))))
def test_neither_a_bitmap_nor_a_list_of_indices_is_shorter(sizes: tuple[int, int]) -> None:
    d, k = sizes
    assert wire.subset_bits(d, k) <= min(d, k * math.ceil(math.log2(d)))


def elias_gamma(number: int) -> str:
    """As Elias defined it: as many zeros as bits follow the first one."""
    digits = f"{number:b}"
    return "0" * (len(digits) - 1) + digits


@given(st.lists(st.integers(1, 2**31 - 1), min_size=1, max_size=20))
def test_numbers_in_the_gamma_code_read_as_elias_wrote_them_and_come_back(numbers: list[int]) -> None:
    code = wire.gamma(np.array(numbers))
    assert f"{code.value:0{code.width}b}" == "".join(map(elias_gamma, numbers))
    assert code.width == np.sum(wire.gamma_bits(np.array(numbers)))
    reader = wire.Reader(wire.pack(wire.Bits(1, 3), code, wire.Bits(2, 2)))
    reader.take(3)
    assert reader.take_gamma(len(numbers)).tolist() == numbers
    assert reader.take(2) == 2
    reader.end()


@pytest.mark.parametrize("zeros", [1, 31, 64])
def test_a_gamma_number_without_end_is_refused(zeros: int) -> None:
    with pytest.raises(Refusal, match="longer than any"):
        wire.Reader(wire.pack(wire.Bits(0, zeros))).take_gamma(1)


@given(st.integers(1, 62).flatmap(lambda width: st.tuples(st.just(width), st.lists(st.integers(0, 2**width - 1)))))
def test_numbers_of_one_width_come_back(given: tuple[int, list[int]]) -> None:
    width, numbers = given
    reader = wire.Reader(wire.pack(wire.Bits(5, 3), wire.each(np.array(numbers), width)))
    reader.take(3)
    assert reader.take_each(len(numbers), width).tolist() == numbers
    reader.end()


def test_a_message_inside_a_message_ends_where_its_reader_stops() -> None:
    outer = wire.Reader(wire.pack(wire.Bits(5, 3), wire.Bits(9, 5), wire.Bits(2, 2)))
    assert outer.take(3) == 5
    inner = wire.Reader(outer.inner())
    assert inner.take(5) == 9
    inner.end()
    with pytest.raises(Refusal, match="2 bits too many"):
        outer.end()
    assert outer.take(2) == 2
    outer.end()


@pytest.mark.parametrize("size", [-1.0, -0.0])
def test_a_size_is_never_negative(size: float) -> None:
    with pytest.raises(Refusal, match="negative"):
        wire.Reader(wire.pack(wire.floats(np.array([size])))).magnitude()


@st.composite
def index_sets(draw: st.DrawFn) -> tuple[int, np.ndarray]:
    """Scattered, clustered, empty and full sets."""
    d, seed, share = draw(st.integers(1, 400)), draw(st.integers(0, 2**32 - 1)), draw(st.sampled_from([0.0, 0.02, 0.3, 0.9, 1.0]))
    rng = np.random.default_rng(seed)
    start = int(rng.integers(d))
    return d, draw(st.sampled_from([np.flatnonzero(rng.random(d) < share), np.arange(start, min(d, start + 20))]))


@given(index_sets())
def test_an_index_set_of_any_size_comes_back_and_costs_what_is_said(given: tuple[int, np.ndarray]) -> None:
    d, chosen = given
    message = wire.pack(*support.code(chosen, d))
    mask = np.zeros((3, d), dtype=bool)
    mask[1, chosen] = mask[2, ::2] = True
    assert message.bits == support.bits(mask)[1]
    reader = wire.Reader(message)
    assert support.read(reader, d).tolist() == chosen.tolist()
    reader.end()


@given(index_sets())
def test_the_shortest_of_four_index_codes_is_sent(given: tuple[int, np.ndarray]) -> None:
    d, chosen = given
    k, width = len(chosen), math.ceil(math.log2(d + 1))
    gaps = sum(len(elias_gamma(int(gap))) for gap in np.diff(chosen, prepend=-1))
    lengths = [width + k * math.ceil(math.log2(d)), d, width + gaps, width + math.ceil(math.log2(math.comb(d, k)))]
    header, *_ = code = support.code(chosen, d)
    assert sum(part.width for part in code) == 2 + min(lengths)
    assert lengths[header.value] == min(lengths)


def test_clusters_anywhere_in_a_stack_cost_the_length_of_their_gaps() -> None:
    mask = np.zeros((20, 2000), dtype=bool)
    for start in range(20):
        mask[start, start : start + 40] = True
    codes = [support.code(np.flatnonzero(row), 2000) for row in mask]
    assert {code[0].value for code in codes} == {support.GAPS}
    assert support.bits(mask).tolist() == [sum(part.width for part in code) for code in codes]


def test_each_index_code_is_the_shortest_of_some_set() -> None:
    sets = [(support.ENUMERATED + 1, [30_000, 62_000], 0), (9, [0, 2, 3, 5, 8], 1), (5000, [*range(100)], 2), (112, [1, 50, 90], 3)]
    for d, chosen, kind in sets:
        code = support.code(np.array(chosen), d)
        assert code[0].value == kind
        assert support.read(wire.Reader(wire.pack(*code)), d).tolist() == chosen


@pytest.mark.parametrize("d", [1, 2, 63, 64, 65, 1000])
def test_the_table_of_subset_bits_agrees_with_exact_integers(d: int) -> None:
    assert support._all_subset_bits(d).tolist() == [wire.subset_bits(d, k) for k in range(d + 1)]


@pytest.mark.parametrize(
    ("d", "code"),
    [
        (5, [wire.Bits(0, 2), wire.Bits(2, 3), wire.Bits(3, 3), wire.Bits(1, 3)]),  # plain, descending
        (5, [wire.Bits(0, 2), wire.Bits(1, 3), wire.Bits(5, 3)]),  # plain, beyond d
        (5, [wire.Bits(0, 2), wire.Bits(6, 3)]),  # more indices than coordinates
        (5, [wire.Bits(2, 2), wire.Bits(1, 3), wire.Bits(6, 5)]),  # a gap beyond d
        (5, [wire.Bits(3, 2), wire.Bits(2, 3), wire.Bits(10, 4)]),  # beyond the last subset
        (support.ENUMERATED + 1, [wire.Bits(3, 2), wire.Bits(0, 17)]),  # a code that is not on offer
    ],
)
def test_an_index_code_that_nobody_sends_is_refused(d: int, code: list[wire.Bits]) -> None:
    with pytest.raises(Refusal, match="index code"):
        support.read(wire.Reader(wire.pack(*code)), d)
