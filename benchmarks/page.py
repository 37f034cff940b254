"""The experiment page in Chromium, on a server of its own: medians of what a person waits for.

    python -m benchmarks page

- slider:   from the release of the slider of k to the first points of the new run on the screen
- cached:   the same, for a k whose run is in the record
- updates:  how often a second the chart of a running run changes
- warm:     from the opening of the first tab of a server that has had nothing to do, to the same: it has computed that screen unasked
- tab:      from the opening of a tab, on a server that is warm, to the first points to be seen, to the chart that answers, and to the
            verdict of the first screen, 30 runs; with these runs in the record, in the browser of an hour ago and in a new one, and with
            runs that nobody has made. What is known is drawn into the document: its points come before Streamlit's own front end is there
- empty:    from the opening of a tab to the one letter of a page of Streamlit's that has nothing else: what no page here can be faster than
- cold:     from the start of `streamlit run` to the first curve on the screen, in a browser that is open already
"""

from __future__ import annotations

import contextlib
import json
import shutil
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from benchmarks import _lab
from ef21lab.address import versions
from ef21lab.address.first_screen import first_screen
from ef21lab.runs.posed import problem_of

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
TURNS = 15
COLD_TURNS = 3
TAB_TURNS = 5
PATIENCE = 60_000  # ms
WATCHED = 6_000  # ms of a running run

TRACK = ".st-key-contender-a [data-testid=stSlider] [role=group] > div"
LINES = "(document.querySelector('.ef21-plot')?.data ?? []).filter(({ mode, opacity }) => mode === 'lines' && opacity === 1)"

# Milliseconds from the release of the pointer to the frame in which a line of another name has points; null before.
WATCH_RELEASE = f"""() => {{
  const names = {LINES}.map(({{ name }}) => name);
  window.took = null;
  addEventListener("pointerup", () => {{
    const released = performance.now();
    const look = () => {{
      const fresh = {LINES}.some(({{ name, x }}) => !names.includes(name) && x.length);
      if (fresh) requestAnimationFrame(() => (window.took = performance.now() - released));
      else requestAnimationFrame(look);
    }};
    look();
  }}, {{ capture: true, once: true }});
}}"""

# Changes of the chart within some milliseconds, as a rate.
COUNT_UPDATES = f"""(milliseconds) => new Promise((resolve) => {{
  let [count, last] = [0, null];
  const began = performance.now();
  const look = () => {{
    const now = {LINES}.map(({{ x, y }}) => `${{x.at(-1)}} ${{y.at(-1)}}`).join();
    if (now !== last) [count, last] = [count + 1, now];
    const passed = performance.now() - began;
    if (passed > milliseconds) resolve((1000 * (count - 1)) / passed);
    else requestAnimationFrame(look);
  }};
  look();
}})"""


# Milliseconds since the tab was opened: of its first points in the document or on the chart, of the chart, of its verdict; null before.
CHART = f"() => {LINES}.some(({{ x }}) => x.length) && performance.now()"
FIRST_POINTS = f"() => (document.querySelector('#ef21-first polyline') || {LINES}.some(({{ x }}) => x.length)) && performance.now()"
VERDICT = """() => {
  const said = document.querySelector(".ef21-verdict")?.textContent;
  return said && !said.includes("once all runs") && performance.now();
}"""
LETTER = "() => document.querySelector('[data-testid=stMarkdown]')?.textContent === 'x' && performance.now()"
SEEN, TARGETS = ("first points", "the chart", "verdict"), ("500 ms", "4000 ms", "4000 ms")
EMPTY = 'import streamlit\n\nstreamlit.write("x")\n'


def main() -> None:
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if chromium is None:
        print("the page: not measured, there is no Chromium on PATH")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        print(f"the experiment page in Chromium: medians of {TURNS}, mushrooms, 20 nodes\n")
        for name, value, target in _measured(browser):
            print(f"{name:<58}{value:>10}   target {target}", flush=True)
        browser.close()


def _measured(browser: Browser) -> Iterator[tuple[str, str, str]]:
    with _lab.opened() as lab:
        url = lab.url
        page = opened(browser, url)
        first_points(page)
        page.wait_for_timeout(1500)
        new = [released(page, 0.04 + 0.06 * turn) for turn in range(TURNS)]
        yield "slider's release to the new run's first points", f"{statistics.median(new):.0f} ms", "500 ms"
        again = [released(page, 0.04 + 0.06 * turn) for turn in range(TURNS)]
        yield "slider's release to a cached run drawn", f"{statistics.median(again):.0f} ms", "300 ms"
        page.context.close()
        yield from _tabs(browser, url)
        running = opened(browser, f"{url}/?race=abc&rounds=20000&partition.contiguous.nodes=100")
        first_points(running)
        yield "updates of a running chart of three runs", f"{running.evaluate(COUNT_UPDATES, WATCHED):.1f} /s", "4 /s"
        running.context.close()
    yield from _empty(browser)
    yield from _told("a warm server's first tab", [warm(browser) for _ in range(COLD_TURNS)])
    cold = [cold_start(browser) for _ in range(COLD_TURNS)]
    yield "start of the server to the first curve", f"{statistics.median(cold):.1f} s", "8 s"


