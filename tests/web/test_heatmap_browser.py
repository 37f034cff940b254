"""The heatmap in a real browser: which way up it is, what its colours mean, and that what is clicked is what is shown."""

from __future__ import annotations

import numpy as np
import pytest

from ef21lab.runs.experiment import run
from tests.browsers import comes
from tests.jobs.conftest import until
from tests.web.conftest import added, row
from tests.web.view import data_of

pytestmark = pytest.mark.browser

LEFT, RIGHT, TOP, BOTTOM = 46, 74, 8, 40  # of the cells within the canvas, in CSS pixels
ABOUT = "(document.querySelector('.ef21-pictures .ef21-about')?.textContent ?? '')"
TIP = "(document.querySelector('.ef21-heatmap .ef21-tip:not([hidden])')?.textContent ?? '')"
NODES = 4


READ = """(canvas, [x, y]) => {
  const one = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  one.drawImage(canvas, -Math.floor(x * devicePixelRatio), -Math.floor(y * devicePixelRatio));
  return [...one.getImageData(0, 0, 1, 1).data];
}"""


class Cells:
    """The cells of the heatmap on the screen, from the geometry alone: node 0 above, round 0 on the left."""

    def __init__(self, view, rounds):
        self.view, self.rounds = view, rounds
        self.canvas = view.page.locator(".ef21-heatmap canvas")

    def place(self, node, round):
        box = self.canvas.bounding_box()
        across, down = box["width"] - LEFT - RIGHT, box["height"] - TOP - BOTTOM
        return {"x": LEFT + across * (round + 0.5) / (self.rounds + 1), "y": TOP + down * (node + 0.5) / NODES}

    def click(self, node, round):
        self.canvas.click(position=self.place(node, round))

    def hover(self, node, round):
        self.canvas.hover(position=self.place(node, round))

    def color(self, node, round):
        """Red, green, blue and the opacity of the pixel in the middle of a cell."""
        place = self.place(node, round)
        return self.at(place["x"], place["y"])

    def at(self, x, y):
        return self.canvas.evaluate(READ, [x, y])

    def lightness(self, node, round):
        red, green, blue, _ = self.color(node, round)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def with_errors(source, errors, spec=None):
    """A run that is over, whose messages had these relative errors (rounds, nodes)."""
    rounds = len(errors) - 1
    key = source.add({"rounds": rounds, **(spec or {})})
    records = [row(round, NODES, 12)._replace(contraction=np.square(errors[round])[None, :]) for round in range(rounds + 1)]
    source.change(key, records, "done")
    return key


@pytest.mark.parametrize("width", [1280, 390])
def test_node_0_is_above_and_round_0_on_the_left(open_view, source, width):
    """Errors that grow with the node and fall with the round: every cell says its own and is the lighter the greater it is."""
    errors = np.array([[0.1 + 0.2 * node + 0.1 * (1 - round / 20) for node in range(NODES)] for round in range(21)])
    view = open_view(data_of(with_errors(source, errors)), width=width)
    cells = Cells(view, 20)
    view.until("document.querySelector('.ef21-wanted canvas')?.width === 3")
    for node, round in [(0, 0), (3, 0), (0, 20), (3, 20), (1, 7)]:
        cells.hover(node, round)
        view.until(f"{TIP} === 'node {node}, round {round}: {float(f'{errors[round, node]:.3g}'):g}'")
    view.page.mouse.move(0, 0)
    view.until(f"{TIP} === ''")
    light = np.array([[cells.lightness(node, round) for round in (2, 10, 18)] for node in range(NODES)])
    assert (np.diff(light, axis=0) > 0).all(), "down the nodes the errors grow"
    assert (np.diff(light, axis=1) < 0).all(), "along the rounds they fall"


