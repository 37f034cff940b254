"""The experiment page without a browser: every control, both languages, links good and bad, and what is taken home."""

from __future__ import annotations

import ast
import contextlib
import csv
import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import ef21lab
from ef21lab.compressors.base import compressors
from ef21lab.datasets.base import PerNode, datasets
from ef21lab.jobs.lab import Lab, the_lab
from ef21lab.runs.spec import RunSpec
from ef21lab.ui.experiment.contenders import LETTERS
from ef21lab.ui.experiment.take_away import OPEN, shell_line
from tests.pages.apps import address, ran

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("lab")]

ROOT = Path(__file__).parents[2]
PAGE = str(ROOT / "pages" / "experiment.py")
LANGUAGES = ("en", "ru")
QUICK = {"rounds": "3"}
OTHERWISE = {"number_input": 7, "slider": 3}


def whose(app: AppTest) -> Any:
    """The menu of whose run is taken away: a new one for other names."""
    return next(menu for menu in app.selectbox if menu.key.startswith("take.away"))


def page(**query: str) -> AppTest:
    """The page at this address, run once, with what is taken home in sight."""
    app = AppTest.from_file(PAGE, default_timeout=120)
    app.query_params.update(query)
    app.session_state[OPEN] = True
    return ran(app)


def taken_spec(app: AppTest) -> dict[str, Any]:
    """The contender whose lines are shown, as the link in them says it."""
    (spec,) = ef21lab.specs(linked(app.code[0].value))
    return dict(spec.json())


def linked(line: str) -> str:
    """The link in a command, as a shell reads it."""
    link = line.removeprefix("python -m ef21lab run").rpartition(" --csv")[0]
    shell = subprocess.run(["sh", "-c", f"printf %s {link}"], capture_output=True, text=True, check=True)
    return shell.stdout


def certificates(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption if "γ = " in caption.value]


def adding(app: AppTest) -> Any:
    """The button that adds a contender."""
    return app.button(key="add")


def changeable(app: AppTest) -> list[tuple[str, Any]]:
    """Every control but the language and the ready-made settings, and something else to set it to."""
    found: list[tuple[str, Any]] = []
    for menu in app.selectbox:
        found += [(str(menu.key), ("select_index", place)) for place in range(min(len(menu.options), 3))]
    for kind in ("number_input", "slider"):
        found += [(str(control.key), ("set_value", OTHERWISE[kind])) for control in app.get(kind)]
    for control in app.select_slider:
        found += [(str(control.key), ("set_value", float(control.options[0].lstrip("×"))))]
    found += [(str(control.key), ("set_value", "gap" if control.key == "metric" else "seconds")) for control in app.segmented_control]
    return [(key, change) for key, change in found if key not in ("lang", "setting")]


def control(app: AppTest, key: str) -> Any:
    kinds = ("selectbox", "number_input", "slider", "select_slider", "segmented_control")
    return next(element for kind in kinds for element in app.get(kind) if element.key == key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_default_screen_races_three_contenders(language: str) -> None:
    app = page(lang=language)
    assert len(certificates(app)) == 3
    assert not app.warning
    assert not app.error


def test_what_stands_under_a_contender_is_what_describe_says() -> None:
    app = page(**QUICK)
    for place, caption in enumerate(certificates(app)):
        whose(app).select_index(place)
        described = ef21lab.describe(taken_spec(ran(app)))
        assert f"α = {described['alpha']:.3g}" in caption
        assert f"γ = {described['gamma']:.3g}" in caption
        assert f"{described['floats_per_round']:,.0f} floats" in caption
        assert f"{described['bits_per_round']:,.0f} bits" in caption


def test_a_missing_certificate_is_said_with_its_reason() -> None:
    app = page(race="d", **QUICK)
    [caption] = certificates(app)
    assert "no certificate" in caption
    described = ef21lab.describe(taken_spec(app))
    assert described["alpha"] is None
    reason = compressors.make(taken_spec(app)["compressor"]).fitted(((112,),)).alpha_reason(112).en
    assert reason in [caption.value for caption in app.caption]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_control_can_be_changed(language: str) -> None:
    app = page(lang=language, race="ab", **QUICK)
    for key, (method, value) in changeable(app):
        with contextlib.suppress(StopIteration):  # a control that an earlier change has taken away
            getattr(control(app, key), method)(value)
            ran(app)
            assert certificates(app) or app.error or app.warning, key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(datasets.members))
def test_every_dataset_is_shown_or_its_absence_is_said(name: str, language: str) -> None:
    dataset = datasets.make(name)
    nodes = {"partition.contiguous.nodes": str(dataset.usual_nodes)} if isinstance(dataset, PerNode) else {}
    app = page(dataset=name, lang=language, race="a", **nodes, **QUICK)
    if dataset.absence() is None:
        assert len(certificates(app)) == 1 or app.warning
        assert not app.error
    else:
        assert app.error
        assert address(app)["race"] == "a"  # the rest of the link is kept


@pytest.mark.parametrize("name", list(compressors.members))
def test_every_compressor_races(name: str) -> None:
    app = page(a=name, race="a", **QUICK)
    assert taken_spec(app)["compressor"]["name"] == name
    assert len(certificates(app)) == 1


