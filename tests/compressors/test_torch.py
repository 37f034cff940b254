"""The same file of an operator serves PyTorch's arrays: what is received and what it costs, against NumPy's."""

from __future__ import annotations

import numpy as np
import pytest

from ef21lab.compressors.base import Compressor
from tests.compressors.test_family import every_member

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

SAME = 1e-12  # relative to the largest entry: the two libraries sum in another order
SEARCHED = 1e-6  # the same of CP, whose alternating least squares pass on what a factor lost to another order


@every_member
@pytest.mark.parametrize("scale", [1.0, 1e200])
def test_a_tensor_is_received_as_the_array_is(compressor: Compressor, scale: float) -> None:
    x = scale * np.random.default_rng(3).normal(size=(2, 3, 30))
    noise = compressor.draw(np.random.default_rng(4), x.shape)
    array = compressor.compress(x, noise)
    tensor = compressor.compress(torch.as_tensor(x), None if noise is None else torch.as_tensor(noise))
    assert isinstance(tensor.values, torch.Tensor)
    assert tensor.values.dtype == torch.float64
    allowed = (SEARCHED if compressor.name == "cp" else SAME) * np.abs(array.values).max()
    np.testing.assert_allclose(np.asarray(tensor.values), array.values, rtol=0, atol=allowed)
    np.testing.assert_array_equal(np.asarray(tensor.bits), array.bits)
    np.testing.assert_array_equal(np.asarray(tensor.floats), array.floats)
