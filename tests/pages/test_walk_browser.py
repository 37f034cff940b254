"""Walks among the pages: every control of every page keeps its value, and the address says what the page shows, wherever one comes from."""

from __future__ import annotations

import itertools
import re
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from ef21lab.address import versions
from tests.browsers import PATIENCE

pytestmark = pytest.mark.browser

SEEDS = itertools.count(7000)
PAGES = {
    "Experiment": "Эксперимент",
    "Data": "Данные",
    "Theory": "Теория",
    "Figures": "Рисунки",
    "Microscope": "Микроскоп",
    "Runs": "Запуски",
}
TABLE = b"length;width;kind\r\n" + b"".join(b"%d;%d.5;%s\r\n" % (row, row % 7, (b"cat", b"dog")[row % 2]) for row in range(60))

# Every control of the page in its order, as [label, what it shows].
CONTROLS = """() => [...document.querySelectorAll(
    "[data-testid=stSelectbox], [data-testid=stSlider], [data-testid=stNumberInput], [data-testid=stTextInput], [data-testid=stCheckbox], "
    + "[data-testid=stButtonGroup]")]
  .filter((control) => !control.closest("[data-stale=true]"))
  .map((control) => [
    control.querySelector("label")?.textContent ?? "",
    control.querySelector("[data-testid=stSliderThumbValue]")?.textContent
      ?? control.querySelector("input[type=checkbox]")?.checked
      ?? control.querySelector("[aria-checked=true]")?.textContent
      ?? control.querySelector("input")?.value,
  ])"""
FIRST = 1.5  # seconds without a change until a page is taken to have said all: an answer of a worker may bring controls of its own
IDLE = "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
SLIDER = ".st-key-contender-a [data-testid=stSlider] input"

RICH = (
    "dataset=digits&partition=by_label&partition.by_label.nodes=10&start=zeros&rounds=5&race=abd&a.top_k.k=9&a.step.theory.multiple=4"
    "&b=then&b.then.first=rand_k&b.then.first.rand_k.k=30&d=sign&d.method=ef14&metric=distortion&axis=floats_up&theory=on"
    "&epsilon=0.01&with=b&vector=gaussian&operator=svd&lang=ru&v=3"
    "&a.step=theory&b.step=theory&b.step.theory.multiple=32&d.step=theory&d.step.theory.multiple=32"
)
# Once all runs have ended, and the menu of what to take away names the steps that are on the cards.
FINISHED = """() => {
  const names = [...document.querySelectorAll(".ef21-card b")].map((name) => name.textContent);
  const shown = [...document.querySelectorAll("[data-testid=stSelectbox] input")].map((menu) => menu.value);
  const verdict = document.querySelector(".ef21-verdict")?.textContent;
  return verdict && !/once all runs|когда закончатся/.test(verdict)
    && [...document.querySelectorAll(".ef21-card")].every((card) => /done|готово/.test(card.textContent))
    && names.length === 3 && shown.some((name) => names.includes(name));
}"""


def controls(tab: Any) -> list[list[Any]]:
    found: list[list[Any]] = tab.page.evaluate(CONTROLS)
    return found


def settled(tab: Any, quiet: float = 0.4, at_least: int = 5) -> list[list[Any]]:
    """The controls once the page is drawn and nothing has changed for so many seconds."""
    seen, since, ends = controls(tab), time.monotonic(), time.monotonic() + PATIENCE / 1000
    while time.monotonic() - since < quiet or len(seen) < at_least or not tab.page.evaluate(IDLE):
        assert time.monotonic() < ends, seen
        tab.page.wait_for_timeout(50)
        if (now := controls(tab)) != seen:
            seen, since = now, time.monotonic()
    return seen


def told(tab: Any, quiet: float = 0.4) -> dict[str, Any]:
    """What the page says: each control by its place and label, and the address."""
    shown = {f"{place} {label}": value for place, (label, value) in enumerate(settled(tab, quiet))}
    return {**shown, "path": urlsplit(tab.page.url).path, "query": query(tab)}


