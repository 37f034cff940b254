"""Odd addresses of every page: none ends in a traceback or says "nan", and what a page wrote opens as it was.

`make nightly` tries EF21LAB_FUZZ of them, from number EF21LAB_FUZZ_FROM on.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ef21lab.choices.spec import Spec
from ef21lab.datasets.base import Dataset
from ef21lab.ui.experiment.take_away import OPEN
from tests import draws

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("lab")]

PAGES = Path(__file__).parents[2] / "pages"
NAMES = tuple(sorted(page.stem for page in PAGES.glob("*.py")))
BLOCK = 50  # addresses of one test
AGAIN = 10  # of so many addresses one is opened again
WRITTEN_IN = ("caption", "markdown", "warning", "error", "info", "metric")
GROWING = ("runs.pick.", "reach", "shows", "case", "seen")  # the list of runs; the figures of a sweep
CONTROLS = ("selectbox", "slider", "select_slider", "number_input", "text_input", "toggle", "checkbox", "segmented_control")
UNDEFINED = re.compile(r"(?<![\w`=(\\{])[-−]?(nan|inf)(?![\w`(])")
SOMEBODY_ELSES = re.compile(
    r"""“[^”]*”|«[^»]*»|\(\w[\w.]*=[^)]*\)|'[^']*'|"[^"]*\""""
)  # who(field=what came), 'what came', “a control's label”


def blocks() -> list[range]:
    wanted = draws.numbers(100)
    return [range(first, min(first + BLOCK, wanted.stop)) for first in range(wanted.start, wanted.stop, BLOCK)]


def quick(kind: type[Spec]) -> bool:
    """Datasets that are small where their fields are, and those that are whatever the address names."""
    return (kind.absence is Dataset.absence and kind.name not in ("mushrooms", "digits", "mnist", "breast_cancer")) or kind.name in BROUGHT


BROUGHT = ("uploaded", "table", "libsvm")


def opened(page: str, address: dict[str, str]) -> AppTest:
    app = AppTest.from_file(str(PAGES / f"{page}.py"), default_timeout=120)
    app.query_params.update(address)
    app.session_state[OPEN] = True
    app.run()
    assert not app.exception, f"{page}: {address}: {[one.message for one in app.exception]}"
    return app


def written(app: AppTest) -> dict[str, str]:
    return {name: value if isinstance(value, str) else value[0] for name, value in app.query_params.items()}


def shown(app: AppTest) -> dict[str, object]:
    """What every control shows but those of what is computed already, which grows while other tests run."""
    return {str(control.key): control.value for kind in CONTROLS for control in app.get(kind) if not str(control.key).startswith(GROWING)}


def undefined(app: AppTest) -> list[str]:
    """What is said on the page of numbers that are none."""
    said = [str(element.value) for kind in WRITTEN_IN for element in app.get(kind)]
    return [words for words in said if UNDEFINED.search(SOMEBODY_ELSES.sub("", words))]


@pytest.mark.parametrize("block", blocks(), ids=str)
@pytest.mark.parametrize("page", NAMES)
def test_an_odd_address_opens_or_is_answered_in_words(page: str, block: range) -> None:
    for number in block:
        address = draws.address(page, random.Random(f"{page} {number}"), quick)
        app = opened(page, address)
        assert not undefined(app), f"{page}: {address}"
        if number % AGAIN == 0:
            again = opened(page, written(app))
            assert written(again) == written(app), f"{page}: {address}"
            assert shown(again) == shown(app), f"{page}: {address}"


BROKE = {
    "α of EF21-PP rounds to zero": (
        "theory",
        {
            "race": "a",
            "a.method": "ef21_pp",
            "a.method.ef21_pp.p": "5e-324",
            "rounds": "3",
            "dataset": "diabetes",
            "objective": "least_squares",
        },
    ),
    "squares of L round to zero": (
        "experiment",
        {"dataset": "quadratic", "dataset.quadratic.smoothness": "5e-324", "race": "a", "a.method": "ef21_sgdm", "rounds": "3"},
    ),
    "f is a multiple of ‖x‖²": (
        "experiment",
        {"dataset": "quadratic", "dataset.quadratic.heterogeneity": "1", "dataset.quadratic.mu_share": "1", "race": "a", "rounds": "3"},
    ),
    "no number of coordinates to round": (
        "microscope",
        {"operator": "then", "operator.then.first": "st_hosvd", "operator.then.first.st_hosvd.error": "0.5"},
    ),
}


@pytest.mark.parametrize(("page", "address"), BROKE.values(), ids=BROKE)
def test_an_address_that_broke_a_page(page: str, address: dict[str, str]) -> None:
    app = opened(page, address)
    assert not undefined(app)
    assert written(opened(page, written(app))) == written(app)


@pytest.mark.parametrize("page", NAMES)
@pytest.mark.parametrize(
    "beside", [{}, {"a.zz": "1", "lang": "ru"}, {"rounds": "7"}, {"v": "1"}], ids=lambda beside: "-".join(beside) or "alone"
)
def test_a_setting_stands_for_all_it_sets_only_where_nothing_is_said_beside_it(page: str, beside: dict[str, str]) -> None:
    first = opened(page, {"setting": "theory", **beside})
    again = opened(page, written(first))
    assert (written(again), shown(again)) == (written(first), shown(first))
    assert (written(first).get("objective") == "logistic_ridge") == (not {"rounds", "v"} & set(beside))