@pytest.mark.parametrize(("language", "words"), [("en", "must be"), ("ru", "а нужно")])
def test_what_a_link_gets_wrong_is_said_and_the_rest_is_kept(language: str, words: str) -> None:
    bad = {"rounds": "-5", "a": "bogus", "b.st_hosvd.ranks": "nan", "c.step.theory.multiple": "0", "metric": "x"}
    app = AppTest.from_file(PAGE, default_timeout=120)
    app.query_params.update({**bad, "lang": language, "race": "abc", "seed": "3"})
    app.session_state[OPEN] = True
    ran(app)
    said = [warning.value for warning in app.warning]
    for came in ("'-5'", "'bogus'", "'nan'", "'0'", "'x'"):
        assert any(came in one and words in one for one in said), came
    assert address(app)["seed"] == "3"
    assert taken_spec(app)["seed"] == 3
    assert taken_spec(app)["rounds"] == 400
    assert len(certificates(app)) == 3


def test_letters_that_no_contender_has_are_said() -> None:
    app = page(race="axyz", **QUICK)
    assert any("'axyz'" in warning.value for warning in app.warning)
    assert len(certificates(app)) == 1


def test_contenders_are_added_up_to_six_and_removed_down_to_one() -> None:
    app = page(**QUICK)
    for count in (4, 5, 6):
        adding(app).click()
        assert len(certificates(ran(app))) == count
    assert "add" not in [button.key for button in app.button]
    assert address(app)["race"] == LETTERS
    for letter in LETTERS[:-1]:
        app.button(key=f"remove.{letter}").click()
        ran(app)
    assert len(certificates(app)) == 1
    assert app.button(key="remove.f").disabled


def test_a_contender_that_comes_back_is_as_it_was_left() -> None:
    app = page(**QUICK)
    app.slider(key="a.top_k.k").set_value(9)
    ran(app).button(key="remove.a").click()
    assert "a.top_k.k" not in address(ran(app))
    adding(app).click()
    assert ran(app).slider(key="a.top_k.k").value == 9


@pytest.mark.parametrize(("language", "words"), [("en", "at most 10"), ("ru", "не больше 10")])
def test_a_refused_run_shows_why(language: str, words: str, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "limits", type(lab.limits)(gradient_floats=10))
    app = page(lang=language, race="a", seed="77", **QUICK)
    assert len(app.error) == 1
    assert re.search("2.?240", app.error[0].value)  # 20 nodes of 112 coordinates
    assert words in app.error[0].value


def test_a_link_made_in_russian_opens_in_english_with_the_same_runs() -> None:
    made = page(lang="ru", **QUICK)
    made.slider(key="a.top_k.k").set_value(11)
    made.selectbox(key="b.st_hosvd.dims").select_index(1)
    link = address(ran(made))
    link.pop("lang")
    opened = page(**link)
    for place in range(3):
        whose(made).select_index(place)
        whose(opened).select_index(place)
        assert taken_spec(ran(made)) == taken_spec(ran(opened))


def test_the_shown_lines_make_the_same_run() -> None:
    app = page(race="b", **QUICK)
    spec = RunSpec.make(taken_spec(app))
    assert the_lab().spec(spec.key) == spec
    [call] = [node for node in ast.walk(ast.parse(app.code[1].value)) if isinstance(node, ast.Call)]
    assert RunSpec.make(ast.literal_eval(call.args[0])).key == spec.key
    expected = ef21lab.run(spec)["grad_norm_sq"]
    names: dict[str, Any] = {}
    exec(app.code[1].value, names)
    assert list(names["trace"]["grad_norm_sq"]) == list(expected)


def test_the_command_line_shown_makes_the_same_run(tmp_path: Path) -> None:
    app = page(race="a", **QUICK)
    line = app.code[0].value.replace("python -m", f"'{sys.executable}' -m")
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO((tmp_path / "run.csv").read_text())))
    assert [float(row["loss"]) for row in rows] == list(ef21lab.run(taken_spec(app))["loss"])


def test_lines_of_code_come_once_they_are_to_be_seen() -> None:
    """What colours them in the browser is as large as the chart, and would be loaded before it."""
    app = AppTest.from_file(PAGE, default_timeout=120)
    app.query_params.update(QUICK)
    assert len(ran(app).code) == 0
    app.session_state[OPEN] = True
    assert len(ran(app).code) == 2


def test_the_x_that_is_taken_home_is_that_of_the_chosen_contender(tmp_path: Path) -> None:
    app = page(race="a", **QUICK)
    links = [link.proto.url for link in app.get("link_button")]
    key = RunSpec.make(taken_spec(app)).key
    assert f"/api/runs/{key}/x.npy" in "".join(links)


def test_the_command_line_survives_any_file_name() -> None:
    spec = RunSpec.make({"dataset": {"name": "libsvm", "file": 'it\'s "Ж" $HOME.txt'}})
    assert ef21lab.specs(linked(shell_line(spec))) == [spec]


@pytest.mark.parametrize(("language", "words"), [("en", "γL = 4, above 2: "), ("ru", "γL = 4, больше 2: ")])
def test_a_step_at_which_even_exact_gradients_may_lead_uphill_is_said_at_its_contender(language: str, words: str) -> None:
    """Uncompressed EF21 takes 1/L, and so four times that is beyond 2/L; twice it is not."""
    said = {
        multiple: [caption.value for caption in page(race="c", lang=language, **QUICK, **{"c.step.theory.multiple": multiple}).caption]
        for multiple in ("2", "4")
    }
    assert [caption for caption in said["4"] if caption.startswith(words)]
    assert not [caption for caption in said["2"] if caption.startswith("γL")]
