"""A small problem on four unequal nodes."""

import numpy as np
import pytest

from ef21lab.datasets.base import Table
from ef21lab.problems.base import Problem, objectives

NODE_OF_ROW = np.repeat(np.arange(4), [3, 8, 12, 20])


@pytest.fixture(params=["logistic_nonconvex", "least_squares"])
def problem(request) -> Problem:
    rng = np.random.default_rng(5)
    table = Table(rng.normal(size=(43, 12)), rng.choice([-1.0, 1.0], 43), ("no", "yes"), (3, 4))
    return objectives.make({"name": request.param, "lam": 0.1}).on(table, NODE_OF_ROW, 4)
