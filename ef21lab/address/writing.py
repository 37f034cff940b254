"""Runs and a view as the words of the page that shows them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from types import MappingProxyType

from ef21lab.address import locks, places, versions
from ef21lab.address.complaints import unnamed
from ef21lab.address.controls import FIRST, LANGUAGE, LETTERS, MEMBERS_SEEN, PLAIN, RACE, ROUNDS, VIEW, start_of
from ef21lab.address.letters import letters_of
from ef21lab.address.members import differing
from ef21lab.address.objectives import objective_of
from ef21lab.address.places import MEMBERS
from ef21lab.address.presets import PRESETS
from ef21lab.choices.fields import Choice, Json, Layout, shown
from ef21lab.choices.text import Refusal, Text, same
from ef21lab.choices.written import read, written
from ef21lab.compressors.base import compressors
from ef21lab.runs.spec import FLOAT64, RunSpec
from ef21lab.steps.base import steps

SPOKEN = Choice(Text("Language", "Язык"), Text("Of the page.", "Страницы."), {"en": same("English"), "ru": same("Русский")})
SHARED = ("dataset", "partition", "objective", "start", "rounds", *PLAIN)  # by all runs of a page


def address_of(
    specs: Sequence[RunSpec | Mapping[str, Json]], view: Mapping[str, Json] | None = None, layout: Layout | None = None
) -> dict[str, str]:
    """The words of the page that shows these runs: those of every control that is not as usual, and the mark of today's defaults.

    The runs are contenders a, b, c …, or have the letters of `view["race"]`; `view` holds other controls by their place, as `specs_of`
    gives them. With the `layout` of the problem, the tensor shapes of x, what its natural fold makes usual is left out, as the pages do it.
    Raises Refusal where one page cannot show these runs, and for what its controls do not allow.

    >>> address_of([{"compressor": {"name": "top_k", "k": 4}, "step": {"rule": "theory", "multiple": 8}}], {"axis": "round"})
    {'a.step': 'theory', 'a.step.theory.multiple': '8', 'race': 'a', 'axis': 'round', 'v': '4'}
    """
    found = locks.sealed(words_of(specs, view, layout))
    spoken = {key: words for key, words in found.items() if key != LANGUAGE}
    mark = {versions.KEY: str(versions.VERSION)} if spoken else {}
    return {**spoken, **mark, **{key: words for key, words in found.items() if key == LANGUAGE}}


def words_of(
    specs: Sequence[RunSpec | Mapping[str, Json]], view: Mapping[str, Json] | None = None, layout: Layout | None = None
) -> dict[str, str]:
    """The same without the mark: what the controls of the page say by themselves."""
    runs, seen = [RunSpec.make(spec) for spec in specs], dict(view or {})
    letters = seen.pop(RACE, LETTERS[: len(runs)])
    _check(runs, letters)
    found = _of_problem(runs[0])
    for letter, run in zip(letters, runs, strict=True):
        found |= _of_contender(letter, run, layout)
    if letters != FIRST:
        found[RACE] = letters
    for key, value in seen.items():
        found |= of_view(key, value, letters, found)
    return found


@cache
def words_of_preset(name: str) -> Mapping[str, str]:
    """What a ready-made setting says of the controls, beside its name."""
    return MappingProxyType(words_of(PRESETS[name].specs, PRESETS[name].view))


def of_view(key: str, value: Json, letters: str, beside: Collection[str] = ()) -> dict[str, str]:
    """The words of a control, none for one that is as usual in an address with those `beside` it."""
    if key in MEMBERS_SEEN:
        return differing(key, MEMBERS[key].make(value), MEMBERS[key].make(places.usual_seen(key, beside)))
    if key == LANGUAGE:
        return {key: SPOKEN.check(value, "view", key)}
    if key not in VIEW:
        known = ", ".join((RACE, *VIEW, *MEMBERS_SEEN, LANGUAGE))
        raise Refusal(NO_SUCH_CONTROL.format(key=shown(key), known=known))
    field, default = VIEW[key]
    checked = field.check(read(written(value), field), "view", key)
    if key in (locks.HIDE, locks.LOCK):
        _named(key, checked)
    return {} if checked == (letters[0] if key == "with" else default) else {key: written(checked)}


def _named(key: str, names: Sequence[str]) -> None:
    unknown = [name for name in names if not places.exists(name) and not (key == locks.HIDE and name in locks.PARTS)]
    if unknown:
        raise Refusal(unnamed(key, unknown).wrong)


def _of_problem(run: RunSpec) -> dict[str, str]:
    base, (place, first, _) = RunSpec.make({"objective": run.objective}), objective_of(run.dataset)
    found = differing("dataset", run.dataset, base.dataset) | differing("partition", run.partition, base.partition)
    found |= differing(place, run.objective, first) | differing("start", run.start, base.start)
    return found | {name: written(getattr(run, name)) for name in ("rounds", *PLAIN) if getattr(run, name) != getattr(base, name)}


def _of_contender(letter: str, run: RunSpec, layout: Layout | None) -> dict[str, str]:
    start = start_of(letter, run.objective)
    return {
        **differing(letter, run.compressor, compressors.make(start["compressor"]), layout),
        **differing(f"{letter}.method", run.algorithm, RunSpec.make({}).algorithm, layout),
        **differing(f"{letter}.step", run.step, steps.make(start["step"]), layout),
    }


def _check(runs: Sequence[RunSpec], letters: str) -> None:
    if not runs or len(runs) > len(LETTERS):
        raise Refusal(HOW_MANY.format(most=len(LETTERS), n=len(runs)))
    if len(letters) != len(runs) or letters_of(letters)[1]:
        raise Refusal(LETTERS_AMISS.format(letters=shown(letters), n=len(runs)))
    for name in SHARED:
        if any(getattr(run, name) != getattr(runs[0], name) for run in runs):
            raise Refusal(APART.format(name=name))
    names = objective_of(runs[0].dataset)[2]
    if runs[0].objective.name not in names:
        raise Refusal(NO_SUCH_LABELS.format(dataset=runs[0].dataset.name, names=", ".join(names)))
    ROUNDS.check(runs[0].rounds, "page", "rounds")
    for run in runs:
        if run.precision != FLOAT64:
            raise Refusal(OTHER_PRECISION.format(precision=run.precision))


HOW_MANY = Text(
    "a page shows 1 to {most:run|runs}, and here are {n}", "на странице от 1 до {most:запуска|запусков|запусков}, а здесь их {n}"
)
LETTERS_AMISS = Text(
    "race={letters}: as many letters from a to f, in their order, as there are runs: {n}",
    "race={letters}: букв от a до f по порядку нужно столько, сколько запусков: {n}",
)
APART = Text(
    "the runs of a page share everything but method, compressor and step, and these differ in {name}",
    "у запусков одной страницы общее всё, кроме метода, компрессора и шага, а эти различаются в {name}",
)
NO_SUCH_LABELS = Text(
    "no page shows this: what takes the labels of {dataset} is {names}", "на странице этого нет: метки {dataset} подходят для {names}"
)
OTHER_PRECISION = Text(
    "a page keeps the state of its runs as float64, and precision is {precision}",
    "на странице состояние запусков хранится как float64, а precision равно {precision}",
)
NO_SUCH_CONTROL = Text("no page has a control {key}; a view has: {known}", "настройки {key} нет ни на одной странице; есть: {known}")
