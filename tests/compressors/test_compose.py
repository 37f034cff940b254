"""Compositions against their parts: errors that add up, certificates that follow, and a spec inside a spec."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.runs.spec import RunSpec

X = np.random.default_rng(0).normal(size=60)


def made(name: str, **fields: Json) -> Compressor:
    return compressors.make({"name": name, **fields})


def then(first: Json, second: Json) -> Compressor:
    return made("then", first=first, second=second)


def residual(first: Json, second: Json) -> Compressor:
    return made("residual", first=first, second=second)


def squared(x: np.ndarray) -> float:
    return float(np.sum(x * x))


def test_then_rounds_what_top_k_keeps() -> None:
    kept = made("top_k", k=9).compress(X).values
    rounded = made("natural").compress(kept[kept != 0]).values
    received = then({"name": "top_k", "k": 9}, "natural").compress(X).values
    assert np.array_equal(received[kept != 0], rounded)
    assert not np.any(received[kept == 0])


@pytest.mark.parametrize("second", ["natural", "sign", "half", {"name": "half", "format": "bfloat16"}])
def test_what_is_dropped_and_what_is_rounded_add_up(second: Json) -> None:
    kept = made("top_k", k=9).compress(X).values
    received = then({"name": "top_k", "k": 9}, second).compress(X).values
    assert squared(X - received) == pytest.approx(squared(X - kept) + squared(kept - received), rel=1e-6)


def test_top_k_in_powers_of_two_certifies_the_product() -> None:
    assert then({"name": "top_k", "k": 9}, "natural").alpha(60) == pytest.approx(9 / 60 * 8 / 9)


def test_top_k_in_powers_of_two_costs_nine_bits_a_number() -> None:
    top_k = made("top_k", k=9)
    assert then({"name": "top_k", "k": 9}, "natural").cost(60) == (1 + top_k.cost(60)[0] - 32 * 9 + 9 * 9, 9)


def test_the_core_of_a_tucker_decomposition_may_be_rounded() -> None:
    st_hosvd = {"name": "st_hosvd", "dims": [3, 4, 5], "ranks": 2}
    kept, received = compressors.make(st_hosvd).compress(X).values, then(st_hosvd, "natural").compress(X).values
    assert squared(X - received) == pytest.approx(squared(X - kept) + squared(kept - received), rel=1e-5)
    assert squared(kept - received) <= squared(kept) / 9
    assert then(st_hosvd, "natural").cost(60)[0] == 1 + compressors.make(st_hosvd).cost(60)[0] - 32 * 8 + 9 * 8
    assert then(st_hosvd, "natural").alpha(60) == pytest.approx(compressors.make(st_hosvd).alpha(60) * 8 / 9)


def test_a_core_whose_size_each_vector_chooses_cannot_be_rounded() -> None:
    with pytest.raises(Refusal, match="the ranks must be fixed"):
        then({"name": "st_hosvd", "error": 0.5}, "natural").compress(X)


def test_two_unbiased_operators_compose_to_an_unbiased_one() -> None:
    composed = then({"name": "rand_k", "k": 15, "scaling": "unbiased"}, {"name": "natural", "rounding": "random"})
    assert composed.omega(60) == pytest.approx(4 * (1 + 1 / 8) - 1)
    assert composed.alpha(60) is None
    assert "No certificate" in composed.alpha_reason(60).en
    assert then({"name": "rand_k", "k": 15, "scaling": "unbiased"}, "natural").omega(60) is None


def test_an_unbiased_first_part_lends_no_contraction_to_a_biased_second() -> None:
    assert then({"name": "rand_k", "k": 59, "scaling": "unbiased"}, "natural").alpha(60) is None


def test_a_residual_is_the_sum_of_both_on_what_is_left() -> None:
    first, second = made("st_hosvd", dims=[3, 4, 5], ranks=1), made("top_k", k=5)
    both = residual(compressors.json(first), compressors.json(second))
    received = first.compress(X).values
    np.testing.assert_array_equal(both.compress(X).values, received + second.compress(X - received).values)


def test_the_bits_and_floats_of_a_residual_are_those_of_both_and_one_bit() -> None:
    first, second = made("top_k", k=5), made("qsgd", s=3)
    both = residual(compressors.json(first), compressors.json(second))
    noise = both.draw(np.random.default_rng(0), X.shape)
    left = X - first.compress(X).values
    assert both.encode(X, noise).bits == 1 + first.encode(X).bits + second.encode(left, noise).bits
    assert both.compress(X, noise).floats == 5 + second.compress(left, noise).floats


def test_a_residual_certifies_what_both_leave() -> None:
    both = residual({"name": "top_k", "k": 20}, {"name": "natural"})
    assert both.alpha(60) == pytest.approx(1 - (1 - 20 / 60) * (1 - 8 / 9))


def test_an_unbiased_second_part_makes_the_whole_unbiased() -> None:
    both = residual({"name": "top_k", "k": 20}, {"name": "ternary", "scaling": "unbiased"})
    assert both.omega(60) == pytest.approx((1 - 20 / 60) * made("ternary", scaling="unbiased").omega(60))
    assert residual({"name": "ternary", "scaling": "unbiased"}, {"name": "top_k", "k": 20}).omega(60) is None


def test_where_a_part_has_no_certificate_the_whole_has_none_and_says_so() -> None:
    both = residual({"name": "hosvd", "dims": [3, 4, 5], "ranks": 1}, "sign")
    assert both.alpha(60) is None
    assert "No certificate" in both.alpha_reason(60).en
    assert 0 < both.nominal_alpha(60) < 1


def test_parts_that_leave_nothing_leave_nothing() -> None:
    assert squared(residual({"name": "top_k", "k": 60}, "sign").compress(X).values - X) <= 1e-12
    assert residual({"name": "top_k", "k": 60}, "sign").alpha(60) == 1


def test_a_composition_is_plain_json_and_equal_ones_have_equal_keys() -> None:
    given = {"name": "then", "first": {"name": "top_k", "k": 4}, "second": {"name": "natural"}}
    written = compressors.json(compressors.make(given))
    assert written == {**given, "second": {"name": "natural", "rounding": "nearest"}}
    assert compressors.make(json.loads(json.dumps(written))) == compressors.make(given)
    assert str(compressors.make(given)) == "then(first=top_k(k=4), second=natural(rounding=nearest))"
    assert RunSpec.make({"compressor": given}).key == RunSpec.make({"compressor": {**given, "second": "natural"}}).key


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "then", "first": "then"}, "first must be an object with its name, one of top_k"),
        ({"name": "residual", "second": {"name": "residual"}}, "second must be an object with its name, one of identity"),
        ({"name": "then", "first": "identity"}, "first must be"),
        ({"name": "then", "second": "top_k"}, "second must be an object with its name, one of sign"),
        ({"name": "then", "first": {"name": "top_k", "k": 0}}, r"TopK\(k=0\): k must be an integer in 1"),
        ({"name": "then", "first": {"name": "topk"}}, "did you mean top_k"),
        ({"name": "residual", "first": {"k": 4}}, '"name" is missing'),
    ],
)
def test_what_cannot_be_a_part_is_refused_in_words(given: Json, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        compressors.make(given)


@pytest.mark.parametrize("name", ["then", "residual"])
def test_a_part_that_does_not_fit_the_length_is_refused_in_its_own_words(name: str) -> None:
    composed = made(name, first={"name": "top_k", "k": 61})
    assert composed.refusal(60) == made("top_k", k=61).refusal(60)
    with pytest.raises(Refusal, match=r"k must be an integer in 1\.\.60"):
        composed.compress(X)


def test_binding_settles_the_fold_of_a_part() -> None:
    assert residual({"name": "st_hosvd", "dims": "natural"}, "sign").fitted(((3, 4, 5),)).settings()["first"]["dims"] == [3, 4, 5]
