"""A network in a browser: opened by its address, followed, looked into layer by layer, left and found again, and in Russian."""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import urlencode

import pytest

from ef21lab.problems.networks.base import absence
from tests.browsers import comes

pytestmark = [pytest.mark.browser, pytest.mark.skipif(absence() is not None, reason="PyTorch is not installed")]

SEEDS = itertools.count(8000)
NETWORK = {
    "dataset": "digits",
    "objective.softmax": "network",
    "objective.softmax.network.network": "conv",
    "objective.softmax.network.network.conv.channels": "2",
    "partition.contiguous.nodes": "3",
    "held_out": "0.2",
    "rounds": "12",
    "race": "a",
    "a": "per_layer",
    "a.step": "fixed",
    "axis": "round",
    "metric": "accuracy",
    "v": "3",
}
LAYERS = ["2 × 1 × 3 × 3", "2", "4 × 2 × 3 × 3", "4", "10 × 16", "10"]  # two convolutions and a matrix, each with its bias
MATRIX = 4  # the place of the matrix among them
SEEN = """() => {
  const plot = document.querySelector(".ef21-plot"), curves = document.querySelector(".ef21-spectra .js-plotly-plot")?.data ?? [];
  return {
    layers: [...document.querySelectorAll(".ef21-select option")].slice(1).map((one) => one.textContent.split(": ")[1]),
    chosen: document.querySelector(".ef21-select select")?.selectedIndex - 1,
    weight: [...document.querySelectorAll(".ef21-layers .ef21-about")].at(-1)?.textContent,
    strip: document.querySelector(".ef21-layers canvas")?.offsetHeight > 0,
    pictures: [...document.querySelectorAll(".ef21-pictures canvas")].filter((one) => one.offsetHeight > 0).length,
    spectra: curves.map(({ y }) => [...y]),
    scale: plot?._fullLayout?.yaxis.type,
    height: plot?._fullLayout?.yaxis.title.text,
  };
}"""


def shows(tab: Any, begins: str, height: str) -> dict[str, Any]:
    """Once the matrix is looked into: the strip, what was wanted, received and lost, spectra of the first two; the axis of the chart."""
    tab.wait_for_state("done")
    tab.wait_for_curves(1)

    def there() -> bool:
        seen = tab.page.evaluate(SEEN)
        is_matrix = len(seen["spectra"]) == 2 and len(seen["spectra"][0]) == 10
        return seen["chosen"] == MATRIX and seen["strip"] and seen["pictures"] >= 3 and is_matrix and seen["weight"].startswith(begins)

    comes(there, tab.page)
    seen: dict[str, Any] = tab.page.evaluate(SEEN)
    assert (seen["layers"], seen["scale"]) == (LAYERS, "linear")
    assert height in seen["height"]
    wanted, received = seen["spectra"]
    assert wanted[0] == received[0] == 1.0
    assert wanted == sorted(wanted, reverse=True)
    assert all(value < 1e-5 for value in received[2:])  # a message of ranks 2 × 2 is of rank 2
    return seen


def test_a_network_is_opened_followed_looked_into_left_and_found_again(visit: Any) -> None:
    tab = visit(urlencode({**NETWORK, "seed": next(SEEDS)}))
    tab.wait_for_state("done")
    tab.page.locator(".ef21-select select").select_option(str(MATRIX))
    seen, keys = shows(tab, "Layer 5, 10 × 16: ", "accuracy"), tab.keys
    comes(lambda: f"layer={MATRIX}" in tab.page.url, tab.page)
    tab.page.get_by_role("link", name="Data", exact=True).click()
    tab.wait("() => location.pathname === '/data'")
    comes(lambda: tab.page.locator("[data-testid=stPlotlyChart]").count(), tab.page)  # what the rows look like
    tab.page.go_back()
    tab.wait("() => location.pathname === '/'")
    assert shows(tab, "Layer 5, 10 × 16: ", "accuracy") == seen
    tab.page.reload()
    assert shows(tab, "Layer 5, 10 × 16: ", "accuracy") == seen
    tab.page.goto(f"{tab.page.url}&lang=ru")
    in_russian = shows(tab, "Слой 5, 10 × 16: ", "точность")
    assert in_russian["spectra"] == seen["spectra"]
    assert tab.keys == keys
