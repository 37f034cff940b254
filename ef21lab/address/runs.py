"""Runs and a view ⇄ the address of the page that shows them: plain mappings of words, without a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ef21lab.address import versions
from ef21lab.address.controls import FIRST, LABELS, LETTERS, MEMBERS_SEEN, ROUNDS, START, VIEW
from ef21lab.address.members import Layout, differing, fitted
from ef21lab.address.places import MEMBERS
from ef21lab.address.reading import LANGUAGE, Complaint, Reading, stray
from ef21lab.algorithms.base import algorithms
from ef21lab.choices.fields import Json, shown
from ef21lab.choices.text import Refusal, Text
from ef21lab.choices.written import read, written
from ef21lab.compressors.base import compressors
from ef21lab.datasets.base import Dataset
from ef21lab.problems.base import Objective, objectives
from ef21lab.runs.spec import NUMBERS, RunSpec
from ef21lab.steps.base import steps

RACE = "race"  # the control, and the word in the address, that says which letters race
SHARED = ("dataset", "partition", "objective", "start", "rounds", "record_every", "seed")  # by all runs of a page


class Opened(NamedTuple):
    """What an address means."""

    specs: list[RunSpec]  # of the contenders in the order of their letters
    view: dict[str, Json]  # every other control that is not as usual: which letters race, axes, theory, the microscope's vector …
    complaints: dict[str, Complaint]  # by control; "" is that of controls that do not exist


def address_of(
    specs: Sequence[RunSpec | Mapping[str, Json]], view: Mapping[str, Json] | None = None, layout: Layout | None = None
) -> dict[str, str]:
    """The words of the page that shows these runs: those of every control that is not as usual, and the mark of today's defaults.

    The runs are contenders a, b, c …, or have the letters of `view["race"]`; `view` holds other controls by their place, as `specs_of`
    gives them. With the `layout` of the problem, the tensor shapes of x, what its natural fold makes usual is left out, as the pages do it.
    Raises Refusal where one page cannot show these runs, and for what its controls do not allow.

    >>> address_of([{"compressor": {"name": "top_k", "k": 4}, "step": {"rule": "theory", "multiple": 8}}], {"axis": "bits_up"})
    {'a.step.theory.multiple': '8', 'race': 'a', 'axis': 'bits_up', 'v': '2'}
    """
    runs, seen = [RunSpec.make(spec) for spec in specs], dict(view or {})
    letters = seen.pop(RACE, LETTERS[: len(runs)])
    _check(runs, letters)
    found = _of_problem(runs[0])
    for letter, run in zip(letters, runs, strict=True):
        found |= _of_contender(letter, run, layout)
    if letters != FIRST:
        found[RACE] = letters
    for key, value in seen.items():
        found |= _of_view(key, value, letters)
    spoken = {key: words for key, words in found.items() if key != LANGUAGE}
    mark = {versions.KEY: str(versions.VERSION)} if spoken else {}
    return {**spoken, **mark, **{key: words for key, words in found.items() if key == LANGUAGE}}


def specs_of(address: Mapping[str, str]) -> Opened:
    """The runs that a page of this address shows, the rest of what it says, and what it got wrong; there the usual value is taken.

    An address under earlier defaults means what it meant when it was made. Folds and ranks are as asked for, and fitted to
    a problem by `fitted_to`.

    >>> opened = specs_of({"race": "a", "a.top_k.k": "7", "rounds": "many"})
    >>> opened.specs[0].compressor, [str(complaint.wrong) for complaint in opened.complaints.values()]
    (TopK(k=7), ["The link sets “Rounds” to 'many'; it must be an integer in 1..1,000,000."])
    """
    reading = Reading(address)
    posed, letters = problem(reading), race(reading)
    specs = [_contender(letter, posed, reading) for letter in letters]
    seen = _view(reading, letters)
    complaints = {**reading.complaints, **({"": stray(reading.unknown)} if reading.unknown else {})}
    return Opened(specs, seen if letters == LETTERS[: len(letters)] else {RACE: letters, **seen}, complaints)


def fitted_to(layout: Layout, run: RunSpec) -> RunSpec:
    """The run as the pages make it on a problem of this layout."""
    return replace(run, **{noun: fitted(getattr(run, noun), layout) for noun in ("compressor", "algorithm", "step")})


def problem(reading: Reading) -> RunSpec:
    """The data, the nodes, the objective, x⁰ and the rounds; the rest as in the usual run."""
    base = RunSpec.make({})
    dataset = reading.member(_family("dataset"), "dataset", base.dataset, LABELS["dataset"])
    place, first, names = objective_of(dataset)
    return replace(
        base,
        dataset=dataset,
        partition=reading.member(_family("partition"), "partition", base.partition, LABELS["partition"]),
        objective=reading.member(objectives, place, first, LABELS["objective"], names),
        start=reading.member(_family("start"), "start", base.start, LABELS["start"]),
        rounds=reading.value("rounds", base.rounds, ROUNDS),
        seed=reading.value("seed", base.seed, NUMBERS["seed"]),
    )


def race(reading: Reading) -> str:
    """The letters that race, in their order."""
    asked = reading.asked(RACE) or FIRST
    letters, complaint = letters_of(asked)
    if complaint:
        reading.complaints[RACE] = complaint
    return letters


def letters_of(asked: str) -> tuple[str, Complaint | None]:
    """Those of the asked letters that are a contender's; and what is said where that is not what was asked."""
    letters = "".join(letter for letter in LETTERS if letter in asked)
    taken = letters or FIRST
    return taken, None if letters == asked else Complaint(NO_SUCH_LETTERS.format(asked=shown(asked[:20])), TAKEN.format(taken=taken))


