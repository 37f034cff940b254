"""What a run has trained, as PyTorch has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal, Text
from ef21lab.problems.networks.base import saved
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace


def trained(given: RunSpec | Mapping[str, Json], trace: Trace) -> Any:
    """The network of a run with the parameters that it came to: a torch.nn.Module that takes rows (batch, p) of float64.

    `torch.save(trained(spec, trace).state_dict(), "network.pt")` keeps them. Raises Refusal where the objective is no network, where
    PyTorch is not installed, and for a trace that does not know its x.
    """
    if trace.x is None:
        raise Refusal(NO_X)
    return problem_of(RunSpec.make(given)).trained(trace.x)


def state_dict_file(given: RunSpec | Mapping[str, Json], x: np.ndarray) -> bytes:
    """A file with the parameters x (d,) of a run's network by their names: `torch.load(file, weights_only=True)` reads it.

    Raises Refusal where the objective is no network, and where PyTorch is not installed.
    """
    return saved(problem_of(RunSpec.make(given)).trained(x))


NO_X = Text(
    "this trace does not know which x it came to; one of ef21lab.run does",
    "у этой записи нет x, к которому пришёл запуск; он есть у записи, которую вернул ef21lab.run",
)
