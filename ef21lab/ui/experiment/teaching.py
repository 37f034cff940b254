"""A teacher's link: the page as it is, with what the class is to see and to move; as a link, a QR code, and a frame for a slide."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import streamlit as st

from ef21lab.address.controls import LABELS, PAGE, PRESENTED, SLIDE, VIEW
from ef21lab.address.links import address
from ef21lab.address.locks import HIDE, LOCK, PARTS
from ef21lab.choices.fields import Choice, Several
from ef21lab.choices.text import Text, same
from ef21lab.runs.names import titles
from ef21lab.runs.spec import LATER, NUMBERS
from ef21lab.ui.experiment import noting
from ef21lab.ui.experiment.entries import Entry
from ef21lab.ui.experiment.live_panel import Shown
from ef21lab.ui.kit import language, place, visit
from ef21lab.ui.kit.language import plain, say
from ef21lab.ui.kit.link import Link
from ef21lab.web.server import assets, frames_allowed

OPEN = "teach.open"
OPENS, HIDDEN, LOCKED = "teach.view", "teach.hide", "teach.lock"  # in no address: they are of the link that is made
HEIGHT = 640  # pixels of a frame
EMBED = {"embed": "true"}


def offer(racing: Sequence[Entry], shown: Shown, link: Link) -> None:
    """The panel in which a link is made; and where a link has locked or hidden something, the way back to what it said."""
    tab = visit.current()
    if tab.locks or tab.hides:
        st.button(say(RESET), key="teach.reset", icon=":material/undo:", type="tertiary", on_click=Link.reset)
    title = say(Text("Show it to a class: slide, link, notes", "Показать на занятии: экран, ссылка, заметки"))
    with st.expander(title, icon=":material/present_to_all:", key=OPEN, on_change="rerun") as box:
        if not box.open:
            return
        noting.controls(racing, shown.axis, link)
        words = link.made(_asked(racing, link))
        made = address(words, place.lab())
        _component()(
            key="teach.share",
            data={
                "base": place.base(),
                "language": language.current(),
                "link": made,
                "frame": _frame(address({**words, **EMBED}, place.lab())),
                "code": code_of(made),
            },
        )
        st.caption(say(_of_frames()))


def code_of(link: str) -> str:
    """A QR code as SVG; empty where the address is longer than one holds."""
    import segno

    try:
        return str(segno.make(link, micro=False).svg_inline(border=2, dark="#000", light="#fff", omitsize=True))
    except segno.DataOverflowError:
        return ""


def _asked(racing: Sequence[Entry], link: Link) -> dict[str, str]:
    """How the page opens, and what nobody sees or moves on it."""
    names = _names(racing)
    opens = _one_of(link)
    with st.container(horizontal=True):
        locked = _several(LOCKED, say(Text("Nobody moves", "Закрепить")), names, visit.current().locks, link)
        hidden = _several(HIDDEN, say(Text("Nobody sees", "Скрыть")), {**names, **PARTS}, visit.current().hides, link)
    return {PRESENTED: "" if opens == PAGE else opens, LOCK: ",".join(locked), HIDE: ",".join(hidden)}


def _one_of(link: Link) -> str:
    labels = {name: plain(text) for name, text in OPENS_AS.items()}
    current = link.current(OPENS, SLIDE, Choice(same(""), same(""), dict.fromkeys(labels, same(""))))
    at = link.at(OPENS, current, default="default")
    words = say(Text("The link opens", "Ссылка открывает"))
    chosen = str(st.segmented_control(words, list(labels), format_func=labels.__getitem__, required=True, **at))
    link.keep(OPENS, chosen)
    return chosen


def _several(key: str, label: str, names: Mapping[str, Text], own: Sequence[str], link: Link) -> list[str]:
    """Any of these, at first those of the link that is open; what that has beyond them stays."""
    labels = {name: plain(text) for name, text in names.items()}
    asked = link.current(key, tuple(one for one in own if one in labels), Several(same(""), same(""), dict.fromkeys(labels, same(""))))
    at = link.at(key, [one for one in asked if one in labels], default="default")
    chosen = st.multiselect(label, list(labels), format_func=labels.__getitem__, placeholder=say(NOTHING), **at)
    link.keep(key, tuple(chosen))
    return [*(one for one in own if one not in labels), *chosen]


def _names(racing: Sequence[Entry]) -> dict[str, Text]:
    """What can be locked on this page, each with what stands under it."""
    names = titles([entry.best.spec for entry in racing])
    return {
        "race": Text("who races", "состав участников"),
        **{entry.contender.letter: name for entry, name in zip(racing, names, strict=True)},
        **{f"{entry.contender.letter}.step": STEP.format(name=name) for entry, name in zip(racing, names, strict=True)},
        **{name: LABELS[name] for name in ("dataset", "partition", "objective", "start")},
        **{name: field.label for name, field in {**NUMBERS, **LATER}.items() if name in ("rounds", "seed", "held_out", "stop_at")},
        **{name: VIEW[name].field.label for name in ("repeats", "setting", "metric", "axis", "theory", "goal", PRESENTED)},
    }


def _frame(link: str) -> str:
    """What shows this address in a page of another."""
    source = html.escape(link, quote=True)
    return f'<iframe src="{source}" title="ef21lab" width="100%" height="{HEIGHT}" style="border:0" allow="fullscreen"></iframe>'


def _of_frames() -> Text:
    sites = frames_allowed.sites()
    return FRAMES_OF.format(sites=" ".join(sites)) if sites else NO_FRAMES


@cache
def _component() -> Any:
    return st.components.v2.component("ef21lab_share", js=assets.loader(assets.SHARE), isolate_styles=False)


OPENS_AS = {
    SLIDE: Text("chart and verdict in large type", "график и вывод крупно, для экрана"),
    PAGE: Text("the whole page", "всю страницу"),
}
NOTHING = Text("nothing", "ничего")
STEP = Text("step: {name}", "шаг: {name}")
RESET = Text("Back to the settings of the link", "Вернуть настройки ссылки")
NO_FRAMES = Text(
    "Only pages of this address may show the lab in a frame. For others the operator names their sites: "
    "`EF21LAB_FRAMES=https://moodle.uni.example`, several with blanks between.",
    "Показывать лабораторию во фрейме могут только страницы этого же адреса. Чтобы могли и другие, администратор перечисляет их сайты "
    "через пробел: `EF21LAB_FRAMES=https://moodle.uni.example`.",
)
FRAMES_OF = Text(
    "Pages of these sites may show the lab in a frame: {sites}", "Показывать лабораторию во фрейме могут страницы сайтов: {sites}"
)
