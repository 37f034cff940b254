"""The promises of the family, held by every member in the registry and by some settings worth a name."""

from __future__ import annotations

import tracemalloc
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import Compressor, Message, compressors
from ef21lab.plugins import of_compressors as promised
from ef21lab.plugins.of_compressors import EXTREMES, LENGTHS, SCALES, bits_of, noise_for, one

DEFAULTS = [compressors.make(name) for name in compressors.members]
NAMED = [
    compressors.make(given)
    for given in (
        {"name": "identity", "width": 64},
        {"name": "top_k", "k": 2},
        {"name": "top_k", "k": 7},
        {"name": "top_k_energy", "error": 0.0},
        {"name": "top_k_energy", "error": 0.9},
        {"name": "rand_k", "k": 2, "scaling": "unbiased"},
        {"name": "rand_k", "k": 7},
        {"name": "natural", "rounding": "random"},
        {"name": "natural", "rounding": "shrunk"},
        {"name": "qsgd", "s": 1, "scaling": "unbiased"},
        {"name": "qsgd", "s": 300},
        {"name": "ternary", "scaling": "unbiased"},
        {"name": "half", "format": "bfloat16"},
        {"name": "dct_blocks", "block": 7, "per_block": 2},
        {"name": "dct_blocks", "block": 10, "per_block": 10},
        {"name": "then", "first": {"name": "top_k", "k": 7}, "second": {"name": "qsgd", "s": 2}},
        {"name": "then", "first": {"name": "rand_k", "k": 3}, "second": {"name": "half"}},
        {"name": "then", "first": {"name": "rand_k", "scaling": "unbiased"}, "second": {"name": "natural", "rounding": "random"}},
        {"name": "then", "first": {"name": "st_hosvd", "dims": [3, 2, 5], "ranks": 2}, "second": {"name": "half", "format": "bfloat16"}},
        {"name": "then", "first": {"name": "hosvd", "dims": [5, 4, 3], "ranks": [2, 3, 3]}, "second": {"name": "natural"}},
        {"name": "residual", "first": {"name": "st_hosvd", "ranks": 1}, "second": {"name": "top_k", "k": 2}},
        {"name": "residual", "first": {"name": "rand_k", "k": 3}, "second": {"name": "qsgd", "scaling": "unbiased"}},
        {"name": "residual", "first": "power_sgd", "second": "ternary"},
        {"name": "residual", "first": "qsgd", "second": {"name": "power_sgd", "dims": [5, 7]}},
        {"name": "residual", "first": "power_sgd", "second": {"name": "power_sgd", "dims": [5, 7]}},
        {"name": "st_hosvd", "dims": [3, 2, 5], "ranks": 1},
        {"name": "st_hosvd", "dims": [10, 6], "ranks": [3, 2]},
        {"name": "st_hosvd", "dims": "natural", "ranks": 3},
        {"name": "st_hosvd", "dims": [2, 1, 3, 2, 4], "ranks": [2, 1, 3, 1, 2]},
        {"name": "hosvd", "dims": [5, 4, 3], "ranks": [2, 3, 3]},
        {"name": "hosvd", "dims": [16, 1, 2], "ranks": 4},
        {"name": "st_hosvd", "error": 0.5},
        {"name": "st_hosvd", "dims": [2, 1, 3, 2, 4], "error": 0.01},
        {"name": "hooi", "dims": [3, 2, 5], "ranks": 1, "sweeps": 5},
        {"name": "hooi", "dims": [2, 4, 5], "ranks": [1, 3, 2]},
        {"name": "svd", "dims": [10, 3], "ranks": 3},
        {"name": "svd", "dims": [3, 12], "ranks": 1},
        {"name": "svd", "error": 0.3},
        {"name": "tensor_train", "dims": [3, 2, 5], "ranks": [3, 1]},
        {"name": "tensor_train", "dims": [2, 2, 2, 2, 2], "ranks": 4},
        {"name": "tensor_train", "dims": [4, 1, 3, 3], "error": 0.7},
        {"name": "cp", "dims": [3, 2, 5], "ranks": 1, "sweeps": 1},
        {"name": "cp", "dims": [6, 5], "ranks": 4},
        {"name": "tensorly_tucker", "dims": [2, 4, 5], "ranks": [1, 3, 2], "sweeps": 2},
        {"name": "tensorly_tucker", "dims": [16, 1, 2], "ranks": 4},
        {"name": "tensorly_parafac", "dims": [3, 2, 5], "ranks": 6, "sweeps": 3},
        {"name": "tensorly_parafac", "dims": [6, 5], "ranks": 4},
        {"name": "power_sgd", "dims": [5, 7], "ranks": 5},
        {"name": "power_sgd", "dims": [30, 1], "ranks": 1},
        {"name": "power_sgd", "dims": [5, 7], "warm": True},
        {"name": "random_low_rank", "dims": [7, 5], "ranks": 2, "scaling": "unbiased"},
        {"name": "random_low_rank", "dims": [5, 6], "ranks": 3, "scaling": "unbiased"},
        {"name": "random_low_rank", "dims": [3, 12], "ranks": 1},
        {"name": "per_layer", "inner": {"name": "top_k", "k": 9}, "share": 0.2},
    )
]
KERNELS = ((3, 2, 2, 1), (4,), (2, 7))  # 30 numbers in all, as those below
LAYERED = [
    compressors.make({"name": "per_layer", **given}).fitted(layout)
    for given, layout in (
        ({"inner": {"name": "st_hosvd", "ranks": [2, 1, 1]}}, KERNELS),
        ({"inner": {"name": "top_k", "k": 7}, "small": {"name": "natural"}}, KERNELS),
        ({"inner": "power_sgd", "small": "qsgd", "fold": "matrix", "share": 0.5}, KERNELS),
        ({"inner": {"name": "rand_k", "scaling": "unbiased"}, "small": {"name": "ternary", "scaling": "unbiased"}}, KERNELS),
        ({"inner": {"name": "st_hosvd", "error": 0.4}, "fold": "native"}, ((), (3, 2, 2, 2), (5,))),
    )
]
MEMBERS = DEFAULTS + NAMED + LAYERED
every_member = pytest.mark.parametrize("compressor", MEMBERS, ids=str)

