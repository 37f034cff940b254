"""tensorly's decompositions as operators: what arrives is what that library itself rebuilds, and what it cannot do is answered."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import tensorly
from tensorly.decomposition import parafac, tucker

from ef21lab.compressors.base import Compressor, compressors

pytestmark = pytest.mark.filterwarnings("ignore:Trying to compute SVD")
SHAPES = [(4, 4, 7), (7, 4, 4), (5, 6), (2, 3, 4, 5)]


def made(name: str, **fields: object) -> Compressor:
    return compressors.make({"name": name, **fields})


@pytest.mark.parametrize("dims", SHAPES, ids=str)
def test_the_tucker_that_arrives_is_the_one_that_tensorly_rebuilds(dims: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).normal(size=dims)
    expected = tensorly.tucker_to_tensor(tucker(x, rank=[2] * len(dims), n_iter_max=6, init="svd"))
    received = made("tensorly_tucker", dims=dims, ranks=2, sweeps=6).compress(x.ravel()).values
    np.testing.assert_allclose(received.reshape(dims), expected, atol=1e-6)


@pytest.mark.parametrize("dims", SHAPES, ids=str)
def test_the_parafac_that_arrives_is_the_one_that_tensorly_rebuilds(dims: tuple[int, ...]) -> None:
    x = np.random.default_rng(1).normal(size=dims)
    expected = tensorly.cp_to_tensor(parafac(x, rank=3, n_iter_max=4, init="svd", random_state=0))
    received = made("tensorly_parafac", dims=dims, ranks=3, sweeps=4).compress(x.ravel()).values
    np.testing.assert_allclose(received.reshape(dims), expected, atol=1e-5)


@pytest.mark.parametrize(("theirs", "ours"), [("tensorly_tucker", "hooi"), ("tensorly_parafac", "cp")])
def test_their_message_is_as_long_as_ours(theirs: str, ours: str) -> None:
    for d in (13, 112, 641):
        assert made(theirs).cost(d) == made(ours).cost(d)


@pytest.mark.parametrize("name", ["tensorly_tucker", "tensorly_parafac"])
def test_nothing_is_certified_and_the_step_has_a_stand_in(name: str) -> None:
    assert made(name).alpha(112) is None
    assert made(name).received_alpha(112) is None
    assert made(name).step_alpha(112) == made({"tensorly_tucker": "st_hosvd", "tensorly_parafac": "cp"}[name]).alpha(112)
    assert "without a guarantee" in made(name).alpha_reason(112).en


def test_components_that_a_singular_system_does_not_give_are_left_out() -> None:
    x = np.einsum("i,j,k->ijk", [1.0, 2.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 3.0])
    with pytest.raises(np.linalg.LinAlgError):
        parafac(x, rank=3, n_iter_max=10, init="svd", random_state=0)
    np.testing.assert_allclose(made("tensorly_parafac", dims=[3, 3, 3], ranks=3).compress(x.ravel()).values, x.ravel(), atol=1e-6)


@pytest.mark.parametrize("name", ["tensorly_tucker", "tensorly_parafac"])
def test_more_work_is_said_to_take_longer(name: str) -> None:
    efforts = [
        made(name, sweeps=sweeps).effort(d, vectors) for sweeps, d, vectors in [(1, 112, 1), (10, 112, 1), (10, 112, 20), (10, 7840, 20)]
    ]
    assert efforts == sorted(efforts)
    assert efforts[2] > 20 * made("st_hosvd").effort(112, 20)


def test_tensorly_is_imported_when_it_is_first_used() -> None:
    code = "import sys; from ef21lab.compressors.base import compressors as c; c.make('tensorly_tucker'); print('tensorly' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
