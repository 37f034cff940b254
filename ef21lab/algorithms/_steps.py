"""Where a step comes from: a theorem whose certificates are there, its formula with a stand-in, or another method."""

from __future__ import annotations

from ef21lab import theory
from ef21lab.algorithms.base import StepSize
from ef21lab.choices.text import Text
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts


def of_theorem(gamma: float, source: Text, *certificates: float | None) -> StepSize:
    """A theorem's step where every α in it is certified; the same formula, without a promise, where one is not."""
    proved = None not in certificates
    return StepSize(gamma, proved, source if proved else STAND_IN)


def borrowed(method: Text, facts: Facts, compressor: Compressor) -> StepSize:
    """EF21's step, for a method about which no theorem is implemented."""
    gamma = theory.ef21_step(facts.L, facts.L_tilde, compressor.step_alpha(facts.d))
    return StepSize(gamma, False, NO_THEOREM.format(method=method))


STAND_IN = Text(
    "no certificate, so no theorem: the method's formula with a stand-in for α",
    "нет гарантии α, значит, нет и теоремы: формула метода с условным значением α",
)
NO_THEOREM = Text(
    "no theorem is implemented for {method}; EF21's step is the base",
    "для метода {method} теоремы здесь нет; за основу взят шаг EF21",
)
