"""The same file of an operator serves PyTorch's arrays: what is received and what it costs, against NumPy's, in its precision and place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from ef21lab.choices.text import Refusal
from ef21lab.compressors import wire
from ef21lab.compressors.base import Compressor, compressors
from tests.compressors.test_family import every_member

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

SAME = 1e-12  # relative to the largest entry: the two libraries sum in another order
SEARCHED = 1e-6  # the same of CP, whose alternating least squares pass on what a factor lost to another order
DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
on_every_device = pytest.mark.parametrize("device", DEVICES)
SELECTING = [{"name": "top_k", "k": 1}, {"name": "top_k", "k": 7}, {"name": "rand_k", "k": 7}, {"name": "top_k_energy"}]


@every_member
@on_every_device
@pytest.mark.parametrize(("precision", "scale"), [("float32", 1.0), ("float32", 1e30), ("float64", 1e200)])
def test_a_tensor_is_received_as_the_array_is(compressor: Compressor, scale: float, precision: str, device: str) -> None:
    """With the noise of draw(), which is NumPy's, and in the precision and on the device of the tensor."""
    x = (scale * np.random.default_rng(3).normal(size=(2, 3, 30))).astype(precision)
    noise = compressor.draw(np.random.default_rng(4), x.shape)
    array, tensor = compressor.compress(x, noise), compressor.compress(torch.as_tensor(x, device=device), noise)
    assert isinstance(tensor.values, torch.Tensor)
    assert (str(tensor.values.dtype), tensor.values.device.type) == (f"torch.{precision}", device)
    assert array.values.dtype == precision
    allowed = max(SEARCHED if compressor.name == "cp" else SAME, np.finfo(precision).eps) * np.abs(array.values).max()
    np.testing.assert_allclose(tensor.values.cpu().numpy(), array.values, rtol=0, atol=allowed)
    for counted, expected in zip(tensor[1:], array[1:], strict=True):
        np.testing.assert_array_equal(wire.on_host(counted), expected)


@every_member
def test_noise_that_is_a_tensor_already_does_as_well(compressor: Compressor) -> None:
    x = torch.as_tensor(np.random.default_rng(3).normal(size=(2, 30)))
    if (noise := compressor.draw(np.random.default_rng(4), x.shape)) is not None:
        assert torch.equal(compressor.compress(x, torch.as_tensor(noise)).values, compressor.compress(x, noise).values)


@every_member
@on_every_device
def test_a_tensor_is_encoded_as_the_array_is_up_to_the_last_digits(compressor: Compressor, device: str) -> None:
    x = np.random.default_rng(3).normal(size=30).astype(np.float32)
    noise = compressor.draw(np.random.default_rng(4), x.shape)
    message = compressor.encode(torch.as_tensor(x, device=device), noise)
    assert message.bits == compressor.encode(x, noise).bits
    received = compressor.compress(x, noise).values
    np.testing.assert_allclose(compressor.decode(message, 30), received, rtol=0, atol=1e-5 * np.abs(received).max())


@pytest.mark.parametrize("given", SELECTING, ids=str)
def test_what_selects_in_numpys_sight_selects_the_same_without_it(given: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a device, whose memory NumPy does not see; ties are common here."""
    x = torch.as_tensor(np.random.default_rng(3).integers(-3, 4, size=(40, 30)).astype(float))
    compressor = compressors.make(given)
    noise = compressor.draw(np.random.default_rng(4), x.shape)
    seen = compressor.compress(x, noise)
    monkeypatch.setattr(wire, "seen_by_numpy", lambda x: None)
    unseen = compressor.compress(x, noise)
    assert torch.equal(seen.values, unseen.values)
    np.testing.assert_array_equal(seen.bits, unseen.bits)


@every_member
def test_a_parameter_with_its_gradient_is_compressed_as_any_tensor(compressor: Compressor) -> None:
    x = np.random.default_rng(3).normal(size=30)
    noise = compressor.draw(np.random.default_rng(4), x.shape)
    parameter = torch.nn.Parameter(torch.as_tensor(x))
    assert torch.equal(compressor.compress(parameter, noise).values, compressor.compress(torch.as_tensor(x), noise).values)
    assert compressor.encode(parameter, noise) == compressor.encode(torch.as_tensor(x), noise)


@every_member
@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
def test_sixteen_bits_come_back_as_float32_which_holds_all_that_may_arrive(compressor: Compressor, kind: str) -> None:
    x = torch.as_tensor(np.random.default_rng(3).normal(size=30)).to(getattr(torch, kind))
    noise = compressor.draw(np.random.default_rng(4), (30,))
    found, full = compressor.compress(x, noise), compressor.compress(x.to(torch.float64), noise)
    assert found.values.dtype == torch.float32
    assert torch.equal(found.values, full.values.to(torch.float32))
    np.testing.assert_array_equal(found.bits, full.bits)


@every_member
@pytest.mark.parametrize("library", [np.ones, torch.ones])
def test_a_kernel_that_was_not_flattened_is_no_heap_of_short_vectors(compressor: Compressor, library: object) -> None:
    with pytest.raises(Refusal, match=r"got \(64, 32, 3, 3\): flatten a tensor first") as refused:
        compressor.compress(library((64, 32, 3, 3)))  # type: ignore[operator]
    assert "вытяните тензор в вектор" in refused.value.text.ru


def networks() -> Iterator[tuple[int, ...]]:
    yield from ((16, 1, 3, 3), (16,), (32, 16, 3, 3), (32,), (10, 128), (10,))


@on_every_device
@pytest.mark.parametrize("inner", ["st_hosvd", "svd", "power_sgd", "top_k", "natural", "qsgd"])
def test_a_network_of_float32_is_compressed_layer_by_layer_where_it_is(inner: str, device: str) -> None:
    layout = tuple(networks())
    compressor = compressors.make({"name": "per_layer", "inner": inner}).fitted(layout)
    x = np.random.default_rng(0).normal(size=(4, sum(int(np.prod(shape)) for shape in layout))).astype(np.float32)
    noise = compressor.draw(np.random.default_rng(1), x.shape)
    array, tensor = compressor.compress(x, noise), compressor.compress(torch.as_tensor(x, device=device), noise)
    assert (tensor.values.dtype, tensor.values.device.type) == (torch.float32, device)
    np.testing.assert_allclose(tensor.values.cpu().numpy(), array.values, rtol=0, atol=1e-5)
    np.testing.assert_array_equal(wire.on_host(tensor.bits), array.bits)