numbers = st.one_of(st.sampled_from(EXTREMES), st.floats(-10, 10), st.floats(-(2.0**1000), 2.0**1000))


@st.composite
def stacks(draw: st.DrawFn) -> np.ndarray:
    """A few vectors of one length: ties, zeros and extremes are common, and each vector may have a scale of its own."""
    d, n = draw(st.sampled_from(LENGTHS)), draw(st.integers(1, 3))
    seed, kind = draw(st.integers(0, 2**32 - 1)), draw(st.sampled_from(["any", "gaussian", "few"]))
    if kind == "any":
        return draw(arrays(np.float64, (n, d), elements=numbers))
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d)) if kind == "gaussian" else rng.integers(-2, 3, size=(n, d)).astype(float)
    return x * draw(arrays(np.float64, (n, 1), elements=st.sampled_from(SCALES)))


def applies(compressor: Compressor, d: int) -> bool:
    return compressor.refusal(d) is None


@every_member
@settings(max_examples=40, deadline=None)
@given(x=stacks())
def test_what_arrives_is_what_compress_says_and_costs_what_it_says(compressor: Compressor, x: np.ndarray) -> None:
    if applies(compressor, x.shape[-1]):
        promised.arrives(compressor, x)


@every_member
@settings(max_examples=40, deadline=None)
@given(x=stacks())
def test_the_certified_contraction_is_never_violated(compressor: Compressor, x: np.ndarray) -> None:
    if applies(compressor, x.shape[-1]):
        promised.contracts(compressor, x)


@every_member
def test_over_thousands_of_draws_the_certified_contraction_holds_on_average(compressor: Compressor) -> None:
    promised.contracts_on_average(compressor)


@every_member
def test_over_thousands_of_draws_an_unbiased_operator_keeps_mean_and_variance(compressor: Compressor) -> None:
    promised.is_unbiased(compressor)


