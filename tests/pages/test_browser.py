"""What a person sees in a browser: curves at once, that move, answer, stay, and are shared."""

from __future__ import annotations

import itertools
import json
import urllib.request
from typing import Any

import pytest

from tests.browsers import PATIENCE, comes

pytestmark = pytest.mark.browser

SEEDS = itertools.count(1000)
LONG = 300_000  # rounds
TRACK = ".st-key-contender-a [data-testid=stSlider] [role=group] > div"  # of the first slider, k

# Names of page texts that cover each other by more than three pixels both ways.
OVERLAPS = """() => {
  const chosen = "h1,h2,h3,h4,p,label,button,.ef21-card b,.ef21-card small,.ef21-value,.xtitle,.ytitle,.xtick text,.ytick text";
  const shown = (node) => node.textContent.trim() && node.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const boxes = [...document.querySelectorAll(chosen)].filter(shown).map((node) => [node, node.getBoundingClientRect()]);
  const inSight = boxes.filter(([, box]) => box.width > 4 && box.height > 4);
  const found = [];
  for (const [at, [one, p]] of inSight.entries()) for (const [other, q] of inSight.slice(at + 1)) {
    if (one.contains(other) || other.contains(one)) continue;
    if (one.closest("[data-testid=stSidebar]") !== other.closest("[data-testid=stSidebar]")) continue;
    const wide = Math.min(p.right, q.right) - Math.max(p.left, q.left);
    const high = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
    if (wide > 3 && high > 3) found.push(`${one.textContent.trim().slice(0, 30)} / ${other.textContent.trim().slice(0, 30)}`);
  }
  return found;
}"""
OVERFLOW = "() => Math.max(...[...document.querySelectorAll('[data-testid=stMain], body')].map((e) => e.scrollWidth - e.clientWidth))"


def long_run(contenders: str = "a") -> str:
    """A query whose runs take longer than any test looks at them, and that no test has made before."""
    return f"race={contenders}&rounds={LONG}&partition.contiguous.nodes=100&seed={next(SEEDS)}"


def short_run() -> str:
    return f"race=a&rounds=30&seed={next(SEEDS)}"


def drag(page: Any, share: float) -> None:
    """Take the first slider to this share of its track and let go."""
    track = page.locator(TRACK).first.bounding_box()
    y = track["y"] + track["height"] / 2
    page.mouse.move(track["x"] + 0.3 * track["width"], y)
    page.mouse.down()
    page.mouse.move(track["x"] + share * track["width"], y, steps=4)
    page.mouse.up()


def document(server: Any, path: str) -> Any:
    with urllib.request.urlopen(f"{server.url}{path}", timeout=PATIENCE / 1000) as response:
        return json.load(response)


def test_the_first_screen_draws_three_curves_untouched(visit: Any) -> None:
    tab = visit()
    tab.wait_for_curves(3)
    chart = tab.page.locator(".ef21-plot .nsewdrag")
    comes(lambda: (box := chart.bounding_box()) and box["y"] + box["height"] < 800, tab.page)  # of the screen
    tab.wait("() => [...document.querySelectorAll('.ef21-card')].every((card) => card.dataset.state === 'done')")
    comes(lambda: list(tab.curves.values()) == [401, 401, 401], tab.page)
    asked = tab.page.evaluate("() => performance.getEntriesByType('resource').map(({ name, startTime }) => [name, startTime])")
    assert not [name for name, _ in asked if "SyntaxHighlighter" in name]  # larger than all else that the chart waits for
    chart, component = (min(at for name, at in asked if word in name) for word in ("/plotly.min.js", "BidiComponent"))
    assert chart < component  # while the page is still being put together


def test_runs_that_are_known_are_to_be_seen_before_any_script_has_come(visit: Any, server: Any) -> None:
    first = visit(short_run() + "&partition.contiguous.nodes=7")
    first.wait("() => document.querySelector('.ef21-card')?.dataset.state === 'done'")
    first.rest()  # the best of the steps is none at the edge of the grid
    address, runs = first.page.url, len(first.keys)
    tab, held, free = visit(f"{server.url}/_stcore/health"), [], []
    tab.page.route("**/static/js/**", lambda route: route.continue_() if free else held.append(route))
    tab.page.goto(address, wait_until="commit")
    tab.wait("() => document.querySelector('#ef21-first polyline.curve')?.getBoundingClientRect().height > 100")
    verdict = tab.page.text_content("#ef21-first .verdict")
    assert tab.page.locator("#ef21-first polyline").count() == runs
    assert tab.page.locator(".ef21-live").count() == 0
    free.append(True)
    for script in held:
        script.continue_()
    tab.wait("() => !document.getElementById('ef21-first')")
    assert sum(points > 0 for points in tab.curves.values()) == 1  # the live view has drawn them
    comes(lambda: tab.page.text_content(".ef21-verdict") == verdict, tab.page)


def test_a_streaming_run_is_drawn_again_and_again_in_one_node(visit: Any) -> None:
    tab = visit(long_run())
    tab.wait_for_curves(1)
    tab.page.evaluate("""() => {
      window.node = document.querySelector(".ef21-plot");
      window.seen = new Set();
      window.watching = setInterval(() => {
        const heights = window.node.data[0].y;
        window.seen.add(`${window.node.data[0].x.length} ${window.node.data[0].x.at(-1)} ${heights.at(-1)}`);
        if (window.seen.size === 20) window.then ??= document.querySelector(".ef21-card").dataset.state;
      }, 20);
    }""")
    tab.wait("() => window.then")
    assert tab.page.evaluate("() => window.node === document.querySelector('.ef21-plot') && window.node.isConnected")
    assert tab.page.evaluate("() => window.then") == "running"


