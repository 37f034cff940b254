"""The claim that started this lab: truncated HOSVD works on a par with Top-k."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ef21lab.choices.fields import Json
from ef21lab.choices.spec import integer, nested
from ef21lab.choices.text import Refusal, Text, number, same
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.datasets.base import Dataset, datasets
from ef21lab.figures.base import Claim, Figure, Outcome, Traces
from ef21lab.figures.compared import Compared, Factor
from ef21lab.figures.drawn import BITS, SQUARE, against
from ef21lab.microscope.afford import affordable, unfolded
from ef21lab.plots.palette import lines
from ef21lab.plots.panels import Panel, Plotted
from ef21lab.problems.base import Facts
from ef21lab.runs.fitting import usual_for
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.runs.tuned import Chosen, best, candidates
from ef21lab.starts.base import starts
from ef21lab.steps.base import steps

ON_A_PAR = 1.5  # who needs at most so many times the bits, in the median over starts, keeps up
ON, AT = ("mushrooms", "digits", "phishing", "a9a", "w8a"), (1, 2)  # the datasets and the ranks of an overview
GOALS = tuple(10.0**-power for power in range(8, 0, -1))  # of ‖∇f(x⁰)‖², the least first


class Rival(NamedTuple):
    label: Text
    compressor: Compressor


@dataclass(frozen=True)
class TalkFigure(Figure):
    """HOSVD, ST-HOSVD in the same fold and in the best one, and Top-k with as many bits a round; ‖∇f‖² against bits, every step tuned.

    The claim is answered by a factor: the bits that each needs to the least power of ten of ‖∇f(x⁰)‖² that all of them reach from every
    start, over those of Top-k.
    """

    name = "talk"
    label = Text("HOSVD and Top-k, bit for bit", "HOSVD и Top-k при равных битах")
    about = Text(
        "The same number of bits a round, each with its best step, from several starts: how many times the bits of Top-k does HOSVD need?",
        "Одинаковое число бит за раунд, у каждого лучший шаг, несколько начальных точек: во сколько раз больше бит нужно HOSVD, чем Top-k?",
    )
    order = 10
    source = Text(
        "A student's talk: EF21 with a tensor fold and truncated HOSVD works on a par with Top-k, by gradient norm against what is sent.",
        "Студенческий доклад: EF21 со свёрткой в тензор и усечённым HOSVD не уступает Top-k по норме градиента от объёма переданного.",
    )

    dataset: Dataset = nested(
        datasets.members["mushrooms"](),
        lambda: datasets,
        lambda kind: issubclass(kind, Dataset),
        Text("Dataset", "Данные"),
        Text("On which the claim is tried.", "На них проверяется утверждение."),
    )
    ranks: int = integer(1, 1, 8, Text("Ranks", "Ранги"), Text("Of every mode; they set the budget.", "По каждой моде; они задают бюджет."))
    rounds: int = integer(400, 20, 100_000, Text("Rounds", "Раунды"), Text("Of every run.", "В каждом запуске."))
    beginnings: int = integer(3, 1, 20, Text("Starts", "Начальных точек"), Text("A single one decides nothing.", "Одна ничего не решает."))
    per_octave: int = integer(2, 1, 4, Text("Steps an octave", "Шагов на октаву"), Text("2: a grid of √2.", "2 — сетка с множителем √2."))

    def posed(self) -> Mapping[str, Json]:
        return {
            "dataset": self.dataset,
            "objective": usual_for(self.dataset),
            "partition": {"name": "contiguous", "nodes": 20},
            "rounds": self.rounds,
        }

    def runs(self, facts: Facts) -> tuple[RunSpec, ...]:
        return tuple(dict.fromkeys(run for one in self._contenders(facts) for start in self._starts() for run in self._tried(one, start)))

    def read(self, facts: Facts, traces: Traces) -> Outcome:
        contenders = self._contenders(facts)
        found = {one: [[traces[run] for run in self._tried(one, start)] for start in self._starts()] for one in contenders}
        goal = _common_goal(list(found.values()))
        costs = {one: [_best(tried, goal).cost for tried in found[one]] for one in contenders}
        *tensors, rival = contenders
        factors = [
            Factor(one.label, goal, tuple(own / other for own, other in zip(costs[one], costs[rival], strict=True))) for one in tensors
        ]
        looks = lines([one.compressor for one in contenders])
        curves = (
            Plotted(one.label, *against(found[one][0][_best(found[one][0], goal).place], "bits_up"), look)
            for one, look in zip(contenders, looks, strict=True)
        )
        title = Text("From the first start, each at its best step", "Из первой начальной точки, у каждого лучший шаг")
        return Outcome(
            tuple(map(claim_of, factors)),
            (Panel(title, BITS, SQUARE, tuple(curves), True),),
            compared=Compared(rival.label, self._budget(facts), tuple(factors)),
        )

    def cases(self) -> tuple[Figure, ...]:
        """The datasets of the literature at two budgets, and this one where it is none of these."""
        usual = [self.replace(dataset=datasets.make(name), ranks=ranks) for name in ON for ranks in AT]
        return tuple(dict.fromkeys([*usual, self]))

    @property
    def case(self) -> Text:
        return CASE.format(dataset=self.dataset.label, ranks=self.ranks)

    def _contenders(self, facts: Facts) -> list[Rival]:
        """Top-k last. Raises Refusal where HOSVD cannot be posed."""
        hosvd = self._hosvd(facts)
        if (why := hosvd.refusal(facts.d)) is not None:
            raise Refusal(why)
        sequential = compressors.make({"name": "st_hosvd", "ranks": self.ranks}).fitted(facts.layout)
        bits = self._budget(facts)
        elsewhere = affordable(unfolded(sequential), facts.d, bits, facts.layout) or sequential
        top_k = affordable(compressors.make("top_k"), facts.d, bits, facts.layout) or compressors.make({"name": "top_k", "k": 1})
        return [
            Rival(same("HOSVD"), hosvd),
            Rival(same("ST-HOSVD"), sequential),
            Rival(Text("ST-HOSVD in its best fold", "ST-HOSVD в лучшей форме"), elsewhere),
            Rival(TOP_K, top_k),
        ]

    def _hosvd(self, facts: Facts) -> Compressor:
        return compressors.make({"name": "hosvd", "ranks": self.ranks}).fitted(facts.layout)

    def _budget(self, facts: Facts) -> float:
        """Bits of a message of HOSVD, which nobody's exceeds."""
        return self._hosvd(facts).cost(facts.d)[0]

    def _starts(self) -> range:
        return range(self.beginnings)

    def _tried(self, one: Rival, start: int) -> tuple[RunSpec, ...]:
        step = steps.make({"rule": "tuned", "per_octave": self.per_octave})
        begun = starts.make({"name": "normal", "seed": start})
        return candidates(replace(self.problem(), compressor=one.compressor, step=step, start=begun, seed=start))


