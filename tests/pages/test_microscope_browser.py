"""The microscope in a browser: the pictures follow the slider while it moves, and the link keeps where it was let go."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ef21lab.microscope import best_fold
from ef21lab.ui.kit.forms import growing
from ef21lab.vectors.base import vectors

pytestmark = pytest.mark.browser

ERROR = "() => document.querySelector('.ef21-microscope .ef21-facts dd')?.textContent ?? ''"
STRENGTH = ".ef21-microscope .ef21-slider input >> nth=0"
OVERFLOW = "() => Math.max(...[...document.querySelectorAll('[data-testid=stMain], body')].map((e) => e.scrollWidth - e.clientWidth))"
MOVE = "(input, place) => { input.value = place; input.dispatchEvent(new Event('input', { bubbles: true })); }"
LET_GO = "(input) => input.dispatchEvent(new Event('change', { bubbles: true }))"


@pytest.fixture
def microscope(visit: Any, server: Any) -> Any:
    """The page as a visitor comes to it by its address, whose own look for itself the browser reports as an error."""

    def opened(**how: Any) -> Any:
        tab = visit(f"{server.url}/microscope?race=c&rounds=2", **how)
        tab.wait(f"() => ({ERROR})() !== ''")
        return tab

    return opened


def test_the_pictures_follow_the_slider_while_it_moves_and_the_link_keeps_it(visit: Any) -> None:
    """Of a visitor who comes from the first page, by the name in the menu."""
    tab = visit("race=c&rounds=2")
    tab.wait_for_curves(1)
    tab.page.get_by_role("link", name="Microscope").first.click()
    tab.wait(f"() => ({ERROR})() !== ''")
    seen = [tab.page.evaluate(ERROR)]
    for place in (4, 5, 6):
        tab.page.locator(STRENGTH).evaluate(MOVE, place)
        tab.wait(f"(before) => ({ERROR})() !== before", seen[-1])
        seen.append(tab.page.evaluate(ERROR))
    assert "rung=" not in tab.page.url  # still held
    tab.page.locator(STRENGTH).evaluate(LET_GO)
    tab.wait("() => location.search.includes('rung=6')")
    again = visit(tab.page.url)
    again.wait(f"(last) => ({ERROR})() === last", seen[-1])
    again.errors.clear()  # a deep link makes Streamlit look for its own address first, and the browser reports that


@pytest.mark.parametrize(("size", "locale", "theme"), [((1280, 800), "ru-RU", "dark"), ((390, 844), "en-US", "light")])
def test_nothing_overflows(microscope: Any, size: tuple[int, int], locale: str, theme: str) -> None:
    tab = microscope(size=size, locale=locale, theme=theme)
    tab.wait("() => document.querySelectorAll('.js-plotly-plot').length >= 4")
    tab.rest()
    assert tab.page.evaluate(OVERFLOW) <= 0
    tab.errors.clear()


def test_the_best_fold_goes_into_the_race_on_the_data_of_its_vector(microscope: Any) -> None:
    tab = microscope()
    tab.page.get_by_role("button", name="Use this fold in the race").click()
    tab.wait("() => location.search.includes('race=ac') && location.search.includes('a.st_hosvd.ranks')")
    address = {name: values[0] for name, values in parse_qs(urlsplit(tab.page.url).query).items()}
    assert address["a"] == "st_hosvd"
    assert address["dataset"] == "digits"
    usual = min(growing(8, 40 * 640), key=lambda bits: abs(bits - 5 * 640))
    found = best_fold(vectors.make("difference").sample(), usual, "st_hosvd").choices[0]
    assert address["a.st_hosvd.ranks"] == "x".join(map(str, found.ranks))
    tab.errors.clear()


def test_on_a_phone_the_plot_of_all_operators_is_not_squeezed_by_their_names(microscope: Any) -> None:
    tab = microscope(size=(390, 844))
    tab.wait("() => document.querySelectorAll('.js-plotly-plot').length >= 4")
    heights = "() => [...document.querySelectorAll('.js-plotly-plot .nsewdrag')].map((area) => area.getBoundingClientRect().height)"
    tab.wait(f"() => ({heights})()[2] >= 300")  # of 460: axes and titles take the rest
    tab.errors.clear()
