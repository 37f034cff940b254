"""A band in the browser is that of the library: the median and the quantiles of the repeats wherever one of them has a record."""

from __future__ import annotations

import inspect
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ef21lab.runs.record import kept_names
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.sweeps.bands import band
from tests.web.test_contract import browser
from tests.web.test_js import node

CHART = Path(__file__).parents[2] / "ef21lab" / "web" / "assets" / "chart"
HELPERS = Path(__file__).parent / "js" / "helpers.mjs"
SCRIPT = """
import { bandOf } from "%(band)s";
import { runOf } from "%(helpers)s";
const number = (value) => (value === null ? NaN : value === "inf" ? Infinity : value);
const told = JSON.parse(await new Response(process.stdin).text()).map((repeats) => {
  const runs = repeats.map(({ values, bits, ...more }) => runOf(values.map(number), { columns: { bits_up: bits }, ...more }));
  const found = bandOf(runs, { name: "grad_norm_sq", axis: "bits_up" });
  return Object.fromEntries(Object.entries(found).map(([name, values]) => [name, values.map((one) => (one === Infinity ? "inf" : one))]));
});
console.log(JSON.stringify(told));
"""


ENDS = RunSpec.make({"stop_at": 1e-3})


def made(rng: np.random.Generator, alike: bool) -> Trace:
    """A made-up run; where not all are alike, of a length and of prices of its own. One in five overflows, others end at 10⁻³."""
    rows = 12 if alike else int(rng.integers(1, 12))
    bits = np.arange(1.0, rows + 1) if alike else np.cumsum(rng.integers(1, 6, rows)).astype(float)
    heights = 10.0 ** rng.integers(-6, 2, rows).astype(float)
    if rows > 1 and rng.random() < 0.2:
        heights[-1] = rng.choice([np.inf, np.nan])
    columns = {name: np.zeros(rows) for name in kept_names()} | {"bits_up": bits, "grad_norm_sq": heights}
    return Trace(columns, np.zeros((rows, 1)), spec=None if alike else ENDS)


@pytest.fixture(scope="module")
def drawn() -> list[tuple[list[Trace], dict[str, list[Any]]]]:
    rng = np.random.default_rng(5)
    groups = [[made(rng, alike=bool(at % 2)) for _ in range(rng.integers(2, 11))] for at in range(300)]
    asked = [
        [
            {
                "values": [None if np.isnan(one) else "inf" if np.isinf(one) else one for one in trace["grad_norm_sq"]],
                "bits": trace["bits_up"].tolist(),
                "diverged": len(trace) - 1 if trace.diverged else None,
                "stop": 0.0 if trace.spec is None else trace.spec.stop_at,
            }
            for trace in repeats
        ]
        for repeats in groups
    ]
    script = SCRIPT % {"band": (CHART / "band.js").as_uri(), "helpers": HELPERS.as_uri()}
    command = [node(), "--input-type=module", "--eval", script]
    ended = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    return list(zip(groups, json.loads(ended.stdout), strict=True))


def test_the_band_of_the_browser_is_that_of_the_library(drawn):
    assert sum(any(trace.diverged for trace in repeats) for repeats, _ in drawn) > 100
    assert sum(any(trace.stopped_at for trace in repeats) for repeats, _ in drawn) > 100
    assert sum(all(trace.stopped_at for trace in repeats) for repeats, _ in drawn) > 3
    for repeats, told in drawn:
        expected = band({}, repeats, points=None)
        for name, values in (("x", expected.x), ("median", expected.median), ("low", expected.low), ("high", expected.high)):
            assert told[name] == ["inf" if np.isinf(value) else value for value in values], name


def test_and_that_of_numpy_at_every_round(drawn):
    """Where all have the same records it is a quantile of every row."""
    alike = [(repeats, told) for repeats, told in drawn if all(len(trace) == 12 and not trace.diverged for trace in repeats)]
    assert len(alike) > 20
    for repeats, told in alike:
        values = np.stack([trace["grad_norm_sq"] for trace in repeats])  # (repeats, rounds)
        for name, quantile in (("low", 0.25), ("high", 0.75)):
            assert told[name] == np.quantile(values, quantile, axis=0, method="inverted_cdf").tolist()
        assert told["median"] == np.median(values, axis=0).tolist()


def test_its_quantiles_are_those_that_the_library_takes():
    assert tuple(browser("chart/band.js")["QUANTILES"]) == inspect.signature(band).parameters["quantiles"].default
