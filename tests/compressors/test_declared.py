"""Messages of declared parts: twins of members that write theirs by hand send the same bytes, and what no part allows is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ef21lab.choices.spec import integer
from ef21lab.choices.text import Refusal, Text, same
from ef21lab.compressors.base import Array, Compressed, Compressor, Message, Shape, compressors
from ef21lab.compressors.rand_k import random_sets
from ef21lab.compressors.wire import Declared, Floats, Indices, Levels, Part, Parts, Signs

WORDS = {"label": same("Twin"), "about": same("Of a member")}
K = Text("k", "k")


def scattered(sent: Parts, d: int) -> Array:
    values = np.zeros(d)
    values[sent["indices"]] = sent["values"]
    return values


@dataclass(frozen=True)
class Largest(Declared):
    name, label, about = "largest", WORDS["label"], WORDS["about"]
    k: int = integer(1, 1, 1000, K, K)

    def message(self, d: int) -> Mapping[str, Part]:
        return {"indices": Indices(self.k, among=d), "values": Floats(self.k)}

    def sends(self, x: Array, noise: Array | None) -> Mapping[str, Array]:
        kept = np.sort(np.argsort(-np.abs(x), kind="stable")[: self.k])
        return {"indices": kept, "values": x[kept]}

    def rebuild(self, sent: Parts, d: int) -> Array:
        return scattered(sent, d)


@dataclass(frozen=True)
class LargestToAnError(Declared):
    name, label, about = "largest_to_an_error", WORDS["label"], WORDS["about"]

    def message(self, d: int) -> Mapping[str, Part]:
        return {"indices": Indices(None, among=d), "values": Floats("indices")}

    def sends(self, x: Array, noise: Array | None) -> Mapping[str, Array]:
        lost = np.cumsum(np.sort(np.abs(x)) ** 2)
        count = len(x) - np.count_nonzero(lost <= 0.25 * lost[-1])
        kept = np.sort(np.argsort(-np.abs(x), kind="stable")[:count])
        return {"indices": kept, "values": x[kept]}

    def rebuild(self, sent: Parts, d: int) -> Array:
        return scattered(sent, d)


@dataclass(frozen=True)
class MeanAndSigns(Declared):
    name, label, about = "mean_and_signs", WORDS["label"], WORDS["about"]

    def message(self, d: int) -> Mapping[str, Part]:
        return {"mean": Floats(1), "signs": Signs(d)}

    def sends(self, x: Array, noise: Array | None) -> Mapping[str, Array]:
        return {"mean": np.mean(np.abs(x)), "signs": np.where(x < 0, -1, 1)}

    def rebuild(self, sent: Parts, d: int) -> Array:
        return sent["mean"] * sent["signs"]


@dataclass(frozen=True)
class RandomPlaces(Declared):
    name, label, about = "random_places", WORDS["label"], WORDS["about"]
    k: int = integer(2, 1, 1000, K, K)

    def draw(self, rng: np.random.Generator, shape: Shape) -> Array:
        return rng.integers(0, 2**32, size=(*shape[:-1], 1))

    def message(self, d: int) -> Mapping[str, Part]:
        return {"indices": Indices(self.k, among=d), "values": Floats(self.k)}

    def sends(self, x: Array, noise: Array | None) -> Mapping[str, Array]:
        assert noise is not None
        kept = random_sets(np, noise[None, :], len(x), self.k)[0]
        return {"indices": kept, "values": x[kept]}

    def rebuild(self, sent: Parts, d: int) -> Array:
        return scattered(sent, d)


@dataclass(frozen=True)
class Rounded(Declared):
    """To whole multiples of the largest magnitude over 7."""

    name, label, about = "rounded", WORDS["label"], WORDS["about"]

    def message(self, d: int) -> Mapping[str, Part]:
        return {"step": Floats(1), "levels": Levels(d, most=7)}

    def sends(self, x: Array, noise: Array | None) -> Mapping[str, Array | float]:
        step = float(np.max(np.abs(x))) / 7
        return {"step": step, "levels": np.clip(np.round(x / step if step else x), -7, 7)}

    def rebuild(self, sent: Parts, d: int) -> Array:
        return sent["step"] * sent["levels"]


TWINS = [
    (Largest(), {"name": "top_k"}),
    (Largest(k=5), {"name": "top_k", "k": 5}),
    (LargestToAnError(), {"name": "top_k_energy", "error": 0.5}),
    (MeanAndSigns(), {"name": "sign"}),
    (RandomPlaces(), {"name": "rand_k", "k": 2}),
]
each_twin = pytest.mark.parametrize(("twin", "given"), TWINS, ids=lambda one: str(one) if isinstance(one, Compressor) else "")
few = st.lists(st.integers(-8, 8), min_size=12, max_size=12)  # zeros and ties are common
scales = st.sampled_from([0.25, 1 / 3, 1e-300, 1e300])


@each_twin
@settings(max_examples=60, deadline=None)
@given(numbers=few, scale=scales, seed=st.integers(0, 99))
def test_a_twin_sends_the_bytes_that_the_member_writes_by_hand(
    twin: Declared, given: dict[str, object], numbers: list[int], scale: float, seed: int
) -> None:
    member, x = compressors.make(given), np.array([scale * np.array(numbers), np.random.default_rng(seed).normal(size=12)])
    noise = member.draw(np.random.default_rng(seed), x.shape)
    own, other = twin.compress(x, noise), member.compress(x, noise)
    assert np.array_equal(own.values, other.values)
    assert np.array_equal(own.bits, np.broadcast_to(other.bits, (2,)))
    assert np.array_equal(own.floats, np.broadcast_to(other.floats, (2,)))
    for place, vector in enumerate(x):
        drawn = None if noise is None else noise[place]
        message = twin.encode(vector, drawn)
        assert message == member.encode(vector, drawn)
        assert np.array_equal(twin.decode(message, 12), own.values[place])
        assert sum(bits for _, bits in twin.parts(message, 12)) == message.bits


@pytest.mark.parametrize(("twin", "given"), [pair for pair in TWINS if pair[1]["name"] != "top_k_energy"], ids=lambda one: str(one))
def test_the_price_of_fixed_parts_is_the_members(twin: Declared, given: dict[str, object]) -> None:
    assert twin.cost(12) == compressors.make(given).cost(12)


def test_numbers_of_four_bits_take_four_bits() -> None:
    x = np.array([7.0, -7.0, 3.4, 0.0, -0.6, 1.0])
    assert Rounded().encode(x).bits == 1 + 32 + 4 * 6
    assert Rounded().cost(6) == (1 + 32 + 4 * 6, 1 + 6)
    assert Rounded().compress(x).values.tolist() == [7, -7, 3, 0, -1, 1]


@pytest.mark.parametrize("compressor", [*(twin for twin, _ in TWINS), Rounded()], ids=str)
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_damaged_bytes_are_refused_or_read_as_finite_numbers(compressor: Declared, data: st.DataObject) -> None:
    x = np.random.default_rng(0).normal(size=12)
    payload, bits = compressor.encode(x, compressor.draw(np.random.default_rng(0), (12,)))
    damaged = bytearray(payload)
    for place in data.draw(st.lists(st.integers(0, len(payload) - 1), min_size=1, max_size=4)):
        damaged[place] ^= data.draw(st.integers(1, 255))
    try:
        assert np.all(np.isfinite(compressor.decode(Message(bytes(damaged), bits), 12)))
    except Refusal as refusal:
        assert "malformed message" in refusal.text.en  # noqa: PT017


@dataclass(frozen=True)
class Odd(Largest):
    """Sends what it is told to."""

    name = "odd"

    def sends(self, x: Array, noise: Array | None) -> Mapping[str, Array]:
        return SENT


SENT: dict[str, object] = {}


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"indices": [3, 1], "values": [1, 2]}, "part indices must be 2 numbers, ascending whole numbers from 0 to 11"),
        ({"indices": [1, 1], "values": [1, 2]}, "ascending"),
        ({"indices": [1, 12], "values": [1, 2]}, "from 0 to 11"),
        ({"indices": [1, 2.5], "values": [1, 2]}, "whole numbers"),
        ({"indices": [1], "values": [1, 2]}, "2 numbers"),
        ({"indices": [1, 2], "values": [1, 2, 3]}, "part values must be 2 numbers"),
        ({"indices": [1, 2], "values": [1, np.nan]}, "finite"),
        ({"indices": [1, 2], "values": [1, 1e39]}, "finite"),
        ({"indices": [1, 2], "values": [1, 2.0**101]}, r"2\^100"),
        ({"indices": [1, 2]}, r"sends\(\) gives the parts indices, and message\(\) declares indices, values"),
    ],
)
def test_what_no_part_allows_is_refused_in_words(sent: dict[str, object], words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "SENT", sent)
    for call in (Odd(k=2).compress, Odd(k=2).encode):
        with pytest.raises(Refusal, match=f"odd: .*{words}") as refused:
            call(np.ones(12))
        assert refused.value.text.ru != refused.value.text.en


@pytest.mark.parametrize("number", [0.0, 2.0, -0.5])
def test_a_sign_is_one_or_minus_one(number: float) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  without words: who sends it puts them
        Signs(1).received(np.array([number]))


def test_a_message_whose_length_differs_must_say_what_it_costs() -> None:
    with pytest.raises(Refusal, match=r"largest_to_an_error: .* define cost\(d\)"):
        LargestToAnError().cost(12)


def test_without_alpha_there_is_no_certificate_and_that_is_said() -> None:
    assert Largest().alpha(12) is None
    assert Largest().received_alpha(12) is None
    assert "No certificate" in Largest().alpha_reason(12).en


@dataclass(frozen=True)
class OnlyValues(Compressor):
    name, label, about = "only_values", WORDS["label"], WORDS["about"]

    def compress(self, x: Array, noise: Array | None = None) -> Compressed:
        return Compressed(np.round(x), 32 * x.shape[-1], x.shape[-1])


def test_a_member_that_says_only_what_arrives_is_refused_in_words() -> None:
    words = r"OnlyValues lacks cost\(\), decode\(\), encode\(\): .*say what is sent, as a Declared does"
    with pytest.raises(Refusal, match=words) as refused:
        OnlyValues()
    assert "не хватает" in refused.value.text.ru
