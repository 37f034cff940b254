"""A page can be read and worked by everybody: small print stands out, and on a phone the chart is in sight while a slider moves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pages.contrast import faint
from tests.pages.test_browser import OVERFLOW, TRACK, drag, short_run

pytestmark = pytest.mark.browser

PAGES = ["", "data", "theory", "microscope", "runs", "sweep"]
READY = {
    "": ".ef21-wanted canvas",
    "data": ".js-plotly-plot",
    "theory": "table",
    "microscope": ".ef21-wanted canvas",
    "sweep": ".st-key-sweep-start button",
    "runs": "[data-testid=stCheckbox], [data-testid=stAlert]",
}
SHEET = "[data-testid=stExpandSidebarButton]"
# Which element is on top in the middle of the chart, whether all of the chart is on the screen, and where the slider stands under it.
IN_SIGHT = """() => {
  const chart = document.querySelector(".ef21-plot").getBoundingClientRect();
  const slider = document.querySelector(".st-key-contender-a [data-testid=stSlider]").getBoundingClientRect();
  const middle = document.elementFromPoint(chart.left + chart.width / 2, chart.top + chart.height / 2);
  return {
    chart: Boolean(middle?.closest(".ef21-chart")) && chart.top >= 0 && chart.bottom <= innerHeight && chart.height > 200,
    slider: slider.top >= chart.bottom - 1 && slider.bottom <= innerHeight,
  };
}"""


def opened(visit: Any, server: Any, page: str, **how: Any) -> Any:
    """A page by its address, once it has drawn something."""
    tab = visit(f"{server.url}/{page}?{short_run() if page == '' else ''}", **how)
    tab.page.locator(READY[page]).first.wait_for()
    tab.errors[:] = [error for error in tab.errors if "404" not in error]  # Streamlit first asks for itself under the page's own path
    return tab


def everything_stands_out(tab: Any) -> None:
    """What is written, from what is under it."""
    for folded in tab.page.locator("[data-testid=stMain] [data-testid=stExpander] summary").all():
        folded.click()
    tab.rest()
    assert faint(tab.page) == []


@pytest.mark.parametrize("page", PAGES)
def test_everything_that_is_written_on_a_light_page_stands_out_from_what_is_under_it(visit: Any, server: Any, page: str) -> None:
    everything_stands_out(opened(visit, server, page, size=(1280, 2400)))


@pytest.mark.parametrize(("theme", "locale"), [("light", "en-US"), ("dark", "ru-RU")])
def test_on_a_phone_the_chart_is_in_sight_while_a_slider_moves(visit: Any, theme: str, locale: str) -> None:
    tab = visit(short_run(), size=(390, 844), theme=theme, locale=locale)
    tab.wait_for_curves(1)
    before = tab.keys
    tab.page.locator(SHEET).click()
    tab.page.locator(TRACK).first.scroll_into_view_if_needed()
    tab.page.locator(".st-key-contender-a [data-testid=stSlider]").first.evaluate("(slider) => slider.scrollIntoView({ block: 'center' })")
    tab.wait(f"() => (({IN_SIGHT})()).chart && (({IN_SIGHT})()).slider")
    drag(tab.page, 0.5)
    tab.wait("(before) => !performance.getEntriesByType('resource').at(-1).name.includes(before)", before[0])
    tab.wait_for_curves(1)
    tab.rest()
    assert tab.page.evaluate(IN_SIGHT) == {"chart": True, "slider": True}, "still, after the page has run again"
    assert tab.page.evaluate(OVERFLOW) <= 0
    chart, sheet = (tab.page.locator(name).bounding_box() for name in (".ef21-chart", "[data-testid=stSidebar]"))
    assert (chart["x"], chart["y"], chart["width"]) == (0, 0, 390), "nothing looks out beside the chart"
    assert chart["height"] == pytest.approx(sheet["y"], abs=1)


def test_a_phone_gives_the_chart_its_place_back(visit: Any) -> None:
    tab = visit(short_run(), size=(390, 844))
    tab.wait_for_curves(1)
    height = "() => document.querySelector('.ef21-chart').getBoundingClientRect().height"
    place = "() => getComputedStyle(document.querySelector('.ef21-chart')).position"
    tab.rest()
    before = tab.page.evaluate(height)
    tab.page.locator(SHEET).click()
    tab.wait(f"() => ({place})() === 'fixed'")
    tab.page.locator("[data-testid=stSidebarCollapseButton]").click()
    tab.wait(f"() => ({place})() === 'relative'")
    tab.wait(f"(before) => ({height})() === before", before)


@pytest.mark.parametrize("page", PAGES)
def test_on_a_phone_the_sheet_leaves_the_upper_half_of_every_page_to_be_scrolled_and_on_a_dark_page_everything_stands_out(
    visit: Any, server: Any, page: str
) -> None:
    """Its last words can be brought above the sheet, and nothing is wider than the screen. The phone then becomes a large screen."""
    tab = opened(visit, server, page, theme="dark", locale="ru-RU", size=(390, 844))
    tab.page.locator(SHEET).click()
    tab.wait("() => document.querySelector('[data-testid=stSidebar]').getBoundingClientRect().top > innerHeight * 0.4")
    tab.rest()
    sheet, main = (tab.page.locator(f"[data-testid={name}]").bounding_box() for name in ("stSidebar", "stMain"))
    assert (sheet["x"], sheet["width"]) == (0, 390)
    assert sheet["y"] + sheet["height"] == pytest.approx(844, abs=1)
    assert main["y"] + main["height"] == pytest.approx(sheet["y"], abs=1)
    assert tab.page.evaluate(OVERFLOW) <= 0
    tab.page.set_viewport_size({"width": 1280, "height": 2400})
    everything_stands_out(tab)
