"""What a visitor sees in a real browser: live.js on a bare page, fed by our own routes."""

from __future__ import annotations

import json
import os

import pytest

from ef21lab.runs.experiment import start_run
from tests.browsers import at_leisure
from tests.web.conftest import added, rows
from tests.web.view import DARK, LIGHT, POINTS, data_of

pytestmark = pytest.mark.browser

HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
NO_STREAMS = """(() => {
  window.EventSource = class extends EventTarget {
    constructor() { super(); setTimeout(() => this.dispatchEvent(new Event("error"))); }
    close() {}
  };
  streams.at(-1).dispatchEvent(new Event("error"));
})()"""
UNNAMED = """[...document.querySelectorAll(".ef21-live :is(button, input, select)")].filter(
  (node) => !node.hidden && !(node.getAttribute("aria-label") || node.labels?.[0]?.textContent.trim() || node.textContent.trim())
).length"""


def test_curves_grow_in_one_plot_node_and_keep_the_zoom(open_view, source):
    key = added(source, 0, 5)
    view = open_view(data_of(key))
    view.until(f"{POINTS} >= 6")
    view("""(() => { window.plot = document.querySelector('.ef21-plot'); window.svg = plot.querySelector('svg.main-svg');
             Plotly.relayout(plot, {'xaxis.range': [0, 40], 'yaxis.range': [-2, 0.5]}); window.draws = 0;
             plot.on('plotly_afterplot', () => (window.draws += 1)); })()""")
    for round in range(6, 31):
        source.change(key, rows(round, round, nodes=4, d=12))
        view.until(f"{POINTS} >= {round + 1}")
    assert view("window.draws") >= 20
    assert view("document.querySelectorAll('.ef21-plot').length") == 1
    assert view("window.plot === document.querySelector('.ef21-plot') && window.svg.isConnected")
    assert view("[plot.layout.xaxis.range, plot.layout.yaxis.range]") == [[0, 40], [-2, 0.5]]


def test_a_hidden_tab_closes_the_stream_and_catches_up_by_its_cursor(open_view, source):
    key = added(source, 0, 5)
    view = open_view(data_of(key))
    view.until(f"{POINTS} >= 6")
    view.page.evaluate(HIDE, True)
    assert view("streams.every((stream) => stream.readyState === 2)")
    source.change(key, rows(6, 9, nodes=4, d=12))
    view.page.wait_for_timeout(600)
    assert view(POINTS) == 6
    view.page.evaluate(HIDE, False)
    view.until(f"{POINTS} === 10")
    assert view("new URL(streams.at(-1).url).searchParams.get('runs')") == f"{key}:5:5"


def test_the_pictures_answer_the_scrubber_and_the_heatmap(open_view, source):
    view = open_view(data_of(added(source, 0, 20, "done"), view={"contender": 0, "node": 1, "round": 5, "slice": 0}))
    about = "document.querySelector('.ef21-pictures .ef21-about')?.textContent"
    view.until(f"{about}?.includes('node 1, round 5')")
    pixels = "document.querySelector('.ef21-wanted canvas').toDataURL()"
    first = view(pixels)
    assert view("[...document.querySelectorAll('.ef21-picture canvas')].map((c) => [c.width, c.height])") == [[3, 2]] * 3
    view.page.get_by_role("slider", name="Slice").fill("1")
    view.until(f"{pixels} !== {json.dumps(first)}")
    tip = "document.querySelector('.ef21-wanted .ef21-tip')"
    view.page.locator(".ef21-wanted canvas").hover(position={"x": 4, "y": 4})  # the first of the second six
    view.until(f"!{tip}.hidden && {tip}.textContent.startsWith('coordinate 7 (cap-surface=y): ')")
    view.page.mouse.move(0, 0)
    view.until(f"{tip}.hidden")
    view.page.get_by_role("slider", name="Round").fill("4")
    view.until(f"{about}?.includes('node 1, round 20')")
    view.page.locator(".ef21-heatmap canvas").click(position={"x": 48, "y": 12})
    view.until(f"{about}?.includes('node 0, round 0')")
    told = "JSON.stringify(sent.filter(([kind, name]) => kind === 'state' && name === 'view').at(-1)?.[2] ?? {})"
    view.until(
        f"{told} === '" + '{"contender":0,"node":0,"round":0,"layer":0,"slice":1,"logX":null,"whole":false,"oneScale":false,"goal":0}' + "'"
    )