def says(tab: Any, expected: dict[str, Any]) -> None:
    """The page comes to say this; a control whose script is still on its way may be late."""
    ends = time.monotonic() + PATIENCE / 1000
    while (now := told(tab)) != expected and time.monotonic() < ends:
        tab.page.wait_for_timeout(100)
    assert now == expected


def query(tab: Any) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(tab.page.url).query, keep_blank_values=True))


def press(tab: Any, page: str) -> None:
    """The page's name in the menu."""
    russian = tab.page.get_by_role("link", name=PAGES[page], exact=True)
    (russian if russian.count() else tab.page.get_by_role("link", name=page, exact=True)).first.click()
    tab.wait("(path) => location.pathname === path", "/" if page == "Experiment" else f"/{page.lower()}")
    tab.wait("(names) => names.some((name) => document.title.startsWith(name))", [page, PAGES[page]])  # its script has begun


def walked(tab: Any, order: list[str]) -> dict[str, Any]:
    """Through the pages in this order: what each showed, the same each time, and its address."""
    shown: dict[str, Any] = {}
    for page in order:
        press(tab, page)
        if page not in shown:
            shown[page] = told(tab, FIRST)
        says(tab, shown[page])
    return shown


def there_and_back(tab: Any, order: list[str]) -> dict[str, Any]:
    """A walk, then Back all the way, Forward again, and a reload on the last page."""
    first = told(tab)
    length = tab.page.evaluate("history.length")
    shown = walked(tab, order)
    assert shown.get("Experiment", first) == first
    assert tab.page.evaluate("history.length") == length + len(order)  # an entry a page, and none besides
    for page in reversed(order[:-1]):
        tab.page.go_back()
        tab.wait("(path) => location.pathname === path", shown[page]["path"])
        says(tab, shown[page])
    tab.page.go_back()
    tab.wait("() => location.pathname === '/'")
    says(tab, first)
    tab.page.go_forward()
    tab.wait("(path) => location.pathname === path", shown[order[0]]["path"])
    says(tab, shown[order[0]])
    tab.page.reload()
    says(tab, shown[order[0]])
    press(tab, "Experiment")
    says(tab, first)
    tab.errors.clear()  # a reload of a deep link makes Streamlit look for its own address first, and the browser reports that
    return {**shown, "Experiment": first}


def followed(tab: Any) -> set[str]:
    """The keys of all runs that the tab has ever asked for."""
    return {key for address in tab.asked for key in re.findall("[0-9a-f]{24}", address)}


def test_nothing_changes_on_a_walk_from_the_first_screen(visit: Any) -> None:
    tab = visit()
    tab.wait(FINISHED)
    keys = followed(tab)
    shown = there_and_back(tab, ["Data", "Experiment", "Theory"])
    assert [said["query"] for said in shown.values()] == [{}] * len(shown)
    tab.wait_for_curves(3)
    assert followed(tab) == keys


def test_a_rich_link_in_russian_keeps_every_control_of_every_page(visit: Any) -> None:
    link = f"{RICH}&seed={next(SEEDS)}"
    tab = visit(link)
    tab.wait_for_curves(3)
    keys = tab.keys
    shown = there_and_back(tab, ["Microscope", "Theory", "Runs", "Data"])
    for said in shown.values():
        assert said["query"] == {**dict(parse_qsl(link)), "v": str(versions.VERSION)}
    tab.wait_for_curves(3)
    assert tab.keys == keys


