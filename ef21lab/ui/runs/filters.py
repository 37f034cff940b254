"""The controls by which finished runs are found, and the page of them that is shown."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from ef21lab.address.controls import EPSILONS, LABELS
from ef21lab.algorithms.base import algorithms
from ef21lab.choices.fields import Choice, Integer, Words
from ef21lab.choices.registry import Family
from ef21lab.choices.text import Text, number, quoted, same
from ef21lab.compressors.base import compressors
from ef21lab.datasets.base import datasets
from ef21lab.jobs.catalogue import Order, Query
from ef21lab.ui.kit.language import plain, say
from ef21lab.ui.kit.link import Link

ANY = "all"
ON_A_PAGE = 20
MOST_PAGES = 1_000_000

SORTS: dict[str, tuple[Text, Order, bool]] = {  # what it is called; by what; the greatest first
    "newest": (Text("the newest first", "сначала новые"), "finished", True),
    "oldest": (Text("the oldest first", "сначала старые"), "finished", False),
    "lowest": (Text("the lowest ‖∇f‖² first", "сначала с наименьшей ‖∇f‖²"), "grad_norm_sq", False),
    "fewest": (Text("the fewest bits first", "сначала с наименьшим числом бит"), "bits_up", False),
    "least": (Text("the lowest f first", "сначала с наименьшей f"), "loss", False),
}
ONLY = {
    ANY: Text("all", "все"),
    "pinned": Text("the pinned", "закреплённые"),
    "hidden": Text("those put away", "убранные"),
}


def controls(link: Link, owner: str, tags: list[str]) -> Query:
    """What is looked for."""
    found = _words(link)
    dataset = _member("on", LABELS["dataset"], datasets, link)
    method = _member("of", LABELS["algorithm"], algorithms, link)
    compressor = _member("through", Text("Compressor", "Компрессор"), compressors, link)
    goals = {ANY: Text("anything", "любой"), **{f"{epsilon:g}": number(epsilon) for epsilon in reversed(EPSILONS)}}
    below = _one_of("below", Text("‖∇f‖² at the end at most", "‖∇f‖² в конце не больше"), goals, link)
    tag = _one_of("tag", Text("Tag", "Метка"), {"": Text("any", "любая"), **{tag: quoted(tag) for tag in tags}}, link, default="")
    only = _one_of("only", Text("Which", "Какие"), ONLY, link)
    orders = {name: words for name, (words, *_) in SORTS.items()}
    _, order, descending = SORTS[_one_of("sort", Text("In order", "Порядок"), orders, link, "newest")]
    return Query(
        text=found,
        dataset=dataset,
        method=method,
        compressor=compressor,
        grad_norm_sq=None if below == ANY else float(below),
        tag=tag or None,
        pinned=only == "pinned",
        hidden=only == "hidden",
        owner=owner,
        order=order,
        descending=descending,
    )


def page(link: Link, runs: int) -> int:
    """The first place of those that are shown."""
    pages = max(1, -(-runs // ON_A_PAGE))
    asked = min(pages, int(link.current("page", 1, Integer(PAGE, same(""), 1, MOST_PAGES))))
    if pages == 1:
        link.hold("page", 1, 1)
        return 0
    shown = int(st.number_input(say(PAGE), 1, pages, **link.at("page", asked), width=160))
    link.hold("page", shown, 1)
    return (shown - 1) * ON_A_PAGE


def _words(link: Link) -> str:
    asked = link.current("find", "", Words(FIND, same("")))
    found = str(st.text_input(say(FIND), **link.at("find", asked), help=say(HOW_TO_FIND), max_chars=Words.longest))
    found = " ".join(found.split())
    link.hold("find", found, "")
    return found


def _member(key: str, label: Text, family: Family, link: Link) -> str | None:
    members = {name: member.label for name, member in family.members.items()}
    name = _one_of(key, label, {ANY: Text("any", "любой"), **members}, link)
    return None if name == ANY else name


def _one_of(key: str, label: Text, options: Mapping[str, Text], link: Link, default: str = ANY) -> str:
    current = link.current(key, default, Choice(label, same(""), dict(options)))
    labels = {name: plain(text) for name, text in options.items()}
    value = str(st.selectbox(say(label), list(labels), **link.among(key, current, labels), format_func=labels.__getitem__))
    link.hold(key, value, default)
    return value


PAGE = Text("Page", "Страница")
FIND = Text("Search", "Поиск")
HOW_TO_FIND = Text(
    "Words that all occur in a run's description, tags or note: `hosvd ranks=2`, `seed=7`. How a word or a key begins is enough.",
    "Слова, которые все есть в описании запуска, его метках или заметке: `hosvd ranks=2`, `seed=7`. Хватит начала слова или ключа.",
)
