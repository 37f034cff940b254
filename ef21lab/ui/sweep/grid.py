"""The controls of a grid: which values the step, the strengths, the starts, the nodes, their split and the data run through."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from ef21lab.address.controls import NODE_COUNTS, RULE, SPLITS, grid_step
from ef21lab.address.members import codes
from ef21lab.choices.fields import Choice, Integer, Several
from ef21lab.choices.text import Text, quoted, same
from ef21lab.datasets.base import datasets
from ef21lab.partitions.base import partitions
from ef21lab.problems.base import Facts, Objective
from ef21lab.runs.spec import RunSpec
from ef21lab.steps.base import Step, steps
from ef21lab.ui.kit import forms, visitor
from ef21lab.ui.kit.language import count, plain, say
from ef21lab.ui.kit.link import Link
from ef21lab.ui.sweep.asked import Ranges, split_named, split_of, step_named

LONGEST = 1e9  # multiple that a rule takes
OWN, EQUAL = "own", "bits"
RULES = [name for name, kind in steps.members.items() if "multiple" in kind.fields()]


def rule(posed: RunSpec, link: Link) -> Step:
    """The shortest of the steps: which one the others are multiples of."""
    return forms.member(steps, RULE, grid_step(posed.objective), forms.Context(link), label=SHORTEST, names=RULES)


def along(objective: Objective) -> dict[str, str]:
    """Where another objective is chosen, the rule and the range that are usual for it."""
    return {**codes(RULE, grid_step(objective)), "octaves": str(_octaves(objective))}


def controls(shared: RunSpec, facts: Facts, link: Link) -> Ranges:
    """The ranges of all that runs through several values."""
    multiples = _multiples(shared, link)
    by = _one_of("strength", STRENGTH, {OWN: FROM_OWN, EQUAL: OF_BITS}, link)
    budget = _budget(facts.d, link) if by == EQUAL else None
    strengths = _integer("strengths", STRENGTHS, 3, link)
    repeats = _integer("starts", STARTS, 3, link)
    with st.expander(say(MORE)):
        most = visitor.lab().limits.nodes
        nodes = _several("counts", NODES, {words: quoted(words) for words in NODE_COUNTS if int(words) <= most}, link)
        splits = [partitions.make(SPLITS[name]) for name in _several("splits", SPLIT, _splits(), link)]
        also = _several("also", ALSO, _datasets(shared), link)
    return Ranges(
        multiples,
        strengths,
        budget,
        repeats,
        tuple(dict.fromkeys([shared.partition.nodes, *map(int, nodes)])),
        tuple(dict.fromkeys(map(split_of, (shared.partition, *splits)))),
        (shared.dataset, *(datasets.make(name) for name in also)),
    )


def _multiples(shared: RunSpec, link: Link) -> tuple[float, ...]:
    """From the shortest step on, as far and as finely as is asked."""
    octaves, finer = _integer("octaves", OCTAVES, _octaves(shared.objective), link), _integer("finer", FINER, 1, link)
    first = float(shared.step.settings()["multiple"])
    multiples = [first * 2.0 ** (place / finer) for place in range(octaves * finer + 1)]
    kept = tuple(multiple for multiple in multiples if multiple <= LONGEST)
    shortest, longest = (step_named(shared.step, multiple) for multiple in (kept[0], kept[-1]))
    st.caption(say(FROM_TO.format(n=len(kept), shortest=shortest, longest=longest)))
    return kept


def _octaves(objective: Objective) -> int:
    """Of a theorem's step, which is far too short, many; of a γ, to either side of what trains a network, fewer."""
    return 9 if "step" not in objective.usual else 6


def _integer(key: str, field: Integer, default: int, link: Link) -> int:
    return int(forms.control(key, field, default, forms.Context(link)))


def _budget(d: int, link: Link) -> int:
    grid = forms.growing(8, 40 * d)
    usual = min(grid, key=lambda bits: abs(bits - 2 * d))
    asked = link.current("budget", usual, BUDGET)
    at = link.at("budget", min(grid, key=lambda bits: abs(bits - asked)))
    labels = {bits: plain(count(bits)) for bits in grid}
    bits = int(st.select_slider(say(BUDGET.label), grid, **at, format_func=labels.__getitem__, help=say(BUDGET.about)))
    link.hold("budget", bits, usual)
    return bits


def _one_of(key: str, label: Text, options: Mapping[str, Text], link: Link) -> str:
    first = next(iter(options))
    current = link.current(key, first, Choice(label, same(""), options))
    labels = {name: plain(text) for name, text in options.items()}
    value = str(st.selectbox(say(label), list(labels), **link.among(key, current, labels), format_func=labels.__getitem__))
    link.hold(key, value, first)
    return value


def _several(key: str, field_label: Text, options: Mapping[str, Text], link: Link) -> list[str]:
    """Any of these."""
    current = list(link.current(key, (), Several(field_label, same(""), options)))
    labels = {name: plain(text) for name, text in options.items()}
    at = link.at(key, [name for name in current if name in options], default="default")
    picked = st.pills(say(field_label), list(labels), selection_mode="multi", **at, format_func=labels.__getitem__)
    value = [name for name in options if name in picked]
    link.hold(key, value, [])
    return value


def _splits() -> dict[str, Text]:
    return {name: split_named(partitions.make(given)) for name, given in SPLITS.items()}


def _datasets(shared: RunSpec) -> dict[str, Text]:
    """The others that are whole as they stand and at hand."""
    made = {name: kind() for name, kind in datasets.members.items() if name != shared.dataset.name}
    return {name: one.label for name, one in made.items() if one.absence() is None}


SHORTEST = Text("The shortest step", "Самый короткий шаг")
OCTAVES = Integer(
    Text("Doublings of the step", "Удвоений шага"), Text("How many times it is doubled.", "Сколько раз он удваивается."), 0, 20
)
FINER = Integer(
    Text("Steps to a doubling", "Шагов на удвоение"),
    Text("2: each is √2 times the one before.", "2 — каждый в √2 раз длиннее прежнего."),
    1,
    8,
)
FROM_TO = Text("{n:step|steps}: {shortest} … {longest}", "{n:шаг|шага|шагов}: {shortest} … {longest}")
STRENGTH = Text("Strengths of a contender", "Силы сжатия участника")
FROM_OWN = Text("its own, then twice as much", "своя, затем вдвое больше")
OF_BITS = Text("equal budgets of bits", "равные бюджеты бит")
STRENGTHS = Integer(
    Text("How many strengths", "Сколько сил сжатия"),
    Text(
        "k or the ranks of each contender are doubled so many times less one; with equal budgets, the bits of a message.",
        "На единицу меньше раз удваивается k или ранги каждого участника, а при равных бюджетах — биты сообщения.",
    ),
    1,
    8,
)
BUDGET = Integer(
    Text("The least budget, bits of a message", "Наименьший бюджет, бит на сообщение"),
    Text("Each contender takes its strongest setting within it.", "Каждый участник берёт самую сильную настройку в его пределах."),
    8,
    64_000_000,
)
STARTS = Integer(
    Text("Starts", "Стартов"),
    Text(
        "Each run is repeated from so many x⁰, with other noise; a verdict takes at least three.",
        "Каждый запуск повторяется из стольких x⁰ с другим шумом; для вывода нужно не меньше трёх.",
    ),
    1,
    20,
)
MORE = Text("Nodes, heterogeneity, datasets", "Узлы, неоднородность, данные")
NODES = Text("Also on so many nodes", "А также на стольких узлах")
SPLIT = Text("Also split like this", "А также с таким разбиением")
ALSO = Text("Also on these data", "А также на этих данных")
