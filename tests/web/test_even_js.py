"""The break-even bandwidth that the cards name is that of the library, and it is said in a unit of its size."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from ef21lab.clocks.base import Clock
from ef21lab.clocks.even import faster, spent
from ef21lab.runs.reach import reached
from tests.web.test_js import node

LIVE = Path(__file__).parents[2] / "ef21lab" / "web" / "assets" / "live"
HELPERS = Path(__file__).parent / "js" / "helpers.mjs"
SCRIPT = """
import { evenWords, typically } from "%(even)s";
import { runOf } from "%(helpers)s";
const { races, said } = JSON.parse(await new Response(process.stdin).text());
const run = ({ values, columns, clock }) => Object.assign(runOf(values, { columns }), { clock });
const out = (value) => (value === Infinity ? "inf" : value);
const between = races.map(([own, other, epsilon]) => {
  const found = typically(own.map(run), other.map(run), epsilon);
  return [out(found.low), out(found.high)];
});
const words = said.map(([low, high, width]) => ["en", "ru"].map((language) => evenWords({ low, high: high ?? Infinity }, width, language)));
console.log(JSON.stringify({ between, words }));
"""
COLUMNS = ("round", "bits_up", "bits_down", "seconds")


def told(given: dict[str, Any]) -> dict[str, Any]:
    script = SCRIPT % {"even": (LIVE / "even.js").as_uri(), "helpers": HELPERS.as_uri()}
    command = [node(), "--input-type=module", "--eval", script]
    ended = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    return dict(json.loads(ended.stdout))


def made(rng: np.random.Generator, price: float) -> tuple[dict[str, np.ndarray], np.ndarray, Clock]:
    """A run that falls, with prices and a network of its own."""
    rows = 8
    columns = {
        "round": np.arange(float(rows)),
        "bits_up": price * np.arange(1, rows + 1),
        "bits_down": 32.0 * np.arange(1, rows + 1),
        "seconds": np.cumsum(rng.random(rows)),
    }
    return columns, 10.0 ** -np.cumsum(rng.integers(0, 3, rows)).astype(float), Clock(*rng.choice([0.0, 0.5, 1.0, 2.0], 4))


def test_it_is_that_of_the_library_the_median_over_the_repeats() -> None:
    rng = np.random.default_rng(3)
    races, expected = [], []
    for _ in range(200):
        n, epsilon = int(rng.integers(1, 5)), 10.0 ** -int(rng.integers(0, 8))
        sides = [[made(rng, price) for _ in range(n)] for price in (rng.choice([2.0, 40.0]), 30.0)]
        races.append(
            (
                *(
                    [{"values": h.tolist(), "columns": {k: c[k].tolist() for k in COLUMNS}, "clock": k2._asdict()} for c, h, k2 in side]
                    for side in sides
                ),
                epsilon,
            )
        )
        parts = [[spent(clock, columns, reached(heights, epsilon)) for columns, heights, clock in side] for side in sides]
        between = [faster(own, other) for own, other in zip(*parts, strict=True)]
        expected.append([float(np.median([one.low for one in between])), float(np.median([one.high for one in between]))])
    found = told({"races": races, "said": []})["between"]
    kinds = {(low == 0, high == 0, np.isinf(high)) for low, high in expected}
    assert len(kinds) > 3
    for one, (low, high) in zip(found, expected, strict=True):
        assert one[0] == low or abs(one[0] - low) <= 1e-12 * abs(low)
        assert one[1] == ("inf" if np.isinf(high) else one[1])
        assert np.isinf(high) or abs(one[1] - high) <= 1e-12 * abs(high)


def test_it_is_said_in_a_unit_of_its_size() -> None:
    said = [(0, 0.5, 100.0), (0, 25.0, 100.0), (0, 1e-5, 100.0), (2.0, None, 100.0), (0, None, 1.0), (0, 0, 1.0)]
    english, russian = zip(*told({"races": [], "said": said})["words"], strict=True)
    assert [words.rpartition("compression ")[2] for words in english[:4]] == [
        "below 50\u00a0Mbit/s",
        "below 2.5\u00a0Gbit/s",
        "below 1\u00a0kbit/s",
        "above 200\u00a0Mbit/s",
    ]
    assert english[4:] == ("at any bandwidth sooner than without compression", "at no bandwidth sooner than without compression")
    assert russian[1] == "быстрее, чем без сжатия, если линия медленнее 2,5\u00a0Гбит/с"
