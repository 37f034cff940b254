"""A record of a million finished runs: how long it takes to open it, and to find a page of it among them.

No run has a trace, since traces are read by key.
EF21LAB_RUNS=100000 makes a smaller one. Best and worst of repeats, in seconds; what is promised is that none takes one.
"""

from __future__ import annotations

import itertools
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from ef21lab.jobs import catalogue
from ef21lab.jobs.catalogue import COMMON, Query
from ef21lab.jobs.marks import Said
from ef21lab.jobs.store import Store
from ef21lab.jobs.upkeep import tidy
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace

RUNS = int(os.environ.get("EF21LAB_RUNS", "1000000"))
REPEATS = 3

QUERIES = {
    "first page": (Query(), 0),
    "the page in the middle": (Query(), RUNS // 2),
    "last page, by ‖∇f‖²": (Query(order="grad_norm_sq", descending=False), RUNS - 25),
    "one dataset, method, compressor": (Query(dataset="w8a", method="ef21", compressor="top_k"), 0),
    "… by ‖∇f‖²": (Query(dataset="w8a", method="ef21", compressor="top_k", order="grad_norm_sq", descending=False), 0),
    "below ε for at most so many bits": (Query(grad_norm_sq=1e-9, bits_up=2e4, order="bits_up", descending=False), 0),
    "by loss, which has no index": (Query(order="loss", descending=False), 0),
    "a date": (Query(since=RUNS * 0.5, before=RUNS * 0.5 + 100), 0),
    "a word in a quarter of all": (Query(text="top_k"), 0),
    "a word in all, by ‖∇f‖²": (Query(text="contiguous", order="grad_norm_sq"), 0),
    "two words": (Query(text="hosvd ranks=2"), 0),
    "a seed": (Query(text="seed=123456"), 0),
    "nothing": (Query(text="nowhere"), 0),
    "pinned": (Query(owner="anna", pinned=True), 0),
    "a tag": (Query(owner="anna", tag="lecture"), 0),
}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ef21lab-") as folder:
        path = Path(folder) / "runs.db"
        began = time.perf_counter()
        _filled(path)
        print(f"{RUNS:,} runs made in {time.perf_counter() - began:.0f} s, {path.stat().st_size / 1e6:,.0f} MB\n")
        print(f"{'seconds':<36} {'first':>8} {'later':>8}    found")
        opened = [_seconds(lambda: Store(path).close()) for _ in range(REPEATS)]
        print(f"{'open':<36} {opened[0]:8.3f} {min(opened[1:]):8.3f}")
        store = Store(path)
        for name, (query, offset) in QUERIES.items():
            times = [_seconds(lambda query=query, offset=offset: store.catalogue.find(query, offset, 25)) for _ in range(REPEATS)]
            counts = _seconds(lambda query=query: store.catalogue.count(query))
            print(f"{name:<36} {times[0]:8.3f} {min(times[1:]):8.3f}    {store.catalogue.count(query):,} (counted in {counts:.3f})")
        store.largest = store.file.bytes() - 2**20
        slices = [_seconds(lambda: tidy(store)) for _ in range(20)]
        print(f"{'a slice of eviction':<36} {slices[0]:8.3f} {max(slices):8.3f}    (the longest of 20)")
        store.close()


def _filled(path: Path) -> None:
    """All in one transaction: a few hundred specs, each with many seeds."""
    store = Store(path, clock=lambda: 0.0)
    draw, kinds = random.Random(0), list(_kinds())

    def work(execute: catalogue.Execute) -> None:
        for number in range(RUNS):
            spec, words, written = kinds[number % len(kinds)]
            key = f"{draw.getrandbits(96):024x}"
            execute("INSERT INTO runs VALUES (?, ?, 'done', NULL, NULL, 400, 400, ?, ?, NULL)", (key, written, number, number))
            last = _ends(draw)
            catalogue.enter(execute, key, spec, last, float(number), f"{words} seed={number}")

    store.file.change(work)
    newest = [run.key for run in store.catalogue.find(Query(), RUNS // 3, 500)]
    store.marks.put("anna", {key: Said(("lecture",), pinned=True) for key in newest})
    store.marks.put(COMMON, {key: Said(pinned=True) for key in newest[:100]})
    store.close()


def _kinds() -> Iterator[tuple[RunSpec, str, str]]:
    compressors = [{"name": "top_k", "k": k} for k in (1, 2, 4, 8)] + [{"name": "st_hosvd", "ranks": r} for r in (1, 2, 3, 4)]
    others = [{"name": name} for name in ("identity", "sign", "natural", "hosvd", "rand_k", "qsgd", "svd", "tensor_train")]
    for dataset, method, compressor in itertools.product(
        ("mushrooms", "w8a", "a9a", "digits"), ("ef21", "dcgd", "ef14"), compressors + others
    ):
        objective = "softmax" if dataset == "digits" else "logistic_nonconvex"
        spec = RunSpec.make({"dataset": dataset, "algorithm": method, "compressor": compressor, "objective": objective})
        yield spec, catalogue.words_of(spec), str(spec.json()).replace("'", '"')


def _ends(draw: random.Random) -> Trace:
    values = {"loss": draw.random(), "grad_norm_sq": 10 ** draw.uniform(-12, 0), "bits_up": float(draw.randrange(400, 400_000))}
    return Trace({name: np.array([value]) for name, value in values.items()}, np.empty((1, 0)))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
