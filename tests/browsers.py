"""What all browser tests have in common: patience, and a browser as slow as one asks.

A busy machine is no fault of the page, so whatever will come is waited for, for long, and nothing is claimed of how soon it comes.
`EF21LAB_SLOWED=4 pytest -m browser` runs all scripts of every page at a quarter of their speed: a test that looks too early fails there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

PATIENCE = 120_000  # ms
RATE = float(os.environ.get("EF21LAB_SLOWED", "1"))

# Whether the page has been at rest for so many ms: Streamlit runs no script, and nothing moves that will ever stand still.
RESTS = """(ms) => {
  const moves = document.getAnimations().some(
    (one) => one.playState === "running" && one.effect?.getComputedTiming().endTime !== Infinity);
  const runs = (document.querySelector("[data-testid=stApp]")?.dataset.testScriptState ?? "notRunning") !== "notRunning";
  const now = performance.now();
  if (moves || runs || window.restsSince === undefined) window.restsSince = now;
  return now - window.restsSince >= ms;
}"""


expect.set_options(timeout=PATIENCE)


def at_leisure(page: Page) -> Page:
    """The same page, waited for with patience, and as slow as it is asked for."""
    page.set_default_timeout(PATIENCE)
    if RATE > 1:
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": RATE})
    return page


def at_rest(page: Page, ms: int = 1500) -> None:
    """Until the page has been at rest for so long; what was looked at before does not count."""
    page.evaluate("() => delete window.restsSince")
    page.wait_for_function(RESTS, arg=ms, polling=50, timeout=PATIENCE)


def comes(claim: Callable[[], object], page: Page) -> None:
    """Until what is claimed of the page holds."""
    ends = time.monotonic() + PATIENCE / 1000
    while not claim():
        assert time.monotonic() < ends
        page.wait_for_timeout(50)
