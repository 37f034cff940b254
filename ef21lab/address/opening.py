"""The runs and the view of the page that an address opens."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ef21lab.address import places, versions
from ef21lab.address.complaints import Complaint, stray
from ef21lab.address.controls import FIRST, LABELS, LANGUAGE, LETTERS, MEMBERS_SEEN, PLAIN, RACE, ROUNDS, VIEW, start_of
from ef21lab.address.letters import letters_of
from ef21lab.address.members import differing, fitted
from ef21lab.address.objectives import objective_of
from ef21lab.address.places import MEMBERS
from ef21lab.address.reading import Reading
from ef21lab.algorithms.base import algorithms
from ef21lab.choices.fields import Json, Layout
from ef21lab.choices.text import LANGUAGES
from ef21lab.compressors.base import compressors
from ef21lab.problems.base import objectives
from ef21lab.runs.spec import RunSpec
from ef21lab.steps.base import steps


class Opened(NamedTuple):
    """What an address means."""

    specs: list[RunSpec]  # of the contenders in the order of their letters
    view: dict[str, Json]  # every other control that is not as usual: which letters race, axes, theory, the microscope's vector …
    complaints: dict[str, Complaint]  # by control; "" is that of controls that do not exist


def specs_of(address: Mapping[str, str], repeated: Collection[str] = ()) -> Opened:
    """The runs that a page of this address shows, the rest of what it says, and what it got wrong; there the usual value is taken.

    `repeated` are the controls that it sets several times; the last words count, and that is among what it got wrong.
    An address under earlier defaults means what it meant when it was made. Folds and ranks are as asked for, and fitted to
    a problem by `fitted_to`.

    >>> opened = specs_of({"race": "a", "a.top_k.k": "7", "rounds": "many"})
    >>> opened.specs[0].compressor, [str(complaint.wrong) for complaint in opened.complaints.values()]
    (TopK(k=7), ["The link sets “Rounds” to 'many'; it must be an integer in 1..1,000,000."])
    """
    reading = Reading(address, repeated)
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
    objective = reading.member(objectives, place, first, LABELS["objective"], names)
    start = RunSpec.make({"objective": objective}).start
    return replace(
        base,
        dataset=dataset,
        partition=reading.member(_family("partition"), "partition", base.partition, LABELS["partition"]),
        objective=objective,
        start=reading.member(_family("start"), "start", start, LABELS["start"]),
        rounds=reading.value("rounds", base.rounds, ROUNDS),
        **{name: reading.value(name, getattr(base, name), field) for name, field in PLAIN.items()},
    )


def race(reading: Reading) -> str:
    """The letters that race, in their order."""
    asked = reading.asked(RACE) or FIRST
    letters, complaint = letters_of(asked)
    if complaint:
        reading.complaints[RACE] = complaint
    return letters


def _contender(letter: str, posed: RunSpec, reading: Reading) -> RunSpec:
    start = start_of(letter, posed.objective)
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
    for key in MEMBERS_SEEN:
        usual = MEMBERS[key].make(versions.meant(key, reading.version) or places.usual_seen(key, reading.words))
        member = reading.member(MEMBERS[key], key, usual, LABELS[key])
        if differing(key, member, usual):
            found[key] = MEMBERS[key].json(member)
    if reading.words.get(LANGUAGE) in LANGUAGES:
        found[LANGUAGE] = reading.words[LANGUAGE]
    return found


def _family(noun: str) -> Any:
    return MEMBERS[noun]
