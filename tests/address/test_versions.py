"""A link keeps its meaning when a default changes: it says which version of the defaults it was made under."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from ef21lab.address import versions
from ef21lab.address.opening import specs_of


def page() -> None:
    """Two controls whose defaults today are 3 and 1."""
    import streamlit as st

    from ef21lab.choices.fields import Integer
    from ef21lab.choices.text import same
    from ef21lab.ui.kit.forms import Context, control
    from ef21lab.ui.kit.link import Link

    link = Link()
    made = [control(key, Integer(same(key), same(""), 0, 9), today, Context(link)) for key, today in (("a.top_k.k", 3), ("rounds", 1))]
    st.text(f"{made[0]} {made[1]}")
    for complaint in link.complaints:
        st.warning(complaint.en)
    link.write()


def opened(**query: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=120)
    app.query_params.update(query)
    app.run()
    assert not app.exception
    return app


def address(app: AppTest) -> dict[str, str]:
    return {name: value if isinstance(value, str) else value[0] for name, value in app.query_params.items()}


@pytest.fixture
def twice_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """k was 5 under version 1, 4 under version 2, and is 3 today."""
    monkeypatch.setattr(versions, "VERSION", 3)
    monkeypatch.setattr(versions, "CHANGED", {1: {"a.top_k.k": "5"}, 2: {"*.top_k.k": "4"}})


@pytest.mark.usefixtures("twice_changed")
@pytest.mark.parametrize(("mark", "k"), [({}, 5), ({"v": "1"}, 5), ({"v": "2"}, 4), ({"v": "3"}, 3)])
def test_an_old_link_means_what_it_meant_when_it_was_made(mark: dict[str, str], k: int) -> None:
    app = opened(rounds="7", **mark)
    assert app.text[0].value == f"{k} 7"
    assert not app.warning
    app.run()
    assert app.text[0].value == f"{k} 7"


@pytest.mark.usefixtures("twice_changed")
def test_what_it_meant_is_written_out_under_the_defaults_of_today() -> None:
    first = opened(rounds="7")
    assert address(first) == {"a.top_k.k": "5", "rounds": "7", "v": "3"}
    assert opened(**address(first)).text[0].value == "5 7"


@pytest.mark.usefixtures("twice_changed")
def test_an_empty_address_means_the_defaults_of_today() -> None:
    assert opened().text[0].value == "3 1"
    assert address(opened()) == {}
    assert opened(lang="ru").text[0].value == "3 1"


@pytest.mark.usefixtures("twice_changed")
@pytest.mark.parametrize("mark", ["0", "4", "x", "", "1.0", "01", "9" * 5000])
def test_a_version_that_there_is_none_of_is_said_and_the_link_read_as_one_of_today(mark: str) -> None:
    app = opened(rounds="7", v=mark)
    assert app.text[0].value == "3 7"
    assert "from 1 to 3" in app.warning[0].value
    assert address(app)["v"] == "3"


def test_the_mark_is_written_with_the_first_control_and_goes_with_the_last() -> None:
    app = opened(rounds="7")
    assert address(app) == {"rounds": "7", "v": str(versions.VERSION)}
    app.number_input(key="rounds").set_value(1).run()
    assert address(app) == {}


@pytest.mark.parametrize("mark", [{}, {"v": "1"}, {"v": "2"}])
def test_before_steps_were_tuned_contenders_had_those_of_theory_and_floats_were_counted(mark: dict[str, str]) -> None:
    opened = specs_of({"race": "abcdef", "rounds": "7", **mark})
    assert [run.json()["step"] for run in opened.specs] == [{"rule": "theory", "multiple": multiple} for multiple in (32, 32, 1, 32, 8, 32)]
    assert opened.view["axis"] == "floats_up"
    assert not opened.complaints


def test_a_link_of_today_tunes_every_step_and_counts_bits() -> None:
    opened = specs_of({"race": "abcdef", "rounds": "7", "v": "3"})
    assert {run.step.name for run in opened.specs} == {"tuned"}
    assert "axis" not in opened.view


def test_what_an_old_link_says_itself_still_counts() -> None:
    said = {"a.step": "fixed", "b.step.theory.multiple": "2", "axis": "bits_up", "rounds": "7", "v": "2"}
    first, second, _ = specs_of(said).specs
    assert first.json()["step"] == {"rule": "fixed", "gamma": 0.1, "multiple": 1.0}
    assert second.json()["step"] == {"rule": "theory", "multiple": 2.0}
    assert "axis" not in specs_of(said).view
