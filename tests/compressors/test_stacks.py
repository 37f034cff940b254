"""Operators that keep a few entries, on many long vectors: no array of their size is made but what they return."""

import tracemalloc

import numpy as np
import pytest

from ef21lab.compressors.base import compressors

N, D = 40, 50_000
KEEPING = [{"name": "top_k", "k": 1}, {"name": "top_k", "k": 64}, {"name": "rand_k", "k": 64}]


@pytest.mark.parametrize("choice", KEEPING, ids=str)
def test_a_stack_takes_one_array_and_each_vector_is_what_it_is_alone(choice):
    operator, rng = compressors.make(choice), np.random.default_rng(0)
    x = rng.normal(size=(N, D))
    x[3] *= 2.0**-80  # travels scaled, and not the others
    noise = operator.draw(rng, x.shape)
    tracemalloc.start()
    try:
        values, bits, _ = operator.compress(x, noise)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= 1.25 * x.nbytes
    for row in range(N):
        alone = operator.compress(x[row], None if noise is None else noise[row])
        assert np.array_equal(values[row], alone.values)
        assert bits[row] == alone.bits
    few = operator.few(x, noise)
    assert np.array_equal(np.take_along_axis(values, few.columns, axis=-1), few.numbers)
    assert np.count_nonzero(values) == np.count_nonzero(few.numbers)
