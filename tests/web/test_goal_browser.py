"""ε on the chart in a real browser: a line moved by hand and by keys, the best of every contender's steps, places and the verdict."""

from __future__ import annotations

import numpy as np
import pytest

from ef21lab.runs.record import Record
from ef21lab.ui.experiment.live_panel import NAMED
from tests.browsers import comes
from tests.web.view import data_of

pytestmark = pytest.mark.browser

ROWS = 60
SLIDER = "document.querySelector('.ef21-goal')"
CARDS = """[...document.querySelectorAll('.ef21-card')]
  .map((card) => [card.querySelector('b').textContent, card.querySelector('.ef21-standing').textContent])"""
VERDICT = "(document.querySelector('.ef21-verdict')?.textContent ?? '')"
LINES = "(document.querySelector('.ef21-plot')?.data ?? []).filter((trace) => trace.mode === 'lines')"
BOLD = f"{LINES}.filter((trace) => trace.opacity === 1).map((trace) => trace.name)"
FAINT = f"{LINES}.filter((trace) => trace.opacity < 1).map((trace) => trace.name)"


def record(round: int, height: float, bits: float) -> Record:
    value, bill = np.array([height]), np.array([bits * (round + 1)])
    return Record(round, value + 3, value, value / 2, bill, bill / 32, bill, np.full((1, 4), 0.25), round / 100, value, None)


def falling(source, seed, rate, floor, bits):
    """A run that falls by `rate` a round down to `floor`, and is there to stay."""
    key = source.add({"rounds": ROWS, "seed": seed})
    source.change(key, [record(round, max(floor, rate**round), bits) for round in range(ROWS + 1)], "done")
    return key


def racing(source, **more):
    """Contender a has a slow step that goes deep and a quick one that does not; b costs about twice as much a round."""
    keys = [falling(source, *one) for one in ((0, 0.8, 1e-9, 10), (1, 0.5, 1e-3, 10), (2, 0.6, 1e-9, 21), (3, 0.95, 1e-9, 21))]
    data = data_of(*keys, axis="bits_up", named={name: {"en": text.en, "ru": text.ru} for name, text in NAMED.items()}, **more)
    for run, (place, label, gamma) in zip(
        data["runs"], (("a", "A ×1", 1.0), ("a", "A ×2", 2.0), ("b", "B ×1", 1.0), ("b", "B ×2", 2.0)), strict=True
    ):
        run |= {"place": place, "label": label, "gamma": gamma, "goal": 0.0}
    return data


def test_the_best_step_of_each_is_drawn_and_the_others_are_faint_behind_it(open_view, source):
    view = open_view(racing(source, view={"goal": 0.01}))
    view.until(f"({VERDICT}).startsWith('At ε')")
    view.until(f"{BOLD}.length === 2 && {FAINT}.length === 2")
    assert view(BOLD) == ["A ×2", "B ×1"]
    assert view(FAINT) == ["A ×1", "B ×2"]
    assert view(CARDS) == [["A ×2", "1 · 80 bits a node to ε"], ["B ×1", "2 · 231 bits a node to ε, 2.89 times the first"]]
    assert view(VERDICT).startswith("At ε = 0.01 A ×2 wins: 80 bits a node, 2.89 times less than B ×1.")


def test_keys_move_it_to_where_another_step_is_the_best_and_the_page_is_told(open_view, source):
    view = open_view(racing(source, view={"goal": 0.002}))
    view.until(f"{BOLD}[0] === 'A ×2'")
    view.page.locator(".ef21-goal").focus()
    for _ in range(2):  # 0.001, where the quick step just comes, and 0.0005, where it does not
        view.page.keyboard.press("ArrowDown")
    view.until(f"{BOLD}[0] === 'A ×1'")
    assert view(f"{SLIDER}.getAttribute('aria-valuetext')") == "5·10⁻⁴"
    bits_of_a = 10 * (1 + next(t for t in range(ROWS) if 0.8**t <= 5e-4))
    bits_of_b = 21 * (1 + next(t for t in range(ROWS) if 0.6**t <= 5e-4))
    assert bits_of_b < bits_of_a
    ratio = f"{bits_of_a / bits_of_b:.3g}"
    assert view(CARDS) == [
        ["B ×1", f"1 · {bits_of_b} bits a node to ε"],
        ["A ×1", f"2 · {bits_of_a} bits a node to ε, {ratio} times the first"],
    ]
    view.until("window.sent.some(([kind, name, value]) => kind === 'state' && name === 'view' && value.goal === 5e-4)")


def test_it_is_dragged_by_hand(open_view, source):
    view = open_view(racing(source, view={"goal": 0.01}))
    view.until(f"{SLIDER} && !{SLIDER}.hidden")
    box = view.page.locator(".ef21-goal").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x, y + 60, steps=4)
    view.page.mouse.up()
    view.until(f"1e-9 < Number({SLIDER}.getAttribute('aria-valuenow')) && Number({SLIDER}.getAttribute('aria-valuenow')) < 0.005")
    view.until(f"({VERDICT}).startsWith('At ε = ') && !({VERDICT}).startsWith('At ε = 0.01 ')")

    def has_moved():
        moved = view.page.locator(".ef21-goal").bounding_box()
        return moved["y"] + moved["height"] / 2 == pytest.approx(y + 60, abs=6)

    comes(has_moved, view.page)


def test_where_nobody_has_set_it_it_is_a_part_of_where_the_runs_start(open_view, source):
    view = open_view(racing(source))
    view.until(f"{SLIDER} && !{SLIDER}.hidden")
    assert view(f"{SLIDER}.getAttribute('aria-valuenow')") == "0.0001"


def test_what_is_not_the_squared_gradient_has_no_line(open_view, source):
    view = open_view(racing(source, metric="distortion"))
    view.until(f"{BOLD}.length === 2")
    view.until(f"{SLIDER}.hidden")
    view.until(f"({VERDICT}).startsWith('At ε')")


def test_a_press_on_a_card_hides_the_contender_with_all_its_steps(open_view, source):
    view = open_view(racing(source, view={"goal": 0.01}))
    view.until(f"({VERDICT}).startsWith('At ε')")
    view.page.locator(".ef21-card").first.click()
    view.until(f"{FAINT}.length === 1")
    assert view(f"{LINES}.find((trace) => trace.name === 'A ×2').visible") is False
    view.until(f"({VERDICT}).startsWith('B ×1 comes to ε = 0.01')")


def test_a_russian_page_has_its_verdict(open_view, source):
    view = open_view(racing(source, view={"goal": 0.01}, language="ru"))
    view.until(f"({VERDICT}).startsWith('При ε = 0,01 побеждает A ×2')")
