"""How many rounds are certain to be enough: of all theorems that reach, each at its own step, the one that asks for the fewest.

Every statement here says: the mean of ‖∇f‖² over x⁰, …, xᵀ⁻¹ is at most h(1 + r + … + rᵀ⁻¹)/T, with h and r < 1 from row 0 of the trace.

    of the mean   h = 2(f(x⁰) − f_inf)/γ + G⁰/θ, r = 0, as its theorem writes it
    of V          ‖∇f‖² ≤ Vᵗ/(sn) and Vᵗ ≤ ρᵗV⁰ for V = n(s‖∇f‖² + G), s = √(1 − α):  h = ‖∇f(x⁰)‖² + G⁰/s, r = ρ

The rate of Ψ has no place here: by ‖∇f‖² ≤ 2L(f − f*) ≤ 2LΨᵗ it promises 2LΨ⁰/(γμT) in the end, L/μ times what the mean's own bound does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from ef21lab import theory
from ef21lab.choices.text import Text
from ef21lab.problems.base import Facts
from ef21lab.runs.guarantees import Guarantees, guarantees
from ef21lab.runs.planned import Planned, plan
from ef21lab.runs.spec import RunSpec
from ef21lab.steps.base import TheoremStep, steps

Kind = Literal["mean", "tight"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Statement:
    """What one theorem says of a method at that theorem's own step."""

    kind: Kind
    found: Guarantees

    @property
    def gamma(self) -> float:
        return self.found.constants.gamma

    @property
    def theorem(self) -> Text:
        return THEOREMS[self.kind]

    def rounds(self, columns: Mapping[str, np.ndarray], epsilon: float) -> int | None:
        """The least T for which the mean is certain to be at most ε; None where that is beyond all numbers."""
        height, rate = self._sum(columns)
        most = height / (1.0 - rate) / epsilon if rate < 1.0 else math.inf  # T, were the sum to go on for ever
        if not math.isfinite(most):
            return None
        enough, short = max(1, math.ceil(most)), 0
        while enough - short > 1:
            middle = (enough + short) // 2
            enough, short = (middle, short) if _mean(height, rate, middle) <= epsilon else (enough, middle)
        return enough

    def _sum(self, columns: Mapping[str, np.ndarray]) -> tuple[float, float]:
        """h and r."""
        loss, gradient, distortion = (float(columns[name][0]) for name in ("loss", "grad_norm_sq", "distortion"))
        known = self.found.constants
        if self.kind == "mean":
            return float(self.found.mean_line(loss, distortion, np.ones(1))[0]), 0.0
        alpha = _known(known.alpha)
        s = math.sqrt(1.0 - alpha)
        height = gradient + (distortion / s if s else math.inf)
        return height, theory.tight_rate(known.gamma, _known(known.L_max), _known(known.common_mu), alpha)


def statements(spec: RunSpec, facts: Facts) -> list[Statement] | Text:
    """All that theorems say of this run's method and compressor, its own theorem's first; or why none says anything."""
    rules = [steps.make(name) for name, kind in steps.members.items() if issubclass(kind, TheoremStep)]
    planned = [plan(replace(spec, step=rule), facts) for rule in sorted(rules, key=lambda rule: rule.name != "theory")]
    found = [statement for one in planned if one.reason is None for statement in _of(one)]
    return found or _why_not(planned[0])


def _of(run: Planned) -> list[Statement]:
    found = guarantees(run)
    return [Statement(kind, found) for kind in KINDS if kind not in found.missing]


def _why_not(run: Planned) -> Text:
    return run.reason or guarantees(run).missing.get("mean", run.source)


def _known(constant: float | None) -> float:
    """A constant of a statement that holds."""
    assert constant is not None
    return constant


def _mean(height: float, rate: float, rounds: int) -> float:
    """h(1 + r + … + rᵀ⁻¹)/T."""
    together = 1.0 if rate == 0.0 else math.expm1(rounds * math.log(rate)) / math.expm1(math.log(rate))
    return height * together / rounds


THEOREMS = {
    "mean": Text("bound of the mean", "оценка среднего"),
    "tight": Text("exact rate of V", "точная скорость убывания V"),
}
