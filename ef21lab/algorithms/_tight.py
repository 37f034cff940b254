"""The exact rate of EF21, and of EF14 where all fᵢ share a minimiser: the step, and why there may be none.

Thomsen, Taylor, Dieuleveut, arXiv 2506.05271 (one node) and 2605.31594 (any number). Every fᵢ is μ-strongly convex and L-smooth with common
constants (L = max Lᵢ, μ = min μᵢ), C is deterministic and contractive; s = √(1 − α), q = (L − μ)/(L + μ). At

    γ = η* = 2/(L + μ) · (1 − s)/(1 + s)

V = (s/n)‖Σ ∇fᵢ‖² + Σ ‖∇fᵢ − gᵢ‖² obeys V⁺ ≤ ρ*V, ρ* = ((1 − s)q/2 + √((1 − s)²q²/4 + s))².
A proof that V⁺ ≤ ρ*V, with p = ∇f, eᵢ = ∇fᵢ − gᵢ, e = (1/n) Σ eᵢ, g = p − e, c = γ(L + μ)/2 = (1 − s)/(1 + s):
    such fᵢ have ∇fᵢ(x − γg) = ∇fᵢ(x) − cg + wᵢ with ‖wᵢ‖ ≤ cq‖g‖, so for w = (1/n) Σ wᵢ
    V⁺/n ≤ s‖p − cg + w‖² + (s²/n) Σ ‖eᵢ − cg + wᵢ‖²
         = s(1 + s)‖m + w‖² + s²/(1 + s)‖g‖² + (s²/n) Σ ‖eᵢ − e + wᵢ − w‖²,  m = (sp + e)/(1 + s),
    where ‖w‖² + (1/n) Σ ‖wᵢ − w‖² ≤ (cq‖g‖)²; and with M² = (1 + s)‖m‖² + (1/n) Σ ‖eᵢ − e‖², N² = s/(1 + s)‖g‖²
    V/n = M² + N² and V⁺/n ≤ (√s M + (1 − s)q N)² + sN²: a quadratic form in (M, N) whose greater eigenvalue is ρ*.
Another γ = τη* is the η* of a wider class, of L'-smooth functions with L' + μ = (L + μ)/τ where τ ≤ 1, of μ'-strongly convex ones with
L + μ' = (L + μ)/τ where τ > 1; its q' = |1 − τ| + τq stands in the place of q, and ρ < 1 for every γ < (2/L)(1 − s)/(1 + s).

EF14 with D_i = γ∇fᵢ(x) is the same computation where all ∇fᵢ(x*) = 0: p and −eᵢ are x − e − x* and its errors, so
V = sn‖x − e − x*‖² + Σ ‖eᵢ‖² obeys the same bound. One node certainly shares its minimiser with itself.
"""

from __future__ import annotations

from ef21lab import theory
from ef21lab.algorithms._steps import of_theorem
from ef21lab.algorithms.base import StepSize
from ef21lab.choices.text import Text
from ef21lab.compressors.base import Compressor, noise_shape
from ef21lab.problems.base import Facts


def tight_step(facts: Facts, compressor: Compressor) -> StepSize | Text:
    """η*, or why the theorem does not reach."""
    certified, mu = compressor.received_alpha(facts.d), facts.common_mu
    if certified is None:
        return UNCERTIFIED.format(compressor=compressor.label)
    if noise_shape(compressor, facts.d) is not None:
        return RANDOM.format(compressor=compressor.label)
    if mu is None:
        return NO_COMMON_MU
    gamma = theory.tight_step(facts.L_max, mu, compressor.step_alpha(facts.d))
    return of_theorem(gamma, TIGHT_STEP, certified)


TIGHT_STEP = Text(
    "γ = 2/(L + μ) · (1 − √(1 − α))/(1 + √(1 − α)), L = max Lᵢ, μ = min μᵢ: the exact rate, Thomsen, Taylor, Dieuleveut (2026)",
    "γ = 2/(L + μ) · (1 − √(1 − α))/(1 + √(1 − α)), L = max Lᵢ, μ = min μᵢ: точная скорость, Thomsen, Taylor, Dieuleveut (2026)",
)
UNCERTIFIED = Text(
    "the exact rate needs a certified α, and “{compressor}” as it is set has none",
    "точной скорости нужна гарантия α, а у «{compressor}» с этими настройками её нет",
)
RANDOM = Text(
    "the exact rate is about deterministic compressors, and “{compressor}” draws at random",
    "теорема о точной скорости — о детерминированных компрессорах, а «{compressor}» случаен",
)
NO_COMMON_MU = Text(
    "the exact rate needs every fᵢ strongly convex, and for some node μᵢ > 0 is not known: take a ridge objective with λ > 0",
    "точной скорости нужна сильная выпуклость каждой fᵢ, а μᵢ > 0 известна не у всех узлов: возьмите целевую функцию с риджем и λ > 0",
)
SHARED_MINIMISER = Text(
    "EF14 has the exact rate where all fᵢ share a minimiser, which is certain only of one node, not of {nodes}; choose EF21",
    "у EF14 точная скорость есть, когда у всех fᵢ общий минимум; наверняка это так лишь для одного узла, а здесь их {nodes}; выберите EF21",
)
