"""What theorems say of one run: which hold, why the others do not, and their lines beside what was measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ef21lab import theory
from ef21lab.algorithms.base import Algorithm, MeanBound, Statement
from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import Compressor, noise_shape
from ef21lab.problems.base import NO_L, Facts
from ef21lab.problems.minimum import Minimum
from ef21lab.runs.planned import Planned
from ef21lab.runs.spec import FLOAT64

Array = Any

EQUAL_STEPS = 1e-9  # relative: a step this near the theorem's is the theorem's
ROUNDING = 8 * 2.0**-53  # of the terms of a gradient: what adding them up and stepping along them may cost
CLOSE_MINIMUM = 1e-9  # of max(1, |f*|): f* known less well than this makes no Ψ

STATEMENTS = ("mean", "psi", "tight", "distortion", "contraction")

NO_ALPHA = Text("no certificate for α", "нет гарантии α")
TOO_WEAK = Text("α is lost in the rounding to float32", "α теряется при округлении до float32")
OTHER_METHOD = Text("no such bound is implemented for {method}", "для метода {method} такой оценки здесь нет")
LONGER = Text(
    "the step is {times:time|times} the longest that the theorem allows",
    "шаг в {times:раз|раза|раз} больше допустимого по теореме",
)
NO_LENGTH = Text("the theorem's longest step rounds to zero", "наибольший шаг теоремы округляется до нуля")
ROUNDED = Text(
    "the state is float32, and the theorem does not know what rounding it costs",
    "состояние хранится как float32, а теорема не учитывает его округления",
)
FADES = Text("the step gets shorter, and the theorem is about one step for all rounds", "шаг убывает, а теорема об одном шаге для всех")
THINNED = Text("only every {every}-th round is recorded", "записан лишь каждый {every}-й раунд")
NO_MU = Text("μ > 0 is not known for this problem", "у этой задачи μ > 0 неизвестна")
NO_MINIMUM = Text("f* was not found closely enough", "f* не удалось найти достаточно точно")


class Constants(NamedTuple):
    """The letters of the theorems. `alpha` allows for the rounding of messages to float32; None where nothing is certified."""

    gamma: float
    alpha: float | None
    L_tilde: float | None  # as L_max, None where no L is known
    mu: float | None
    lowest: float  # f is nowhere below
    attained: float | None  # f is somewhere not above; None where f* is not known
    bound: MeanBound | None  # of the mean of ‖∇f‖², at this step
    L_max: float | None
    common_mu: float | None  # of every fᵢ
    nodes: int
    d: int


class Floor(NamedTuple):
    """What the height of f is measured from: f* within `within` below `level`, or, with None, a number that f is nowhere below."""

    level: float
    within: float | None


@dataclass(frozen=True)
class Guarantees:
    """`missing[name]` says why statement `name` is not certain; a statement that is not there holds.

    With `in_expectation` messages are random, and all that holds holds in expectation over what is drawn.
    """

    constants: Constants
    missing: Mapping[str, Text]
    in_expectation: bool
    whole: bool  # every round is recorded
    uncompressed: bool = False  # Ψ contracts as f − f* of gradient descent does
    penalised: bool = False  # what is recorded as the loss is f + a penalty, which is nowhere negative

    @property
    def level(self) -> float | None:
        """‖C(v) − v‖² ≤ (1 − α)‖v‖²: above the relative contraction of every message."""
        alpha = self.constants.alpha
        return None if alpha is None or "contraction" in self.missing else 1.0 - alpha

    @property
    def floor(self) -> Floor:
        """f* where it was found and is what the losses tend to; else the greatest number that f is known to be nowhere below."""
        lowest, attained = self.constants.lowest, self.constants.attained
        if attained is None or self.penalised:
            return Floor(lowest, None)
        return Floor(attained, attained - lowest)

    def columns(self, columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """What is drawn beside the columns of a trace from round 0 on, each (records,): `gap`, `mean`, `psi` and the lines above them.

        A column is not there where nothing is known of it, and nan in the rounds for which its theorem says nothing.
        """
        if not len(columns["round"]):
            return {}
        drawn = {"gap": self._gap(columns)}
        drawn |= {"mean": running_mean(columns["grad_norm_sq"])} if self.whole else {}
        drawn |= {"psi": self._psi(columns)} if self._psi_is_known else {}
        drawn |= {} if "tight" in self.missing else {"tight": self._tight(columns)}
        lines = {"mean": self._mean_line, "psi": self._psi_line, "tight": self._tight_line, "distortion": self._distortion_line}
        return drawn | {f"{name}_line": _told(line(columns)) for name, line in lines.items() if name not in self.missing}

    def _gap(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """f above its floor; nan where that is no more than the floor is uncertain."""
        level, within = self.floor
        gap = columns["loss"] - level
        return np.where(gap > (within or 0.0), gap, np.nan)

    def mean_line(self, loss: float, distortion: float, rounds: np.ndarray) -> np.ndarray:
        """Above the mean of ‖∇f‖² over the first T iterates, T in `rounds`, from f(x⁰) and G⁰; where that statement holds."""
        gamma, alpha, lowest, bound = self.constants.gamma, self.constants.alpha, self.constants.lowest, self.constants.bound
        assert bound is not None, "a statement that holds has its bound"
        return theory.ef21_guarantee(loss - lowest, bound.weight * distortion, bound.stretch * gamma, bound.share * _certain(alpha), rounds)

    def _mean_line(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        rounds = np.where(columns["round"] > 0, columns["round"], np.nan)
        return self.mean_line(float(columns["loss"][0]), float(columns["distortion"][0]), rounds)

    @property
    def _psi_is_known(self) -> bool:
        return self.constants.attained is not None and self.constants.alpha is not None

    def _psi(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """Ψ or a little less: measured from a value that f attains. nan where it is no more than f* is uncertain."""
        attained = _certain(self.constants.attained)
        psi = theory.pl_potential(columns["loss"] - attained, columns["distortion"], self.constants.gamma, _certain(self.constants.alpha))
        return np.where(psi > attained - self.constants.lowest, psi, np.nan)

    def _psi_line(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """(1 − γμ)^t Ψ⁰ or a little more: measured from a value that f is nowhere below. Of gradient descent see theory.descent_line."""
        gamma, alpha, mu, lowest = self.constants.gamma, self.constants.alpha, self.constants.mu, self.constants.lowest
        if self.uncompressed:
            gap = theory.descent_line(float(columns["loss"][0]) - lowest, columns["distortion"], gamma, _certain(mu))
            return theory.pl_potential(gap, columns["distortion"], gamma, _certain(alpha))
        first = theory.pl_potential(columns["loss"][:1] - lowest, columns["distortion"][:1], gamma, _certain(alpha))
        return theory.pl_rate(float(first[0]), gamma, _certain(mu), columns["round"].astype(float))

    def _tight(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """V = (s/n)‖Σ ∇fᵢ‖² + Σ ‖∇fᵢ − gᵢ‖². nan where it is no more than what rounding leaves of the gradients (κ-fold: x rounds too)."""
        _, alpha, _, _, _, _, _, L_max, mu, nodes, d = self.constants
        height = theory.tight_potential(columns["grad_norm_sq"], columns["distortion"], nodes, _certain(alpha))
        L_max = _certain(L_max)
        terms = 2.0 * L_max * d * (L_max / _certain(mu)) * np.maximum.accumulate(np.abs(columns["loss"]))
        return np.where(height > nodes * ROUNDING**2 * terms, height, np.nan)

    def _tight_line(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """ρ^t V⁰."""
        gamma, alpha, _, _, _, _, _, L_max, mu, nodes, _ = self.constants
        first = theory.tight_potential(columns["grad_norm_sq"][:1], columns["distortion"][:1], nodes, _certain(alpha))
        return first * theory.tight_rate(gamma, _certain(L_max), _certain(mu), _certain(alpha)) ** columns["round"].astype(float)

    def _distortion_line(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        before = np.concatenate([[np.nan], columns["distortion"][:-1]])
        return theory.next_distortion(before, columns["moved"], _certain(self.constants.L_tilde), _certain(self.constants.alpha))


def guarantees(run: Planned, minimum: Minimum | None = None) -> Guarantees:
    """What holds for this run: EF21 (2021), Theorems 1 and 2 and Lemma 3; the exact rate (2026); and 1 − α for every message.

    `minimum` of f where it is known. Raises Refusal where there can be no such run.
    """
    gamma, spec, facts = run.gamma, run.spec, run.facts
    found = minimum if minimum is not None and _is_close(minimum) else None
    alpha, no_alpha = _alpha(run.compressor, facts.d)
    thinned = THINNED.format(every=spec.record_every) if spec.record_every > 1 else None
    no_L = NO_L if facts.smoothness is None or facts.node_smoothness is None else None
    bounds = _bounds(run)
    bound = next((bound for bound in bounds if _too_long(gamma, bound.longest) is None), None)
    uncompressed = spec.algorithm.sends_whole
    missing = {
        "mean": thinned or no_alpha or no_L or _no_mean(run, bounds),
        "psi": no_alpha or _not_proved("psi", spec.algorithm) or no_L or _no_psi(run, found, uncompressed, thinned),
        "tight": no_alpha or _not_proved("tight", spec.algorithm) or no_L or _no_tight(run, alpha),
        "distortion": no_alpha or _not_proved("distortion", spec.algorithm) or no_L or thinned,
        "contraction": no_alpha,
    }
    if spec.step.fades:
        missing |= {name: why or FADES for name, why in missing.items() if name != "contraction"}
    if spec.precision != FLOAT64:
        missing = dict.fromkeys(missing, ROUNDED)
    constants = Constants(
        gamma=gamma,
        alpha=alpha,
        L_tilde=None if no_L else facts.L_tilde,
        mu=facts.mu,
        lowest=facts.lowest if minimum is None else max(facts.lowest, minimum.low),
        attained=None if found is None else found.high,
        bound=bound,
        L_max=None if no_L else facts.L_max,
        common_mu=facts.common_mu,
        nodes=facts.nodes,
        d=facts.d,
    )
    random = noise_shape(run.compressor, facts.d) is not None or (bound is not None and (bound.share < 1.0 or bound.random))
    missing_for = {name: why for name, why in missing.items() if why}
    penalised = type(spec.algorithm).penalty is not Algorithm.penalty
    return Guarantees(constants, missing_for, random, spec.record_every == 1, uncompressed, penalised)


def needs_minimum(facts: Facts) -> bool:
    """Whether f* can be found, and says more than `facts.lowest`."""
    return facts.mu is not None


def _told(line: np.ndarray) -> np.ndarray:
    """A line that has left all numbers says nothing."""
    return np.where(np.isfinite(line), line, np.nan)


def running_mean(values: np.ndarray) -> np.ndarray:
    """At row T the mean of the first T values; nan at row 0."""
    sums = np.concatenate([[np.nan], np.cumsum(values[:-1], dtype=float)])
    return sums / np.maximum(np.arange(len(values)), 1)


class Band(NamedTuple):
    """Over the nodes of every record, each (records,); nan where no node sent anything."""

    least: np.ndarray
    median: np.ndarray
    greatest: np.ndarray


def band(contraction: np.ndarray) -> Band:
    """Least, median and greatest of ‖C(v) − v‖²/‖v‖² (records, nodes) over the nodes that sent something (not nan)."""
    ascending = np.sort(contraction, axis=-1)  # nan last
    sent = np.count_nonzero(~np.isnan(contraction), axis=-1)
    rows = np.arange(len(contraction))
    middle = (ascending[rows, np.maximum(sent - 1, 0) // 2] + ascending[rows, np.minimum(sent // 2, np.maximum(sent - 1, 0))]) / 2
    return Band(ascending[:, 0], middle, ascending[rows, np.maximum(sent - 1, 0)])


def _alpha(compressor: Compressor, d: int) -> tuple[float | None, Text | None]:
    """α of the messages as they arrive, with which the steps are computed too; or why there is none."""
    received = compressor.received_alpha(d)
    if received is not None:
        return received, None
    return None, NO_ALPHA if compressor.alpha(d) is None else TOO_WEAK


def _bounds(run: Planned) -> tuple[MeanBound, ...]:
    """What is proved of the method; nothing where a constant that the proof needs is not known."""
    try:
        return run.spec.algorithm.mean_bounds(run.facts, run.compressor.step_alpha(run.facts.d))
    except Refusal:
        return ()


def _not_proved(statement: Statement, algorithm: Algorithm) -> Text | None:
    return None if statement in algorithm.proved else OTHER_METHOD.format(method=algorithm.label)


def _no_mean(run: Planned, bounds: Sequence[MeanBound]) -> Text | None:
    """How long a step is, is said in those of the sharpest bound."""
    if not bounds:
        return OTHER_METHOD.format(method=run.spec.algorithm.label)
    too_long = [_too_long(run.gamma, bound.longest) for bound in bounds]
    return too_long[0] if all(too_long) else None


def _no_psi(run: Planned, found: Minimum | None, uncompressed: bool, thinned: Text | None) -> Text | None:
    facts = run.facts
    if facts.mu is None:
        return NO_MU
    if found is None:
        return NO_MINIMUM
    if uncompressed:
        return thinned or _too_long(run.gamma, theory.gd_step(facts.L))
    longest = theory.ef21_pl_step(facts.L, facts.L_tilde, run.compressor.step_alpha(facts.d), facts.mu)
    return _too_long(run.gamma, longest)


def _no_tight(run: Planned, alpha: float | None) -> Text | None:
    """The line is drawn at every step at which V is sure to fall, not at that of the theorem only."""
    step = run.spec.algorithm.step_size_by("tight", run.facts, run.compressor)
    if isinstance(step, Text):
        return step
    longest = theory.tight_longest(run.facts.L_max, _certain(alpha))
    return None if run.gamma < longest else _longer(run.gamma, longest)


def _too_long(gamma: float, longest: float) -> Text | None:
    return None if gamma <= longest * (1.0 + EQUAL_STEPS) else _longer(gamma, longest)


def _longer(gamma: float, longest: float) -> Text:
    times = gamma / longest if longest > 0.0 else math.inf
    return LONGER.format(times=times) if math.isfinite(times) else NO_LENGTH


def _is_close(minimum: Minimum) -> bool:
    return minimum.high - minimum.low <= CLOSE_MINIMUM * max(1.0, abs(minimum.high))


def _certain(value: float | None) -> float:
    """A constant of a statement that holds."""
    assert value is not None
    return value
