"""The round of EF21 with Top-1 on long vectors: 20 nodes, 20,000 sparse rows, 400,000 entries; against a plain loop over nodes."""

from __future__ import annotations

import itertools
import statistics
import time
import tracemalloc
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from ef21lab.algorithms.base import algorithms
from ef21lab.compressors.base import compressors
from ef21lab.datasets.base import Table
from ef21lab.problems.base import objectives
from ef21lab.runs.loop import Optimization, optimize

NODES, ROWS, ENTRIES, LAM, GAMMA = 20, 20_000, 400_000, 0.1, 0.01
LENGTHS = (10**3, 10**4, 10**5, 10**6)
TURNS = 7

Measured = tuple[float, float, float]  # loss, ‖∇f‖², G


def main() -> None:
    print(
        f"\nLong vectors: {NODES} nodes, {ENTRIES:,} entries; milliseconds of a core for one round with its record, and the peak of memory"
    )
    print(f"in a round, in arrays of (nodes, d): all but the data; the {ROWS:,} margins too, which are most of it where d is small\n")
    print("d         ", *(f"{column:>10}" for column in ("ours", "plain", "plain/ours", "peak")))
    for d in LENGTHS:
        ours, plain = _measured(d)
        print(f"{d:<10,}", f"{ours:10.1f} {plain:10.1f} {plain / ours:9.1f}× {_peak(d):10.1f}", flush=True)


def _measured(d: int) -> tuple[float, float]:
    """Milliseconds of a round, ours and plain, after a check that both compute the same; medians of TURNS in turn."""
    ours, plain = _ours(d), _plain(d)
    for _ in range(2):
        record = next(ours)
        np.testing.assert_allclose(next(plain), (record.loss[0], record.grad_norm_sq[0], record.distortion[0]), rtol=1e-9)
    turns = [(_milliseconds(ours), _milliseconds(plain)) for _ in range(TURNS)]
    mine, other = (statistics.median(times) for times in zip(*turns, strict=True))
    return mine, other


def _peak(d: int) -> float:
    run = _ours(d)
    tracemalloc.start()
    for _ in range(3):
        next(run)
    tracemalloc.reset_peak()
    next(run)
    peak = tracemalloc.get_traced_memory()[1] / (8 * NODES * d)
    tracemalloc.stop()
    return peak


def _table(d: int) -> tuple[sp.csr_matrix, np.ndarray, np.ndarray]:
    """A (rows, d), y (rows,) and x⁰ (d,)."""
    rng = np.random.default_rng(0)
    places = np.repeat(np.arange(ROWS), ENTRIES // ROWS), rng.integers(0, d, ENTRIES)
    A = sp.csr_matrix((rng.normal(size=ENTRIES), places), shape=(ROWS, d))
    A.sum_duplicates()
    return A, rng.choice([-1.0, 1.0], ROWS), rng.normal(size=d)


def _ours(d: int) -> Optimization:
    A, y, x0 = _table(d)
    node_of_row = np.repeat(np.arange(NODES), ROWS // NODES)
    problem = objectives.make({"name": "logistic_nonconvex", "lam": LAM}).on(Table(A, y, ("no", "yes"), (d,)), node_of_row, NODES)
    top_1 = compressors.make({"name": "top_k", "k": 1})
    return optimize(problem, algorithms.make("ef21"), top_1, x0=x0[None, :], gammas=[GAMMA], seeds=[0], rounds=1_000_000)


def _plain(d: int) -> Iterator[Measured]:
    """As in the paper's listing, node by node, each with its own sparse rows."""
    A, y, x = _table(d)
    shares = [(A[rows], A[rows].T.tocsr(), y[rows]) for rows in np.split(np.arange(ROWS), NODES)]
    estimates = [np.zeros(d) for _ in shares]
    for _ in itertools.count():
        loss, gradients = 0.0, []
        for rows, columns, labels in shares:
            agreement = labels * (rows @ x)
            loss += (np.mean(np.log1p(np.exp(-agreement))) + LAM * np.sum(x**2 / (1 + x**2))) / NODES
            gradient = columns @ (-labels / (1 + np.exp(agreement))) / len(labels)
            gradients.append(gradient + LAM * 2 * x / (1 + x**2) ** 2)
        for i in range(NODES):
            difference = gradients[i] - estimates[i]
            kept, largest = np.zeros(d), np.argmax(np.abs(difference))
            kept[largest] = np.float32(difference[largest])
            estimates[i] = estimates[i] + kept
        distortion = np.mean([np.sum((estimates[i] - gradients[i]) ** 2) for i in range(NODES)])
        yield loss, np.sum(np.mean(gradients, axis=0) ** 2), distortion
        x = x - GAMMA * np.mean(estimates, axis=0)


def _milliseconds(rounds: Iterator[object]) -> float:
    """Of a core, for the next round: page faults count, and waiting for others does not."""
    began = time.process_time()
    next(rounds)
    return 1e3 * (time.process_time() - began)
