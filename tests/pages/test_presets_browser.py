"""Ready-made settings as a person opens them: from the menu, one after another, and on a phone."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from ef21lab.address import versions
from ef21lab.address.presets import PRESETS
from ef21lab.address.writing import words_of_preset

pytestmark = pytest.mark.browser

# The names on the cards of the runs.
LEGEND = "() => [...document.querySelectorAll('.ef21-card b')].map((name) => name.textContent)"
OVERFLOW = "() => Math.max(...[...document.querySelectorAll('[data-testid=stMain], body')].map((e) => e.scrollWidth - e.clientWidth))"


def choose(tab: Any, name: str) -> None:
    tab.page.locator("[data-testid=stMain] [data-testid=stSelectbox]").first.click()
    tab.page.get_by_role("option", name=PRESETS[name].label.en).click()
    tab.wait("(name) => new URL(location).searchParams.get('setting') === name", name)


def test_the_menu_sets_every_control_from_one_setting_to_the_next(visit: Any) -> None:
    tab = visit("rounds=30")
    tab.wait_for_curves(3)
    for name, first in (("stall", "HOSVD (classical) 2×2×2 r 1·1·1 ×1"), ("divergence", "DCGD: Top-k k=1 γ = 0.03")):
        choose(tab, name)
        tab.wait_for_label(first)
        assert dict(parse_qsl(urlsplit(tab.page.url).query)) == {"setting": name, **words_of_preset(name), "v": str(versions.VERSION)}
    assert "EF21: Top-k k=1 γ = 0.03" in tab.page.evaluate(LEGEND)


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_a_short_link_shows_the_words_and_the_chart_in_russian(visit: Any, size: tuple[int, int]) -> None:
    tab = visit("setting=stall", locale="ru-RU", size=size, theme="dark")
    tab.wait_for_curves(3)
    tab.rest()
    assert tab.page.get_by_text("ранги равны 1").is_visible()
    assert tab.page.evaluate(OVERFLOW) <= 0
