"""The picture that is taken home, in a real browser: a size of its own, a title, every name whole and apart, and the address."""

from __future__ import annotations

import re
import struct

import pytest

from tests.browsers import at_leisure
from tests.web.conftest import added
from tests.web.view import DARK, LIGHT, data_of

pytestmark = pytest.mark.browser

NAMES = {
    "en": "EF21-PAGE probability=0.1: Composition: first, then second [ST-HOSVD 4×4×7 r 2·2·2] "
    "[Residual: first + second, Top-k k=4, Natural compression] ×{at}",
    "ru": "EF21-PAGE вероятность=0,1: Композиция: первый, затем второй [ST-HOSVD 4×4×7 r 2·2·2] "
    "[Остаток: первый + второй, Top-k k=4, натуральное сжатие] ×{at}",
}
SAVE = {"en": "Save the figure as {}", "ru": "Сохранить график как {}"}
ABOUT = (
    "Mushrooms <b>of</b> mine · nodes: 20 · Logistic, nonconvex regulariser, λ = 0.1 · x⁰: standard normal · rounds: 400, and so on and on"
)

# Six curves and their heads, none of them empty.
DRAWN = "(document.querySelector('.ef21-plot')?.data ?? []).filter(({ x }) => x.length).length === 12"

# Every text of a picture: what it says and where it is; [[words, left, top, right, bottom], …] in its own pixels.
TEXTS = """(svg) => {
  document.body.innerHTML = svg;
  const drawn = document.querySelector("svg");
  const box = drawn.getBoundingClientRect();
  return [...drawn.querySelectorAll("text")].filter((text) => text.textContent.trim()).map((text) => {
    const { left, top, right, bottom } = text.getBoundingClientRect();
    return [text.textContent, left - box.left, top - box.top, right - box.left, bottom - box.top];
  });
}"""


def taken_home(view, language, format, folder):
    with view.page.expect_download() as download:
        view.page.get_by_role("button", name=SAVE[language].format(format)).click()
    path = folder / f"figure.{format.lower()}"
    download.value.save_as(path)
    return path.read_bytes()


def texts_of(chromium, svg):
    alone = at_leisure(chromium.new_page())
    texts = alone.evaluate(TEXTS, svg.decode())
    alone.close()
    return texts


def six(source, language, **more):
    """Six contenders with names of more than a hundred letters."""
    keys = [added(source, 0, 20, "done", rounds=200 + at) for at in range(6)]
    data = data_of(*keys, language=language, about=ABOUT, **more)
    for at, run in enumerate(data["runs"]):
        run["label"] = NAMES[language].format(at=2**at)
    return data


@pytest.mark.parametrize(("language", "theme", "width"), [("en", LIGHT, 1280), ("ru", DARK, 390)])
def test_no_word_of_a_picture_is_cut_or_covers_another(open_view, chromium, source, tmp_path, language, theme, width):
    view = open_view(six(source, language), theme, width=width)
    view.until(DRAWN)
    svg = taken_home(view, language, "SVG", tmp_path)
    texts = texts_of(chromium, svg)
    size = [int(side) for side in re.findall(r'(?:width|height)="(\d+)"', svg.decode())[:2]]
    words = " ".join("".join(text[0] for text in texts).split())
    assert size[0] == 1000
    for at in range(6):
        assert NAMES[language].format(at=2**at).replace(" ", "") in words.replace(" ", "")
    assert ABOUT.replace(" ", "") in words.replace(" ", "")
    assert view("location.href") in words
    for text, left, top, right, bottom in texts:
        assert left >= 0, text
        assert top >= 0, text
        assert right <= size[0], text
        assert bottom <= size[1], text
    for at, (one, left, top, right, bottom) in enumerate(texts):
        for other, begin, high, end, low in texts[at + 1 :]:
            wide, tall = min(right, end) - max(left, begin), min(bottom, low) - max(top, high)
            assert wide < 1 or tall < 3, f"{one} / {other}"


def test_a_png_has_the_same_size_from_every_window(open_view, source, tmp_path):
    sizes = set()
    for width in (390, 1280):
        view = open_view(six(source, "en"), width=width)
        view.until(DRAWN)
        view("history.replaceState(null, '', '/?a=1')")
        sizes.add(struct.unpack(">II", taken_home(view, "en", "PNG", tmp_path)[16:24]))
    ((width, height),) = sizes
    assert width == 2000
    assert height > 1200


def test_a_zoomed_chart_is_taken_home_as_it_is_seen(open_view, chromium, source, tmp_path):
    view = open_view(data_of(added(source, 0, 20, "done")))
    view.until("document.querySelector('.ef21-plot')?.data?.[0]?.x.length === 21")
    view("Plotly.relayout(document.querySelector('.ef21-plot'), {'xaxis.range': [12, 16]})")
    ticks = [text[0] for text in texts_of(chromium, taken_home(view, "en", "SVG", tmp_path))]
    assert "14" in ticks
    assert "0" not in ticks