def test_a_superseded_mount_leaves_the_view_alone(open_view, source):
    first, second = added(source, 0, 9), added(source, 0, 3, rounds=50)
    view = open_view(data_of(first))
    view.until(f"{POINTS} >= 10")
    view.page.evaluate("(data) => window.show(data)", data_of(second))
    view.page.wait_for_timeout(500)
    assert view("document.querySelectorAll('.ef21-plot').length") == 1
    assert view("document.querySelectorAll('.ef21-live').length") == 1


def test_a_press_is_shown_at_once_and_told_and_so_is_the_end(open_view, source):
    key = added(source, 0, 5)
    view = open_view(data_of(key, language="ru"))
    view.until(f"{POINTS} >= 6")
    view.page.get_by_role("button", name="Пауза").click()
    view.until("document.querySelector('.ef21-card small')?.textContent === 'ставим на паузу…'")
    (_, _, told) = view("sent.find(([, name]) => name === 'command')")
    assert (told["name"], told["keys"]) == ("pause", [key])
    source.change(key, state="paused")
    view.until("document.querySelector('.ef21-card small')?.textContent?.startsWith('пауза')")
    source.change(key, rows(6, 9, nodes=4, d=12), "done")
    view.until("sent.some(([, name]) => name === 'finished')")
    view.page.wait_for_timeout(400)
    assert view("sent.filter(([, name]) => name === 'finished').length") == 1


def test_polling_takes_over_where_streams_fail(open_view, source):
    key = added(source, 0, 5)
    view = open_view(data_of(key))
    view.until(f"{POINTS} >= 6")
    view(NO_STREAMS)
    view.until("!document.querySelector('.ef21-notice').hidden")
    source.change(key, rows(6, 9, nodes=4, d=12), "done")
    view.until(f"{POINTS} === 10")
    view.until("sent.some(([, name]) => name === 'finished')")


def test_a_stopped_run_comes_back_to_life_after_resume(open_view, source):
    key = added(source, 0, 5, "cancelled")
    view = open_view(data_of(key))
    view.until(f"{POINTS} >= 6")
    view.page.get_by_role("button", name="Resume").click()
    view.page.wait_for_timeout(700)
    source.change(key, rows(6, 9, nodes=4, d=12), "running")
    view.until(f"{POINTS} === 10")
    source.change(key, rows(10, 12, nodes=4, d=12))
    view.until(f"{POINTS} === 13")


def test_the_cursor_compares_contenders_at_one_x(open_view, source):
    view = open_view(data_of(added(source, 0, 20, "done"), added(source, 0, 20, "done", rounds=300)))
    view.until("(document.querySelector('.ef21-plot')?.data?.length ?? 0) === 4")
    box = view.page.locator(".ef21-plot .nsewdrag").bounding_box()
    view.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    view.until("document.querySelectorAll('.ef21-chart .ef21-tip-row').length === 2")
    view.until("[...document.querySelectorAll('.ef21-chart .ef21-tip-row b')].every((b) => Number.isFinite(Number(b.textContent)))")
    values = view("[...document.querySelectorAll('.ef21-chart .ef21-tip-row b')].map((b) => Number(b.textContent))")
    assert values[0] == values[1]
    assert 1 / 13 < values[0] < 1 / 9


@pytest.mark.parametrize("format", ["PNG", "SVG", "HTML"])
def test_the_figure_can_be_taken_home(open_view, source, chromium, tmp_path, format):
    view = open_view(data_of(added(source, 0, 20, "done")))
    view.until(f"{POINTS} >= 20")
    with view.page.expect_download() as download:
        view.page.get_by_role("button", name=f"Save the figure as {format}").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.suffix == f".{format.lower()}"
    content = path.read_bytes()
    if format == "HTML":
        alone = at_leisure(chromium.new_page())
        alone.route("http*://**", lambda route: route.abort())
        alone.goto(path.as_uri())
        alone.wait_for_function("document.querySelectorAll('.scatterlayer .trace').length === 1")
        alone.close()
    else:
        assert content.startswith(b"\x89PNG" if format == "PNG" else b"<svg")


@pytest.mark.parametrize(("width", "theme", "language"), [(1280, LIGHT, "en"), (1280, DARK, "ru"), (390, LIGHT, "ru"), (390, DARK, "en")])
def test_nothing_overflows_and_every_button_has_a_name(open_view, source, width, theme, language):
    keys = [added(source, 0, 20, "done"), added(source, 0, 9, "failed", rounds=300)]
    view = open_view(data_of(*keys, language=language, axis="floats_up"), theme, width=width)
    view.until("document.querySelector('.ef21-wanted canvas')?.width === 3")
    assert view("document.documentElement.scrollWidth") <= width
    assert view(UNNAMED) == 0
    if os.environ.get("EF21LAB_SCREENSHOTS"):
        view.page.screenshot(
            path=f"{os.environ['EF21LAB_SCREENSHOTS']}/live-{width}-{'dark' if theme is DARK else 'light'}.png", full_page=True
        )