def claim_of(one: Factor) -> Claim:
    """That it keeps up with Top-k."""
    return Claim(
        PAR.format(one=one.who, rival=TOP_K, par=ON_A_PAR),
        FACTOR.format(
            goal=number(one.goal, 1), middle=one.middle, rival=TOP_K, least=min(one.each), most=max(one.each), starts=len(one.each)
        )
        if one.is_decided
        else NOBODY,
        one.is_decided and one.middle <= ON_A_PAR,
    )


def _best(tried: Sequence[Trace], goal: float) -> Chosen:
    return best(tried, goal * float(tried[0]["grad_norm_sq"][0]))


def _common_goal(found: Sequence[Sequence[Sequence[Trace]]]) -> float:
    """The least of GOALS that everybody reaches from every start; the greatest of them where there is none."""
    reached = (goal for goal in GOALS if all(math.isfinite(_best(tried, goal).cost) for one in found for tried in one))
    return next(reached, GOALS[-1])


TOP_K = same("Top-k")
CASE = Text("{dataset}, ranks {ranks}", "{dataset}, ранги {ranks}")
FACTOR = Text(
    "to {goal} of the first ‖∇f‖², as a share of the bits of {rival}: {middle} ({least} … {most}; {starts:start|starts})",
    "до {goal} от начального ‖∇f‖², доля от числа бит {rival}: {middle} ({least} … {most}; {starts:точка|точки|точек})",
)
PAR = Text(
    "{one} keeps up with {rival}: its bits are at most {par} of those", "{one} не уступает {rival}: бит не больше {par} от его числа"
)
NOBODY = Text("some contender does not reach a tenth of the first ‖∇f‖²", "кто-то не доходит и до десятой доли начального ‖∇f‖²")
