"""The live chart on a page: mounts the browser component and does what its buttons ask."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import streamlit as st

from ef21lab.address.controls import AXES, METRICS, PICKED, VIEW
from ef21lab.choices.text import Text
from ef21lab.clocks.base import Topology
from ef21lab.compressors.low_rank.fold import natural
from ef21lab.plots.locale import config
from ef21lab.runs.caption import posed
from ef21lab.runs.names import titles
from ef21lab.runs.planned import plan
from ef21lab.runs.record import added, sometimes
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.verdict import SPENT, WORDS
from ef21lab.ui.experiment import network, noting, stage
from ef21lab.ui.experiment.contenders import Contender, lines_of
from ef21lab.ui.experiment.entries import Entry
from ef21lab.ui.kit import language, place, visitor
from ef21lab.ui.kit.glossary import LETTERS, defined
from ef21lab.ui.kit.language import plain, say
from ef21lab.ui.kit.link import Link
from ef21lab.web.server import assets
from ef21lab.web.server.cursors import MOST_RUNS

CHART = "live"  # the component's widget key

THEORY = "theory"  # the toggle, and its word in the address
WHAT_THEORY_IS = Text(
    "Draws the line that a theorem holds the curve below: a guaranteed upper bound, not a forecast.",
    "Показывает линию, выше которой кривая по теореме не поднимется: это оценка сверху, а не прогноз.",
)
NAMED = {  # words that the browser has from here: of metrics that were added, and of the verdict
    **{name: METRICS[name] for name in (*added(), *sometimes())},
    **{f"verdict.{name}": text for name, text in WORDS.items()},
    **{f"spent.{axis}": text for axis, text in SPENT.items()},
}
MENU = 220  # pixels: on a phone the toggle stands beside the second menu


class Shown(NamedTuple):
    """What the chart shows of the runs."""

    metric: str
    axis: str
    theory: bool  # the lines that theorems hold the curves below
    network: Topology | None = None  # whose seconds are counted, on that axis


def prepare() -> None:
    """Have the browser load what draws the chart while this page is still being put together: for the beginning of the page."""
    st.html(f"<script>{assets.ahead(place.base())}</script>", unsafe_allow_javascript=True)


def controls(run: RunSpec, link: Link) -> Shown:
    """What is drawn against what, and whether with theory, of runs that share their problem with this one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        metric, axis = _one_of("metric", _measured(run), link, defined("G", "Ψ")), _one_of("axis", AXES, link)
        return Shown(metric, axis, _theory(link), network.controls(link) if axis == network.AXIS else None)


def draw(racing: Sequence[Entry], shown: Shown, link: Link, present: bool = False) -> None:
    """The chart of these runs; it streams by itself and reruns the page only for a command, a picked message or the end."""
    asked = {name: link.first(name, default, VIEW[name].field) for name, default in PICKED.items()}
    result = _component()(
        key=CHART,
        data={
            "base": place.base(),
            "runs": _runs(racing, shown.network),
            "metric": shown.metric,
            "named": {name: {"en": text.en, "ru": text.ru} for name, text in NAMED.items()},
            "axis": shown.axis,
            "width": shown.network and shown.network.width,
            "theory": shown.theory,
            "language": language.current(),
            "letters": {letter: plain(meaning) for letter, meaning in LETTERS.items()},
            "about": plain(posed(racing[0].contender.spec)),
            "speaks": config(language.current()),
            "view": _view(asked),
            "opened": link.opened,
            "notes": noting.shown(link),
            "present": present,
            "stays": stage.stays(),
            "locked": [name for name in PICKED if link.locks(name)],
            "settled": all(visitor.is_settled(key) for entry in racing for key in entry.keys),
        },
        on_command_change=_obey,
        on_finished_change=lambda: None,
        on_view_change=lambda: None,
    )
    picked = link.news(CHART, result.view) or _view(asked)
    for name, default in PICKED.items():
        value = picked.get(name)
        link.hold(name, default if value is None else type(default)(value), default)


def keep(link: Link) -> None:
    """What was picked in the chart stays in the address while there is nothing to draw."""
    for name, default in PICKED.items():
        link.hold(name, link.first(name, default, VIEW[name].field), default)
    noting.shown(link)


