"""Where a run has come to, as a file: x as NumPy has it, and the network that it has trained as PyTorch has it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal, Text
from ef21lab.problems.base import NO_NETWORK
from ef21lab.problems.networks.base import saved
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace


def check_trains(spec: RunSpec) -> None:
    """Raises Refusal where the objective is no network."""
    if not spec.objective.trains:
        raise Refusal(NO_NETWORK)


def npy(x: np.ndarray) -> bytes:
    """A file with x (d,) that numpy.load reads."""
    file = io.BytesIO()
    np.save(file, x, allow_pickle=False)
    return file.getvalue()


def trained(given: RunSpec | Mapping[str, Json], trace: Trace) -> Any:
    """The network of a run with the parameters that it came to: a torch.nn.Module that takes rows (batch, p) of float64.

    `torch.save(trained(spec, trace).state_dict(), "network.pt")` keeps them; of a trace that knows its spec it is `trace.trained()`.
    Raises Refusal where the objective is no network, where PyTorch is not installed, and for a trace that does not know its x.
    """
    if trace.x is None:
        raise Refusal(NO_X)
    return problem_of(RunSpec.make(given)).trained(trace.x)


def of_trace(trace: Trace) -> Any:
    """`trained` of a trace that knows its spec. Raises Refusal for another too."""
    if trace.spec is None:
        raise Refusal(NO_SPEC)
    return trained(trace.spec, trace)


def state_dict_file(given: RunSpec | Mapping[str, Json], x: np.ndarray) -> bytes:
    """A file with the parameters x (d,) of a run's network by their names: `torch.load(file, weights_only=True)` reads it.

    Raises Refusal where the objective is no network, and where PyTorch is not installed.
    """
    return saved(problem_of(RunSpec.make(given)).trained(x))


NO_SPEC = Text(
    "this trace does not know of which run it is: lab.trained(spec, trace) is told it",
    "эта запись не знает, какого она запуска: его называют в lab.trained(spec, trace)",
)
NO_X = Text(
    "this trace does not know which x it came to; one of ef21lab.run does",
    "у этой записи нет x, к которому пришёл запуск; он есть у записи, которую вернул ef21lab.run",
)
