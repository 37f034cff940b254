"""Every dataset at every budget beside each other: the sign of a factor, what is known, what is missing."""

from __future__ import annotations

import math
from itertools import product

import pytest

from ef21lab.choices.text import same
from ef21lab.figures.base import Claim, Outcome, figures
from ef21lab.figures.compared import EQUAL, FEWER, MIXED, MORE, OPEN, Compared, Factor
from ef21lab.figures.overview import KnownCase, overview
from ef21lab.runs.spec import RunSpec

TALK = figures.make("talk")


@pytest.mark.parametrize(
    ("each", "sign"),
    [
        ((0.5, 0.9, 0.99), FEWER),
        ((1.01, 2.0, 3.0), MORE),
        ((0.9, 1.1, 1.2), MIXED),
        ((0.5, 0.9, 1.0), MIXED),
        ((1.0, 1.001, 0.999), EQUAL),
        ((0.5, math.nan, 0.5), OPEN),
        ((0.5, 0.5, math.inf), OPEN),
    ],
)
def test_somebody_needs_fewer_bits_where_that_is_so_from_every_start(each, sign):
    assert Factor(same("HOSVD"), 0.1, each).sign == sign


def test_the_claim_is_asked_of_the_datasets_of_the_literature_at_two_budgets_and_of_ones_own():
    assert {(one.dataset.name, one.ranks) for one in TALK.cases()} == set(
        product(("mushrooms", "digits", "phishing", "a9a", "w8a"), (1, 2))
    )
    own = TALK.replace(dataset={"name": "breast_cancer"}, ranks=3, rounds=50)
    *others, last = own.cases()
    assert last == own
    assert {one.rounds for one in others} == {50}
    assert figures.make("divergence").cases() == ()


def holding(holds):
    return Claim(same(""), same(""), holds)


def known(figure):
    """Mushrooms are computed, digits half of them, of the others there are no data."""
    if figure.dataset.name == "mushrooms":
        factors = Factor(same("HOSVD"), 1e-3, (0.5, 0.25, 4.0)), Factor(same("ST-HOSVD"), 1e-3, (0.5, 0.25, 0.75))
        return KnownCase(figure, Outcome((holding(True), holding(figure.ranks == 1)), (), compared=Compared(same("Top-k"), 400.0, factors)))
    if figure.dataset.name == "digits":
        runs = tuple(RunSpec.make({"seed": seed}) for seed in range(4))
        return KnownCase(figure, None, runs, runs[1:], seconds=119.0)
    return KnownCase(figure, None, absence=same("not here"))


def test_a_row_says_the_factor_its_spread_and_its_sign_or_what_is_missing():
    found = overview(TALK, known)
    table = found.table()
    rows = [[cell.en for cell in row] for row in table.rows]
    assert [cell.en for cell in table.head[1:]] == ["HOSVD", "ST-HOSVD"]
    assert rows[0] == ["Mushrooms, ranks 1", "×0.5 (0.25\u00a0…\u00a04), depends on the start", "×0.5 (0.25\u00a0…\u00a00.75), fewer bits"]
    assert rows[2][:2] == ["Digits, ranks 1", "3 of 4 runs to compute, about 2 minutes on one core"]
    assert rows[-1][1] == "not here"
    assert {len(row) for row in rows} == {len(table.head)} == {len(table.sides)}
    assert table.rows[2][1].ru == "осталось посчитать 3 из 4\u00a0запусков, примерно 2\u00a0минуты на одном ядре"


def test_the_answer_is_in_how_many_cases_the_claim_holds():
    assert overview(TALK, known).answer.en == "Of 2 cases that are computed (10 in all) Top-k is kept up with by HOSVD in 2, ST-HOSVD in 1."
    assert overview(TALK, lambda figure: KnownCase(figure, None)).answer is None


def test_a_frame_has_a_row_for_every_contender_that_is_known():
    frame = overview(TALK, known).frame()
    assert frame.columns.tolist() == ["dataset", "ranks", "who", "factor", "least", "most", "goal", "sign"]
    assert frame.iloc[1].tolist() == ["mushrooms", 1, "ST-HOSVD", 0.5, 0.25, 0.75, 1e-3, "fewer bits"]
    assert len(frame) == 4


def test_where_nothing_is_known_a_table_has_one_column_of_what_it_takes():
    found = overview(TALK, lambda figure: KnownCase(figure, None, absence=same("not here")))
    assert found.frame().empty
    assert {len(row) for row in found.table().rows} == {2}
