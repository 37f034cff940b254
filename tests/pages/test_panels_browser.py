"""The panels of the contenders in a browser: each is headed by its curve, and any of them can be doubled."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pages.test_browser import short_run

pytestmark = pytest.mark.browser

HEADS = """() => [...document.querySelectorAll("[class*=st-key-contender-] [data-testid=stHtml]")].map((head) => {
  const line = head.querySelector("span");
  return [head.textContent, line && getComputedStyle(line).backgroundImage.match(/rgb\\([^)]*\\)/)[0]];
})"""
# The cards of the runs stand in the order of the verdict, so both are told in the order of their names.
CARDS = """() => [...document.querySelectorAll(".ef21-card")].map((card) => {
  const path = card.querySelector("path");
  return [card.querySelector("b").textContent, getComputedStyle(path).stroke];
})"""


def double(tab: Any, name: str) -> None:
    tab.page.locator(".st-key-double button").click()
    tab.page.locator("[data-testid=stPopoverBody], [role=menu], [role=listbox]").get_by_text(name).last.click()


@pytest.mark.parametrize(("theme", "locale"), [("light", "en-US"), ("dark", "ru-RU")])
def test_every_panel_is_headed_by_its_curve_and_its_colour(visit: Any, theme: Any, locale: str) -> None:
    tab = visit(short_run().replace("race=a", "race=abce") + "&b.method=ef21_hb&c.method=dcgd", locale=locale, theme=theme)
    tab.wait_for_curves(4)
    tab.wait(f"() => ({HEADS})().length === 4 && ({HEADS})().every(([, color]) => color)")
    tab.wait(f"() => JSON.stringify(({HEADS})().sort()) === JSON.stringify(({CARDS})().sort())")


def test_a_contender_that_does_not_race_has_its_name_and_no_line(visit: Any) -> None:
    tab = visit(short_run().replace("race=a", "race=ab") + "&b=top_k&b.method=diana")  # DIANA needs an unbiased operator
    tab.wait_for_curves(1)
    tab.wait(f"() => ({HEADS})().length === 2")
    [_, (name, line)] = tab.page.evaluate(HEADS)
    assert name.startswith("DIANA")
    assert line is None


def test_a_double_has_every_setting_and_then_goes_its_own_way(visit: Any) -> None:
    tab = visit(short_run().replace("race=a", "race=ab") + "&b=rand_k&b.rand_k.k=7&b.method=ef21_hb&b.step.theory.multiple=2")
    tab.wait_for_curves(2)
    double(tab, "EF21-HB: Rand-k k=7")
    tab.wait(f"() => ({HEADS})().length === 3")
    heads = tab.page.evaluate(HEADS)
    assert heads[2] == heads[1]
    assert len(tab.page.evaluate(CARDS)) == 2, "the same run is drawn once"
    address = "() => Object.fromEntries(new URL(location).searchParams)"
    tab.wait(f"() => ({address})()['c.rand_k.k'] === '7'")
    shown = tab.page.evaluate(address)
    assert "race" not in shown  # abc, the default
    for control in ("", ".rand_k.k", ".method"):
        assert shown[f"c{control}"] == shown[f"b{control}"]
    tab.page.locator(".st-key-contender-c [data-testid=stSlider] input[type=range]").first.press("ArrowRight")
    tab.wait_for_label("EF21-HB: Rand-k k=8 ×2")
    tab.wait(f"() => ({CARDS})().length === 3 && JSON.stringify(({HEADS})().sort()) === JSON.stringify(({CARDS})().sort())")
    assert tab.page.evaluate(HEADS)[1] == heads[1]
