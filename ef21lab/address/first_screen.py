"""What everybody sees first: the runs of the experiment page at an address that says nothing."""

from __future__ import annotations

from collections.abc import Callable

from ef21lab.address.opening import fitted_to, specs_of
from ef21lab.problems.base import Facts
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.tuned import candidates


def first_screen(facts_of: Callable[[RunSpec], Facts]) -> list[RunSpec]:
    """Every step of every contender; their problem is of the facts that `facts_of(run)` says. Raises as it does."""
    contenders = specs_of({}).specs
    layout = facts_of(contenders[0]).layout
    return [run for contender in contenders for run in candidates(fitted_to(layout, contender))]