def numbers_beside_the_bar(view):
    """The words that the heatmap writes to the right of its cells, from the top: the canvas is asked to draw once more and listened to."""
    return view("""(() => {
      const told = [];
      const own = CanvasRenderingContext2D.prototype.fillText;
      CanvasRenderingContext2D.prototype.fillText = function (words, x, y) {
        if (x > this.canvas.clientWidth - 74) told.push([y, words]);
        return own.call(this, words, x, y);
      };
      return new Promise((done) => {
        document.querySelector('.ef21-heatmap').style.width = `${document.querySelector('.ef21-heatmap').clientWidth - 1}px`;
        const listening = setInterval(() => {
          if (told.length < 3) return;
          clearInterval(listening);
          CanvasRenderingContext2D.prototype.fillText = own;
          document.querySelector('.ef21-heatmap').style.width = '';
          done(told.slice(-3).sort(([a], [b]) => a - b).map(([, words]) => words));
        }, 20);
      });
    })()""")


def test_a_contender_whose_errors_are_alike_is_not_one_block_of_colour(open_view, source):
    """Errors from 0.97 to 0.99 take the whole scale, and its numbers say so; on one scale for all they are alike again."""
    ramp = np.linspace(0.97, 0.99, 21)[:, None] + np.zeros(NODES)
    wide = np.linspace(0.0, 0.9, 21)[:, None] + np.zeros(NODES)
    view = open_view(data_of(with_errors(source, ramp), with_errors(source, wide, {"seed": 1})))
    cells = Cells(view, 20)
    view.until("document.querySelector('.ef21-wanted canvas')?.width === 3")
    view.until("document.querySelector('.ef21-select select').options.length === 2")
    comes(lambda: cells.lightness(1, 18) - cells.lightness(1, 2) > 120, view.page)
    assert numbers_beside_the_bar(view) == ["0.99", "0.98", "0.97"]
    view.page.get_by_role("button", name="One scale for all").click()
    comes(lambda: 0 <= cells.lightness(1, 18) - cells.lightness(1, 2) < 12, view.page)
    top, _, bottom = numbers_beside_the_bar(view)
    assert 0.98 <= float(top.lstrip("≥")) <= 1.0
    assert float(bottom.lstrip("≤")) < 0.05


def test_errors_over_many_decades_are_told_apart_and_the_numbers_are_in_the_visitors_language(open_view, source):
    falling = np.geomspace(0.5, 5e-7, 21)[:, None] + np.zeros(NODES)
    view = open_view(data_of(with_errors(source, falling), language="ru"))
    cells = Cells(view, 20)
    view.until("document.querySelector('.ef21-wanted canvas')?.width === 3")
    comes(lambda: (np.diff([cells.lightness(2, round) for round in range(1, 20, 3)]) < -5).all(), view.page)
    top, middle, bottom = numbers_beside_the_bar(view)
    assert top.endswith("0,5")
    assert "·10⁻" in middle
    assert "·10⁻⁷" in bottom


def test_the_colour_bar_is_the_colour_of_the_cells(open_view, source):
    """Cells in the middle between two numbers of the bar have the colour that stands between them."""
    errors = np.concatenate([np.zeros((5, NODES)), np.full((11, NODES), 0.2), np.full((5, NODES), 0.4)])
    view = open_view(data_of(with_errors(source, errors)))
    cells = Cells(view, 20)
    view.until("document.querySelector('.ef21-wanted canvas')?.width === 3")
    box = cells.canvas.bounding_box()

    def agree():
        bar = [cells.at(box["width"] - RIGHT + 19, TOP + share * (box["height"] - TOP - BOTTOM)) for share in (0.99, 0.5, 0.01)]
        seen = [cells.color(1, round) for round in (2, 10, 18)]
        return len({tuple(color) for color in seen}) == 3 and np.abs(np.subtract(seen, bar)).max() <= 8

    comes(agree, view.page)


@pytest.fixture
def real(source):
    """A real run of 100 rounds: its kept rounds are every third."""
    spec = {"rounds": 100, "partition": {"name": "contiguous", "nodes": NODES}, "compressor": {"name": "top_k", "k": 5}}
    key = source.start(spec)
    until(lambda: source.status(key).state == "done")
    return key, run(spec)


def asked_of(view):
    """The addresses of messages that the page has asked for."""
    return view("performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.includes('/messages/'))")


