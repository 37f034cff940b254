"""The menu of ready-made settings: one choice sets every control of the page and says what to look at."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ef21lab.address.controls import NO_PRESET, PICKED, PRESET, VIEW
from ef21lab.address.presets import PRESETS
from ef21lab.address.writing import words_of_preset
from ef21lab.choices.text import Text
from ef21lab.ui.kit.language import plain, say
from ef21lab.ui.kit.link import Link

MENU_WIDTH = 250  # pixels


def menu(link: Link, otherwise: Text) -> DeltaGenerator:
    """The menu of settings beside what the open one says; the place for the way back."""
    labels = {NO_PRESET: plain(VIEW[PRESET].field.label), **{name: plain(setting.label) for name, setting in PRESETS.items()}}
    current = link.current(PRESET, NO_PRESET, VIEW[PRESET].field)
    with st.container(horizontal=True, vertical_alignment="center"):
        words = st.container(width="stretch")
        with st.container(width=MENU_WIDTH, gap="small"):
            widget = link.among(PRESET, current, labels)
            chosen = st.selectbox(
                say(VIEW[PRESET].field.label),
                list(labels),
                **widget,
                format_func=labels.__getitem__,
                on_change=_open,
                args=(widget["key"],),
                label_visibility="collapsed",
            )
            place = st.container()
    words.markdown(say(PRESETS[chosen].look_at if chosen in PRESETS else otherwise))
    link.hold(PRESET, chosen, NO_PRESET)
    return place


def way_back(link: Link, place: DeltaGenerator) -> None:
    """A button that sets the open setting again where the controls are no longer its own; after all other controls."""
    name = link.asked(PRESET)
    if name in PRESETS and link.holds(except_for=(PRESET, *PICKED)) != words_of_preset(name):
        place.button(say(BACK), icon=":material/undo:", type="tertiary", on_click=_set, args=(name,))


def _open(widget: str) -> None:
    _set(st.session_state[widget])


def _set(name: str) -> None:
    """Set every control as the setting has it; where none is chosen, leave them."""
    if name in PRESETS:
        Link.reopen({PRESET: name, **words_of_preset(name)})


BACK = Text("Back to this setting", "Вернуть, как было")
