"""The ready-made settings of the experiment page."""

from __future__ import annotations

from ef21lab.address.network_presets import NETWORK_PRESETS
from ef21lab.address.preset import Preset, fixed
from ef21lab.choices.fields import Json
from ef21lab.choices.text import Text


def _racing(compressor: Json, step: Json, method: str = "ef21") -> dict[str, Json]:
    return {"compressor": compressor, "step": step, "algorithm": method}


def _theory(multiple: float) -> Json:
    return {"rule": "theory", "multiple": multiple}


def _top(k: int) -> Json:
    return {"name": "top_k", "k": k}


def _folded(operator: str, *ranks: int) -> Json:
    return {"name": operator, "dims": "natural", "ranks": list(ranks)}


def _least_squares(lam: float) -> Json:
    return {"name": "least_squares", "lam": lam}


def _contiguous(nodes: int) -> Json:
    return {"name": "contiguous", "nodes": nodes}


PRESETS: dict[str, Preset] = {
    "divergence": Preset(
        Text("Naive compression diverges", "Наивное сжатие расходится"),
        Text(
            "Three nodes, **Top-1, one step γ for all**. DCGD forgets what it did not send, and every round multiplies x by 1 + 11γ/6: it "
            "diverges at any γ. EF14 and EF21 send as little and remember the rest: they converge.",
            "Три узла, **Top-1, у всех один шаг γ**. DCGD забывает неотправленное, и каждый раунд умножает x на 1 + 11γ/6: он расходится "
            "при любом γ. EF14 и EF21 посылают столько же, но помнят остальное и сходятся.",
        ),
        {"dataset": "divergence", "partition": _contiguous(3), "objective": _least_squares(0.5), "start": "ones", "rounds": 300},
        tuple(_racing(_top(1), fixed(0.03), method) for method in ("dcgd", "ef14", "ef21")),
        {"axis": "round"},
    ),
    "stall": Preset(
        Text("HOSVD stalls", "HOSVD застревает"),
        Text(
            "Every node wants one 2×2×2 tensor, **ranks are 1**. Classical HOSVD maps the difference exactly to zero, and its curve "
            "stays level for ever. ST-HOSVD and the tensor train keep a third of the energy, and converge.",
            "Всем узлам нужен один и тот же тензор 2×2×2, **ранги равны 1**. Классический HOSVD переводит разность точно в ноль: "
            "его кривая навсегда горизонтальна. ST-HOSVD и тензорный поезд сохраняют треть энергии и сходятся.",
        ),
        {"dataset": "stall", "partition": _contiguous(5), "objective": _least_squares(0.0), "start": "zeros", "rounds": 200},
        tuple(
            _racing(kept, _theory(1)) for kept in (_folded("hosvd", 1, 1, 1), _folded("st_hosvd", 1, 1, 1), _folded("tensor_train", 1, 1))
        ),
        {"axis": "round"},
    ),
    "heterogeneity": Preset(
        Text("Heterogeneity costs", "Неоднородность стоит дорого"),
        Text(
            "At the minimum of f the gradients of the nodes are not 0: DCGD and EF14 stop short of it. EF21 compresses **differences**, "
            "so it goes down as if all were alike. Set the heterogeneity to 0: f is the same, and all three go down.",
            "В минимуме f градиенты самих узлов не нули, и DCGD с EF14 до него не доходят. EF21 сжимает **разности** и спускается так, "
            "словно все узлы одинаковы. Поставьте неоднородность 0: f та же, и вниз идут все три.",
        ),
        {
            "dataset": {"name": "quadratic", "heterogeneity": 0.9},
            "objective": _least_squares(0.0),
            "start": "zeros",
            "rounds": 1000,
        },
        tuple(_racing(_top(4), "fixed", method) for method in ("dcgd", "ef14", "ef21")),
        {"axis": "round"},
    ),
    "theory": Preset(
        Text("Theory beside measurement", "Теория рядом с измерением"),
        Text(
            "EF21 with Top-k, k = 11, at its theorem's step and at **16 times** that step. The first is guaranteed to stay below its line; "
            "the second is promised nothing and is far ahead: the gap between what is proved and what happens.",
            "EF21 с Top-k, k = 11: шаг из теоремы и шаг **в 16 раз больше**. Первый гарантированно останется ниже своей линии, второму "
            "ничего не обещано, а он далеко впереди: таково расстояние между доказанным и наблюдаемым.",
        ),
        {"objective": {"name": "logistic_ridge", "lam": 0.1}, "rounds": 600},
        (_racing(_top(11), _theory(1)), _racing(_top(11), _theory(16))),
        {"metric": "mean", "theory": "on", "axis": "round"},
    ),
    "classes": Preset(
        Text("Classes apart", "Классы порознь"),
        Text(
            "Ten nodes, **nearly one digit on each**. With 13 of 640 coordinates DCGD drives f above where it began; EF21 "
            "follows gradient descent down, its f never more than an eighth higher. Choose the shuffled partition: DCGD goes down too, "
            "though far behind.",
            "Десять узлов, **на каждом почти одна цифра**. С 13 координатами из 640 DCGD уводит f выше начального значения, "
            "а EF21 спускается следом за градиентным спуском: f у него выше не больше чем на одну восьмую. "
            "С разбиением «Вперемешку» вниз пойдёт и DCGD, но сильно отстанет.",
        ),
        {"dataset": "digits", "partition": {"name": "by_label", "nodes": 10}, "objective": "softmax", "start": "zeros"},
        (_racing(_top(13), fixed(0.5), "dcgd"), _racing(_top(13), fixed(0.5)), _racing("identity", fixed(0.5))),
        {"metric": "gap", "axis": "round"},
    ),
    **NETWORK_PRESETS,
}
