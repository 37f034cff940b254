"""The live view looks as the page that it stands in, in a real browser: lines, pictures and what is written between them."""

from __future__ import annotations

import pytest

from ef21lab.plots import palette
from ef21lab.plots.figures import THEMES
from tests.web.conftest import added
from tests.web.view import DARK, LIGHT, data_of

pytestmark = pytest.mark.browser

FIRST_PIXEL = """(() => {
  const canvas = document.querySelector('.ef21-wanted canvas');
  return [...canvas.getContext('2d').getImageData(0, 0, 1, 1).data.slice(0, 3)];
})()"""
TITLE_INK = "getComputedStyle(document.querySelector('.ef21-plot .xtitle')).fill.match(/\\d+/g).map(Number)"


def channels(color: str) -> list[int]:
    return [int(color[at : at + 2], 16) for at in (1, 3, 5)]


@pytest.mark.parametrize(("page", "name"), [(LIGHT, "light"), (DARK, "dark")])
def test_on_either_page_lines_and_words_stand_out_and_zero_is_the_page_s_own_colour(open_view, source, page, name):
    """Node 0 wanted to send 0 as its first number of round 0."""
    view = open_view(data_of(added(source, 0, 20, "done"), view={"node": 0, "round": 0, "slice": 0}), page)
    view.until("document.querySelector('.ef21-wanted canvas')?.width === 3 && document.querySelector('.ef21-plot .xtitle')")
    assert view("document.querySelector('.ef21-live').dataset.theme") == name
    assert view("document.querySelector('.ef21-plot').data[0].line.color") == palette.ink("#0072B2", dark=name == "dark")
    assert view(TITLE_INK) == channels(page["text"])
    assert view(FIRST_PIXEL) == channels(THEMES[name].signed[3])