@every_member
@settings(max_examples=40, deadline=None)
@given(x=stacks())
def test_a_vector_does_not_depend_on_its_neighbours(compressor: Compressor, x: np.ndarray) -> None:
    if applies(compressor, x.shape[-1]):
        promised.is_alone(compressor, x)


@every_member
def test_lanes_nodes_and_memory_layout_change_nothing(compressor: Compressor) -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 30))
    noise = noise_for(compressor, x.shape)
    values = compressor.compress(x, noise).values
    assert np.array_equal(values, compressor.compress(np.asfortranarray(x), noise).values)
    assert np.array_equal(values, compressor.compress(np.repeat(x, 2, axis=-1)[..., ::2], noise).values)
    for lane in range(2):
        assert np.array_equal(values[lane], compressor.compress(x[lane], one(noise, lane)).values)


@every_member
def test_compressing_leaves_its_argument_alone_and_zero_stays_zero(compressor: Compressor) -> None:
    promised.leaves_x_alone(compressor)


@every_member
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e302])
def test_what_no_message_can_hold_is_refused_in_words(compressor: Compressor, bad: float) -> None:
    x = np.ones((3, 30))
    x[1, 17] = bad
    with pytest.raises(Refusal, match=r"finite numbers of magnitude at most 2\^1000"):
        compressor.compress(x, noise_for(compressor, x.shape))
    with pytest.raises(Refusal, match="finite numbers"):
        compressor.encode(x[1], noise_for(compressor, (30,)))


@cache
def sent(compressor: Compressor, scale: float) -> Message:
    return compressor.encode(scale * np.random.default_rng(0).normal(size=30), noise_for(compressor, (30,)))


@every_member
@settings(max_examples=60, deadline=None)
@given(
    damage=st.lists(st.tuples(st.integers(0, 2**16 - 1), st.integers(1, 255)), min_size=1, max_size=4), scale=st.sampled_from([1.0, 1e-200])
)
def test_damaged_bytes_are_refused_or_read_as_finite_numbers_but_never_crash(
    compressor: Compressor, damage: list[tuple[int, int]], scale: float
) -> None:
    payload, bits = sent(compressor, scale)
    flipped = bytearray(payload)
    for place, bits_of_byte in damage:
        flipped[place % len(payload)] ^= bits_of_byte
    try:
        assert np.all(np.isfinite(compressor.decode(Message(bytes(flipped), bits), 30)))
    except Refusal as refusal:
        assert refusal.text.ru != refusal.text.en  # noqa: PT017


@every_member
def test_bytes_missing_or_left_over_are_refused(compressor: Compressor) -> None:
    payload, bits = compressor.encode(np.random.default_rng(0).normal(size=30), noise_for(compressor, (30,)))
    damaged = [
        Message(payload[:-1], bits),
        Message(payload + b"\0", bits),
        Message(payload[:-1], 8 * (len(payload) - 1)),
        Message(payload + b"\0", bits + 8),
        Message(b"", 0),
    ]
    for message in damaged:
        with pytest.raises(Refusal, match="malformed message"):
            compressor.decode(message, 30)


@every_member
@pytest.mark.parametrize("d", [*LENGTHS, 112, 641])
def test_constants_are_in_range_and_explained(compressor: Compressor, d: int) -> None:
    if not applies(compressor, d):
        return
    certified, received, variance = compressor.alpha(d), compressor.received_alpha(d), compressor.omega(d)
    assert certified is None or 0 < certified <= 1
    assert variance is None or variance >= 0
    assert certified is None or compressor.nominal_alpha(d) == certified
    assert received is None or certified - 1e-5 <= received <= certified
    assert step_alpha(compressor, d) == (compressor.nominal_alpha(d) if received is None else received)
    assert compressor.nominal_alpha(d) is None or 0 < compressor.nominal_alpha(d) <= 1
    assert compressor.alpha_reason(d).en