def test_a_ready_made_setting_is_an_entry_of_its_own_and_survives_the_walk(visit: Any) -> None:
    tab = visit(f"rounds=30&seed={next(SEEDS)}")
    tab.wait(FINISHED)
    before, length = told(tab), tab.page.evaluate("history.length")
    tab.page.locator("[data-testid=stMain] [data-testid=stSelectbox]").first.click()
    tab.page.get_by_role("option", name="HOSVD stalls").click()
    tab.wait("() => new URL(location).searchParams.get('setting') === 'stall'")
    tab.wait(FINISHED)
    opened = told(tab)
    assert tab.page.evaluate("history.length") == length + 1
    shown = walked(tab, ["Theory", "Data", "Experiment"])
    assert shown["Experiment"] == opened
    for _ in range(3):
        tab.page.go_back()
        settled(tab)
    says(tab, opened)
    tab.page.go_back()
    tab.wait("() => !location.search.includes('setting')")
    says(tab, before)
    tab.errors.clear()


def test_a_table_of_ones_own_goes_along_and_comes_back(visit: Any) -> None:
    tab = visit(f"race=c&rounds=2&seed={next(SEEDS)}", locale="ru-RU")
    tab.wait_for_curves(1)
    press(tab, "Data")
    settled(tab)
    tab.page.get_by_text("Свои данные").click()
    tab.page.locator("[data-testid=stFileUploader] input").set_input_files({"name": "t.csv", "mimeType": "text/csv", "buffer": TABLE})
    tab.wait("() => location.search.includes('dataset.table.content=')")
    mine = told(tab)
    shown = walked(tab, ["Experiment", "Theory", "Data"])
    assert shown["Data"] == mine
    for page in shown:
        assert shown[page]["query"] == mine["query"]
        assert shown[page]["1 Данные"] == "Ваша таблица"
    tab.page.go_back()
    tab.wait("() => location.pathname === '/theory'")
    says(tab, shown["Theory"])
    tab.page.reload()
    says(tab, shown["Theory"])
    tab.errors.clear()


def test_the_language_is_changed_on_any_page_and_no_control_with_it(visit: Any) -> None:
    tab = visit(f"objective.logistic_nonconvex.lam=0.3&a.top_k.k=17&axis=bits_up&epsilon=0.01&rounds=5&seed={next(SEEDS)}")
    tab.wait_for_curves(3)
    english = settled(tab)
    tab.page.get_by_text("Русский", exact=True).click()
    tab.wait("() => location.search.includes('lang=ru')")
    russian = settled(tab)
    assert len(russian) == len(english)
    assert query(tab)["objective.logistic_nonconvex.lam"] == "0.3"
    press(tab, "Theory")
    tab.wait("() => new URL(location).searchParams.get('epsilon') === '0.01'")
    tab.page.get_by_text("English", exact=True).click()
    tab.wait("() => !location.search.includes('lang=ru')")
    press(tab, "Experiment")
    assert settled(tab) == english


def test_a_slider_leaves_no_trail_in_the_history_and_back_takes_the_controls_along(visit: Any) -> None:
    tab = visit(f"race=a&rounds=5&seed={next(SEEDS)}")
    tab.wait_for_curves(1)
    settled(tab)
    press(tab, "Data")
    data = told(tab)
    press(tab, "Experiment")
    settled(tab)
    length = tab.page.evaluate("history.length")
    slider = tab.page.locator(SLIDER).first
    slider.focus()
    for _ in range(12):  # faster than the page follows
        slider.press("ArrowRight")
    tab.wait("() => new URL(location).searchParams.get('a.top_k.k') === '16'")
    moved = told(tab)
    assert moved["query"]["a.top_k.k"] == "16"
    assert tab.page.evaluate("history.length") == length
    tab.wait_for_label("Top-k k=16 ×32")
    tab.page.go_back()
    tab.wait("() => location.pathname === '/data'")
    says(tab, data)
    tab.page.go_forward()
    tab.wait("() => location.pathname === '/'")
    says(tab, moved)
    slider.focus()
    slider.press("ArrowRight")
    # Streamlit's slider keeps a key to itself for 200 ms, by the page's own clock; from then on the tick is not lost.
    tab.page.evaluate("() => new Promise((done) => setTimeout(done, 300))")
    press(tab, "Theory")
    tab.wait("() => new URL(location).searchParams.get('a.top_k.k') === '17'")
    tab.errors.clear()
