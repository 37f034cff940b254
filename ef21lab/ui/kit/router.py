"""The main script: one page for each file of pages/, named and ordered by the file's own TITLE and ORDER."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from ef21lab.choices import answers, plugged
from ef21lab.choices.answers import Failed
from ef21lab.choices.fields import shown
from ef21lab.choices.text import Refusal, Text
from ef21lab.served import PAGES
from ef21lab.ui.kit import history, in_turn, language, own_words, unseen, visit, visitor
from ef21lab.ui.kit.language import say

log = logging.getLogger(__name__)

NAME = "ef21lab"
ICON = Path(__file__).with_name("icon.png")
SIDEBAR = 350  # pixels
STYLE = Path(__file__).with_name("page.css")


class PageFile(NamedTuple):
    path: Path
    title: Text
    icon: str
    order: int
    plugin: plugged.Plugin | None = None  # who has brought it along


@lru_cache(maxsize=1)
def page_files() -> list[PageFile]:
    """The pages of the lab and of plugins, in menu order. A page of a plugin that is none is left out."""
    found = {path.stem: _read(path) for path in PAGES.glob("*.py")}

    def take(offer: plugged.Extension, loaded: Any) -> None:
        page = _page(loaded)._replace(plugin=offer.plugin)
        if page.path.stem in found:
            raise Refusal(TAKEN.format(place=str(found[page.path.stem].path)))
        found[page.path.stem] = page

    plugged.taken_in(plugged.PAGES, take)
    return sorted(found.values(), key=lambda page: page.order)


def main() -> None:
    """Draw the page that the address names, in its turn."""
    visitor.lab().questions.waits = in_turn.aside
    with in_turn.turn():
        _draw()


def _draw() -> None:
    visit.current().begin()
    st.set_page_config(page_icon=str(ICON), layout="wide", initial_sidebar_state=SIDEBAR)  # first, or a browser asks for an icon elsewhere
    st.html(STYLE)  # a .css file becomes a style of the page
    own_words.translate(language.current())
    history.keep_short()
    pages = [
        st.Page(page.path, title=say(page.title), icon=page.icon, url_path=page.path.stem, default=first)
        for first, page in zip([True] + [False] * len(page_files()), page_files(), strict=False)
    ]
    page = st.navigation(pages, position="top")
    st.set_page_config(page_title=f"{page.title} · {NAME}")
    visit.current().arrive(page.url_path)
    unseen.hide(visit.current().hides)
    above = st.container()
    run(page.run, dict(zip((each.url_path for each in pages), page_files(), strict=True))[page.url_path])
    with above:
        tell_of_plugins()


def run(draw: Callable[[], None], page: PageFile) -> None:
    """Draw a page; where code of a plugin fails in it, that is said below what of the page is there already."""
    try:
        with answers.blaming(page.plugin, page.path.name):
            draw()
    except Failed as failed:
        log.exception("a page could not be drawn to its end")
        st.error(say(failed.text), icon=":material/extension_off:")


def tell_of_plugins() -> None:
    """Which were left out, and why, and what went wrong in others: whoever has installed one looks for it here."""
    for words in (*(one.text for one in plugged.broken()), *answers.notes().values()):
        st.warning(say(words))


def _read(path: Path) -> PageFile:
    spec = importlib.util.spec_from_file_location(f"pages.{path.stem}", path)
    assert spec is not None, path
    assert spec.loader is not None, path
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return PageFile(path, module.TITLE, module.ICON, module.ORDER)


def _page(module: Any) -> PageFile:
    """The page of a plugin. Raises Refusal where its module is none."""
    title, icon, order = (getattr(module, name, None) for name in ("TITLE", "ICON", "ORDER"))
    if not (isinstance(title, Text) and isinstance(icon, str) and isinstance(order, int) and getattr(module, "__file__", None)):
        raise Refusal(NO_PAGE.format(title=shown(title), icon=shown(icon), order=shown(order)))
    if not (icon.startswith(":material/") and icon.endswith(":")):
        raise Refusal(NO_ICON.format(icon=shown(icon)))
    return PageFile(Path(module.__file__), title, icon, order)


TAKEN = Text("there is such a page already: {place}", "такая страница уже есть: {place}")
NO_PAGE = Text(
    "a page is a module with a TITLE (a Text), an ICON and an ORDER (an integer), got {title}, {icon}, {order}",
    "страница — это модуль с TITLE (Text), ICON и ORDER (целое число), а получено {title}, {icon}, {order}",
)
NO_ICON = Text('ICON must be like ":material/star:", got {icon}', 'ICON — это, например, ":material/star:", а получено {icon}')


if __name__ == "__main__":
    main()
