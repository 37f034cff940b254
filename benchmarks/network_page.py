"""A network on the experiment page in Chromium: from the release of a slider to the first points of its run, with PyTorch there already.

    python -m benchmarks network_page

conv on MNIST 14×14, 10 nodes, EF21-SGDM on batches of 16, layer by layer; the slider is the first rank. A `short` run and one of
`usual` length begin by arithmetic alone; a `tried` one seems long, so that a worker tries some of its records before it is accepted.
"""

from __future__ import annotations

import shutil
import statistics

from playwright.sync_api import Browser, sync_playwright

from benchmarks import _lab
from benchmarks.page import BROWSERS, FLAGS, PATIENCE, TRACK, first_points, opened, released
from ef21lab.address.links import link
from ef21lab.choices.fields import Json
from ef21lab.problems.networks.base import absence

SHARES = (0.24, 0.46, 0.68, 0.9, 0.35)  # of the slider's track: ranks that differ, none of them the first
TARGET = 1500  # ms
LENGTHS: dict[str, dict[str, Json]] = {
    "short": {"rounds": 100, "record_every": 20},
    "usual": {"rounds": 400, "record_every": 10},
    "tried": {"rounds": 1000, "record_every": 10},
}
DONE = "() => [...document.querySelectorAll('.ef21-card')].every(({ dataset }) => dataset.state === 'done')"


def main() -> None:
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if why := absence():
        print(f"networks on the page: {why.en}")
    elif chromium is None:
        print("networks on the page: not measured, there is no Chromium on PATH")
    else:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            with _lab.opened() as lab:
                for name, length in LENGTHS.items():
                    times = _measured(browser, lab.url, length)
                    told = ", ".join(f"{ms:.0f}" for ms in times)
                    print(f"a slider to a network's first points, {name}: {statistics.median(times):.0f} ms of {told}; target {TARGET} ms")
            browser.close()


def _measured(browser: Browser, url: str, length: dict[str, Json]) -> list[float]:
    """Milliseconds of every turn."""
    page = opened(browser, link({**SPEC, **length}, url))
    first_points(page)
    page.wait_for_function(DONE, timeout=PATIENCE)
    page.wait_for_timeout(1500)
    page.locator(TRACK).first.scroll_into_view_if_needed()
    times = [released(page, share) for share in SHARES]
    page.context.close()
    return times


SPEC: dict[str, Json] = {
    "dataset": "mnist",
    "partition": {"name": "shuffled", "nodes": 10},
    "objective": {"name": "network", "network": "conv"},
    "algorithm": {"name": "ef21_sgdm", "batch": 16},
    "compressor": "per_layer",
}