def _view(asked: dict[str, Any]) -> dict[str, Any]:
    """What the component calls a view: null for the latest round and for the axis's own scale."""
    latest = {"round": None if asked["round"] < 0 else asked["round"], "logX": None if asked["logX"] < 0 else bool(asked["logX"])}
    return {**asked, **latest, "whole": bool(asked["whole"]), "oneScale": bool(asked["oneScale"])}


def _runs(racing: Sequence[Entry], on: Topology | None) -> list[dict[str, Any]]:
    """Every run of every contender; those of one place are its candidates, the shortest step first, each with its repeats."""
    names = iter(titles([repeats[0] for entry in racing for repeats in entry.tried]))
    return [
        {
            "key": run.key,
            "place": entry.contender.letter,
            "repeat": repeat,
            "label": name,
            "wish": visitor.wish(run.key),
            "clock": on and network.clock(on, entry.contender.planned)._asdict(),
            "gamma": gamma,
            "uncompressed": network.is_uncompressed(entry.contender.planned),
            "goal": entry.contender.spec.step.goal(0.0),  # 0 where it is that of the chart
            "stop": run.stop_at,
            **_messages(entry.contender),
            **style._asdict(),
        }
        for entry, style in zip(racing, lines_of([entry.contender for entry in racing]), strict=True)
        for repeats in entry.tried
        for name, gamma in [(plain(next(names)), plan(repeats[0], entry.contender.planned.facts).gamma)]
        for repeat, run in enumerate(repeats)
    ]


def _messages(contender: Contender) -> dict[str, Any]:
    """What the pictures say of this contender's messages: how they are folded, of which tensors they are made, and what is wanted."""
    layout = contender.planned.facts.layout
    tensors = [list(shape) for shape in layout] if len(layout) > 1 else None
    return {"dims": _dims(contender), "layout": tensors, "message": plain(contender.spec.algorithm.message)}


def _dims(contender: Contender) -> list[int] | None:
    """How this contender folds a vector, or as the problem itself does where the contender does not; None where neither has a fold."""
    dims = contender.planned.compressor.settings().get("dims")
    own = natural(contender.planned.facts.layout)
    return dims if isinstance(dims, list) else list(own) if own else None


def _obey() -> None:
    """Do what a button of the chart asked for."""
    command = st.session_state[CHART].command or {}
    alone = {"reset": Link.reset, "leave": stage.leave}.get(str(command.get("name")))
    if alone:
        alone()
    acts = {"pause": visitor.lab().pause, "resume": visitor.lab().resume, "step": visitor.lab().step, "stop": visitor.lab().stop}
    act = acts.get(str(command.get("name")))
    if act:
        for key in command.get("keys", [])[:MOST_RUNS]:
            act(str(key), visitor.name())


def _one_of(key: str, options: dict[str, Text], link: Link, help: Text | None = None) -> str:
    field, default = VIEW[key]
    current = link.current(key, default, field)
    current = current if current in options else default
    hint = say(help) if help else None
    labels = {name: plain(text) for name, text in options.items()}
    value = str(
        st.selectbox(
            say(field.label),
            list(labels),
            **link.among(key, current, labels),
            format_func=labels.__getitem__,
            width=MENU,
            help=hint,
        )
    )
    link.hold(key, value, default)
    return value


def _measured(run: RunSpec) -> dict[str, Text]:
    """The metrics that there are of such a run."""
    tells_classes = run.held_out > 0.0 and run.dataset.facts().classes != 0
    return {name: text for name, text in METRICS.items() if name not in sometimes() or tells_classes}


def _theory(link: Link) -> bool:
    field, default = VIEW[THEORY]
    asked = link.current(THEORY, default, field)
    shown = st.toggle(say(field.label), **link.at(THEORY, asked in (True, "on")), help=say(WHAT_THEORY_IS))
    link.hold(THEORY, shown, False)
    return shown


@cache
def _component() -> Any:
    return st.components.v2.component("ef21lab_live", js=assets.loader(), isolate_styles=False)
