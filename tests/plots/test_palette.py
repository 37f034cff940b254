"""What the palette promises: a colour stays with its compressor, and lines are told apart without it."""

import itertools
import math
import re

import pytest

from ef21lab.algorithms.base import algorithms
from ef21lab.choices.line import DASHES
from ef21lab.compressors.base import compressors
from ef21lab.plots.figures import THEMES
from ef21lab.plots.palette import color_of, lines

METHODS = [method for method in algorithms.members.values() if not method.drawn_as_message]
OPERATORS = list(compressors.members.values())
BACKGROUNDS = {"light": "#ffffff", "dark": "#0e1117"}


class Unheard:
    """One more member, which declares no line."""

    line = None

    def __init__(self, name):
        self.name = name


def drawn(names):
    return lines([compressors.members.get(name) or Unheard(name) for name in names])


def test_a_compressor_has_one_colour_in_any_company():
    for operator in OPERATORS:
        alone, beside = lines([operator, compressors.members["identity"]])[0], lines([Unheard("unheard_of"), operator])[1]
        assert {alone.color, beside.color, color_of(operator)} == {color_of(operator)}


@pytest.mark.parametrize(
    "names", [["top_k"] * 6, ["top_k", "st_hosvd", "identity", "hosvd", "top_k", "new_one"], ["a", "b", "c", "d", "e", "f"]]
)
def test_six_contenders_are_told_apart_in_grey(names):
    assert len({line.dash for line in drawn(names)}) == 6


def test_contenders_with_one_compressor_differ_in_shade():
    assert len({line.color for line in drawn(["st_hosvd"] * 6)}) == 6


def test_every_method_has_a_colour_of_its_own():
    assert len({color_of(method) for method in METHODS}) == len(METHODS)


def test_a_declared_line_is_a_colour_and_a_dash():
    for member in (*OPERATORS, *METHODS):
        if member.line:
            assert re.fullmatch("#[0-9A-F]{6}", member.line.color)
            assert member.line.dash in DASHES


def test_lines_stand_out_from_both_backgrounds():
    for member, background in itertools.product([*OPERATORS, *METHODS], BACKGROUNDS.values()):
        assert contrast(color_of(member), background) > 2.2, member.name


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.1."""
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(color: str) -> float:
    channels = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else math.pow((value + 0.055) / 1.055, 2.4) for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colors", THEMES.values(), ids=list(THEMES))
def test_the_star_of_the_best_cell_stands_out_from_the_cell(colors):
    assert contrast(colors.background, colors.signed[0]) > 4.5
