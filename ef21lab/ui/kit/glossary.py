"""The letters of the lab, each defined in one sentence where it stands: in hints beside controls and formulas, and on the chart's cards."""

from __future__ import annotations

from ef21lab.choices.text import Text, joined

LETTERS: dict[str, Text] = {
    "α": Text(
        "α: the guaranteed strength of a compressor: ‖C(x) − x‖² ≤ (1 − α)‖x‖² for every x; 1 loses nothing.",
        "α — гарантия компрессора: ‖C(x) − x‖² ≤ (1 − α)‖x‖² при любом x; при α = 1 ничего не теряется.",
    ),
    "γ": Text("γ: the step of the method, x⁺ = x − γg.", "γ — шаг метода: x⁺ = x − γg."),
    "L": Text("L: how fast the gradient of f can change (its Lipschitz constant).", "L — константа Липшица градиента f."),
    "L̃": Text("L̃: the quadratic mean of the nodes' Lᵢ, √((1/n) Σ Lᵢ²).", "L̃ — среднее квадратичное констант узлов Lᵢ: √((1/n) Σ Lᵢ²)."),
    "L̄": Text("L̄: the arithmetic mean of the nodes' Lᵢ.", "L̄ — среднее арифметическое констант узлов Lᵢ."),
    "G": Text(
        "Distortion G: the mean of ‖gᵢ − ∇fᵢ(x)‖² over the nodes: how far the master's estimates gᵢ are from the true gradients.",
        "Искажение G — среднее ‖gᵢ − ∇fᵢ(x)‖² по узлам: насколько оценки gᵢ на сервере далеки от настоящих градиентов.",
    ),
    "G⁰": Text("G⁰: the distortion before the first step.", "G⁰ — искажение перед первым шагом."),
    "Ψ": Text(
        "Ψ = f − f* + (γ/θ)G: the Lyapunov function of the theorem, which falls at its rate in every round.",
        "Ψ = f − f* + (γ/θ)G — функция Ляпунова из теоремы: она убывает с указанной скоростью в каждом раунде.",
    ),
    "V": Text(
        "V = (s/n)‖Σ∇fᵢ‖² + Σ‖∇fᵢ − gᵢ‖², s = √(1 − α): what the theorem of the exact rate makes fall in every round.",
        "V = (s/n)‖Σ∇fᵢ‖² + Σ‖∇fᵢ − gᵢ‖², s = √(1 − α) — величина, которая по теореме о точной скорости убывает в каждом раунде.",
    ),
    "f*": Text("f*: the least value of f.", "f* — наименьшее значение f."),
    "PL": Text(
        "PL: the step of the theorem for functions with ½‖∇f‖² ≥ μ(f − f*), the Polyak–Łojasiewicz inequality.",
        "PL — шаг из теоремы для функций, у которых ½‖∇f‖² ≥ μ(f − f*): это неравенство Поляка — Лоясевича.",
    ),
}


def defined(*letters: str) -> Text:
    """The definitions of these letters, one a line."""
    return joined([LETTERS[letter] for letter in letters], "\n\n")
