"""An operator for every tensor of a layout: the same as those operators on their own tensors, one after the other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal
from ef21lab.compressors.base import Compressor, Message, compressors
from ef21lab.compressors.low_rank.fold import native
from ef21lab.compressors.per_layer import PerLayer

SIMPLE = [name for name, member in compressors.members.items() if name not in ("then", "residual", "per_layer")]
NETWORK = ((16, 1, 3, 3), (16,), (8, 16, 3, 3), (8,), (10, 72), (10,))
D = sum(map(math.prod, NETWORK))


def layered(inner: Json, layout: tuple[tuple[int, ...], ...] = NETWORK, **fields: Json) -> PerLayer:
    found = compressors.make({"name": "per_layer", "inner": inner, **fields}).fitted(layout)
    assert isinstance(found, PerLayer)
    return found


def noise_for(compressor: Compressor, shape: tuple[int, ...]) -> np.ndarray | None:
    return compressor.draw(np.random.default_rng(1), shape)


def bits_of(message: Message) -> str:
    return "".join(f"{byte:08b}" for byte in message.payload)[: message.bits]


@pytest.mark.parametrize("layout", [((30,),), ((5, 6),), ((2, 3, 5),), ((5, 1, 6),)], ids=str)
@pytest.mark.parametrize("name", SIMPLE)
def test_of_a_single_tensor_it_is_the_inner_operator_to_the_bit(name: str, layout: tuple[tuple[int, ...], ...]) -> None:
    inner = {"name": name, "dims": "natural"} if "dims" in compressors.members[name].fields() else {"name": name}
    one, whole = compressors.make(inner).fitted(layout), layered(inner, layout)
    x = np.random.default_rng(0).normal(size=(2, 3, 30))
    noise, own = noise_for(one, x.shape), noise_for(whole, x.shape)
    expected, found = one.compress(x, noise), whole.compress(x, own)
    for part, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(part, other)
    pair = (None, None) if noise is None else (noise[1, 2], own[1, 2])
    assert whole.encode(x[1, 2], pair[1]) == one.encode(x[1, 2], pair[0])
    for says in ("alpha", "nominal_alpha", "received_alpha", "omega", "cost", "refusal"):
        assert getattr(whole, says)(30) == getattr(one, says)(30)


def test_each_tensor_is_sent_as_its_own_operator_would_in_its_native_shape() -> None:
    operators = [
        {"name": "st_hosvd", "dims": [16, 1, 9], "ranks": [3, 1, 2]},
        {"name": "qsgd", "s": 3},
        {"name": "st_hosvd", "dims": [8, 16, 9], "ranks": [3, 4, 2]},
        {"name": "qsgd", "s": 3},
        {"name": "st_hosvd", "dims": [10, 72], "ranks": [3, 4]},
        {"name": "qsgd", "s": 3},
    ]
    whole = layered({"name": "st_hosvd", "ranks": [3, 4, 2]}, small={"name": "qsgd", "s": 3})
    x = np.random.default_rng(0).normal(size=D)
    noise = noise_for(whole, (D,))
    received, sent, floats, start, used = [], "", 0, 0, 0
    for shape, setting in zip(NETWORK, operators, strict=True):
        own, part = compressors.make(setting), x[start : start + math.prod(shape)]
        width = len(part) if setting["name"] == "qsgd" else 0
        chance = noise[used : used + width] if width else None
        received.append(own.compress(part, chance).values)
        sent += bits_of(own.encode(part, chance))
        floats += int(own.compress(part, chance).floats)
        start, used = start + len(part), used + width
    found = whole.compress(x, noise)
    np.testing.assert_array_equal(found.values, np.concatenate(received))
    assert bits_of(whole.encode(x, noise)) == sent
    assert (found.bits, found.floats) == (len(sent), floats)


@pytest.mark.parametrize(
    ("fold", "dims", "ranks"),
    [("matrix", (8, 144), (1, 2)), ("three", (8, 16, 9), (1, 2, 2)), ("native", (8, 16, 3, 3), (1, 2, 2, 2))],
)
def test_a_kernel_is_folded_as_the_fold_says(fold: str, dims: tuple[int, ...], ranks: tuple[int, ...]) -> None:
    kernel = layered({"name": "hosvd", "ranks": [1, 2]}, fold=fold).operators(D)[2].operator
    assert (kernel.dims, kernel.ranks) == (dims, ranks)


def test_an_operator_on_matrices_sees_a_kernel_as_a_matrix() -> None:
    assert [layer.operator.dims for layer in layered("svd", fold="native").operators(D)[::2]] == [(16, 9), (8, 144), (10, 72)]


def test_alpha_is_the_least_of_the_layers_and_is_attained_where_only_that_layer_is_not_zero() -> None:
    whole = layered({"name": "top_k", "k": 3}, small={"name": "top_k", "k": 2})
    assert whole.alpha(D) == min(3 / 144, 3 / 1152, 3 / 720, 2 / 16, 2 / 8, 2 / 10)
    x = np.zeros(D)
    x[160 : 160 + 1152] = 1.0
    lost = np.sum((whole.compress(x).values - x) ** 2) / np.sum(x * x)
    assert lost == pytest.approx(1 - whole.alpha(D), rel=1e-12)


def test_it_has_no_certificate_where_a_layer_has_none() -> None:
    assert layered("hosvd").alpha(D) is None
    assert layered("hosvd").nominal_alpha(D) == min(layer.operator.nominal_alpha(layer.size) for layer in layered("hosvd").operators(D))
    assert "No certificate" in layered("hosvd").alpha_reason(D).en


def test_it_is_unbiased_where_every_layer_is() -> None:
    unbiased = {"name": "rand_k", "k": 8, "scaling": "unbiased"}
    assert layered(unbiased).omega(D) == 1152 / 8 - 1
    assert layered(unbiased, small=unbiased).omega(D) == 1152 / 8 - 1
    assert layered(unbiased, small="sign").omega(D) is None


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0.01, 1.0), name=st.sampled_from(["st_hosvd", "svd", "tensor_train", "power_sgd", "top_k", "rand_k", "cp"]))
def test_a_share_of_floats_is_spent_layer_by_layer_and_no_further_rank_would_fit(share: float, name: str) -> None:
    for layer in layered(name, share=share).operators(D)[::2]:
        field = "k" if "k" in layer.operator.fields() else "ranks"
        strength, floats = getattr(layer.operator, field), layer.operator.cost(layer.size)[1]
        assert floats <= share * layer.size or strength == 1
        stronger = {field: strength + 1}
        if field == "ranks" and strength < max(layer.operator.fields()[field].most(layer.operator.dims)):
            assert layer.operator.replace(**stronger).cost(layer.size)[1] > share * layer.size
        if field == "k" and strength < layer.size:
            assert strength + 1 > share * layer.size


def test_a_share_of_one_sends_nearly_everything_and_loses_nothing() -> None:
    x = np.random.default_rng(0).normal(size=D)
    np.testing.assert_allclose(layered("st_hosvd", share=1.0).compress(x).values, x, rtol=0, atol=1e-6)


def test_a_share_that_sets_nothing_is_refused_in_words() -> None:
    for inner in ("sign", {"name": "st_hosvd", "error": 0.5}):
        with pytest.raises(Refusal, match="neither k nor fixed ranks that a share of floats could set") as refused:
            layered(inner, share=0.5).compress(np.ones(D))
        assert "доля чисел" in refused.value.text.ru


def test_a_vector_of_another_length_than_its_layout_is_refused_in_words() -> None:
    with pytest.raises(Refusal, match=f"hold {D:,} numbers, and the vector has 30") as refused:
        layered("svd").compress(np.ones(30))
    assert "в тензорах его раскладки" in refused.value.text.ru


def test_vectors_are_small_only_beside_tensors() -> None:
    biases = layered({"name": "top_k", "k": 2}, ((4,), (1, 3), ()))
    assert [layer.operator.name for layer in biases.operators(8)] == ["top_k"] * 3
    assert [layer.operator.k for layer in biases.operators(8)] == [2, 2, 1]


def test_no_composition_stands_inside_it() -> None:
    for inside in ("then", "residual", "per_layer"):
        with pytest.raises(Refusal, match="must be an object with its name"):
            compressors.make({"name": "per_layer", "inner": inside})


def test_what_it_learns_of_a_layout_is_no_setting() -> None:
    fitted = layered("svd")
    assert "layout" not in compressors.json(fitted)
    assert fitted.fitted(NETWORK) == fitted != compressors.make("per_layer")
    with pytest.raises(Refusal, match="no field 'layout'"):
        compressors.make({"name": "per_layer", "layout": [[3]]})


@pytest.mark.parametrize("shape", [(64, 32, 3, 3), (10, 72), (2,) * 9, (3, 1, 5)])
def test_a_native_fold_keeps_every_number_in_its_place(shape: tuple[int, ...]) -> None:
    for order in (2, 3, 8):
        dims = native(shape, order)
        assert dims is not None
        assert len(dims) == min(order, len(shape))
        assert dims[: order - 1] == shape[: order - 1]
        assert math.prod(dims) == math.prod(shape)
