"""Names, words and colours that the server and the browser both know are the same on both sides. Python is the source."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
import plotly.colors
import pytest

from ef21lab.clocks.base import Clock, topologies
from ef21lab.compressors.base import compressors
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.store import State
from ef21lab.plots import palette
from ef21lab.plots.figures import THEMES
from ef21lab.runs.guarantees import STATEMENTS, Band
from ef21lab.runs.record import sometimes
from ef21lab.ui.experiment.live_panel import AXES, METRICS, PICKED
from ef21lab.web.server import assets
from ef21lab.web.server.frames import DRAWN, Feed
from ef21lab.web.server.source import ENDED
from tests.runs.test_guarantees import problem_of, run
from tests.web.test_js import node

ASSETS = Path(assets.__file__).parents[1] / "assets"
NO_RUN, NOT_YET = "unknown", "waiting"  # what the browser calls a run that the server has not, and one that it has not heard of
SPENT = {"round", "seconds"}  # axes that count no messages


@cache
def browser(module: str) -> dict[str, Any]:
    """What a module exports, as JSON."""
    script = f"import * as module from {json.dumps((ASSETS / module).as_uri())}; console.log(JSON.stringify(module));"
    command = [node(), "--input-type=module", "--eval", script]
    return dict(json.loads(subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout))


def said(module: str, expression: str) -> Any:
    """What an expression over a module's exports gives."""
    script = f"import * as module from {json.dumps((ASSETS / module).as_uri())}; console.log(JSON.stringify({expression}));"
    command = [node(), "--input-type=module", "--eval", script]
    return json.loads(subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout)


def test_the_columns_of_a_run_are_those_that_are_sent() -> None:
    assert browser("shared/runs.js")["COLUMNS"] == list(DRAWN)
    assert browser("shared/runs.js")["LAYER"] == ["round", *Band._fields]


def test_the_lines_are_those_that_theorems_give() -> None:
    problem = problem_of("least_squares", 3, 5)
    steps = [("theory_pl", {"name": "top_k", "k": 3}), ("theory_tight", {"name": "top_k", "k": 3})]
    given: set[str] = set()
    for step, compressor in steps:
        trace, guarantees = run(problem, rounds=4, compressor=compressor, step=step)
        given |= guarantees.columns(trace.columns).keys()
    assert set(browser("shared/runs.js")["LINES"]) == given
    assert browser("chart/theory.js")["STATEMENTS"] == list(STATEMENTS)


def test_what_the_page_offers_to_draw_is_asked_for_where_it_is_not_sent_to_all() -> None:
    column = said("chart/theory.js", f"Object.fromEntries({json.dumps(list(METRICS))}.map((name) => [name, module.columnOf(name)]))")
    pairs = [(metric, axis) for metric in METRICS for axis in AXES]
    asked = said("chart/theory.js", f"{json.dumps(pairs)}.map(([metric, axis]) => module.asksForMore({{ metric, axis }}))")
    assert asked == [not {column[metric], axis} <= {*DRAWN, browser("shared/runs.js")["NETWORK"]} for metric, axis in pairs]
    known = {
        browser("shared/runs.js")["NETWORK"],
        *browser("shared/runs.js")["COLUMNS"],
        *browser("shared/runs.js")["LAYER"],
        *browser("shared/runs.js")["LINES"],
        *browser("shared/runs.js")["SHARES"],
    }
    assert {*browser("shared/runs.js")["SHARES"]} <= {*sometimes()}, "their column comes with the first rows that have it"
    assert {*column.values(), *AXES} <= known


def test_what_messages_cost_is_drawn_on_a_log_axis() -> None:
    assert set(browser("live/picked.js")["COSTS"]) == AXES.keys() - SPENT


def test_what_can_be_drawn_and_every_state_has_its_words() -> None:
    words = browser("shared/words.js")["WORDS"]
    assert {*METRICS, *AXES, *get_args(State), NO_RUN, NOT_YET} <= words.keys()
    assert set(browser("shared/runs.js")["ENDED"]) == ENDED | {NO_RUN}


def test_a_button_is_a_command_of_the_lab_in_states_that_there_are() -> None:
    applies = browser("live/toolbar.js")["APPLIES"]
    assert all(callable(getattr(Lab, name)) for name in applies)
    assert {state for states in applies.values() for state in states} <= set(get_args(State)) - {"done"}
    pressed = browser("live/presses.js")["PRESSED"]
    assert pressed.keys() == applies.keys()
    assert set(pressed.values()) <= browser("shared/words.js")["WORDS"].keys()


def test_a_view_is_told_by_the_same_names() -> None:
    assert browser("live/picked.js")["FIRST"].keys() == PICKED.keys()


def test_the_kinds_of_news_are_those_that_are_sent() -> None:
    assert set(browser("live/stream.js")["EVENTS"]) == set(
        re.findall(r'(?:return|told) (?:None if .* else )?"(\w+)"', inspect.getsource(Feed._kind))
    )


def test_every_dash_of_a_contender_has_its_sample_in_the_legend() -> None:
    assert set(browser("live/cards.js")["DASHES"]) == set(palette.DASHES)


def test_both_sides_draw_signed_values_in_the_same_colours_and_errors_in_those_of_cividis() -> None:
    colors = browser("shared/colors.js")
    assert colors["SIGNED_STOPS"] == {name: list(theme.signed) for name, theme in THEMES.items()}
    assert colors["ERROR_STOPS"] == [stop.lower() for stop in plotly.colors.sequential.Cividis]


@pytest.mark.parametrize("dark", [False, True])
def test_a_contender_has_one_colour_on_both_sides(dark: bool) -> None:
    repeated = palette.lines([compressors.members["top_k"]] * 6)
    declared = [palette.color_of(compressors.members[name]) for name in ("st_hosvd", "sign", "half")]
    colors = sorted({line.color for line in repeated} | set(declared))
    drawn = said("shared/colors.js", f"{json.dumps(colors)}.map((color) => module.ink(color, {{ dark: {json.dumps(dark)} }}))")
    assert drawn == [palette.ink(color, dark=dark) for color in colors]


def test_every_word_is_said_somewhere() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in ASSETS.rglob("*.js") if path.name != "words.js")
    known = {*METRICS, *AXES, *get_args(State), *browser("live/presses.js")["PRESSED"]}
    assert [name for name in browser("shared/words.js")["WORDS"] if name not in known and f'"{name}"' not in sources] == []


def test_seconds_on_a_network_are_the_same_on_both_sides() -> None:
    columns = {
        "round": [0, 1, 5],
        "bits_up": [960, 1040, 2000],
        "bits_down": [0, 640, 3200],
        "seconds": [0.01, 0.02, 0.5],
    }
    for bits in (columns, {**columns, "bits_up": [0, 80, 400]}):
        for clock in (topologies.make("ring").clock(5, summable=True), Clock(0.25, 1e-3, 1e-4, 2.0)):
            held = ", ".join(f"{name}: {{ values: Float64Array.from({values}) }}" for name, values in bits.items())
            there = said("shared/runs.js", f"[...module.onNetwork({{ {held} }}, {json.dumps(clock._asdict())})]")
            assert there == pytest.approx(clock.seconds({name: np.array(values, float) for name, values in bits.items()}), rel=1e-12)
