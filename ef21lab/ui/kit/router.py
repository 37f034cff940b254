"""The main script: one page for each file of pages/, named and ordered by the file's own TITLE and ORDER."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from ef21lab.choices.text import Text
from ef21lab.served import PAGES
from ef21lab.ui.kit import history, language, own_words, visit
from ef21lab.ui.kit.language import say

NAME = "ef21lab"
ICON = Path(__file__).with_name("icon.png")
SIDEBAR = 350  # pixels
STYLE = Path(__file__).with_name("page.css")


class PageFile(NamedTuple):
    path: Path
    title: Text
    icon: str
    order: int


@lru_cache(maxsize=1)
def page_files() -> list[PageFile]:
    """The pages of the lab, in menu order."""
    return sorted((_read(path) for path in PAGES.glob("*.py")), key=lambda page: page.order)


def main() -> None:
    """Draw the page that the address names."""
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
    page.run()


def _read(path: Path) -> PageFile:
    spec = importlib.util.spec_from_file_location(f"pages.{path.stem}", path)
    assert spec is not None, path
    assert spec.loader is not None, path
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return PageFile(path, module.TITLE, module.ICON, module.ORDER)


if __name__ == "__main__":
    main()
