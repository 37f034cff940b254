"""Steps are computed and judged, and lines drawn, with one α, that of messages as they arrive: however small it is, theorems reach."""

from decimal import Decimal, localcontext

import numpy as np
import pytest

import ef21lab as lab
from ef21lab import theory
from ef21lab.algorithms.base import algorithms
from ef21lab.problems.base import Facts
from ef21lab.runs.guarantees import guarantees
from ef21lab.runs.planned import plan
from ef21lab.runs.spec import RunSpec

SMALL = {
    "top_k": ({"name": "top_k", "k": 1}, 100_000),
    "top_k, 1e-7": ({"name": "top_k", "k": 1}, 10_000_000),
    "rand_k": ({"name": "rand_k", "k": 1}, 100_000),
    "sign": ("sign", 100_000),
    "st_hosvd": ({"name": "st_hosvd", "dims": [5] * 7, "ranks": 1}, 78_125),
    "tensor_train": ({"name": "tensor_train", "dims": [4] * 8, "ranks": 1}, 65_536),
    "cp": ({"name": "cp", "dims": [5] * 7, "ranks": 1}, 78_125),
    "power_sgd": ({"name": "power_sgd", "dims": [900, 1000], "ranks": 1}, 900_000),
    "then": ({"name": "then", "first": {"name": "top_k", "k": 1}, "second": "sign"}, 100_000),
    "residual": ({"name": "residual", "first": {"name": "top_k", "k": 1}, "second": "sign"}, 100_000),
    "half": ("half", 1000),
    "identity": ("identity", 10),
}


def facts(d, mu=None):
    return Facts(d, 3, 60, ((d,),), 2.0, np.array([1.0, 2.0, 30.0]), mu, 60 * d, np.array([20, 20, 20]), True, 0.0)


def said_of(operator, mu=None, **parts):
    compressor, d = SMALL[operator]
    spec, of = RunSpec.make({"compressor": compressor, **parts}), facts(d, mu)
    planned = plan(spec, of)
    return planned, guarantees(planned)


def condition(gamma, alpha, L, spread, share=1.0):
    """γL + γ²S²β/θ, to fifty digits; θ = 1 − √(1 − α), β = (1 − α)/θ."""
    with localcontext() as context:
        context.prec = 50
        a, g = Decimal(share) * Decimal(alpha), Decimal(gamma)
        root = (1 - a).sqrt()
        return float(g * Decimal(L) + (g * Decimal(spread) * root / (1 - root)) ** 2)


@pytest.mark.parametrize("operator", SMALL)
@pytest.mark.parametrize(
    ("method", "rule"), [("ef21", "theory"), ("ef21", "theory_2024"), ("ef21_plus", "theory"), ("ef21_w", "theory"), ("ef21_pp", "theory")]
)
def test_the_line_is_drawn_with_an_alpha_at_which_the_step_meets_its_condition(operator, method, rule):
    planned, said = said_of(operator, algorithm=method, step=rule)
    assert "mean" not in said.missing
    of = facts(1)
    spread = np.mean(of.node_smoothness) if rule == "theory_2024" or method == "ef21_w" else np.sqrt(np.mean(of.node_smoothness**2))
    assert condition(planned.gamma, said.constants.alpha, of.smoothness, float(spread), said.constants.bound.share) <= 1 + 1e-9


@pytest.mark.parametrize("operator", SMALL)
def test_the_heavy_ball_meets_its_own(operator):
    of = facts(1)
    spread = float(np.sqrt(np.mean(of.node_smoothness**2)))
    planned, said = said_of(operator, algorithm={"name": "ef21_hb", "eta": 0.5})
    assert "mean" not in said.missing
    assert condition(2 * planned.gamma, said.constants.alpha, of.smoothness * 3, spread) <= 1 + 1e-9


@pytest.mark.parametrize("operator", SMALL)
def test_the_step_is_the_longest_of_theorem_1(operator):
    planned, said = said_of(operator)
    spread = float(np.sqrt(np.mean(facts(1).node_smoothness ** 2)))
    assert planned.gamma == pytest.approx(1 / (2.0 + spread * theory.root_beta_over_theta(said.constants.alpha)), rel=1e-12)


@pytest.mark.parametrize("operator", ["top_k", "top_k, 1e-7", "st_hosvd", "tensor_train"])
def test_rounding_takes_almost_nothing_off_a_small_alpha(operator):
    """What is rounded lies across what is dropped, or where energy is stationary: the loss is of second order."""
    planned, said = said_of(operator)
    certified = planned.compressor.alpha(SMALL[operator][1])
    assert certified * (1 - 1e-6) <= said.constants.alpha <= certified


@pytest.mark.parametrize("name", algorithms.members)
def test_every_method_takes_the_same_alpha_for_its_step(name):
    """An operator whose certificate rounding undoes gives no proof to any method; one that arrives as it was sent, the same to all."""
    of = facts(100_000)
    unbiased = {"name": "rand_k", "k": 1, "scaling": "unbiased"} if name in ("diana", "marina") else {"name": "top_k", "k": 1}
    spec = RunSpec.make({"algorithm": name, "compressor": unbiased})
    compressor = plan(spec, of).compressor
    longer = spec.algorithm.step_size(of, compressor).gamma

    class Weaker(type(compressor)):
        def lost_to_float32(self, d):
            return (self.alpha(d) or 0.0) / 2

    weaker = Weaker(**{field: getattr(compressor, field) for field in type(compressor).fields()})
    shorter = spec.algorithm.step_size(of, weaker).gamma
    takes_alpha = name not in ("gd", "diana", "marina")
    assert (shorter < 0.8 * longer) if takes_alpha else shorter == longer


def test_describe_says_both_and_takes_the_one_that_arrives():
    given = {"dataset": "breast_cancer", "compressor": {"name": "power_sgd", "ranks": 1}}
    said = lab.describe(given)
    alpha = said["alpha_received"]
    assert 0 < said["alpha"] - alpha < 1e-5
    root = (1 - alpha) ** 0.5
    assert (said["theta"], said["beta"]) == pytest.approx((1 - root, (1 - alpha) / (1 - root)), rel=1e-12)
    assert said["gamma"] == pytest.approx(1 / (said["L"] + said["L_tilde"] * (said["beta"] / said["theta"]) ** 0.5), rel=1e-12)


def test_where_rounding_may_undo_the_certificate_nothing_is_promised():
    """1/min(d₁, d₂) of a very large fold is less than what turning its frame may cost."""
    spec = RunSpec.make({"compressor": {"name": "power_sgd", "dims": [1_000_000, 1_000_000], "ranks": 1}})
    of = facts(10**12)
    planned = plan(spec, of)
    said = guarantees(planned)
    assert planned.compressor.alpha(of.d) is not None
    assert not planned.is_proved
    assert "float32" in said.missing["mean"].en
