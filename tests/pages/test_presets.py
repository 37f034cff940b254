"""Ready-made settings: one choice sets every control, a link carries it, and the runs show what the sentence says."""

from __future__ import annotations

import shlex
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import ef21lab
from ef21lab.address import versions
from ef21lab.address.network_presets import NETWORK_PRESETS
from ef21lab.address.presets import PRESETS
from ef21lab.address.writing import words_of_preset
from ef21lab.choices.text import Text
from ef21lab.problems.networks.base import absence
from ef21lab.ui.experiment.take_away import OPEN

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("lab")]

SEEN = ("feedback", "layers")  # of the settings with networks: one for each kind of them
PAGE = str(Path(__file__).parents[2] / "pages" / "experiment.py")
NAMES = [name for name in PRESETS if name not in NETWORK_PRESETS or (name in SEEN and absence() is None)]
BACK = "Back to this setting"


def page(**query: str | list[str]) -> AppTest:
    app = AppTest.from_file(PAGE, default_timeout=120)
    app.query_params.update(query)
    app.session_state[OPEN] = True
    return ran(app)


def ran(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def chosen(app: AppTest, name: str) -> AppTest:
    control(app, "selectbox", "setting").set_value(name)
    return ran(app)


def control(app: AppTest, kind: str, key: str) -> Any:
    """A control by its place in the address; after @ its widget's name says how often it was drawn anew."""
    [found] = [control for control in app.get(kind) if str(control.key).partition("@")[0] == key]
    return found


def taken(app: AppTest) -> Any:
    """The menu of whose run is taken away: a new one for other names."""
    return next(menu for menu in app.selectbox if str(menu.key).startswith("take.away"))


def address(app: AppTest) -> dict[str, str]:
    """What the address holds, but for the version of its defaults."""
    return {name: value if isinstance(value, str) else value[0] for name, value in app.query_params.items() if name != "v"}


def specs(app: AppTest) -> list[dict[str, Any]]:
    """What the contenders of the page are, in their order."""
    found = []
    for place in range(len(taken(app).options)):
        taken(app).select_index(place)
        (spec,) = ef21lab.specs(shlex.split(ran(app).code[0].value)[4])
        found.append(dict(spec.json()))
    return found


def says(app: AppTest, words: Text) -> bool:
    return any(markdown.value in (words.en, words.ru) for markdown in app.markdown)


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


@cache
def traces(name: str) -> list[Any]:
    """The runs of a setting as its page makes them."""
    return [ef21lab.run(spec) for spec in specs(page(setting=name))]


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("name", NAMES)
def test_a_setting_is_understood_to_the_last_code(name: str, language: str) -> None:
    """What the controls show is written back exactly as the setting has it, and nothing is complained of."""
    setting = PRESETS[name]
    app = page(setting=name, lang=language, v=str(versions.VERSION), **words_of_preset(name))
    assert not app.warning
    assert not app.error
    shown = address(app)
    assert shown.pop("setting") == name
    shown.pop("lang", None)
    assert shown == words_of_preset(name)
    assert setting.look_at(language) in [markdown.value for markdown in app.markdown]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
def test_choosing_a_setting_is_opening_its_link(name: str) -> None:
    """Whatever the controls were before; and an address with nothing but its name is enough."""
    untidy = page(dataset="digits", race="bdf", rounds="3", seed="5", axis="bits_up", b="hosvd", **{"b.hosvd.ranks": "3x3x3"})
    picked, linked = chosen(untidy, name), page(setting=name)
    assert address(picked) == address(linked) == {"setting": name, **words_of_preset(name)}
    assert specs(picked) == specs(linked)


def test_from_one_setting_to_the_next_nothing_is_left_over() -> None:
    app = page()
    for name in (*NAMES, *reversed(NAMES)):
        assert address(chosen(app, name)) == {"setting": name, **words_of_preset(name)}
        assert says(app, PRESETS[name].look_at)
        assert BACK not in labels(app)


@pytest.mark.parametrize(
    ("name", "kind", "key", "other"),
    [
        ("divergence", "number_input", "rounds", 7),
        ("stall", "slider", "b.st_hosvd.ranks.2x2x2.0", 2),
        ("classes", "selectbox", "b", "sign"),
    ],
)
def test_a_changed_control_keeps_the_words_and_offers_the_way_back(name: str, kind: str, key: str, other: Any) -> None:
    app = chosen(page(), name)
    control(app, kind, key).set_value(other)
    assert BACK in labels(ran(app))
    assert says(app, PRESETS[name].look_at)
    assert address(app)["setting"] == name
    next(button for button in app.button if button.label == BACK).click()
    assert address(ran(app)) == {"setting": name, **words_of_preset(name)}
    assert BACK not in labels(app)


def test_closing_a_setting_takes_its_words_and_leaves_the_controls() -> None:
    app = chosen(chosen(page(), "stall"), "none")
    assert not says(app, PRESETS["stall"].look_at)
    assert address(app) == words_of_preset("stall")


def test_a_setting_opened_in_russian_stays_in_russian() -> None:
    app = chosen(page(lang="ru"), "classes")
    assert address(app) == {"setting": "classes", "lang": "ru", **words_of_preset("classes")}
    assert PRESETS["classes"].look_at.ru in [markdown.value for markdown in app.markdown]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "“Ready-made settings” to 'bogus'; it must be one of"), ("ru", "«Готовые опыты» указано 'bogus', а нужно одно из")],
)
def test_an_unknown_setting_is_said_in_words(language: str, words: str) -> None:
    app = page(setting="bogus", lang=language, rounds="3")
    [warning] = app.warning
    assert words in warning.value
    assert all(name in warning.value for name in PRESETS)
    assert "setting" not in address(app)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "The link sets “rounds” several times. The last is taken: '7'."),
        ("ru", "В ссылке «rounds» задано несколько раз. Взято последнее: '7'."),
    ],
)
def test_what_a_link_sets_several_times_is_said_until_the_control_is_used(language: str, words: str) -> None:
    app = page(rounds=["3", "7"], lang=language)
    assert [warning.value for warning in app.warning] == [words]
    assert {spec["rounds"] for spec in specs(app)} == {7}
    assert len(app.run().warning) == 1
    control(app, "number_input", "rounds").set_value(60).run()
    assert len(app.warning) == 0