def _tabs(browser: Browser, url: str) -> Iterator[tuple[str, str, str]]:
    used = new_browser(browser)
    tab(used, url)
    for name, query, context in (
        ("a tab, runs in the record", "", used),
        ("the same in a browser that never was here", "", None),
        ("a tab, runs that nobody has made", f"{versions.KEY}={versions.VERSION}&start.normal.seed=", used),
    ):
        times = [tab(context or new_browser(browser), f"{url}/?{query}{turn + 7 if query else ''}") for turn in range(TAB_TURNS)]
        yield from _told(name, times)


def _told(name: str, times: list[tuple[float, ...]]) -> Iterator[tuple[str, str, str]]:
    """The medians of what `tab` has measured."""
    for what, target, own in zip(SEEN, TARGETS, zip(*times, strict=True), strict=True):
        yield f"{name}: {what}", f"{statistics.median(own):.0f} ms", target


def _empty(browser: Browser) -> Iterator[tuple[str, str, str]]:
    """A page with one letter, served as ours is."""
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder, "app.py")
        app.write_text(EMPTY)
        with _lab.opened(app=str(app)) as lab:
            used = new_browser(browser)
            _seen(used, lab.url, LETTER)
            for name, context in (("an empty page of Streamlit's", used), ("the same in a browser that never was here", None)):
                times = [_seen(context or new_browser(browser), lab.url, LETTER)[0] for _ in range(TAB_TURNS)]
                yield f"{name}: its one letter", f"{statistics.median(times):.0f} ms", "none"


def tab(context: BrowserContext, url: str) -> tuple[float, ...]:
    """Milliseconds from the opening of a tab at this address to its first points, to its chart and to its verdict."""
    return _seen(context, url, FIRST_POINTS, CHART, VERDICT)


def _seen(context: BrowserContext, url: str, *claims: str) -> tuple[float, ...]:
    """Milliseconds from the opening of a tab until each of these holds in turn."""
    page = context.new_page()
    page.goto(url, wait_until="commit")
    found = tuple(float(page.wait_for_function(claim, timeout=PATIENCE).json_value()) for claim in claims)
    page.close()
    return found


def warm(browser: Browser) -> tuple[float, ...]:
    """The same of a server that was left alone until the first screen was in its record."""
    with _lab.opened(ahead=True) as lab:
        for run in first_screen(lambda spec: problem_of(spec).facts):
            _lab.until(lambda key=run.key: _is_done(f"{lab.url}/api/runs/{key}"))
        return tab(new_browser(browser), lab.url)


def _is_done(address: str) -> bool:
    """Whether the run of this address has come to its end."""
    with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2) as answer:
        return bool(json.load(answer)["state"] == "done")
    return False


def new_browser(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")


def released(page: Page, share: float) -> float:
    """Milliseconds from letting go of the slider, at this share of its track, to the new curve."""
    track = page.locator(TRACK).first.bounding_box()
    assert track is not None
    y = track["y"] + track["height"] / 2
    page.mouse.move(track["x"] + (share - 0.02) * track["width"], y)
    page.mouse.down()
    page.mouse.move(track["x"] + share * track["width"], y, steps=3)
    page.evaluate(WATCH_RELEASE)
    page.mouse.up()
    took = float(page.wait_for_function("() => window.took", timeout=PATIENCE).json_value())
    page.wait_for_function("() => [...document.querySelectorAll('.ef21-card')].every(({ dataset }) => dataset.state === 'done')")
    page.wait_for_timeout(700)  # the rerun at the end of a run
    return took


def cold_start(browser: Browser) -> float:
    """Seconds from the start of a server with an empty record to a curve on the screen."""
    began = time.perf_counter()
    with _lab.opened() as lab:
        page = opened(browser, lab.url)
        first_points(page)
        took = time.perf_counter() - began
        page.context.close()
    return took


def opened(browser: Browser, url: str) -> Page:
    page = new_browser(browser).new_page()
    page.goto(url)
    return page


def first_points(page: Page) -> None:
    page.wait_for_function(f"() => {LINES}.some(({{ x }}) => x.length)", timeout=PATIENCE)