def test_zoom_is_kept_while_the_run_goes_on(visit: Any) -> None:
    tab = visit(long_run())
    tab.wait_for_head(1000)
    box = tab.page.locator(".ef21-plot .nsewdrag").bounding_box()
    tab.page.mouse.move(box["x"] + 30, box["y"] + 30)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + 200, box["y"] + 150, steps=5)
    tab.page.mouse.up()
    ranges = "() => { const { xaxis, yaxis } = document.querySelector('.ef21-plot').layout; return [...xaxis.range, ...yaxis.range]; }"
    tab.wait("() => document.querySelector('.ef21-plot').layout.xaxis.autorange === false")
    zoomed = tab.page.evaluate(ranges)
    tab.wait_for_head(tab.head + 1500)
    assert tab.page.evaluate(ranges) == zoomed
    tab.press("Whole picture")
    tab.wait(f"(zoomed) => ({ranges})()[1] > 1.5 * zoomed[1]", zoomed)


def test_a_slider_changes_the_curve_and_the_address(visit: Any) -> None:
    tab = visit(short_run())
    tab.wait_for_curves(1)
    drag(tab.page, 0.5)
    tab.wait("() => new URL(location).searchParams.has('a.top_k.k')")
    k = tab.page.evaluate("() => new URL(location).searchParams.get('a.top_k.k')")
    tab.wait_for_label(f"Top-k k={k} ×32")
    assert int(k) in range(50, 63)


def test_a_reload_comes_back_to_the_run_where_it_is(visit: Any) -> None:
    tab = visit(long_run())
    tab.wait_for_head(1500)
    [key] = tab.keys
    tab.page.reload()
    tab.wait_for_curves(1)
    assert tab.keys == [key]
    assert tab.head >= 1500
    assert tab.state == "running"


def test_after_a_reload_the_run_still_obeys(visit: Any) -> None:
    tab = visit(long_run())
    tab.wait_for_head(500)
    tab.page.reload()
    tab.wait_for_head(500)
    tab.press("Pause")
    tab.wait_for_state("paused")


def test_a_link_opened_by_another_visitor_shares_the_runs(visit: Any, server: Any) -> None:
    tab = visit(long_run("ac"))
    tab.wait_for_head(1000)
    other = visit(tab.page.url, locale="ru-RU", theme="dark")
    other.wait_for_curves(2)
    assert other.keys == tab.keys
    assert other.page.locator("[data-testid=stSidebar]").get_by_text("Данные", exact=True).count() == 1
    answers = [document(server, f"/api/runs/{key}") for key in tab.keys]
    assert [answer["state"] for answer in answers] == ["running"] * 2
    assert other.head >= 1000  # one computation: it did not begin again


def stays(tab: Any) -> bool:
    """Whether no round comes for a second: a pause takes effect with the chunk that is under way."""
    head = tab.head
    tab.page.wait_for_timeout(1000)
    return bool(tab.head == head)


def test_pause_freezes_step_advances_resume_goes_on_and_stop_stops(visit: Any, server: Any) -> None:
    tab = visit(long_run())
    tab.wait_for_head(200)
    tab.press("Pause")
    tab.wait_for_state("paused")
    [key] = tab.keys
    comes(lambda: document(server, f"/api/runs/{key}")["round"] == tab.head and stays(tab), tab.page)  # what was under way has arrived
    frozen = tab.head
    tab.page.wait_for_timeout(1500)
    assert tab.head == frozen
    tab.press("One round")
    tab.wait_for_head(frozen)
    assert tab.head == frozen + 1
    tab.press("Resume")
    tab.wait_for_head(frozen + 200)
    tab.press("Stop")
    tab.wait_for_state("cancelled")
    assert tab.head < LONG


def test_a_killed_worker_does_not_stop_a_run(visit: Any, server: Any) -> None:
    tab = visit(long_run("ab"))
    tab.wait_for_head(500)
    workers = server.workers
    assert len(workers) >= 1
    for worker in workers:
        worker.kill()
    at = tab.head
    tab.wait_for_head(at + 500)
    assert tab.state == "running"


def test_a_finished_run_is_drawn_from_the_record(visit: Any) -> None:
    query = short_run()
    tab = visit(query)
    tab.wait_for_state("done")
    again = visit(query)
    again.wait_for_curves(1)
    again.wait_for_state("done")
    assert again.keys == tab.keys
    comes(lambda: list(again.curves.values()) == [31], again.page)


@pytest.mark.parametrize(  # a colour moves no word: each theme with each language and each size, once
    ("size", "locale", "theme"),
    [((1280, 800), "en-US", "light"), ((1280, 800), "ru-RU", "dark"), ((390, 844), "en-US", "dark"), ((390, 844), "ru-RU", "light")],
)
def test_nothing_overflows_or_overlaps(visit: Any, size: tuple[int, int], locale: str, theme: str) -> None:
    tab = visit("race=abcd", locale=locale, theme=theme, size=size)
    tab.wait_for_curves(4)
    tab.wait("() => [...document.querySelectorAll('.ef21-card')].every((card) => card.dataset.state === 'done')")
    tab.rest()  # the page has run once more at the end
    assert tab.page.evaluate(OVERFLOW) == 0
    assert tab.page.evaluate(OVERLAPS) == []
    if locale == "ru-RU":
        words = [letter for letter in tab.page.inner_text("[data-testid=stApp]") if letter.isalpha()]
        assert sum("а" <= letter.lower() <= "ё" for letter in words) > 0.6 * len(words)
