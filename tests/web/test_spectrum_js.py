"""Singular values in the browser are those of NumPy."""

import json

import numpy as np
import pytest

from tests.web.test_contract import said


@pytest.mark.parametrize("shape", [(6, 9), (9, 6), (4, 3, 5), (5, 3, 2, 2), (4, 1, 3, 3), (7, 1)], ids=str)
def test_the_spectrum_of_every_unfolding_is_numpys(shape):
    tensor = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    found = said("microscope/spectrum.js", f"module.spectraOf(Float32Array.from({json.dumps(tensor.ravel().tolist())}), {list(shape)})")
    modes = [mode for mode, side in enumerate(shape) if side > 1]
    expected = modes if len(modes) > 2 else modes[:-1]
    assert [one["mode"] - 1 for one in found] == expected
    for mode, one in zip(expected, found, strict=True):
        exact = np.linalg.svd(np.moveaxis(tensor, mode, 0).reshape(shape[mode], -1).astype(float), compute_uv=False)
        np.testing.assert_allclose(one["values"], exact / exact[0], rtol=1e-9)


def test_what_has_rank_one_has_one_singular_value_and_what_is_zero_none():
    flat = np.outer(np.arange(1, 5), np.arange(1, 7)).ravel().tolist()
    of = lambda values: said("microscope/spectrum.js", f"module.spectraOf(Float32Array.from({values}), [4, 6])[0].values")  # noqa: E731
    assert of(flat) == [1]
    assert of([0] * 24) == []
