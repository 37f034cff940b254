"""Ready-made settings of the experiment page: each is a link, a name, and what to look at."""

from __future__ import annotations

from typing import NamedTuple

from ef21lab.choices.text import Text


class Setting(NamedTuple):
    """What is said of it, and every control that differs from its default, as an address holds it."""

    label: Text
    look_at: Text
    codes: dict[str, str]


def _least_squares(lam: str) -> dict[str, str]:
    return {"objective.least_squares.least_squares.lam": lam}


def _fixed(letters: str, gamma: str) -> dict[str, str]:
    return {code: value for letter in letters for code, value in ((f"{letter}.step", "fixed"), (f"{letter}.step.fixed.gamma", gamma))}


SETTINGS: dict[str, Setting] = {
    "divergence": Setting(
        Text("Naive compression diverges", "Наивное сжатие расходится"),
        Text(
            "Three nodes, **Top-1, one step γ for all**. DCGD forgets what it did not send, and every round multiplies x by 1 + 11γ/6: it "
            "diverges at any γ. EF14 and EF21 send as little and remember the rest: they converge.",
            "Три узла, **Top-1, у всех один шаг γ**. DCGD забывает неотправленное, и каждый раунд умножает x на 1 + 11γ/6: он расходится "
            "при любом γ. EF14 и EF21 посылают столько же, но помнят остальное и сходятся.",
        ),
        {
            "dataset": "divergence",
            "partition.contiguous.nodes": "3",
            **_least_squares("0.5"),
            "start": "ones",
            "rounds": "300",
            "axis": "round",
            **_fixed("abc", "0.03"),
            "a.top_k.k": "1",
            "a.method": "dcgd",
            "b": "top_k",
            "b.method": "ef14",
            "c": "top_k",
        },
    ),
    "stall": Setting(
        Text("HOSVD stalls", "HOSVD застревает"),
        Text(
            "Every node wants one 2×2×2 tensor, **ranks are 1**. Classical HOSVD maps the difference exactly to zero, and its curve "
            "stays level for ever. ST-HOSVD and the tensor train keep a third of the energy, and converge.",
            "Всем узлам нужен один и тот же тензор 2×2×2, **ранги равны 1**. Классический HOSVD переводит разность точно в ноль: "
            "его кривая навсегда горизонтальна. ST-HOSVD и тензорный поезд сохраняют треть энергии и сходятся.",
        ),
        {
            "dataset": "stall",
            "partition.contiguous.nodes": "5",
            **_least_squares("0"),
            "start": "zeros",
            "rounds": "200",
            "axis": "round",
            "a": "hosvd",
            "a.hosvd.ranks": "1x1x1",
            "a.step.theory.multiple": "1",
            "b.st_hosvd.ranks": "1x1x1",
            "b.step.theory.multiple": "1",
            "c": "tensor_train",
            "c.tensor_train.ranks": "1x1",
        },
    ),
    "heterogeneity": Setting(
        Text("Heterogeneity costs", "Неоднородность стоит дорого"),
        Text(
            "At the minimum of f the gradients of the nodes are not 0: DCGD and EF14 stop short of it. EF21 compresses **differences**, "
            "so it goes down as if all were alike. Set the heterogeneity to 0: f is the same, and all three go down.",
            "В минимуме f градиенты самих узлов не нули, и DCGD с EF14 до него не доходят. EF21 сжимает **разности** и спускается так, "
            "словно все узлы одинаковы. Поставьте неоднородность 0: f та же, и вниз идут все три.",
        ),
        {
            "dataset": "quadratic",
            "dataset.quadratic.heterogeneity": "0.9",
            **_least_squares("0"),
            "start": "zeros",
            "rounds": "1000",
            "axis": "round",
            **{f"{letter}.step": "fixed" for letter in "abc"},
            "a.method": "dcgd",
            "b": "top_k",
            "b.top_k.k": "4",
            "b.method": "ef14",
            "c": "top_k",
            "c.top_k.k": "4",
        },
    ),
    "theory": Setting(
        Text("Theory beside measurement", "Теория рядом с измерением"),
        Text(
            "EF21 with Top-k, k = 11, at its theorem's step and at **16 times** that step. The first is guaranteed to stay below its line; "
            "the second is promised nothing and is far ahead: the gap between what is proved and what happens.",
            "EF21 с Top-k, k = 11: шаг из теоремы и шаг **в 16 раз больше**. Первый гарантированно останется ниже своей линии, второму "
            "ничего не обещано, а он далеко впереди: таково расстояние между доказанным и наблюдаемым.",
        ),
        {
            "metric": "mean",
            "theory": "on",
            "objective": "logistic_ridge",
            "objective.logistic_ridge.lam": "0.1",
            "rounds": "600",
            "axis": "round",
            "race": "ab",
            "a.top_k.k": "11",
            "a.step.theory.multiple": "1",
            "b": "top_k",
            "b.top_k.k": "11",
            "b.step.theory.multiple": "16",
        },
    ),
    "classes": Setting(
        Text("Classes apart", "Классы порознь"),
        Text(
            "Ten nodes, **nearly one digit on each**. With 13 of 640 coordinates DCGD drives f above where it began; EF21 "
            "follows gradient descent down, its f never more than an eighth higher. Choose the shuffled partition: DCGD goes down too, "
            "though far behind.",
            "Десять узлов, **на каждом почти одна цифра**. С 13 координатами из 640 DCGD уводит f выше начального значения, "
            "а EF21 спускается следом за градиентным спуском: f у него выше не больше чем на одну восьмую. "
            "С разбиением «Вперемешку» вниз пойдёт и DCGD, но сильно отстанет.",
        ),
        {
            "dataset": "digits",
            "partition": "by_label",
            "partition.by_label.nodes": "10",
            "start": "zeros",
            "metric": "gap",
            "axis": "round",
            **_fixed("abc", "0.5"),
            "a.top_k.k": "13",
            "a.method": "dcgd",
            "b": "top_k",
            "b.top_k.k": "13",
        },
    ),
}
