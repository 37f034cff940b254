"""A round of EF21 with Top-1 on 20 nodes, its record included, against loops over nodes as one would first write them.

    EF21LAB_DATA=../shared/data python -m benchmarks round

Everything runs in one process on one BLAS thread; medians. Only the ratios mean something on another machine.

- plain: a loop over nodes on dense rows; a gradient is the mean over rows of −y a σ(−y aᵀx), written with broadcasting;
- cold:  the same, before anything else has run, as when it is a program of its own: the allocator still fetches its temporaries of
         several MB from the system and gives them back in every round, and their page faults cost more than the arithmetic;
- blas:  the same loop; that mean is a matrix-vector product, and the loss shares the margins with it;
- once:  reading the sparse matrix once at the bandwidth with which a large array is copied here; ours reads less than that matrix where
         rows share pieces (mushrooms), and twice as much where they do not (w8a).

ours, blas and plain take turns; cold comes first, and the largest dataset first of all.
"""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from benchmarks._long_vectors import main as long_vectors
from ef21lab.choices.text import Refusal
from ef21lab.runs.experiment import start_run
from ef21lab.runs.posed import problem_of, table_of
from ef21lab.runs.spec import RunSpec

DATASETS = ("w8a", "mushrooms")
TURNS = 9

COLUMNS = ("ours", "blas", "plain", "cold", "once", "blas/ours", "plain/ours", "cold/ours", "ours/once")


class Node(NamedTuple):
    """One node's share of the data."""

    A: np.ndarray  # (rows, d)
    y: np.ndarray  # (rows,)


Evaluate = Callable[[np.ndarray, Node], tuple[float, np.ndarray]]  # x, a node → fᵢ(x) and ∇fᵢ(x) without the regulariser


def main() -> None:
    print("EF21, Top-1, 20 nodes: milliseconds for one round with its record (loss, ‖∇f‖², G)\n")
    print("dataset   ", *(f"{column:>10}" for column in COLUMNS))
    with threadpool_limits(1):
        for name in DATASETS:
            print(_row(name), flush=True)
        long_vectors()


def _row(name: str) -> str:
    spec = RunSpec.make({"dataset": name, "rounds": 1_000_000})
    try:
        table = table_of(spec.dataset, spec.partition.nodes)
    except Refusal as refusal:
        return f"{name:<10} not measured: {refusal}"
    ours, blas, plain, cold = _measured(spec)
    once = matrix_bytes(sp.csr_array(table.features)) / copy_bandwidth()
    times = (ours, blas, plain, cold, once)
    ratios = (blas / ours, plain / ours, cold / ours, ours / once)
    return " ".join([f"{name:<10}", *(f"{t:10.3f}" for t in times), *(f"{ratio:9.1f}×" for ratio in ratios)])


def _measured(spec: RunSpec) -> tuple[float, float, float, float]:
    """Milliseconds of one round: ours, blas, plain, and plain while it is cold, after a check that all compute the same."""
    nodes, lam = shares(spec), spec.objective.settings()["lam"]
    x0 = spec.start.point(problem_of(spec))
    first = loop(nodes, x0, 0.1, lam, by_broadcasting)
    cold = statistics.median(milliseconds(first, 1) for _ in range(TURNS))
    ours = start_run(spec)
    blas, plain = (loop(nodes, x0, float(ours.gammas[0, 0]), lam, evaluate) for evaluate in (by_product, by_broadcasting))
    for _ in range(3):
        record = next(ours)
        expected = (record.loss[0], record.grad_norm_sq[0], record.distortion[0])
        np.testing.assert_allclose([next(blas), next(plain)], [expected, expected], rtol=1e-9)
    turns = [(milliseconds(ours, 20), milliseconds(blas, 2), milliseconds(plain, 1)) for _ in range(TURNS)]
    mine, product, broadcast = (statistics.median(times) for times in zip(*turns, strict=True))
    return mine, product, broadcast, cold


def loop(nodes: list[Node], x: np.ndarray, gamma: float, lam: float, evaluate: Evaluate) -> Iterator[tuple[float, float, float]]:
    """EF21 with Top-1 as in the paper's listing: (loss, ‖∇f‖², G) of rounds 0, 1, …"""
    n, estimates = len(nodes), [np.zeros_like(x) for _ in nodes]
    while True:
        loss, gradients = 0.0, []
        for node in nodes:
            value, gradient = evaluate(x, node)
            loss += (value + lam * np.sum(x**2 / (1 + x**2))) / n
            gradients.append(gradient + lam * 2 * x / (1 + x**2) ** 2)
        for i in range(n):
            estimates[i] = estimates[i] + top_1(gradients[i] - estimates[i])
        yield loss, np.sum(np.mean(gradients, axis=0) ** 2), np.mean([np.sum((estimates[i] - gradients[i]) ** 2) for i in range(n)])
        x = x - gamma * np.mean(estimates, axis=0)


def by_broadcasting(x: np.ndarray, node: Node) -> tuple[float, np.ndarray]:
    A, y = node
    loss = np.mean(np.log(1 + np.exp(-y * (A @ x))))
    gradient = np.mean(-y[:, None] * A * sigmoid(-y * (A @ x))[:, None], axis=0)
    return loss, gradient


def by_product(x: np.ndarray, node: Node) -> tuple[float, np.ndarray]:
    A, y = node
    agreement = y * (A @ x)
    return np.mean(np.log1p(np.exp(-agreement))), A.T @ (-y * sigmoid(-agreement)) / len(y)


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def top_1(v: np.ndarray) -> np.ndarray:
    """The largest coordinate as float32, zero elsewhere."""
    kept, largest = np.zeros_like(v), np.argmax(np.abs(v))
    kept[largest] = np.float32(v[largest])
    return kept


def shares(spec: RunSpec) -> list[Node]:
    """Every node's rows, dense."""
    table = table_of(spec.dataset, spec.partition.nodes)
    node_of_row = spec.partition.assign(table)
    dense = sp.csr_array(table.features).toarray()
    return [Node(dense[node_of_row == i], table.labels[node_of_row == i]) for i in range(spec.partition.nodes)]


def copy_bandwidth() -> float:
    """Bytes per millisecond, read and written, of copying an array that no cache holds."""
    source = np.ones(2**24)
    target = np.empty_like(source)
    copies = map(np.copyto, itertools.repeat(target), itertools.repeat(source))
    return 2 * source.nbytes / min(milliseconds(copies, 1) for _ in range(5))


def matrix_bytes(matrix: sp.csr_array) -> int:
    return matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes


def milliseconds(rounds: Iterator[object], count: int) -> float:
    """The mean over the next `count` rounds."""
    began = time.perf_counter()
    for _ in range(count):
        next(rounds)
    return 1e3 * (time.perf_counter() - began) / count
