"""Curves as plain SVG: where each point lies, by the definition of the two axes."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from ef21lab.choices.line import DASHES, Line
from ef21lab.plots.figures import Points
from ef21lab.plots.sketch import Sketched, sketch


def curve(x: list[float], y: list[float], color: str = "#123456", dash: str = "solid", faint: bool = False) -> Sketched:
    return Sketched(Points(np.array(x, float), np.array(y, float)), Line(color, dash), faint)


def drawn(*curves: Sketched) -> ElementTree.Element:
    return ElementTree.fromstring(sketch(curves, "en"))


def lines(tree: ElementTree.Element) -> dict[str, np.ndarray]:
    found = tree.iter("polyline")
    return {one.get("stroke", ""): np.array([place.split(",") for place in one.get("points", "").split()], float) for one in found}


def percent(node: ElementTree.Element, side: str) -> float:
    return float(re.fullmatch(rf"{side}:([\d.]+)%", node.get("style", ""))[1])


def test_equal_factors_are_equal_heights_and_equal_steps_equal_widths() -> None:
    found = lines(drawn(curve([0, 10, 20, 40], [1e3, 1e1, 1e-1, 1e-5])))["#123456"]
    x, y = found.T
    assert x == pytest.approx([0, 250, 500, 1000], abs=1)
    assert np.diff(y)[0] == pytest.approx(np.diff(y)[1], abs=2)
    assert np.diff(y)[2] == pytest.approx(2 * np.diff(y)[0], abs=2)


def test_a_decade_is_named_at_the_height_of_a_curve_that_lies_on_it() -> None:
    tree = drawn(curve([0, 100], [1.0, 1e-6]), curve([0, 100], [1e-2, 1e-2], "#654321"))
    names = {node.text: percent(node, "top") for node in tree.iter("span") if node.get("class") == "tick y"}
    assert set(names) == {"10⁰", "10⁻¹", "10⁻²", "10⁻³", "10⁻⁴", "10⁻⁵", "10⁻⁶"}
    assert names["10⁻²"] == pytest.approx(lines(tree)["#654321"][0, 1] / 10, abs=0.1)


def test_numbers_below_stand_where_they_say() -> None:
    tree = drawn(curve([0, 48_000], [1.0, 0.1]))
    found = {node.text: percent(node, "left") for node in tree.iter("span") if node.get("class") == "tick x"}
    assert found == pytest.approx({"0": 0, "10,000": 100 / 4.8, "20,000": 200 / 4.8, "30,000": 300 / 4.8, "40,000": 400 / 4.8}, abs=0.01)


def test_on_a_logarithmic_axis_equal_factors_are_equal_widths() -> None:
    tree = ElementTree.fromstring(sketch([curve([0, 10, 100, 10_000], [1.0, 1.0, 0.1, 0.01])], "en", log_x=True))
    assert lines(tree)["#123456"][:, 0] == pytest.approx([0, 1000 / 3, 1000], abs=1)  # 0 lies nowhere on it
    found = {node.text: percent(node, "left") for node in tree.iter("span") if node.get("class") == "tick x"}
    assert found == pytest.approx({"10¹": 0, "10²": 100 / 3, "10³": 200 / 3, "10⁴": 100}, abs=0.01)


def test_a_faint_curve_lies_behind_and_may_leave_at_the_top() -> None:
    tree = drawn(curve([0, 1], [1.0, 0.1]), curve([0, 1], [1.0, 1e9], "#654321", faint=True))
    assert [one.get("class") for one in tree.iter("polyline")] == ["faint", "curve"]
    assert lines(tree)["#654321"][1, 1] < 0 < lines(tree)["#123456"][0, 1] < 100


@pytest.mark.parametrize("dash", DASHES)
def test_every_dash_has_a_pattern_of_its_own(dash: str) -> None:
    patterns = {name: next(drawn(curve([0, 1], [1, 2], dash=name)).iter("polyline")).get("stroke-dasharray") for name in DASHES}
    assert list(patterns.values()).count(patterns[dash]) == 1


def test_a_long_curve_keeps_its_ends_and_a_flat_one_has_a_picture() -> None:
    x = np.arange(1, 100_001)
    kept = lines(drawn(curve(list(x), list(1.0 / x))))["#123456"]
    assert len(kept) <= 400
    assert kept[-1, 0] == 1000
    assert math.isfinite(kept[:, 1].sum())
    assert len(lines(drawn(curve([0, 0], [2.0, 2.0])))["#123456"]) == 2


def test_without_points_there_is_no_picture() -> None:
    assert sketch([], "en") == sketch([curve([], [])], "ru") == sketch([curve([0, 1], [1, 2], faint=True)], "en") == ""