LINES = "(document.querySelector('.ef21-plot')?.data ?? []).filter(({ line }) => line?.dash === '2px,3px')"
CAPTION = "(document.querySelector('.ef21-theory')?.innerText ?? '')"


def run_of(source, multiple, **parts):
    """A real run that is over."""
    spec = {"rounds": 30, "step": {"rule": "theory", "multiple": multiple}, **parts}
    key = source.add(spec)
    source.change(key, list(start_run(spec)), "done")
    return key


THEORY = [("en", "upper bound from the theorem", "32 times the longest"), ("ru", "верхняя оценка из теоремы", "в 32\u00a0раза больше")]


@pytest.mark.parametrize(("language", "words", "times"), THEORY)
def test_theory_draws_its_line_above_the_mean_and_says_why_a_run_has_none(open_view, source, language, words, times):
    keys = run_of(source, 1), run_of(source, 32)
    view = open_view(data_of(*keys, metric="mean", theory=True, language=language, dims=None))
    view.until(f"{LINES}.length === 1 && {POINTS} === 30")
    assert view(f"{LINES}.map(({{ name, line }}) => [name, line.color])") == [[words, "#0072B2"]]
    assert view(CAPTION).splitlines()[0] == words
    view.until(f"{CAPTION}.includes('Run 2: ') && {CAPTION}.includes('{times}')")
    assert view(f"{LINES}[0].x.at(-1)") == 30
    assert view(f"{LINES}[0].y.at(-1)") > view("document.querySelector('.ef21-plot').data[0].y.at(-1)")


def test_theory_that_is_asked_of_an_ended_run_comes_with_its_past(open_view, source):
    key = added(source, 0, 20, "done", rounds=20)
    view = open_view(data_of(key))
    view.until(f"{POINTS} === 21")
    view("window.plot = document.querySelector('.ef21-plot')")
    view.page.evaluate("(data) => window.show(data)", data_of(key, metric="distortion", theory=True))
    view.until(f"{LINES}[0]?.x.at(-1) === 20")
    assert view("plot === document.querySelector('.ef21-plot')")
    view.page.evaluate("(data) => window.show(data)", data_of(key))
    view.until(f"!{LINES}.length")
    assert view("document.querySelector('.ef21-theory').hidden")


def test_contraction_is_a_band_over_the_nodes_below_its_level(open_view, source):
    key = run_of(source, 1, compressor={"name": "rand_k", "k": 28})
    view = open_view(data_of(key, metric="contraction", theory=True, dims=None))
    view.until(f"{POINTS} === 31 && {LINES}.length === 1")
    assert view(f"{LINES}[0].y[0]") == pytest.approx(0.75, abs=1e-5)
    least, greatest = view("document.querySelector('.ef21-plot').data.slice(2, 4).map(({ y }) => y)")
    median = view("document.querySelector('.ef21-plot').data[0].y")
    assert all(low <= middle <= high for low, middle, high in zip(least, median, greatest, strict=True))
    assert view("document.querySelector('.ef21-plot').layout.yaxis.type") == "linear"
    assert "in expectation over what is drawn at random: Run 1" in view(CAPTION)


def test_a_metric_without_a_theorem_says_which_to_choose(open_view, source):
    view = open_view(data_of(added(source, 0, 5, "done"), theory=True))
    view.until(f"{CAPTION}.includes('choose the running mean')")


def test_a_line_far_above_its_curve_leaves_the_curve_its_shape(open_view, source):
    key = run_of(source, 1, compressor={"name": "top_k", "k": 1})
    view = open_view(data_of(key, metric="mean", theory=True, dims=None))
    view.until(f"{LINES}.length === 1 && {LINES}[0].y.length > 1")
    low, high = view("document.querySelector('.ef21-plot').layout.yaxis.range")
    end = view(f"Math.log10({LINES}[0].y.at(-1))")
    assert low < end < high
    assert high <= max(view(f"Math.log10({POINTS.replace('.length', '[0]')})") + 3, end) + 1.5


def test_the_figure_that_is_taken_home_has_the_line_and_its_name(open_view, source, tmp_path):
    view = open_view(data_of(run_of(source, 1), metric="mean", theory=True, dims=None))
    view.until(f"{LINES}.length === 1")
    with view.page.expect_download() as download:
        view.page.get_by_role("button", name="Save the figure as SVG").click()
    download.value.save_as(tmp_path / "figure.svg")
    assert "upper bound from the theorem" in (tmp_path / "figure.svg").read_text()
