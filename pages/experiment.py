"""The experiment: a problem, up to six contenders, and what happens, live."""

from __future__ import annotations

import streamlit as st

from ef21lab.datasets.base import Dataset, datasets
from ef21lab.experiment import NUMBERS, RunSpec
from ef21lab.partitions.base import partitions
from ef21lab.problems.base import Facts, Objective, objectives
from ef21lab.text import Refusal, Text
from ef21lab.ui import contenders, download, forms, language, live_panel, take_away, visitor
from ef21lab.ui.language import say
from ef21lab.ui.link import Link

TITLE = Text("Experiment", "Эксперимент")
ICON = ":material/show_chart:"
ORDER = 0

WHAT_TO_SEE = Text(
    "Every round each node sends a **compressed difference** C(∇fᵢ − gᵢ) instead of its gradient. "
    "Which message buys the most accuracy for what it costs? Move a slider: the curves answer.",
    "В каждом раунде каждый узел посылает не градиент, а **сжатую разность** C(∇fᵢ − gᵢ). "
    "Какое сообщение даёт больше точности за свою цену? Подвиньте ползунок: кривые ответят.",
)

MOST_ROUNDS = 20_000  # of a run started here; the command line has no such bound


def render() -> None:
    link = Link()
    with st.sidebar:
        language.switch()
        problem = _problem(link)
        facts = _facts(problem)
        racing = contenders.race(problem, facts, link) if facts else []
    st.markdown(say(WHAT_TO_SEE))
    if notice := visitor.lab().notice:
        st.warning(say(notice), icon=":material/database:")
    above = st.container()
    if racing:
        _show(racing, link)
    for complaint in link.complaints:
        above.warning(say(complaint), icon=":material/link_off:")
    link.write(whole=facts is not None)


def _show(racing: list[contenders.Contender], link: Link) -> None:
    """The runs of all contenders that can race, live, and what to take home."""
    able = [contender for contender in racing if contender.plan]
    answers = visitor.submit([contender.spec for contender in able])
    running = [(contender, answer) for contender, answer in zip(able, answers, strict=True) if isinstance(answer, str)]
    for contender, answer in zip(able, answers, strict=True):
        if isinstance(answer, Text):
            st.error(f"{say(contenders.title(contender.spec))}: {say(answer)}")
    shown = live_panel.controls(link)
    if running:
        accepted, keys = zip(*running, strict=True)
        live_panel.draw(accepted, keys, shown, link)
        take_away.offer(accepted, keys)


def _problem(link: Link) -> RunSpec:
    """Which data, on how many nodes; folded away: how it is split, with which objective, for how long."""
    base, context = RunSpec.make({}), forms.Context(link)
    dataset = forms.member(datasets, "dataset", base.dataset, context, label=Text("Dataset", "Данные"))
    st.caption(_size(dataset))
    in_sight, folded = st.container(), st.expander(say(Text("Partition, objective, rounds", "Разбиение, целевая функция, раунды")))
    with folded:
        kind = forms.menu(partitions, "partition", base.partition, context, label=Text("Partition", "Разбиение"))
        objective = _objective(dataset, base.objective, context)
        rounds = forms.control("rounds", forms.bounded(NUMBERS["rounds"], 1, MOST_ROUNDS), base.rounds, context)
        seed = forms.control("seed", NUMBERS["seed"], base.seed, context)
    with in_sight:
        partition = forms.settings(kind, "partition", base.partition, context)
    return RunSpec.make({**base.json(), "dataset": dataset, "partition": partition, "objective": objective, "rounds": rounds, "seed": seed})


def _objective(dataset: Dataset, default: Objective, context: forms.Context) -> Objective:
    """The objectives that can take this dataset's labels; each kind of labels has a control, and a place in the link, of its own."""
    task = {None: None, 0: "regression", 2: "two classes"}.get(dataset.facts().classes, "many classes")
    names = [name for name, kind in objectives.members.items() if task is None or task in kind.tasks]
    key = "objective" if default.name in names else f"objective.{names[0]}"
    first = default if default.name in names else objectives.make(names[0])
    return forms.member(objectives, key, first, context, label=Text("Objective", "Целевая функция"), names=names)


def _size(dataset: Dataset) -> str:
    """One line about the data: what it is, N, p and the number of classes."""
    rows, columns, classes = dataset.facts()
    known = [
        f"N = {say(language.count(rows))}" if rows is not None else "",
        say(Text(f"{columns} features", f"признаков: {columns}")) if columns is not None else "",
        say(Text(f"{classes} classes", f"классов: {classes}")) if classes else "",
    ]
    return f"{say(dataset.about)} " + " · ".join(filter(None, known))


def _facts(problem: RunSpec) -> Facts | None:
    """What the problem is like, or the reason why it cannot be posed, on the page."""
    try:
        return visitor.facts(problem)
    except Refusal as refusal:
        st.error(say(refusal.text))
        download.offer(problem.dataset)
        return None


if __name__ in ("__main__", "__page__"):
    render()
