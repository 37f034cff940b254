"""The data page in a browser: a table with a fault is refused where it is wrong, a good one becomes the dataset and a link."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browsers import PATIENCE

pytestmark = pytest.mark.browser

BAD = b"length,width,kind\n1,2,cat\n3,oops,dog\n"
GOOD = b"length;width;kind\r\n" + b"".join(b"%d;%d.5;%s\r\n" % (row, row % 7, (b"cat", b"dog")[row % 2]) for row in range(60))
OVERFLOW = "() => Math.max(...[...document.querySelectorAll('[data-testid=stMain], body')].map((e) => e.scrollWidth - e.clientWidth))"
FORMULAS = "() => document.querySelectorAll('.katex-html').length"
CHOSEN = """(words) => [...document.querySelectorAll('[data-testid=stSelectbox]')]
  .some((menu) => (menu.querySelector('input')?.value || menu.innerText).includes(words))"""
# Of every picture of rows: its size here, its own, and how wide what it stands in is.
IMAGES = """() => [...document.querySelectorAll("[data-testid=stHtml] img")].map((one) => [one.offsetWidth, one.offsetHeight,
  one.naturalWidth, one.naturalHeight, one.closest("[data-testid=stHtml]").clientWidth])"""
DRAWN = "(count) => document.querySelectorAll('.js-plotly-plot').length >= count"


@pytest.fixture
def data(visit: Any, server: Any) -> Any:
    """The page as a visitor comes to it by its address, whose own look for itself the browser reports as an error."""
    return lambda query="", **how: visit(f"{server.url}/data{query}", **how)


def upload(tab: Any, name: str, content: bytes) -> None:
    tab.page.locator("[data-testid=stFileUploader] input").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})


def test_a_table_with_a_fault_is_refused_where_it_is_wrong_and_a_good_one_is_shown_and_shared(data: Any) -> None:
    tab = data()
    tab.wait(DRAWN, 5)
    tab.page.get_by_text("Data of your own").click()
    upload(tab, "bad.csv", BAD)
    tab.page.get_by_text("line 3, column 2 ('width'): 'oops' is not a number").wait_for()
    tab.page.get_by_role("textbox", name="Leave out").wait_for()  # a way to read it otherwise
    upload(tab, "good.csv", GOOD)
    tab.page.get_by_role("heading", name="A table of yours").wait_for()
    tab.wait("() => location.search.includes('dataset=table&dataset.table.file=good.csv')")
    tab.wait(DRAWN, 5)
    tab.page.get_by_text("The label is column 3 ('kind'), by its name.").wait_for()
    tab.wait(CHOSEN, "as it looks: semicolon")
    expect(tab.page.get_by_text("is not a number")).to_have_count(0, timeout=PATIENCE)
    tab.page.locator("[data-testid=stMarkdownContainer] td", has_text="dog").first.wait_for()
    other = data("?" + tab.page.url.split("?")[1], locale="ru-RU")
    other.page.get_by_role("heading", name="Ваша таблица").wait_for()
    other.wait(DRAWN, 5)
    other.wait(CHOSEN, "как похоже: точка с запятой")
    tab.errors.clear()
    other.errors.clear()


@pytest.mark.parametrize(("size", "locale", "theme"), [((1280, 800), "ru-RU", "dark"), ((390, 844), "en-US", "light")])
@pytest.mark.parametrize("dataset", ["digits", "diabetes"])
def test_pictures_and_formulas_are_drawn_and_nothing_overflows(
    data: Any, dataset: str, size: tuple[int, int], locale: str, theme: str
) -> None:
    tab = data(f"?dataset={dataset}", size=size, locale=locale, theme=theme)
    tab.wait(DRAWN, 5)
    tab.wait(f"() => ({FORMULAS})() === 2")
    tab.rest()
    assert tab.page.evaluate(OVERFLOW) <= 0
    images = tab.page.evaluate(IMAGES)
    assert len(images) == (2 if dataset == "digits" else 0)
    for width, height, own_width, own_height, room in images:  # as wide as there is room, but for numbers beside it, and of its own shape
        assert 0.85 * min(room, 340) <= width <= room
        assert height == pytest.approx(width * own_height / own_width, abs=1)
    tab.errors.clear()
