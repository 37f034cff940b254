"""A network in a browser: chosen, followed, looked into layer by layer, left and found again, in another tab and in Russian."""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import urlencode

import pytest

from ef21lab.address import versions
from ef21lab.problems.networks.base import absence
from tests.browsers import comes

pytestmark = [pytest.mark.browser, pytest.mark.skipif(absence() is not None, reason="PyTorch is not installed")]

SEEDS = itertools.count(8000)
ASKED = {
    "dataset": "digits",
    "partition.contiguous.nodes": "3",
    "held_out": "0.2",
    "rounds": "12",
    "race": "a",
    "a": "per_layer",
    "a.per_layer.inner": "svd",
    "a.per_layer.inner.svd.ranks": "1",
    "axis": "round",
    "v": str(versions.VERSION),
}
LAYERS = ["8 × 1 × 3 × 3", "8", "16 × 8 × 3 × 3", "16", "10 × 64", "10"]  # two convolutions and a matrix, each with its bias
MATRIX = 4  # the place of the matrix among them
SLIDER = ".st-key-contender-a [data-testid=stSlider] input"
SEEN = """() => {
  const plot = document.querySelector(".ef21-plot"), curves = document.querySelector(".ef21-spectra .js-plotly-plot")?.data ?? [];
  return {
    layers: [...document.querySelectorAll(".ef21-pictures .ef21-select option")].slice(1).map((one) => one.textContent.split(": ")[1]),
    chosen: document.querySelector(".ef21-pictures .ef21-select select")?.selectedIndex - 1,
    weight: [...document.querySelectorAll(".ef21-layers .ef21-about")].at(-1)?.textContent ?? "",
    strip: document.querySelector(".ef21-layers canvas")?.offsetHeight > 0,
    pictures: [...document.querySelectorAll(".ef21-pictures canvas")].filter((one) => one.offsetHeight > 0).length,
    spectra: curves.map(({ y }) => [...y]),
    scale: plot?._fullLayout?.yaxis.type,
    height: plot?._fullLayout?.yaxis.title.text,
  };
}"""
LOOKED_AT = """() => [document.querySelectorAll(".ef21-triptych canvas").length,
  ...[...document.querySelectorAll("[data-testid=stSelectbox] input")].map((menu) => menu.value)]"""


def choose(tab: Any, menu: str, option: str) -> None:
    """An option of a menu, by what both are called."""
    field = tab.page.get_by_role("combobox", name=menu).last
    field.click()
    field.fill(option)  # a long list is drawn in part
    tab.page.get_by_role("option", name=option, exact=True).click()


def shows(tab: Any, begins: str, height: str) -> dict[str, Any]:
    """Once the matrix is looked into: the strip, what was wanted, received and lost, spectra of the first two; the axis of the chart."""
    tab.wait_for_state("done")
    tab.wait_for_curves(1)

    def there() -> bool:
        seen = tab.page.evaluate(SEEN)
        is_matrix = len(seen["spectra"]) == 2 and len(seen["spectra"][0]) == 10
        is_drawn = seen["chosen"] == MATRIX and seen["strip"] and seen["pictures"] >= 3 and is_matrix
        return is_drawn and seen["weight"].startswith(begins) and height in (seen["height"] or "")

    comes(there, tab.page)
    seen: dict[str, Any] = tab.page.evaluate(SEEN)
    assert (seen["layers"], seen["scale"]) == (LAYERS, "linear")
    wanted, received = seen["spectra"]
    assert wanted[0] == received[0] == 1.0
    assert wanted == sorted(wanted, reverse=True)
    assert received[1] == pytest.approx(wanted[1], rel=1e-3)  # the best of rank 2 keeps the first two singular values
    assert all(value < 1e-5 for value in received[2:])
    return seen


def test_a_network_is_chosen_followed_looked_into_left_and_found_again(visit: Any) -> None:
    tab = visit(urlencode({**ASKED, "seed": next(SEEDS)}))
    tab.wait_for_curves(1)
    tab.page.get_by_text("Partition, objective, rounds").click()
    choose(tab, "Objective", "Neural network")
    choose(tab, "Architecture", "Convolutional network")
    tab.wait("() => location.search.includes('network=conv')")
    tab.wait_for_curves(1)  # its first points
    first = tab.keys
    tab.page.locator(SLIDER).first.press("ArrowRight")
    comes(lambda: tab.keys != first, tab.page)
    choose(tab, "Draw", "accuracy on held-out rows")
    tab.wait_for_state("done")
    tab.page.locator(".ef21-pictures .ef21-select select").select_option(str(MATRIX))
    seen, keys = shows(tab, "Layer 5, 10 × 64: ", "accuracy"), tab.keys
    comes(lambda: f"layer={MATRIX}" in tab.page.url, tab.page)
    address = tab.page.url
    tab.page.get_by_role("link", name="Microscope", exact=True).click()
    comes(lambda: tab.page.evaluate(LOOKED_AT)[0] == 3 and "5: 10 × 64" in tab.page.evaluate(LOOKED_AT), tab.page)
    tab.page.go_back()
    tab.wait("() => location.pathname === '/'")
    assert shows(tab, "Layer 5, 10 × 64: ", "accuracy") == seen
    tab.page.reload()
    assert shows(tab, "Layer 5, 10 × 64: ", "accuracy") == seen
    other = visit(f"{address}&lang=ru", locale="ru-RU")
    in_russian = shows(other, "Слой 5, 10 × 64: ", "точность")
    assert in_russian["spectra"] == seen["spectra"]
    assert other.keys == tab.keys == keys