def objective_of(dataset: Dataset) -> tuple[str, Objective, list[str]]:
    """Where the menu of objectives stands for the labels of this dataset, which is the first, and which take such labels."""
    names, usual = fitting(dataset.facts().classes), RunSpec.make({}).objective
    return ("objective", usual, names) if usual.name in names else (f"objective.{names[0]}", objectives.make(names[0]), names)


def fitting(classes: int | None) -> list[str]:
    """The objectives that take labels of so many classes; 0 for regression, None where it is not known yet."""
    task = {None: None, 0: "regression", 2: "two classes"}.get(classes, "many classes")
    return [name for name, kind in objectives.members.items() if task is None or task in kind.tasks]


def _contender(letter: str, posed: RunSpec, reading: Reading) -> RunSpec:
    start = START[letter]
    return replace(
        posed,
        compressor=reading.member(compressors, letter, compressors.make(start["compressor"])),
        algorithm=reading.member(algorithms, f"{letter}.method", posed.algorithm, LABELS["algorithm"]),
        step=reading.member(steps, f"{letter}.step", steps.make(start["step"]), LABELS["step"]),
    )


def _view(reading: Reading, letters: str) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key, (field, default) in VIEW.items():
        usual = letters[0] if key == "with" else default
        if reading.asked(key) is not None and (value := reading.value(key, usual, field)) != usual:
            found[key] = value
    for key, name in MEMBERS_SEEN.items():
        member = reading.member(MEMBERS[key], key, MEMBERS[key].make(name), LABELS[key])
        if _of_view(key, member, letters):
            found[key] = MEMBERS[key].json(member)
    if reading.words.get(LANGUAGE) in ("en", "ru"):
        found[LANGUAGE] = reading.words[LANGUAGE]
    return found


def _of_problem(run: RunSpec) -> dict[str, str]:
    base, (place, first, _) = RunSpec.make({}), objective_of(run.dataset)
    found = differing("dataset", run.dataset, base.dataset) | differing("partition", run.partition, base.partition)
    found |= differing(place, run.objective, first) | differing("start", run.start, base.start)
    return found | {name: written(getattr(run, name)) for name in ("rounds", "seed") if getattr(run, name) != getattr(base, name)}


def _of_contender(letter: str, run: RunSpec, layout: Layout | None) -> dict[str, str]:
    start = START[letter]
    return {
        **differing(letter, run.compressor, compressors.make(start["compressor"]), layout),
        **differing(f"{letter}.method", run.algorithm, RunSpec.make({}).algorithm, layout),
        **differing(f"{letter}.step", run.step, steps.make(start["step"]), layout),
    }


def _of_view(key: str, value: Json, letters: str) -> dict[str, str]:
    """The words of a control, none for one that is as usual."""
    if key in MEMBERS_SEEN:
        return differing(key, MEMBERS[key].make(value), MEMBERS[key].make(MEMBERS_SEEN[key]))
    if key == LANGUAGE:
        return {key: str(value)}
    if key not in VIEW:
        known = ", ".join((RACE, *VIEW, *MEMBERS_SEEN, LANGUAGE))
        raise Refusal(NO_SUCH_CONTROL.format(key=shown(key), known=known))
    field, default = VIEW[key]
    checked = field.check(read(written(value), field), "view", key)
    return {} if checked == (letters[0] if key == "with" else default) else {key: written(checked)}


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
    if runs[0].record_every != 1:
        raise Refusal(EVERY_ROUND.format(every=runs[0].record_every))


def _family(noun: str) -> Any:
    return MEMBERS[noun]


NO_SUCH_LETTERS = Text(
    "The link asks for contenders {asked}, and they are the letters a to f.",
    "В ссылке участники {asked}, а участники — это буквы от a до f.",
)
TAKEN = Text("Taken: {taken}.", "Взято: {taken}.")
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
EVERY_ROUND = Text(
    "a page records every round, and record_every is {every}", "на странице записывается каждый раунд, а record_every равно {every}"
)
NO_SUCH_CONTROL = Text("no page has a control {key}; a view has: {known}", "настройки {key} нет ни на одной странице; есть: {known}")
