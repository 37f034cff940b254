"""Odd but well-formed choices, drawn from the declared fields of every member, and addresses made of them: the same for the same seed."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable, Mapping
from typing import Any

from ef21lab.address.controls import LETTERS
from ef21lab.address.places import ROOM_OF
from ef21lab.choices.fields import Choice, Dims, Field, FileName, Integer, Json, Nested, Ranks, Real
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal, same
from ef21lab.choices.written import written
from ef21lab.compressors.base import compressors
from ef21lab.runs.fitting import fitting
from ef21lab.runs.spec import DEFAULTS, FAMILIES, LATER
from ef21lab.vectors.base import vectors

SMALL = 12  # whole numbers stay at or below it unless they are a seed's, so that no case is a long computation
LONG = 500  # no tensor has more cells, unless it is one that nobody can compute with
TINY = (5e-324, 1e-308, 2.3e-308, 1e-200, 1e-160, 1e-17, 1e-5)
NEAR_ONE = (0.5, 0.999, 1 - 2**-53, 1.0, 1 + 2**-52)
HUGE = (1e6, 1e9, 1e154, 1e300)
JUNK = (
    "",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "-1",
    "x",
    "0x10",
    "1,5",
    "９",
    "9" * 400,
    "![x](y)",
    "$x$",
    "None",
    "4x",
    "1x1x1x1x1x1x1x1x1",
    "\u202e",
)
NAMES_OF_FILES = ("", "a.csv", "no such file", "Ж")

VARIETY = max(6, int(os.environ.get("EF21LAB_FUZZ", 0)) // 25)  # of the microscope's vectors
WORDS = (same(""), same(""))  # of a field that nobody sees

Given = dict[str, Json]  # a member's name and some of its fields


def numbers(usual: int) -> range:
    """The numbers of the cases to be tried: so many, or as many as a nightly run asks for."""
    first = int(os.environ.get("EF21LAB_FUZZ_FROM", 0))
    return range(first, first + int(os.environ.get("EF21LAB_FUZZ", usual)))


def value(field: Field, rng: random.Random, key: str = "") -> Json:
    """A value that the field declares to be allowed, the ends of its range more often than what lies between."""
    readers: dict[type[Field], Callable[..., Json]] = {
        Integer: _integer,
        Real: _real,
        Choice: lambda field, rng, key: rng.choice(list(field.options)),
        Dims: _dims,
        Ranks: _ranks,
        FileName: lambda field, rng, key: rng.choice(NAMES_OF_FILES),
        Nested: lambda field, rng, key: member(field.family(), rng, names=field.names),
    }
    return next(read for kind, read in readers.items() if isinstance(field, kind))(field, rng, key)


def member(family: Any, rng: random.Random, names: tuple[str, ...] = (), share: float = 0.6) -> Given:
    """A member of a family with about this share of its fields set, the rest left to their defaults."""
    kind: type[Spec] = family.members[rng.choice(names or tuple(family.members))]
    fields = {name: field for name, field in kind.fields().items() if rng.random() < share}
    return {family.tag: kind.name, **{name: value(field, rng, name) for name, field in fields.items()}}


def problem(rng: random.Random, here: Callable[[type[Spec]], bool]) -> Given:
    """Dataset, partition and objective; of datasets those that `here` says are to be had, mostly with an objective for their labels."""
    names = tuple(name for name, kind in FAMILIES["dataset"].members.items() if here(kind))
    dataset, partition = member(FAMILIES["dataset"], rng, names), member(FAMILIES["partition"], rng)
    partition.setdefault("nodes", rng.randint(1, 6))
    able = tuple(fitting(_classes(dataset))) if rng.random() < 0.8 else ()
    return {"dataset": dataset, "partition": partition, "objective": member(FAMILIES["objective"], rng, able)}


def _classes(dataset: Given) -> int | None:
    try:
        return FAMILIES["dataset"].make(dataset).facts().classes
    except Refusal:
        return None


def held_out(rng: random.Random) -> Given:
    """Now and then a share of the rows is held out."""
    return {name: value(LATER[name], rng, name) for name in ("held_out", "held_out_seed")} if rng.random() < 0.15 else {}


def contender(rng: random.Random) -> Given:
    return {noun: member(FAMILIES[noun], rng) for noun in ("algorithm", "compressor", "step")} | {"start": start(rng)}


def start(rng: random.Random) -> Given:
    """One that is to be had: an array of a program is on no machine before it was handed over."""
    return member(FAMILIES["start"], rng, tuple(name for name, kind in FAMILIES["start"].members.items() if kind().absence() is None))


def codes(key: str, family: Any, given: Mapping[str, Json]) -> dict[str, str]:
    """A member as an address holds it, one control for each of its fields."""
    kind = family.members[given[family.tag]]
    found = {key: kind.name}
    for name, chosen in given.items():
        if name != family.tag:
            field, place = kind.fields()[name], f"{key}.{kind.name}.{name}"
            found |= codes(place, field.family(), chosen) if isinstance(field, Nested) else {place: written(chosen)}
    return found


def address(page: str, rng: random.Random, here: Callable[[type[Spec]], bool]) -> dict[str, str]:
    """An address of a page: all of its controls may be there, some of other pages, now and then junk."""
    found = _of_microscope(rng) if page == "microscope" else _of_problem(page, rng, here)
    if rng.random() < 0.3:
        found["lang"] = rng.choice(("en", "ru"))
    if page != "microscope":
        found |= {name: written(chosen) for name, chosen in held_out(rng).items()}
    for _ in range(rng.choice((0, 0, 0, 1, 3))):
        found[rng.choice([*found, *ROOM_OF, "zz", "a.b.c", "d.top_k.zz", "v"])] = rng.choice(JUNK)
    return found


def _of_problem(page: str, rng: random.Random, here: Callable[[type[Spec]], bool]) -> dict[str, str]:
    parts = problem(rng, here)
    able = fitting(_classes(parts["dataset"]))  # each kind of labels has a menu of its own
    places = {"objective": "objective" if DEFAULTS["objective"] in able else f"objective.{able[0]}"}
    found = {key: words for noun, given in parts.items() for key, words in codes(places.get(noun, noun), FAMILIES[noun], given).items()}
    found |= codes("start", FAMILIES["start"], start(rng)) | {"rounds": str(rng.choice((1, 2, 3, 30)))}
    if rng.random() < 0.3:
        found["seed"] = str(value(Integer(*WORDS, 0, 2**31 - 1), rng, "seed"))
    return found if page == "data" else found | _of_race(rng)


def _of_race(rng: random.Random) -> dict[str, str]:
    letters = "".join(rng.sample(LETTERS, rng.choice((1, 1, 2, 3))))
    found = {"race": letters}
    for letter in rng.choice((letters, letters, LETTERS)):
        for noun, key in (("compressor", letter), ("algorithm", f"{letter}.method"), ("step", f"{letter}.step")):
            if rng.random() < 0.8:
                found |= codes(key, FAMILIES[noun], member(FAMILIES[noun], rng))
    view = {
        "metric": ("grad", "gap", "loss", "mean", "psi", "tight", "distortion", "contraction", "x"),
        "axis": ("round", "bits", "floats", "seconds", "x"),
        "theory": ("on", "off"),
        "contender": ("0", "5", "-1"),
        "node": ("0", "499", "1000000"),
        "round": ("-1", "0", "30", "1000000"),
        "logX": ("-1", "0", "1", "2"),
        "whole": ("0", "1"),
        "oneScale": ("0", "1"),
        "slice": ("0", "7"),
        "epsilon": ("1e-06", "0.1", "50", "3e-5"),
        "with": tuple(LETTERS),
    }
    return found | {name: rng.choice(words) for name, words in view.items() if rng.random() < 0.15}


def _of_microscope(rng: random.Random) -> dict[str, str]:
    vector = random.Random(f"vector {rng.randrange(VARIETY)}")  # few, so that answers about one are asked for again
    found = codes("vector", vectors, member(vectors, vector)) | codes("operator", compressors, member(compressors, rng))
    for name in ("fold", "other"):
        if rng.random() < 0.3:
            found[name] = written(_dims(Dims(*WORDS), rng, name))
    numbers = {"bits": (8, 9, 64_000_000, 64_000_001), "rung": (-1, 0, 3, 1_000_000), "slice": (0, 5, 1_000_000)}
    return found | {name: str(rng.choice(some)) for name, some in numbers.items() if rng.random() < 0.4}


def _integer(field: Integer, rng: random.Random, key: str) -> int:
    high = field.high if key.endswith("seed") else max(field.low, min(field.high, SMALL))
    return rng.choice((field.low, high, rng.randint(field.low, high), min(field.low + 1, high)))


def _real(field: Real, rng: random.Random, key: str) -> float:
    between = (field.low, field.high, math.nextafter(field.low, math.inf), math.nextafter(field.high, -math.inf), *TINY, *NEAR_ONE, *HUGE)
    able = [number for number in between if field.low <= number <= field.high and not (field.above and number == field.low)]
    return float(rng.choice((rng.choice(able), rng.uniform(max(field.low, -1e3), min(field.high, 1e3)) or field.high)))


def _dims(field: Dims, rng: random.Random, key: str) -> Json:
    sides = [rng.choice((1, 2, 3, 4, 7, 16, 1_000_000)) for _ in range(field.order or rng.randint(2, 8))]
    while LONG < math.prod(sides) < 1_000_000:
        sides[sides.index(max(sides))] = 1
    return rng.choice(("auto", "natural", sides, sides))


def _ranks(field: Ranks, rng: random.Random, key: str) -> Json:
    one = rng.choice((1, 2, 3, 1_000_000))
    return one if field.places == "whole" or rng.random() < 0.5 else [rng.choice((1, 2, 1_000_000)) for _ in range(rng.randint(1, 8))]
