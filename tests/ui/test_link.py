"""An address holds what the controls show, opens in either language, and says what it gets wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]


def number_page() -> None:
    """A page with one control, `n`, in 1..9, 5 by default."""
    import streamlit as st

    from ef21lab.choices.fields import Integer
    from ef21lab.choices.text import Text, same
    from ef21lab.ui.kit import language
    from ef21lab.ui.kit.forms import Context, control
    from ef21lab.ui.kit.link import Link

    link = Link()
    language.switch()
    n = control("n", Integer(Text("Number", "Число"), same(""), 1, 9), 5, Context(link))
    st.text(f"n = {n}")
    for complaint in link.complaints:
        st.warning(language.say(complaint))
    link.write()


def opened(**query: str) -> AppTest:
    app = AppTest.from_function(number_page, default_timeout=120)
    app.query_params.update(query)
    return app.run()


@pytest.mark.parametrize("bad", ["0", "10", "x", "", "1.5", "nan", "9" * 5000, "<b>", "None"])
def test_a_bad_value_is_said_and_the_default_taken(bad: str) -> None:
    app = opened(n=bad)
    assert [warning.value.startswith("The link sets “Number” to ") for warning in app.warning] == [True]
    assert r"an integer in 1..9" in app.warning[0].value
    assert app.text[0].value == "n = 5"
    assert dict(app.query_params) == {}


def test_a_complaint_stays_until_the_control_is_used() -> None:
    app = opened(n="x").run()
    assert len(app.warning) == 1
    app.number_input(key="n").set_value(6).run()
    assert len(app.warning) == 0


def test_a_complaint_is_made_in_the_language_of_the_page() -> None:
    assert "целое число от 1 до 9" in opened(n="x", lang="ru").warning[0].value


def test_a_default_needs_no_place_in_the_address() -> None:
    app = opened(n="7")
    assert app.query_params["n"] in ("7", ["7"])
    app.number_input(key="n").set_value(5).run()
    assert dict(app.query_params) == {}


def test_a_link_made_in_russian_opens_in_english() -> None:
    made = opened(lang="ru")
    made.number_input(key="n").set_value(8).run()
    assert made.number_input[0].label == "Число"
    query = {name: value if isinstance(value, str) else value[0] for name, value in made.query_params.items()}
    query.pop("lang")  # as a colleague whose browser speaks English edits it
    received = opened(**query)
    assert received.number_input[0].label == "Number"
    assert received.text[0].value == "n = 8"


def test_what_the_address_does_not_know_is_dropped_with_a_word() -> None:
    app = opened(**{"nonsense": "1", "**b**<i>": "2"})
    assert dict(app.query_params) == {}
    assert "'nonsense'" in app.warning[0].value
    assert r"\*\*b\*\*\<i" in app.warning[0].value.replace("\u2060", "")  # as it was written
    app.number_input(key="n").set_value(6).run()
    assert not app.warning


def test_a_control_of_another_page_travels_with_the_address() -> None:
    app = opened(n="7", epsilon="0.01", **{"a.top_k.k": "9"})
    assert not app.warning
    app.number_input(key="n").set_value(5).run()
    assert {name: value for name, value in app.query_params.items() if name not in ("n", "v")} in (
        {"epsilon": "0.01", "a.top_k.k": "9"},
        {"epsilon": ["0.01"], "a.top_k.k": ["9"]},
    )


def test_an_address_that_this_tab_did_not_write_is_opened() -> None:
    app = opened(n="7")
    app.number_input(key="n").set_value(8).run()
    app.query_params["n"] = "2"  # as Back leaves it
    app.run()
    assert app.text[0].value == "n = 2"


def test_an_address_that_lags_behind_changes_nothing() -> None:
    app = opened(n="7")
    app.number_input(key="n").set_value(8).run()
    app.query_params["n"] = "7"  # what the browser had before it was told of 8
    app.run()
    assert app.text[0].value == "n = 8"
    assert app.query_params["n"] in ("8", ["8"])


def reopened() -> None:
    import streamlit as st

    from ef21lab.choices.fields import Integer
    from ef21lab.choices.text import same
    from ef21lab.ui.kit.forms import Context, control
    from ef21lab.ui.kit.link import Link

    link = Link()
    control("n", Integer(same("n"), same(""), 0, 9), 1, Context(link))
    st.button("open", key="open", on_click=Link.reopen, args=({"n": "7"},))
    st.button("chart", key="chart", on_click=lambda: None)
    link.write()


def n(app: AppTest) -> Any:
    return app.number_input[0]


def test_a_rerun_asked_for_before_the_browser_had_the_reopened_page_brings_no_old_control_back() -> None:
    page = AppTest.from_function(reopened, default_timeout=120).run()
    old = n(page)
    page.button(key="open").click().run()
    assert n(page).value == 7
    assert n(page).id != old.id  # whatever the browser still says of the old control concerns nothing
    page.button(key="chart").click().run()
    assert n(page).value == 7
    assert page.query_params["n"] == "7"


def test_a_control_that_was_used_since_keeps_its_value_when_the_chart_speaks() -> None:
    page = AppTest.from_function(reopened, default_timeout=120).run()
    page.button(key="open").click().run()
    n(page).set_value(3).run()
    page.button(key="chart").click().run()
    assert n(page).value == 3


def test_a_control_that_is_fitted_to_the_page_says_nothing_of_the_rest_of_the_link() -> None:
    page = AppTest.from_function(fitted, default_timeout=120)
    page.query_params.update({"n": "9", "zz": "1", "a.b.c": "nan"})
    page.run()
    assert "zz" in page.warning[0].value
    assert set(page.query_params) == {"n", "v"}
    assert page.query_params["n"] in ("5", ["5"])
    page.number_input(key="n").set_value(4).run()
    assert not page.warning  # now it was used


def fitted() -> None:
    """A page whose control shows no more than 5, whatever the link asks for."""
    import streamlit as st

    from ef21lab.choices.fields import Integer
    from ef21lab.choices.text import same
    from ef21lab.ui.kit import language
    from ef21lab.ui.kit.link import Link

    link = Link()
    shown = min(5, link.current("n", 1, Integer(same("n"), same(""), 0, 9)))
    link.hold("n", st.number_input("n", 0, 9, **link.at("n", shown)), 1)
    for complaint in link.complaints:
        st.warning(language.say(complaint))
    link.write()


def menu_page() -> None:
    """A menu whose options are called after a number that a slider moves, and one whose options never change."""
    import streamlit as st

    from ef21lab.choices.fields import Choice
    from ef21lab.choices.text import same
    from ef21lab.ui.kit.link import Link

    link = Link()
    n = st.slider("n", 1, 9, 3, key="n")
    for key, labels in (("who", {"one": f"×{n}", "two": f"×{2 * n}"}), ("what", {"one": "I", "two": "II"})):
        field = Choice(same(key), same(""), dict.fromkeys(labels, same("")))
        at = link.among(key, link.current(key, "one", field), labels)
        value = st.selectbox(key, list(labels), **at, format_func=labels.__getitem__)
        link.hold(key, value, "one")
        st.text(f"{key} = {value}")
    link.write()


def test_a_menu_whose_options_are_called_otherwise_is_a_new_one_with_the_same_value() -> None:
    """The browser goes on showing the label that was picked in a menu that stays."""
    app = AppTest.from_function(menu_page, default_timeout=120).run()
    who, what = (next(menu for menu in app.selectbox if menu.label == label) for label in ("who", "what"))
    who.select_index(1)
    what.select_index(1).run()
    before = {menu.label: menu.key for menu in app.selectbox}
    app.slider(key="n").set_value(4).run()
    assert not app.exception
    assert [text.value for text in app.text] == ["who = two", "what = two"]
    assert [menu.options for menu in app.selectbox] == [["×4", "×8"], ["I", "II"]]
    after = {menu.label: menu.key for menu in app.selectbox}
    assert (after["who"] != before["who"], after["what"]) == (True, before["what"])
    assert dict(app.query_params)["who"] in ("two", ["two"])
    next(menu for menu in app.selectbox if menu.label == "who").select_index(0).run()
    assert app.text[0].value == "who = one"


def test_every_menu_says_what_its_options_are_called() -> None:
    """So that none can be stale: each selectbox takes its arguments of `Link.among`, which is given the labels."""
    for file in sorted((ROOT / "ef21lab" / "ui").rglob("*.py")) + sorted((ROOT / "pages").glob("*.py")):
        source = file.read_text(encoding="utf-8")
        assert source.count("st.selectbox(") == source.count("link.among("), file