def test_the_landing_page_is_no_setting() -> None:
    app = page()
    assert address(app) == {}
    assert app.selectbox(key="setting").value == "none"
    assert len(specs(app)) == 3


def test_divergence_dcgd_grows_by_its_factor_and_both_error_feedbacks_converge() -> None:
    dcgd, ef14, ef21 = (trace["grad_norm_sq"] for trace in traces("divergence"))
    np.testing.assert_allclose(dcgd[1:] / dcgd[:-1], (1 + 11 * 0.03 / 6) ** 2, rtol=1e-5)
    assert max(ef14[-1], ef21[-1]) < 1e-8 * dcgd[0]
    assert len({trace["floats_up"][-1] for trace in traces("divergence")}) == 1


def test_stall_hosvd_stays_level_and_the_others_converge() -> None:
    hosvd, st_hosvd, train = (trace["grad_norm_sq"] for trace in traces("stall"))
    assert len(set(hosvd)) == 1
    assert max(st_hosvd[-1], train[-1]) < 1e-10 * hosvd[0]


def test_heterogeneity_stops_dcgd_and_ef14_and_leaves_ef21_as_it_is_among_equals() -> None:
    """And among equals all three go down."""
    dcgd, ef14, ef21 = (trace["grad_norm_sq"] for trace in traces("heterogeneity"))
    assert dcgd[-1] > 0.1 * dcgd[0]
    assert ef14[-1] > 100 * ef21[-1]
    alike = [ef21lab.run({**spec, "dataset": {**spec["dataset"], "heterogeneity": 0.0}}) for spec in specs(page(setting="heterogeneity"))]
    ends = [trace["grad_norm_sq"][-1] for trace in alike]
    assert max(ends) < 0.01 * dcgd[0]
    assert ef21[-1] == pytest.approx(ends[2], rel=0.5)


def test_theory_is_kept_and_practice_is_far_ahead() -> None:
    by_theorem, sixteen = traces("theory")
    first, other = (ef21lab.describe(spec)["gamma"] for spec in specs(page(setting="theory")))
    assert other == pytest.approx(16 * first)
    assert sixteen["grad_norm_sq"][-1] < 1e-6 * by_theorem["grad_norm_sq"][-1]
    assert by_theorem["grad_norm_sq"][-1] < 0.5 * by_theorem["grad_norm_sq"][0]


def test_classes_apart_drive_dcgd_up_and_leave_ef21_near_gradient_descent() -> None:
    dcgd, ef21, gd = (trace["loss"] for trace in traces("classes"))
    assert dcgd[-1] > 2 * dcgd[0]
    assert (ef21 / gd).max() < 1 + 1 / 8
    assert ef21[-1] - gd[-1] < 0.01 * (gd[0] - gd[-1])
    mixed = [ef21lab.run({**spec, "partition": {"name": "shuffled", "nodes": 10}}) for spec in specs(page(setting="classes"))[:2]]
    assert mixed[0]["loss"][-1] < 0.5 * dcgd[0]
    assert mixed[0]["loss"][-1] > mixed[1]["loss"][-1] + 0.1