def step_alpha(compressor: Compressor, d: int) -> float | None:
    """None where it is refused."""
    try:
        return compressor.step_alpha(d)
    except Refusal:
        return None


@every_member
def test_cost_is_that_of_real_messages_of_gaussian_vectors(compressor: Compressor) -> None:
    promised.costs_what_it_says(compressor)


@every_member
def test_cost_and_effort_are_arithmetic(compressor: Compressor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is compressed and nothing of the size of a vector is made, at a length where either would be seen."""
    parts = [compressor, *(part for part in vars(compressor).values() if isinstance(part, Compressor))]
    for part in parts:
        for name in ("compress", "encode", "draw"):
            monkeypatch.setattr(type(part), name, None)
    compressor = compressor.replace(**({"dims": "auto", "ranks": 3} if hasattr(compressor, "dims") else {}))
    for d in (30, 10**6):
        if applies(compressor, d):
            tracemalloc.start()
            bits, floats = compressor.cost(d)
            effort, (_, peak) = compressor.effort(d), tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert bits > 0
            assert floats > 0
            assert 0 < effort < 100
            assert peak < 8 * 10**6


@every_member
@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.ones(30) + 1j, "array of real numbers, got complex128"),
        (np.array([1.0] * 29 + [None], dtype=object), "array of real numbers, got object"),
        (np.array(["1"] * 30), "array of real numbers, got <U1"),
        ([1.0] * 30, "array of real numbers, got list"),
        (None, "array of real numbers, got NoneType"),
        (np.float64(1.0), r"shape \(..., d\)|array of real numbers"),
        (np.ones((2, 0)), r"shape \(..., d\)"),
    ],
)
def test_what_is_no_array_of_real_vectors_is_refused_in_words(compressor: Compressor, x: object, words: str) -> None:
    for call in (compressor.compress, compressor.encode):
        with pytest.raises(Refusal, match=f"{compressor.name}: .*{words}") as refused:
            call(x, noise_for(compressor, (30,)))
        assert refused.value.text.ru != refused.value.text.en


@every_member
def test_whole_numbers_and_truth_values_are_real_numbers(compressor: Compressor) -> None:
    x = np.arange(30) % 2
    noise = noise_for(compressor, (30,))
    received = compressor.compress(x.astype(float), noise).values
    for kind in (bool, np.int8, np.uint64):
        assert np.array_equal(compressor.compress(x.astype(kind), noise).values, received)


@every_member
def test_what_arrives_has_the_precision_of_what_was_given(compressor: Compressor) -> None:
    x, noise = np.random.default_rng(0).normal(size=30), noise_for(compressor, (30,))
    for kind, precision in ((np.float64, np.float64), (np.float32, np.float32), (np.float16, np.float32)):
        found, full = compressor.compress(x.astype(kind), noise), compressor.compress(x.astype(kind).astype(float), noise)
        assert found.values.dtype == precision
        assert np.array_equal(found.values, full.values.astype(precision))
        assert np.array_equal(found.bits, full.bits)
        assert np.array_equal(found.floats, full.floats)


@every_member
def test_a_random_operator_without_its_noise_is_refused_in_words(compressor: Compressor) -> None:
    x, noise = np.ones((2, 30)), noise_for(compressor, (2, 30))
    if noise is None:
        return
    with pytest.raises(Refusal, match="is random: give it noise from its draw") as refused:
        compressor.compress(x)
    assert "случайный" in refused.value.text.ru
    with pytest.raises(Refusal, match="is random: give it noise from its draw"):
        compressor.encode(x[0])
    with pytest.raises(Refusal, match=r"noise from draw\(\) has the shape"):
        compressor.compress(x, noise[:1])


@every_member
def test_fitting_to_a_layout_settles_the_dims_once(compressor: Compressor) -> None:
    layout = getattr(compressor, "layout", ()) or ((5, 1, 6),)
    fitted = compressor.fitted(layout)
    assert fitted.fitted(layout) == fitted
    assert not isinstance(getattr(fitted, "dims", ()), str)
    assert fitted.refusal(30) == compressor.refusal(30)


@pytest.mark.parametrize("compressor", DEFAULTS, ids=str)
def test_a_name_alone_is_a_complete_choice_for_every_length(compressor: Compressor) -> None:
    for d in (1, 2, 3, 13, 112):
        assert compressor.refusal(d) is None
        assert compressor.compress(np.ones(d), noise_for(compressor, (d,))).values.shape == (d,)


@pytest.mark.parametrize("member", compressors.members.values(), ids=lambda member: member.name)
def test_every_word_is_written_in_both_languages(member: type[Spec]) -> None:
    words = [member.about, member.source, *(text for field in member.fields().values() for text in (field.label, field.about))]
    assert all(isinstance(text, Text) and text.en and text.ru for text in words)
    assert all(any("а" <= letter <= "я" for letter in text.ru.lower()) for text in words if text is not member.label)


@every_member
def test_json_there_and_back_is_the_same_compressor(compressor: Compressor) -> None:
    made = compressors.make(compressors.json(compressor))
    assert made == compressor or made.fitted(compressor.layout) == compressor


@pytest.mark.parametrize(
    ("given", "d", "words"),
    [
        ({"name": "top_k", "k": 8}, 7, "k must be an integer in 1..7"),
        ({"name": "st_hosvd", "dims": [2, 3]}, 7, "a fold must hold all of 7 coordinates"),
        ({"name": "st_hosvd", "dims": [2, 4], "ranks": [1, 1, 1]}, 7, "2×4 needs 2 ranks"),
        ({"name": "hosvd", "dims": [2, 4], "ranks": [1, 5]}, 7, "no rank may exceed its side of 2×4"),
        ({"name": "st_hosvd", "dims": [1000000, 1000000]}, 112, "may hold at most 4,096"),
        ({"name": "hosvd", "ranks": [1, 1]}, 112, "4×4×7 needs 3 ranks"),
    ],
)
def test_what_does_not_fit_is_refused_before_and_during_compression(given: dict[str, object], d: int, words: str) -> None:
    compressor = compressors.make(given)
    why = compressor.refusal(d)
    assert why is not None
    assert words in why.en
    assert why.ru != why.en
    with pytest.raises(Refusal, match="must|needs|may"):
        compressor.compress(np.ones(d))


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_top_k_takes_the_earliest_of_equals(k: int) -> None:
    values = compressors.make({"name": "top_k", "k": k}).compress(np.array([1.0, -2.0, 2.0, 1.0, 2.0, -1.0])).values
    earliest = sorted([1, 2, 4, 0, 3, 5][:k])
    assert np.flatnonzero(values).tolist() == earliest


@settings(max_examples=60, deadline=None)
@given(x=stacks(), k=st.integers(1, 30))
def test_top_k_is_what_a_sort_would_keep(x: np.ndarray, k: int) -> None:
    d = x.shape[-1]
    k = min(k, d)
    values = compressors.make({"name": "top_k", "k": k}).compress(x).values
    for vector, sent in zip(x, values, strict=True):
        dropped = sorted(range(d), key=lambda i: (-abs(vector[i]), i))[k:]
        assert not np.any(sent[dropped])
        kept = [i for i in range(d) if i not in dropped]
        assert np.allclose(sent[kept] / 2.0**500, vector[kept] / 2.0**500, rtol=1e-7, atol=np.max(np.abs(vector)) / 2.0**600)


def test_identity_in_float64_is_exact() -> None:
    x = np.array([1e-310, 1 / 3, -0.0, 1e300])
    exact = compressors.make({"name": "identity", "width": 64})
    assert np.array_equal(bits_of(exact.compress(x).values), bits_of(x))
    assert exact.compress(x).bits == 64 * 4


def test_only_a_vector_out_of_range_pays_for_an_exponent() -> None:
    x = np.ones((4, 30)) * np.array([[1.0], [1e-300], [0.0], [1e300]])
    bits = compressors.make("identity").compress(x).bits
    assert bits.tolist() == [1 + 32 * 30, 13 + 32 * 30, 1 + 32 * 30, 13 + 32 * 30]