def test_the_cell_that_is_clicked_is_the_message_that_opens(open_view, source, real):
    key, trace = real
    view = open_view(data_of(key, dims=None))
    cells = Cells(view, 100)
    view.until(f"{ABOUT}.includes('round 99')")  # the latest kept one
    for node, round in [(2, 19), (0, 50), (3, 100)]:
        assert source.snapshot(key, round) is None
        cells.click(node, round)
        view.page.mouse.move(0, 0)
        view.until(f"{ABOUT}.startsWith('node {node}, round {round}, 112 numbers')")
        wanted, error = (
            float(
                view(f"document.querySelector('.ef21-{part} .ef21-norm').textContent")
                .split("= ")[1]
                .replace("·10⁻", "e-")
                .translate(DIGITS)
            )
            for part in ("wanted", "error")
        )
        assert error / wanted == pytest.approx(trace.contraction[round, node] ** 0.5, rel=0.01)
        comes(lambda cell=(node, round): outlined(cells, *cell), view.page)


DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def outlined(cells, node, round):
    """Whether this cell has the white frame of the one that is opened, and no cell two rounds beside it has."""

    def framed(at):
        place = cells.place(node, at)
        width = max(5, (cells.canvas.bounding_box()["width"] - LEFT - RIGHT) / (cells.rounds + 1))
        return min(cells.at(place["x"] - width / 2, place["y"])[:3]) > 180

    return framed(round) and not framed(round - 2)


def test_where_it_cannot_be_had_the_cell_that_opens_is_framed_and_the_words_say_which(open_view, source):
    """Rows made up cannot be computed again; every fifth round is kept."""
    view = open_view(data_of(added(source, 0, 20, "done", rounds=20)))
    cells = Cells(view, 20)
    view.until(f"{ABOUT}.includes('round 20')")
    cells.click(1, 13)
    view.page.mouse.move(0, 0)
    view.until(f"{ABOUT}.includes('node 1, round 15, the kept one nearest to 13') && {ABOUT}.includes('these rows are made up')")
    comes(lambda: outlined(cells, 1, 15) and not outlined(cells, 1, 13), view.page)


def test_a_glance_costs_nothing_and_says_which_round_it_shows(open_view, source, real):
    key, _ = real
    view = open_view(data_of(key, dims=None))
    cells = Cells(view, 100)
    view.until(f"{ABOUT}.includes('round 99')")
    cells.hover(1, 20)
    view.until(f"{ABOUT}.includes('node 1, round 21, the kept one nearest to 20')")
    comes(lambda: outlined(cells, 1, 21), view.page)
    assert {int(name.split("/messages/")[1].split("?")[0]) % 3 for name in asked_of(view)} == {0}, "only kept rounds were asked for"


@pytest.mark.parametrize(("language", "cell"), [("en", "node 1, round 3"), ("ru", "узел 1, раунд 3")])
def test_the_heatmap_is_worked_by_keys(open_view, source, real, language, cell):
    key, _ = real
    view = open_view(data_of(key, dims=None, language=language, view={"contender": 0, "node": 0, "round": 1, "slice": 0}))
    view.until(f"/\\b1\\b/.test({ABOUT})")
    canvas = view.page.locator(".ef21-heatmap canvas")
    canvas.focus()
    assert view("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    for pressed in ("ArrowRight", "ArrowRight", "ArrowDown"):
        view.page.keyboard.press(pressed)
    view.until(f"{TIP}.startsWith('{cell}: ')")
    view.until(f"document.querySelector('.ef21-heatmap [role=status]').textContent.startsWith('{cell}: ')")
    view.page.keyboard.press("ArrowRight")
    view.page.keyboard.press("Enter")
    told = "sent.filter(([kind, name]) => kind === 'state' && name === 'view').at(-1)?.[2]"
    view.until(f"{told}?.round === 4 && {told}.node === 1")
    for pressed in ("End", "PageUp"):
        view.page.keyboard.press(pressed)
    view.until(f"/\\b90\\b/.test({TIP})")
    view.page.keyboard.press("Escape")
    view.until(f"{TIP} === ''")
