"""Low-rank messages on a network: every operator with and without memory, each at its best step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from ef21lab.algorithms.base import algorithms
from ef21lab.choices.fields import Json
from ef21lab.choices.spec import choice, integer, nested
from ef21lab.choices.text import Text, joined, number, same
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.figures.base import Claim, Figure, Outcome, Tabled, Traces
from ef21lab.figures.drawn import AGAINST, BITS, against
from ef21lab.microscope.afford import affordable
from ef21lab.partitions.base import partitions
from ef21lab.plots.palette import lines
from ef21lab.plots.panels import Panel, Plotted
from ef21lab.problems.base import Facts
from ef21lab.problems.networks.base import NeuralNetwork, networks
from ef21lab.problems.networks.conv import ConvNet
from ef21lab.runs.repeats import repeated
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.standings import Repeats
from ef21lab.runs.trace import Trace
from ef21lab.runs.tuned import best
from ef21lab.steps.base import steps

NODES, BATCH, HELD_OUT = 10, 32, 0.2
DECADES, LONGEST = 1.5, 1.0  # of the steps that are tried, up to the longest
RECORDS = 4  # after that of x⁰: each costs as much as a dozen rounds
SPLITS = {
    "shuffled": Text("Rows dealt at random", "Строки розданы случайно"),
    "by_label": Text("Rows dealt by label", "Строки розданы по меткам"),
}


class TableRow(NamedTuple):
    """A row of the table."""

    label: Text
    method: str
    operator: str  # its name in `_operators`


ENTRANTS = {
    "sgd": TableRow(same("SGD"), "dcgd_sgd", "whole"),
    "without": TableRow(Text("PowerSGD, rank 1, no feedback", "PowerSGD, ранг 1, без обратной связи"), "dcgd_sgd", "power"),
    "cold": TableRow(Text("PowerSGD, rank 1 + EF14", "PowerSGD, ранг 1 + EF14"), "ef14_sgd", "power"),
    "warm": TableRow(Text("PowerSGD, rank 1, warm + EF14", "PowerSGD, ранг 1, тёплый старт + EF14"), "ef14_sgd", "warm"),
    "svd_ef21": TableRow(Text("SVD, rank 1 + EF21", "SVD, ранг 1 + EF21"), "ef21_sgd", "svd"),
    "svd_sgdm": TableRow(Text("SVD, rank 1 + EF21-SGDM", "SVD, ранг 1 + EF21-SGDM"), "ef21_sgdm", "svd"),
    "tucker_ef14": TableRow(Text("Tucker (2, 2, 1) + EF14", "Таккер (2, 2, 1) + EF14"), "ef14_sgd", "tucker"),
    "tucker_ef21": TableRow(Text("Tucker (2, 2, 1) + EF21", "Таккер (2, 2, 1) + EF21"), "ef21_sgd", "tucker"),
    "tucker_sgdm": TableRow(Text("Tucker (2, 2, 1) + EF21-SGDM", "Таккер (2, 2, 1) + EF21-SGDM"), "ef21_sgdm", "tucker"),
    "top_k_ef14": TableRow(same("Top-k + EF14"), "ef14_sgd", "top_k"),
    "top_k_sgdm": TableRow(same("Top-k + EF21-SGDM"), "ef21_sgdm", "top_k"),
    "unbiased": TableRow(Text("Random rank 1, unbiased", "Случайный ранг 1, несмещённый"), "dcgd_sgd", "random"),
}
DRAWN = ("sgd", "without", "cold", "svd_sgdm", "tucker_sgdm", "top_k_sgdm")


class AtBest(NamedTuple):
    """One entrant at its best step."""

    runs: tuple[RunSpec, ...]  # from every start
    traces: Repeats
    gamma: float
    at_edge: bool  # whether it is the first or the last that was tried

    def ends(self, metric: str) -> list[float]:
        return [float("nan") if trace.diverged else float(trace[metric][-1]) for trace in self.traces]


@dataclass(frozen=True)
class NetworksFigure(Figure):
    """MNIST at 14 × 14, ten nodes, mini-batches of 32, each entrant at the best of a grid of fixed steps, medians and bands over starts.

    A step is judged by the median of f where the runs end, so that the held-out rows decide nothing. Runs of the same number start at the
    same x⁰ and see the same rows, so entrants are compared start by start. In `per_layer` biases are sent whole.
    """

    name = "networks"
    label = Text("Low rank trains a network", "Малый ранг обучает сеть")
    about = Text(
        "Rank-1 and Tucker messages on a convolutional network, with and without memory, rows dealt at random and by label; every row of "
        "the table at the best of its steps.",
        "Сообщения ранга 1 и Таккера на свёрточной сети, с памятью и без неё, строки розданы случайно и по меткам; в каждой строке таблицы "
        "лучший из опробованных шагов.",
    )
    order = 60
    source = Text(
        "Vogels, Karimireddy, Jaggi (2019), PowerSGD: error feedback is essential; Fatkhullin, Tyurin, Richtárik (2023): momentum repairs "
        "EF21 under the noise of mini-batches; Tucker against the matrix is a question of this lab.",
        "Vogels, Karimireddy, Jaggi (2019), PowerSGD: без обратной связи не обойтись; Fatkhullin, Tyurin, Richtárik (2023): инерция "
        "исправляет EF21 при шуме мини-батчей; Таккер против матрицы — вопрос этой лаборатории.",
    )

    dataset: str = choice(
        "mnist",
        {"mnist": Text("MNIST, 14 × 14", "MNIST, 14 × 14"), "digits": Text("digits, 8 × 8", "digits, 8 × 8")},
        Text("Dataset", "Данные"),
        Text("The smaller images take a third of the time.", "На картинках поменьше счёт втрое короче."),
    )
    network: NeuralNetwork = nested(
        ConvNet(layers=4, channels=4, norm="group"),
        lambda: networks,
        lambda kind: True,
        Text("Architecture", "Архитектура"),
        Text("Of which layers the network is made.", "Из каких слоёв состоит сеть."),
    )
    rounds: int = integer(200, 1, 100_000, Text("Rounds", "Раунды"), Text("Of every run.", "В каждом запуске."))
    beginnings: int = integer(3, 1, 20, Text("Starts", "Начальных точек"), Text("A single one decides nothing.", "Одна ничего не решает."))
    per_decade: int = integer(
        2, 1, 8, Text("Steps a decade", "Шагов на порядок"), Text("2: 0.03, 0.1, 0.3 and 1.", "2 — это 0,03, 0,1, 0,3 и 1.")
    )

    def posed(self) -> Mapping[str, Json]:
        return {
            "dataset": self.dataset,
            "objective": {"name": "network", "network": networks.json(self.network)},
            "partition": {"name": "shuffled", "nodes": NODES},
            "rounds": self.rounds,
            "record_every": max(1, self.rounds // RECORDS),
            "precision": "float32",
            "held_out": HELD_OUT,
        }

    def absence(self) -> Text | None:
        return self.problem().objective.absence() or super().absence()

    def runs(self, facts: Facts) -> tuple[RunSpec, ...]:
        """Those that differ only in step and start stand together."""
        return tuple(run for split in SPLITS for who in ENTRANTS for tried in self._tried(who, split, facts) for run in tried)

    def read(self, facts: Facts, traces: Traces) -> Outcome:
        found = {split: {who: self._best(self._tried(who, split, facts), traces) for who in ENTRANTS} for split in SPLITS}
        claims = [claim for split in SPLITS for claim in _claims(SPLITS[split], found[split], facts.d)]
        tables = tuple(_table(SPLITS[split], found[split], facts.d) for split in SPLITS)
        return Outcome(tuple(claims), tuple(_panel(SPLITS[split], found[split]) for split in SPLITS), tables)

    def _tried(self, who: str, split: str, facts: Facts) -> list[tuple[RunSpec, ...]]:
        """For every step, the shortest first, the runs from every start."""
        row = ENTRANTS[who]
        base = replace(
            self.problem(),
            partition=partitions.make({"name": split, "nodes": NODES}),
            algorithm=algorithms.make({"name": row.method, "batch": BATCH}),
            compressor=_operator(row.operator, facts),
        )
        return [
            tuple(repeated(replace(base, step=steps.make({"rule": "fixed", "gamma": gamma})), start) for start in range(self.beginnings))
            for gamma in self._gammas()
        ]

    def _gammas(self) -> list[float]:
        """Ascending, to three digits."""
        places = range(int(DECADES * self.per_decade), -1, -1)
        return [float(f"{LONGEST * 10 ** (-place / self.per_decade):.3g}") for place in places]

    def _best(self, tried: Sequence[tuple[RunSpec, ...]], traces: Traces) -> AtBest:
        repeats = [tuple(traces[run] for run in runs) for runs in tried]
        place = best(repeats, 0.0, "loss").place
        return AtBest(tried[place], repeats[place], self._gammas()[place], place in (0, len(tried) - 1))


def _operator(name: str, facts: Facts) -> Compressor:
    """An operator of the table; Top-k is given the bits of rank 1."""
    operator = compressors.make(OPERATORS[name]).fitted(facts.layout)
    if name != "top_k":
        return operator
    bits = compressors.make(OPERATORS["svd"]).fitted(facts.layout).cost(facts.d)[0]
    return affordable(operator, facts.d, bits) or operator.replace(k=1)


def _layers(inner: Mapping[str, Json], fold: str) -> Mapping[str, Json]:
    return {"name": "per_layer", "inner": inner, "fold": fold}


OPERATORS: dict[str, Any] = {
    "whole": "identity",
    "power": _layers({"name": "power_sgd", "ranks": [1]}, "matrix"),
    "warm": _layers({"name": "power_sgd", "ranks": [1], "warm": "on"}, "matrix"),
    "svd": _layers({"name": "svd", "ranks": [1]}, "matrix"),
    "tucker": _layers({"name": "st_hosvd", "ranks": [2, 2, 1]}, "three"),
    "random": _layers({"name": "random_low_rank", "ranks": [1], "scaling": "unbiased"}, "matrix"),
    "top_k": "top_k",
}


def _claims(split: Text, found: Mapping[str, AtBest], d: int) -> list[Claim]:
    """The three statements, the third in two parts. Who is above another is so from every start."""

    def above(pairs: Sequence[tuple[str, str]]) -> bool:
        return all(
            own > other for better, worse in pairs for own, other in zip(_accuracy(found[better]), _accuracy(found[worse]), strict=True)
        )

    def measured(pairs: Sequence[tuple[str, str]]) -> Text:
        bands = [[_band([100.0 * share for share in found[who].ends("accuracy")], PERCENT) for who in pair] for pair in pairs]
        return joined([AGAINST.format(own=own, other=other) for own, other in bands], "; ")

    def claim(words: Text, *pairs: tuple[str, str]) -> Claim:
        return Claim(split + same(": ") + words, measured(pairs), above(pairs))

    by_fold = claim(FEWER, ("tucker_ef21", "svd_ef21"), ("tucker_sgdm", "svd_sgdm"))
    tucker, matrix = (_floats(found[who], d) for who in ("tucker_sgdm", "svd_sgdm"))
    floats = FLOATS.format(tucker=_percent(tucker), matrix=_percent(matrix))
    return [
        claim(ESSENTIAL, ("cold", "without")),
        by_fold._replace(measured=floats + same("; ") + by_fold.measured, holds=by_fold.holds and tucker < matrix),
        claim(TRAILS, ("tucker_ef14", "tucker_ef21")),
        claim(REPAIRS, ("svd_sgdm", "svd_ef21"), ("tucker_sgdm", "tucker_ef21")),
    ]


def _table(split: Text, found: Mapping[str, AtBest], d: int) -> Tabled:
    return Tabled(
        split,
        HEAD,
        "lrrrrr",
        tuple(
            (
                ENTRANTS[who].label,
                _band([100.0 * share for share in one.ends("accuracy")]),
                _band(one.ends("loss")),
                number(100.0 * _floats(one, d)),
                Text("{bits:bit|bits}", "{bits:бит|бита|бит}").format(bits=round(_a_message(one, "bits_up"))),
                number(one.gamma) + (EDGE if one.at_edge else same("")),
            )
            for who, one in found.items()
        ),
    )


def _panel(split: Text, found: Mapping[str, AtBest]) -> Panel:
    """1 − accuracy against bits, the run from the first start."""
    looks = lines([getattr(operator := found[who].runs[0].compressor, "inner", operator) for who in DRAWN])
    curves = (Plotted(ENTRANTS[who].label, *_wrong(found[who].traces[0]), look) for who, look in zip(DRAWN, looks, strict=True))
    return Panel(split, BITS, WRONG, tuple(curves), True)


def _wrong(trace: Trace) -> tuple[np.ndarray, np.ndarray]:
    return against(replace(trace, columns={**trace.columns, "wrong": 1.0 - trace["accuracy"]}), "bits_up", "wrong")


def _accuracy(one: AtBest) -> list[float]:
    """From every start; 0 where the run has diverged."""
    return [float(np.nan_to_num(end)) for end in one.ends("accuracy")]


def _floats(one: AtBest, d: int) -> float:
    """The share of its numbers that a message sends as floats."""
    return _a_message(one, "floats_up") / d


def _a_message(one: AtBest, column: str) -> float:
    """The mean over messages and starts, that of round 0 among them."""
    return float(np.mean([trace[column][-1] / (1 + trace["round"][-1]) for trace in one.traces]))


BARE, PERCENT = same(""), Text("%", "\u00a0%")


def _percent(share: float) -> Text:
    return number(100.0 * share) + PERCENT


def _band(values: Sequence[float], unit: Text = BARE) -> Text:
    """The median and the band over starts."""
    if any(map(np.isnan, values)):
        return DIVERGED
    return BAND.format(middle=number(median(values)), unit=unit, least=number(min(values)), most=number(max(values)))


BAND = same("{middle}{unit} ({least}\u00a0…\u00a0{most})")
DIVERGED = Text("diverged", "разошёлся")
EDGE = Text("\u00a0(last\u00a0tried)", "\u00a0(крайний)")
WRONG = Text("share of held-out rows told wrong", "доля ошибок на отложенных строках")
HEAD = (
    same(""),
    Text("accuracy, %", "точность, %"),
    Text("loss", "потери"),
    Text("floats sent, %", "послано чисел, %"),
    Text("a message", "сообщение"),
    same("γ"),
)
ESSENTIAL = Text("rank 1 with error feedback tells more right than without", "ранг 1 с обратной связью распознаёт лучше, чем без неё")
FEWER = Text(
    "Tucker sends fewer floats than the matrix and tells more right, under EF21 and under EF21-SGDM",
    "Таккер посылает меньше чисел, чем матрица, и распознаёт лучше — с EF21 и с EF21-SGDM",
)
FLOATS = Text("floats {tucker} against {matrix}", "чисел {tucker} против {matrix}")
TRAILS = Text("on mini-batches EF14 is ahead of plain EF21 (Tucker)", "на мини-батчах EF14 опережает простой EF21 (Таккер)")
REPAIRS = Text("momentum, EF21-SGDM, repairs it (SVD, Tucker)", "инерция, EF21-SGDM, это исправляет (SVD, Таккер)")
