"""One claim on every dataset and at every budget: what is known of each, and what is still to be computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ef21lab.choices.durations import in_words
from ef21lab.choices.fields import Json
from ef21lab.choices.text import Text, joined, same
from ef21lab.figures.base import Figure, Outcome, Tabled
from ef21lab.figures.compared import Factor
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.tidy import member_in_words

if TYPE_CHECKING:
    from pandas import DataFrame


class KnownCase(NamedTuple):
    """The figure on one dataset at one budget."""

    figure: Figure
    outcome: Outcome | None  # None where some of its runs are not known
    runs: tuple[RunSpec, ...] = ()
    missing: tuple[RunSpec, ...] = ()
    seconds: float = 0.0  # that one worker takes for the missing ones, about
    absence: Text | None = None  # why it cannot be computed here

    @property
    def name(self) -> Text:
        return self.figure.case

    @property
    def takes(self) -> Text:
        """What is missing, and for how long a worker computes it."""
        return MISSING.format(missing=len(self.missing), count=len(self.runs), time=in_words(self.seconds))

    @property
    def factors(self) -> tuple[Factor, ...]:
        """How many times the bits of the rival each contender needs; none where that is not known."""
        return self.outcome.compared.factors if self.outcome is not None and self.outcome.compared is not None else ()


@dataclass(frozen=True)
class Overview:
    """All cases, in the order of the figure."""

    cases: tuple[KnownCase, ...]

    @property
    def contenders(self) -> tuple[Text, ...]:
        """Who is compared with the rival, in the order of the factors of every case; none where no case is known."""
        return next((tuple(one.who for one in case.factors) for case in self._known), ())

    @property
    def rival(self) -> Text:
        """With whom they are compared."""
        return next((case.outcome.compared.rival for case in self._known if case.outcome and case.outcome.compared), same(""))

    @property
    def answer(self) -> Text | None:
        """Of every contender in how many of the known cases its claim holds; None where no case is known."""
        if not self._known:
            return None
        holds = [[claim.holds for claim in case.outcome.claims] for case in self._known if case.outcome is not None]
        said = [IN.format(who=who, n=sum(each)) for who, each in zip(self.contenders, zip(*holds, strict=True), strict=True)]
        words = ANSWER if len(holds) < len(self.cases) else WHOLE_ANSWER
        return words.format(rival=self.rival, n=len(holds), all=len(self.cases), said=joined(said, ", "))

    @property
    def _known(self) -> list[KnownCase]:
        return [case for case in self.cases if case.factors]

    def frame(self) -> DataFrame:
        """A row for every contender in every case that is known: the settings by which cases differ, `who`, `factor` (the median over the
        starts), `least`, `most`, `goal` and `sign`.
        """
        from pandas import DataFrame

        settings = [case.figure.settings() for case in self.cases]
        apart = [name for name in settings[0] if len({str(one[name]) for one in settings}) > 1] if settings else []
        rows = [_row([own[name] for name in apart], one) for own, case in zip(settings, self.cases, strict=True) for one in case.factors]
        return DataFrame(rows, columns=[*apart, *COLUMNS])

    def table(self) -> Tabled:
        """The factors as words; of a case that is not known, what it takes."""
        rows = []
        for case in self.cases:
            cells = [one.shown + same(", ") + one.sign for one in case.factors] or [_open(case), *[same("")] * (len(self.contenders) - 1)]
            rows.append((case.name, *cells))
        return Tabled(
            TITLE.format(rival=self.rival), (CASE, *(self.contenders or (same(""),))), "l" * (1 + max(1, len(self.contenders))), tuple(rows)
        )


def overview(figure: Figure, case: Callable[[Figure], KnownCase]) -> Overview:
    """What `case` knows of each of the figure's cases."""
    return Overview(tuple(map(case, figure.cases())))


def _row(where: Sequence[Json], one: Factor) -> list[Any]:
    members = [member_in_words(value) if isinstance(value, Mapping) else value for value in where]
    return [*members, one.who.en, one.middle, min(one.each), max(one.each), one.goal, one.sign.en]


def _open(case: KnownCase) -> Text:
    return case.absence or case.takes


COLUMNS = ("who", "factor", "least", "most", "goal", "sign")
TITLE = Text("Bits, times those of {rival}: median over the starts, least … most", "Бит от числа бит {rival}: медиана по стартам, от … до")
ANSWER = Text(
    "Of {n:case|cases} that are computed ({all} in all) {rival} is kept up with by {said}.",
    "Посчитано случаев: {n} (всего {all}). Не уступает {rival}: {said}.",
)
WHOLE_ANSWER = Text("Of {n:case|cases} {rival} is kept up with by {said}.", "Всего случаев: {n}. Не уступает {rival}: {said}.")
IN = Text("{who} in {n}", "{who} — в {n}")
CASE = Text("On", "На чём")
MISSING = Text(
    "{missing} of {count:run|runs} to compute, about {time} on one core",
    "осталось посчитать {missing} из {count:запуска|запусков|запусков}, примерно {time} на одном ядре",
)
