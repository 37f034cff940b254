"""The live view without a pointer: everything that can be worked is reached by Tab, shows that it is, and says what it does."""

from __future__ import annotations

import pytest

from tests.web.conftest import added
from tests.web.view import DARK, LIGHT, POINTS, data_of

pytestmark = pytest.mark.browser

FOCUSED = """(() => {
  const { tagName, className, title, textContent, labels } = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
  const name = document.activeElement.getAttribute("aria-label") ?? labels?.[0]?.textContent ?? (title || textContent);
  return { tagName, className, name, outline: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 };
})()"""
TIP = "(document.querySelector('.ef21-chart .ef21-tip:not([hidden])')?.innerText ?? '')"
INKS = """(() => {
  const told = [];
  const own = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (words, ...place) {
    told.push([words, this.fillStyle]);
    return own.call(this, words, ...place);
  };
  document.querySelector('.ef21-heatmap').style.width = `${document.querySelector('.ef21-heatmap').clientWidth - 1}px`;
  return new Promise((done) => {
    const listening = setInterval(() => {
      if (!told.length) return;
      clearInterval(listening);
      CanvasRenderingContext2D.prototype.fillText = own;
      done(told);
    }, 20);
  });
})()"""


@pytest.mark.parametrize(
    ("language", "heatmap"), [("en", "Relative error of every message"), ("ru", "Относительная ошибка каждого сообщения")]
)
def test_tab_goes_through_everything_that_can_be_worked_and_shows_where_it_is(open_view, source, language, heatmap):
    view = open_view(data_of(added(source, 0, 20, "done"), added(source, 0, 20, "done", rounds=300), language=language))
    view.until("document.querySelector('.ef21-wanted canvas')?.width === 3")
    seen = []
    for _ in range(40):
        view.page.keyboard.press("Tab")
        focused = view(FOCUSED)
        if focused["tagName"] == "BODY":
            break
        assert focused["outline"], focused
        assert focused["name"].strip(), focused
        seen.append(focused)
    kinds = [one["className"].split()[0] if one["className"] else one["tagName"] for one in seen]
    assert kinds.count("ef21-card") == 2
    assert kinds.count("ef21-chart") == 1
    assert any(heatmap in one["name"] for one in seen)
    assert kinds.count("SELECT") == 1
    assert kinds.count("INPUT") == 3


@pytest.mark.parametrize(("language", "axis"), [("en", "communication rounds"), ("ru", "раунды обмена")])
def test_the_arrows_read_the_curves_off(open_view, source, language, axis):
    view = open_view(data_of(added(source, 0, 20, "done"), language=language))
    view.until(f"{POINTS} === 21")
    view.page.locator(".ef21-chart").focus()
    view.page.keyboard.press("Home")
    for _ in range(20):
        view.page.keyboard.press("ArrowRight")
    view.until(f"{TIP}.startsWith('{axis}: ')")
    tip = view(TIP)
    round_, value = (float(tip.split(mark)[-1].split("\n")[0].replace(",", ".")) for mark in (": ", "\n"))
    assert 1 / (round_ + 2) < value < 1 / round_
    halfway = view("document.querySelector('.ef21-cursor').getBoundingClientRect().left")
    view.page.keyboard.press("ArrowRight")
    view.until(f"document.querySelector('.ef21-cursor').getBoundingClientRect().left > {halfway}")
    view.page.keyboard.press("Escape")
    view.until(f"{TIP} === ''")


def test_a_card_hides_its_curve_by_the_space_bar(open_view, source):
    view = open_view(data_of(added(source, 0, 20, "done")))
    view.until(f"{POINTS} === 21")
    view.page.locator(".ef21-card").focus()
    view.page.keyboard.press("Space")
    view.until("document.querySelector('.ef21-card').getAttribute('aria-pressed') === 'false'")
    view.until("document.querySelector('.ef21-plot').data[0].visible === false")


def luminance(rgb):
    scaled = [value / 255 / 12.92 if value / 255 <= 0.04045 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in rgb]
    return 0.2126 * scaled[0] + 0.7152 * scaled[1] + 0.0722 * scaled[2]


def ratio(ink, ground):
    """Of an ink (#rrggbb or rgba) on a ground (#rrggbb)."""
    under = [int(ground[at : at + 2], 16) for at in (1, 3, 5)]
    if ink.startswith("#"):
        mixed = [int(ink[at : at + 2], 16) for at in (1, 3, 5)]
    else:
        *color, alpha = (float(part) for part in ink[ink.index("(") + 1 : -1].split(","))
        mixed = [value * alpha + below * (1 - alpha) for value, below in zip(color, under, strict=True)]
    high, low = sorted((luminance(mixed), luminance(under)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_what_the_heatmap_writes_stands_out(open_view, source, theme):
    view = open_view(data_of(added(source, 0, 20, "done")), theme)
    view.until("document.querySelector('.ef21-wanted canvas')?.width === 3")
    inks = view(INKS)
    assert len(inks) > 6
    for ground in (theme["background"], theme["secondary-background"]):
        assert min(ratio(ink, ground) for _, ink in inks) >= 4.5
