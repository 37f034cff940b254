"""Who takes part in a race: every operator in several folds and strengths with every step of a grid, or what a grid says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ef21lab.choices.fields import Dims
from ef21lab.choices.plugged import in_words
from ef21lab.choices.text import Text
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.compressors.low_rank.fold import folds
from ef21lab.microscope.strength import ladder, spread
from ef21lab.problems.base import Facts
from ef21lab.runs.names import named
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.tuned import candidates, is_several
from ef21lab.sweeps.grid import Grid, cells

STRENGTHS = 4  # of an operator in one fold, from the weakest to the strongest, evenly in ratio
FOLDS = 3  # of an operator that folds the vector: the first of the menu
OCTAVES = 9  # of steps: ×1 … ×512
MULTIPLE = "multiple"  # the field of a step that has one
SLOWEST = 0.01  # seconds of computing for the messages of one round: beyond it an operator would outlast all others together


class LeftOut(NamedTuple):
    """Who does not take part, and why."""

    label: Text
    reason: Text


class Starters(NamedTuple):
    """All who take part, plain runs in a fixed order, and who does not."""

    specs: tuple[RunSpec, ...]
    left_out: tuple[LeftOut, ...]


def everything(spec: RunSpec, facts: Facts | None = None) -> Starters:
    """Every operator of the registry in place of the run's own: up to FOLDS folds, STRENGTHS strengths in each, all steps of the grid.

    Strengths are those of the operator's ladder, folds those of its menu; the rest of its settings are usual. Steps are those that the
    run's own stands for where it is tuned, else OCTAVES octaves from it on. Whoever has no step here, cannot take such vectors, or takes
    more than SLOWEST seconds of computing for a round's messages is left out.
    """
    known = facts or problem_of(spec).facts
    found: dict[Compressor, RunSpec] = {}
    left_out = []
    for operator, kind in compressors.members.items():
        try:
            runs = [replace(spec, compressor=one) for one in _settings(compressors.make(operator), known)]
            reasons = [_reason(run, known) for run in runs]
        except Exception as error:
            if kind.plugin is None:
                raise
            left_out.append(LeftOut(kind.label, in_words(error)))  # code of others: the rest race without it
            continue
        for run, reason in zip(runs, reasons, strict=True):
            if reason is None:
                found.setdefault(spec.algorithm.messenger(run.compressor).fitted(known.layout), run)
        if all(reason is not None for reason in reasons):
            left_out.append(LeftOut(kind.label, next((why for why in reasons if why is not None), NO_STRENGTH)))
    return Starters(tuple(one for run in found.values() for one in _steps(run)), tuple(left_out))


def of_grid(spec: RunSpec, grid: Grid, beside: Path | None = None) -> Starters:
    """Every combination of a grid, as `sweep` takes it; a tuned step means all of its candidates. Raises Refusal as `cells` does.

    Who makes no sense on this problem is left out.
    """
    runs = dict.fromkeys(one for cell in cells(spec, grid, beside) for one in candidates(cell.spec))
    taken: list[RunSpec] = []
    left_out: dict[Text, LeftOut] = {}
    for run in runs:
        reason = plan(run, problem_of(run).facts).reason
        if reason is None:
            taken.append(run)
        else:
            left_out.setdefault(reason, LeftOut(named(run.compressor), reason))
    return Starters(tuple(taken), tuple(left_out.values()))


def _settings(operator: Compressor, facts: Facts) -> Iterator[Compressor]:
    for folded in _folded(operator, facts):
        rungs = ladder(folded, facts.d, tuple(facts.layout))
        yield from (rungs[place] for place in spread(len(rungs), STRENGTHS))


def _folded(operator: Compressor, facts: Facts) -> Iterator[Compressor]:
    field = type(operator).fields().get("dims")
    if not isinstance(field, Dims):
        yield operator
        return
    for fold in folds(facts.d, facts.layout, field.order)[:FOLDS]:
        yield operator.replace(dims=fold.dims)


def _reason(run: RunSpec, facts: Facts) -> Text | None:
    """Why it does not take part."""
    planned = plan(_steps(run)[0], facts)
    if planned.reason is not None:
        return planned.reason
    seconds = planned.compressor.effort(facts.d, facts.nodes)
    return None if seconds <= SLOWEST else TOO_SLOW.format(milliseconds=round(1e3 * seconds), most=round(1e3 * SLOWEST))


def _steps(run: RunSpec) -> Sequence[RunSpec]:
    """The runs with every step of the grid, the shortest first; of a step that has no multiple, itself."""
    if is_several(run) or MULTIPLE not in type(run.step).fields():
        return candidates(run)
    shortest = run.step.settings()[MULTIPLE]
    return [replace(run, step=run.step.replace(**{MULTIPLE: shortest * 2.0**octave})) for octave in range(OCTAVES + 1)]


NO_STRENGTH = Text("it cannot take such vectors", "такие векторы он не принимает")
TOO_SLOW = Text(
    "the messages of one round would compute for about {milliseconds} ms, and {most} are allowed in a race",
    "на сообщения одного раунда ушло бы около {milliseconds} мс вычислений, а в гонке можно {most}",
)
