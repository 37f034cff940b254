"""Of f the chart says what it is measured from: on its axis and under it, in both languages."""

from __future__ import annotations

import pytest

from tests.jobs.conftest import until
from tests.web.view import POINTS, data_of

pytestmark = pytest.mark.browser

TITLE = "document.querySelector('.ef21-plot')?.layout?.yaxis?.title?.text"
CAPTION = "(document.querySelector('.ef21-theory')?.innerText ?? '')"
LAST = "document.querySelector('.ef21-plot').data[0].y.at(-1)"


@pytest.fixture
def gap_of(open_view, source):
    """The chart of f for runs of these objectives."""

    def begin(language, *parts):
        common = {"rounds": 60, "partition": {"name": "contiguous", "nodes": 3}, "dataset": "breast_cancer"}
        keys = [source.start({**common, **part}) for part in parts]
        until(lambda: all(source.status(key).state == "done" for key in keys))
        view = open_view(data_of(*keys, metric="gap", language=language, dims=None))
        view.until(f"{POINTS} > 10")
        return view, keys

    return begin


RIDGE = {"objective": {"name": "logistic_ridge", "lam": 0.1}}
NONCONVEX = {"objective": {"name": "logistic_nonconvex", "lam": 0.1}}


@pytest.mark.parametrize(
    ("language", "axis", "words"),
    [("en", "f(x) − f*, log scale", "f* was found to within"), ("ru", "f(x) − f*, лог. шкала", "f* найдено с точностью до")],
)
def test_where_f_star_is_found_the_gap_is_from_it(gap_of, source, language, axis, words):
    view, (key,) = gap_of(language, RIDGE)
    view.until(f"{CAPTION}.includes('{words}')")
    view.until(f"{TITLE} === '{axis}'")
    assert "10⁻" in view(CAPTION)
    said = source.guarantees(key)
    assert view(LAST) == pytest.approx(source.trace(key)["loss"][-1] - said.floor.level)


@pytest.mark.parametrize(
    ("language", "axis", "words"),
    [
        ("en", "f(x) − lower bound of f, log scale", "f* is not known for certain. The curve shows f above 0:"),
        ("ru", "f(x) − нижняя оценка f, лог. шкала", "Точное f* неизвестно. Кривая показывает, насколько f выше 0:"),
    ],
)
def test_where_it_is_not_the_gap_is_from_a_lower_bound(gap_of, source, language, axis, words):
    view, (key,) = gap_of(language, NONCONVEX)
    view.until(f"{CAPTION}.includes('{words}')")
    view.until(f"{TITLE} === '{axis}'")
    assert view(LAST) == source.trace(key)["loss"][-1]


def test_runs_that_are_measured_differently_are_named(gap_of):
    view, _ = gap_of("en", RIDGE, {**RIDGE, "algorithm": {"name": "ef21_prox", "l1": 0.01}})
    view.until(f"{CAPTION}.includes('Run 1: f* was found') && {CAPTION}.includes('Run 2: f* is not known for certain')")
