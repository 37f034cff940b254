"""Error feedback with every operator there is: it runs or is refused in words, keeps what is certified, and goes on as it was."""

from __future__ import annotations

import numpy as np
import pytest

from ef21lab.algorithms.base import algorithms
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.problems.base import Problem
from ef21lab.runs.loop import Optimization, optimize

METHODS = ("ef14", "ef21", "ef21_sgdm", "ef21_hb", "diana")
LAYERS = ((2, 3), (2, 2), (2,))  # 12 numbers, as the problem of conftest.py has
UNBIASED = [{"name": name, "scaling": "unbiased"} for name in ("rand_k", "qsgd", "ternary", "random_low_rank")]
OPERATORS = [
    *map(compressors.make, compressors.members),
    *map(compressors.make, UNBIASED),
    *(
        compressors.make({"name": "per_layer", "inner": inner, "small": inner}).fitted(LAYERS)
        for inner in ("top_k", "power_sgd", *UNBIASED)
    ),
    compressors.make({"name": "power_sgd", "warm": True}),
]
ROUNDS, FLOAT64 = 6, 1e-12


def run(problem: Problem, method: str, compressor: Compressor, **settings: object) -> Optimization:
    x0 = np.random.default_rng(3).normal(size=(1, problem.d))
    return optimize(problem, algorithms.make(method), compressor, x0=x0, gammas=[0.05], seeds=[0], rounds=ROUNDS, **settings)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_it_runs_or_says_why_not_and_keeps_what_is_certified(problem: Problem, method: str, operator: Compressor) -> None:
    compressor = operator.fitted(LAYERS if operator.name == "per_layer" and operator.layout else problem.facts.layout)
    refusal = algorithms.make(method).refusal(problem.facts, compressor)
    if method == "diana" and compressor.omega(problem.d) is None:
        assert refusal is not None
        assert refusal.ru != refusal.en
        return
    assert refusal is None
    whole = list(run(problem, method, compressor))
    assert all(np.isfinite(record.grad_norm_sq).all() for record in whole)
    if compressor.received_alpha(problem.d) is not None and compressor.draw(np.random.default_rng(0), (problem.d,)) is None:
        for record in whole:  # a nan is of a node that had nothing to say
            assert not np.any(record.contraction > 1 - compressor.received_alpha(problem.d) + FLOAT64)
    begun = run(problem, method, compressor)
    early = [next(begun).grad_norm_sq for _ in range(3)]
    later = [record.grad_norm_sq for record in run(problem, method, compressor, checkpoint=begun.checkpoint())]
    np.testing.assert_array_equal([*early, *later], [record.grad_norm_sq for record in whole])
