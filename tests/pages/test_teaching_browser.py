"""A teacher's link in a real browser: made on the page, opened for a screen and on a phone, in both languages and themes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page

from tests.browsers import PATIENCE, comes

from .conftest import Server, Visit, Visits

pytestmark = pytest.mark.browser

QUERY = "race=abc&rounds=60&a.step=theory&b.step=theory&c.step=theory&v=3"
WORDS = 'Here <img src=x onerror="throw 1"> & there'

# How large the words of a view are on the screen: the smallest of what a room reads. Numbers between decades are none of plotly's here.
SMALLEST = """() => Math.min(...[...document.querySelectorAll(
  ".ef21-verdict, .ef21-card b, .ef21-about, .ef21-note, .ef21-notelist li, .ef21-goal span, .ef21-plot text")]
  .filter((one) => one.getClientRects().length && one.textContent)
  .map((one) => parseFloat(getComputedStyle(one).fontSize)))"""
# What of the page is to be seen beside the view.
BESIDE = """() => [...document.querySelectorAll(
  "[data-testid=stSidebar], [data-testid=stHeader], [data-testid=stExpander], [data-testid=stSelectbox], .ef21-toolbar, .ef21-errors")]
  .filter((one) => one.checkVisibility()).map((one) => one.className || one.dataset.testid)"""
SIDEWAYS = "() => { const main = document.querySelector('[data-testid=stMain]'); return main.scrollWidth - main.clientWidth; }"
# Pairs of notes that lie on one another, and notes that leave the chart.
AMISS = """() => {
  const boxes = [...document.querySelectorAll(".ef21-note")].map((one) => one.getBoundingClientRect());
  const room = document.querySelector(".ef21-notes").getBoundingClientRect();
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
  return boxes.filter((a, at) => boxes.some((b, other) => other > at && !apart(a, b))
    || a.left < room.left - 1 || a.right > room.right + 1 || a.top < room.top - 1 || a.bottom > room.bottom + 1).length;
}"""


def test_a_teacher_makes_a_link_and_a_room_and_phones_see_what_it_says(visit: Visits, server: Server) -> None:
    link = made_on(visit(QUERY))
    room = visit(link, "ru-RU", "dark", (1920, 1080))
    seen_whole(room, least=24)
    assert "ε = 1,55·10⁻⁴" in room.page.locator(".ef21-verdict").inner_text()
    room.page.get_by_role("button", name="На весь экран").click()
    room.wait("() => document.fullscreenElement !== null")
    seen_whole(visit(link, "en-US", "light", (390, 844)), least=13)
    leaves_and_comes_back(room)
    says_what_it_does_not_move(visit(link.replace("view=present&", "") + "&rounds=70&hide=zz"))


def made_on(tab: Visit) -> str:
    """A link with a note, for a screen, that locks the rounds and hides the dataset."""
    page = tab.page
    tab.wait_for_curves(3)
    page.locator(".st-key-teach-open summary").click()
    words = page.get_by_role("textbox", name="Words")
    words.fill(WORDS)
    words.press("Enter")
    tab.rest()
    page.get_by_role("button", name="Put it on the chart").click()
    note = page.locator(".ef21-note")
    note.wait_for(timeout=PATIENCE)
    comes(lambda: " ".join(note.inner_text().split()) == WORDS, page)
    assert page.locator(".ef21-note img").count() == 0
    choose(page, "Nobody moves", "Rounds")
    tab.rest()
    choose(page, "Nobody sees", "Dataset")
    tab.rest()
    field = page.get_by_role("textbox", name="Link", exact=True)
    comes(lambda: "locked=rounds" in field.input_value() and "hide=dataset" in field.input_value(), page)
    page.get_by_role("button", name="Copy the link").click()
    page.get_by_role("button", name="Copied").first.wait_for(timeout=PATIENCE)
    assert page.get_by_role("img", name="QR code of the link").locator("path").count() > 0
    frame = page.get_by_role("textbox", name="Frame for a web page or a slide").input_value()
    assert frame.startswith('<iframe src="http')
    assert "&amp;embed=true" in frame
    return field.input_value()


def choose(page: Page, menu: str, option: str) -> None:
    field = page.get_by_role("combobox", name=menu).last
    field.click()
    field.fill(option)  # a long list is drawn in part
    page.get_by_role("option", name=option, exact=True).click()
    page.keyboard.press("Escape")


def seen_whole(tab: Visit, least: float) -> None:
    """Chart, verdict and caption alone, large enough, with the note in its place."""
    tab.wait_for_curves(3)
    note = tab.page.locator(".ef21-note")
    note.wait_for(timeout=PATIENCE)
    tab.wait("() => /ε\\s*=|ε/.test(document.querySelector('.ef21-verdict')?.textContent ?? '')")
    tab.rest()
    assert tab.page.evaluate(BESIDE) == []
    assert tab.page.evaluate(SMALLEST) >= least
    assert tab.page.evaluate(SIDEWAYS) == 0
    assert tab.page.evaluate(AMISS) == 0
    inside(tab.page, tab.page.locator(".ef21-chart"))
    inside(tab.page, tab.page.locator(".ef21-verdict"))


def inside(page: Page, part: Locator) -> None:
    box, size = part.bounding_box(), page.viewport_size
    assert box
    assert size
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= size["height"]


def leaves_and_comes_back(tab: Visit) -> None:
    """The whole page, in which the rounds stay and the dataset is not seen; then as the link had it."""
    page = tab.page
    page.get_by_role("button", name="Показать всю страницу").click()
    page.locator(".st-key-teach-open").wait_for(timeout=PATIENCE)
    tab.rest()
    assert page.get_by_role("spinbutton", name="Узлы").is_enabled()
    assert not page.locator(".st-key-dataset").is_visible()
    page.get_by_text("Разбиение, целевая функция, раунды").click()
    rounds = page.get_by_role("spinbutton", name="Раунды")
    rounds.wait_for(timeout=PATIENCE)
    assert rounds.is_disabled()
    page.get_by_role("button", name="Вернуть настройки ссылки").last.click()
    tab.wait("() => location.search.includes('view=present')")


def says_what_it_does_not_move(tab: Visit) -> None:
    tab.wait_for_curves(3)
    tab.page.get_by_text("The link locks “rounds”, and yet it asks for '70'.").wait_for(timeout=PATIENCE)
    tab.wait("() => location.search.includes('locked.rounds=60') && !location.search.includes('70')")
