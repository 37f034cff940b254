"""One slider, one cause: every γ is held where it is now, so that a change of a compressor changes nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ef21lab.address.controls import VIEW, tuned_for
from ef21lab.address.preset import fixed
from ef21lab.choices.text import Text
from ef21lab.runs.entered import tried
from ef21lab.steps.base import steps
from ef21lab.ui.experiment.contenders import Contender
from ef21lab.ui.experiment.entries import GOAL, with_best
from ef21lab.ui.kit import forms
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.link import Link

KEY = "held"  # the switch; in no address, since what it did is


def switch(racing: Sequence[Contender], link: Link, repeats: int = 1) -> None:
    """On where every contender has a γ of its own already; turned off, all are tuned again."""
    held = all(steps.json(contender.spec.step)["rule"] == fixed(1.0)["rule"] for contender in racing)
    goal = float(link.first(GOAL, VIEW[GOAL].default, VIEW[GOAL].field))
    widget = link.at(KEY, held)
    st.toggle(say(WORDS), **widget, help=say(ABOUT), on_change=_switched, args=(racing, goal, repeats, widget["key"]))
    link.keep(KEY, held)


def _switched(racing: Sequence[Contender], goal: float, repeats: int, widget: str) -> None:
    for contender in racing:
        step = _as_it_is(contender, goal, repeats) if st.session_state[widget] else tuned_for(contender.spec.objective)
        forms.put(f"{contender.letter}.step", steps.make(step))


def _as_it_is(contender: Contender, goal: float, repeats: int) -> object:
    run = with_best(contender, tried(contender.spec, repeats), goal)
    return fixed(run.planned.gamma) if run.can_race else tuned_for(contender.spec.objective)


WORDS = Text("Hold γ while other sliders move", "Держать γ, пока двигаются другие ползунки")
ABOUT = Text(
    "Every γ stays what it is now, so that a slider changes one thing; off: every contender takes its best step again.",
    "Каждый γ остаётся нынешним, и ползунок меняет что-то одно; если выключить, каждый участник снова берёт лучший шаг.",
)
