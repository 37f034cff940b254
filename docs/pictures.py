"""The README's pictures, taken anew of today's pages: `make pictures`, or `python -m docs.pictures experiment`.

Each is a page of a lab of its own, with an empty record, in Chromium. It is taken when what it is about is on the screen and the page is at
rest.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, sync_playwright

from benchmarks import _lab
from benchmarks.page import BROWSERS, FLAGS
from tests.browsers import at_leisure, at_rest

FOLDER = Path(__file__).parent
WIDTH = 1280  # pixels


class Picture(NamedTuple):
    """A page, and what is claimed of it in JavaScript once that is there which the picture is about."""

    address: str
    height: int
    there: str


PICTURES = {
    "experiment": Picture(
        "?lang=en",
        1180,
        "() => /wins/.test(document.querySelector('.ef21-verdict')?.textContent) && document.querySelector('.ef21-heatmap canvas')",
    ),
    "theory": Picture("?setting=theory&lang=en", 1000, "() => /no guarantee/.test(document.body.textContent)"),
    "microscope": Picture(
        "microscope?vector.difference.dataset=digits&lang=en",
        1180,
        "() => document.querySelector('.ef21-triptych canvas') && document.querySelector('.js-plotly-plot')",
    ),
}


def main(names: list[str]) -> None:
    """Those that are named, or all. Raises KeyError for a picture that there is not."""
    wanted = {name: PICTURES[name] for name in names or PICTURES}
    chromium = next(filter(None, map(shutil.which, BROWSERS)))
    with sync_playwright() as playwright, _lab.opened() as lab:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, picture in wanted.items():
            taken(browser, lab.url, picture, FOLDER / f"{name}.png")
            print(f"docs/{name}.png")
        browser.close()


def taken(browser: Browser, url: str, picture: Picture, file: Path) -> None:
    """In the light theme."""
    context = browser.new_context(viewport={"width": WIDTH, "height": picture.height}, color_scheme="light", locale="en-US")
    page = at_leisure(context.new_page())
    page.goto(f"{url}/{picture.address}")
    page.wait_for_function(picture.there)
    at_rest(page)
    page.screenshot(path=file)
    context.close()


if __name__ == "__main__":
    main(sys.argv[1:])
