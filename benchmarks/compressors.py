"""How fast the compressors are: vectors per second, and a stack at once against a loop over its vectors, with tensorly's operator too.

One process, one BLAS thread, medians of repeats; the two sides of the ratio take turns, so that a busy machine slows both.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import NamedTuple

import numpy as np
import tensorly
from tensorly.decomposition import parafac, tensor_train, tucker
from threadpoolctl import threadpool_limits

from ef21lab.choices.fields import Json
from ef21lab.compressors.base import Compressor, compressors

VECTORS = 640
LENGTHS = (112, 640, 7840)
RATIO_DIMS, RATIO_RANKS = (4, 4, 7), (2, 2, 2)
TARGET = 30  # the ratio that is promised
TENSOR_TARGET = 2  # the same of Top-k of a tensor
TENSORLY: dict[str, Callable[[np.ndarray], object]] = {  # the same work: decomposed and rebuilt, with the ranks of the settings below
    "st_hosvd": lambda tensor: tensorly.tucker_to_tensor(tucker(tensor, rank=list(RATIO_RANKS), n_iter_max=1, init="svd")),
    "hooi": lambda tensor: tensorly.tucker_to_tensor(tucker(tensor, rank=list(RATIO_RANKS), n_iter_max=2, init="svd", tol=0)),
    "tensor_train": lambda tensor: tensorly.tt_to_tensor(tensor_train(tensor, rank=[1, 2, 2, 1])),
    "cp": lambda tensor: tensorly.cp_to_tensor(parafac(tensor, rank=2, n_iter_max=3, init="svd", tol=0)),
}


class Row(NamedTuple):
    """One measurement: an operator on `VECTORS` vectors of length d."""

    compressor: Compressor
    d: int
    seconds: float

    @property
    def vectors_per_second(self) -> float:
        return VECTORS / self.seconds


class Ratio(NamedTuple):
    """How many times longer a loop over the vectors takes than the stack at once: this operator's own, and tensorly's where it has one."""

    compressor: Compressor
    loop: float
    tensorly: float | None


class Spent(NamedTuple):
    """Seconds that one vector takes."""

    compressor: Compressor
    d: int
    compress: float
    encode: float
    decode: float


def rows(repeats: int = 7) -> Iterator[Row]:
    """Every compressor of the registry with its defaults, and those that keep one coordinate in ten, at every length."""
    for d in LENGTHS:
        x = np.random.default_rng(0).normal(size=(VECTORS, d))
        tenth: list[Json] = [{"name": name, "k": d // 10} for name in ("top_k", "rand_k")]
        for given in (*compressors.members, *tenth, {"name": "then", "first": tenth[0]}):
            compressor = compressors.make(given)
            noise = compressor.draw(np.random.default_rng(1), x.shape)
            yield Row(compressor, d, _seconds(partial(compressor.compress, x, noise), repeats))


def ratios(repeats: int = 3) -> Iterator[Ratio]:
    """Every compressor of the registry with its defaults at d = 112; the low-rank ones have ranks 2, on 4×4×7 where they take a tensor."""
    x = np.random.default_rng(0).normal(size=(VECTORS, int(np.prod(RATIO_DIMS))))
    for name in compressors.members:
        compressor = compressors.make(name)
        noise = compressor.draw(np.random.default_rng(1), x.shape)
        loop = _ratio(partial(_own_loop, compressor, x, noise), partial(compressor.compress, x, noise), repeats)
        yield Ratio(compressor, loop, tensorly_ratio(name, repeats) if name in TENSORLY else None)


def messages(repeats: int = 5) -> Iterator[Spent]:
    """One vector there and back by Top-k with one coordinate in ten: an index code must not take longer and longer for each of them."""
    for d in (1000, 10_000, 100_000):
        compressor, x = compressors.make({"name": "top_k", "k": d // 10}), np.random.default_rng(0).normal(size=d)
        message = compressor.encode(x)
        calls = partial(compressor.compress, x), partial(compressor.encode, x), partial(compressor.decode, message, d)
        yield Spent(compressor, d, *(_seconds(call, repeats) for call in calls))


def tensorly_ratio(name: str = "st_hosvd", repeats: int = 7) -> float:
    """Seconds of a Python loop over tensorly's operator divided by seconds of one batched call."""
    x = np.random.default_rng(0).normal(size=(VECTORS, int(np.prod(RATIO_DIMS))))
    return _ratio(
        partial(_tensorly_loop, TENSORLY[name], x), partial(compressors.make({"name": name, "dims": RATIO_DIMS}).compress, x), repeats
    )


def torch_ratios(repeats: int = 21) -> Iterator[tuple[Compressor, tuple[int, int], float]]:
    """How many times longer Top-k of a tensor in this machine's memory takes than of the array, for stacks (vectors, d) of float64."""
    import torch

    torch.set_num_threads(1)
    for shape, k in (((VECTORS, 112), 12), ((VECTORS, 640), 64), ((VECTORS, 7840), 784), ((1, 2**20), 2**20 // 100)):
        compressor, x = compressors.make({"name": "top_k", "k": k}), np.random.default_rng(0).normal(size=shape)
        of_tensor, of_array = partial(compressor.compress, torch.as_tensor(x)), partial(compressor.compress, x)
        yield compressor, shape, _ratio(of_tensor, of_array, repeats)


def main() -> None:
    with threadpool_limits(1):
        print(f"{VECTORS} float64 vectors, one BLAS thread")
        print(f"{'compressor':<52}{'d':>8}{'ms':>10}{'vectors/s':>14}")
        for row in rows():
            print(f"{row.compressor!s:<52}{row.d:>8}{1e3 * row.seconds:>10.2f}{row.vectors_per_second:>14,.0f}")
        print(f"{'one message, ms':<52}{'d':>8}{'compress':>10}{'encode':>10}{'decode':>10}")
        for one in messages():
            spent = "".join(f"{1e3 * seconds:>10.2f}" for seconds in (one.compress, one.encode, one.decode))
            print(f"{one.compressor!s:<52}{one.d:>8}{spent}")
        print(f"{'a loop takes longer than the stack, d = 112':<52}{'its own':>10}{'tensorly':>10}")
        for ratio in ratios():
            print(f"{ratio.compressor!s:<52}{ratio.loop:>9.0f}×" + (f"{ratio.tensorly:>9.0f}×" if ratio.tensorly else ""))
        if importlib.util.find_spec("torch"):
            for compressor, shape, times in torch_ratios():
                print(f"{f'{compressor} of a tensor, {shape[0]} × {shape[1]}':<52}{times:>9.2f}× an array (promised: {TENSOR_TARGET}×)")
        print(f"ST-HOSVD, d = 112 as 4×4×7, ranks 2: {tensorly_ratio():.0f}× a loop over tensorly's tucker (promised: {TARGET}×)")


def _tensorly_loop(operator: Callable[[np.ndarray], object], x: np.ndarray) -> None:
    for vector in x:
        operator(vector.reshape(RATIO_DIMS))


def _own_loop(compressor: Compressor, x: np.ndarray, noise: np.ndarray | None) -> None:
    for index, vector in enumerate(x):
        compressor.compress(vector, None if noise is None else noise[index])


def _ratio(slow: Callable[[], object], fast: Callable[[], object], repeats: int) -> float:
    return median(_timed(slow) / _seconds(fast, 3) for _ in range(repeats))


def _seconds(work: Callable[[], object], repeats: int) -> float:
    """The median time of one call, after one that warms up."""
    work()
    return median(_timed(work) for _ in range(repeats))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
