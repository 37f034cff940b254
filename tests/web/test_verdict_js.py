"""The browser judges a race as the library does: who is the best of its steps, who leads where, and in which words."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ef21lab.choices.text import LANGUAGES, same
from ef21lab.runs.reach import reached
from ef21lab.runs.record import kept_names
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.standings import changes, standings
from ef21lab.runs.trace import Trace
from ef21lab.runs.tuned import best
from ef21lab.runs.verdict import Racer, verdict
from ef21lab.steps.base import USUAL_GOAL
from ef21lab.ui.experiment.live_panel import NAMED
from tests.web.test_contract import browser
from tests.web.test_js import node

ROOT = Path(__file__).parents[2]
LIVE = ROOT / "ef21lab" / "web" / "assets"
HELPERS = ROOT / "tests" / "web" / "js" / "helpers.mjs"
AXES = ("bits_up", "round", "seconds")

SQUARES = (0.0625, 0.25, 0.5625, 1.0)  # whose roots, which are sent in single precision, lose nothing

Race = list[list[list[Trace]]]  # (contenders)(steps)(repeats)

SCRIPT = """
import { learn } from "%(words)s";
import { best, reached } from "%(reach)s";
import { changes } from "%(changes)s";
import { standings, verdict } from "%(verdict)s";
import { errorsOf, runOf } from "%(helpers)s";
const { words, races } = JSON.parse(await new Response(process.stdin).text());
learn(words);
const number = (value) => (value === null ? NaN : value === "inf" ? Infinity : value);
let made = 0; // every run has a key of its own
const run = ({ values, errors, ...more }) => runOf(values.map(number), { key: `${made++}`, errors: errorsOf(errors), ...more });
const told = races.map(({ racers, epsilon, axis }) => {
  const all = racers.map(({ tries, label, gamma }) => ({ candidates: tries.map((repeats) => repeats.map(run)), label, gamma }));
  const places = all.map(({ candidates }) => best(candidates, epsilon));
  const racing = all.map((one, at) => ({ ...one, repeats: one.candidates[places[at]] }));
  const lead = changes(racing, axis).map(({ epsilon: at, above, below }) => [at, above, below]);
  const said = (cost) => (cost === Infinity ? "inf" : cost);
  const order = standings(racing, epsilon, axis).map(({ place, cost, costs }) => [place, said(cost), costs.map(said)]);
  const at = racers[0].tries.map(([{ values }]) => reached(values.map(number), epsilon));
  return { places, lead, order, at, en: verdict(racing, epsilon, axis, "en"), ru: verdict(racing, epsilon, axis, "ru") };
});
console.log(JSON.stringify(told));
"""


ENDS = RunSpec.make({"stop_at": 1e-3})


def made(rng: np.random.Generator, price: float, calm: bool, rows: int = 9) -> Trace:
    """A made-up run that mostly falls, and now and then jumps, stays level with others, or overflows; a calm one only falls.

    Half of them end where ‖∇f‖² is at most 10⁻³.
    """
    steps = rng.choice([-1.0, -0.5, 0.0, *[0.5, 1.0] * (not calm)], rows)
    heights = 10.0 ** np.round(np.cumsum(steps) - np.arange(rows) * rng.choice([0.0, 0.5]), 1)
    if not calm and rng.random() < 0.15:
        heights[-1] = rng.choice([np.inf, np.nan])
    ends = rng.random() < 0.5
    rows = next((at + 1 for at, height in enumerate(heights) if ends and height <= ENDS.stop_at), rows)
    heights = heights[:rows]
    columns = {name: heights.copy() for name in kept_names()}
    counted = {"round": np.arange(rows), "bits_up": price * np.arange(1, rows + 1), "seconds": np.arange(rows) / 8}
    return Trace({**columns, **counted, "distortion": np.zeros(rows)}, rng.choice(SQUARES, size=(rows, 2)), spec=ENDS if ends else None)


def sent(trace: Trace) -> dict[str, Any]:
    values = [None if math.isnan(value) else "inf" if math.isinf(value) else value for value in trace["grad_norm_sq"]]
    columns = {name: trace[name].tolist() for name in AXES}
    return {
        "values": values,
        "columns": columns,
        "errors": np.sqrt(trace.contraction).tolist(),
        "diverged": len(trace) - 1 if trace.diverged else None,
        "stop": 0.0 if trace.spec is None else trace.spec.stop_at,
    }


def races(many: int) -> list[tuple[Race, float, str]]:
    """Of one to three contenders with one to three steps; a third of single runs, two thirds of two to five repeats, half of these calm."""
    rng = np.random.default_rng(11)
    found = []
    for at in range(many):
        prices = rng.choice([10.0, 25.0, 40.0], size=rng.integers(1, 4))
        repeats = int(rng.integers(2, 6)) if at % 3 else 1
        found.append(
            (
                [[[made(rng, price, calm=at % 3 == 2) for _ in range(repeats)] for _ in range(rng.integers(1, 4))] for price in prices],
                10.0 ** -rng.integers(-2, 6),
                AXES[rng.integers(3)],
            )
        )
    return found


@pytest.fixture(scope="module")
def judged() -> list[tuple[Race, float, str, dict[str, Any]]]:
    """Random races, and what the browser makes of them."""
    held = races(300)
    asked = [
        {
            "racers": [
                {"tries": [list(map(sent, repeats)) for repeats in tries], "label": f"R{at}", "gamma": 0.5 + at}
                for at, tries in enumerate(race)
            ],
            "epsilon": epsilon,
            "axis": axis,
        }
        for race, epsilon, axis in held
    ]
    names = {"words": "shared/words.js", "reach": "live/reach.js", "changes": "live/changes.js", "verdict": "live/verdict.js"}
    script = SCRIPT % {**{name: (LIVE / file).as_uri() for name, file in names.items()}, "helpers": HELPERS.as_uri()}
    words = {name: {"en": text.en, "ru": text.ru} for name, text in NAMED.items()}
    given = json.dumps({"words": words, "races": asked})
    ended = subprocess.run(
        [node(), "--input-type=module", "--eval", script], input=given, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return [(*one, told) for one, told in zip(held, json.loads(ended.stdout), strict=True)]


def winners(race: Race, epsilon: float) -> list[list[Trace]]:
    return [tries[best(tries, epsilon).place] for tries in race]


def test_a_run_reaches_epsilon_in_the_same_record(judged):
    for race, epsilon, _, told in judged:
        assert told["at"] == [-1 if (at := reached(trace["grad_norm_sq"], epsilon)) is None else at for trace, *_ in race[0]]


def test_the_best_of_its_steps_is_the_same_by_the_median_of_its_repeats(judged):
    assert len({place for *_, told in judged for place in told["places"]}) == 3
    for race, epsilon, _, told in judged:
        assert told["places"] == [best(tries, epsilon).place for tries in race]


def test_they_stand_in_the_same_order_and_the_lead_changes_at_the_same_epsilons(judged):
    assert sum(len(told["lead"]) > 1 for *_, told in judged) > 20
    for race, epsilon, axis, told in judged:
        order = standings(winners(race, epsilon), epsilon, axis=axis)
        assert told["order"] == [[one.place, said(one.cost), list(map(said, one.costs))] for one in order]
        assert told["lead"] == [list(change) for change in changes(race, axis=axis)]


def said(cost: float) -> float | str:
    return "inf" if math.isinf(cost) else cost


def test_the_verdict_is_the_same_to_the_letter(judged):
    for race, epsilon, axis, told in judged:
        racers = [
            Racer(same(f"R{at}"), repeats, 0.5 + at, tries)
            for at, (repeats, tries) in enumerate(zip(winners(race, epsilon), race, strict=True))
        ]
        words = verdict(racers, epsilon, axis=axis).words
        assert [told[language] for language in LANGUAGES] == [words(language) for language in LANGUAGES]
    assert len({told["en"].split("R")[0] for *_, told in judged}) > 5  # every kind of outcome is among them
    for words in ("1 start only", "2 starts only", "the factor lies between", "not every time do both"):  # and of how sure it is
        assert sum(words in told["en"] for *_, told in judged) > 10, words


def test_the_usual_epsilon_is_the_same():
    assert browser("live/reach.js")["USUAL_GOAL"] == USUAL_GOAL
