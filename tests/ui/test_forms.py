"""Every field of every member of every family has a control, and whatever that control is set to, the field accepts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ef21lab.address import versions
from ef21lab.choices.fields import Dims, Integer, Json, Ranks
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal, same
from ef21lab.runs.spec import FAMILIES
from ef21lab.ui.kit.forms import bounded, evenly, growing

MEMBERS = [(noun, name) for noun, family in FAMILIES.items() for name in family.members]
LAYOUTS: list[tuple[tuple[int, ...], ...]] = [((112,),), ((10, 8, 8),), ((1,),), ((7919,),), ((3, 5), (5,))]


def form(noun: str, name: str, layout: tuple[tuple[int, ...], ...] | None, link: dict[str, str] | None = None) -> AppTest:
    """A page with the form of one member, and what it makes in session_state["made"]."""

    def page(noun: str, name: str, layout: tuple[tuple[int, ...], ...] | None) -> None:
        import math

        import streamlit as st

        from ef21lab.runs.spec import FAMILIES
        from ef21lab.ui.kit.forms import Context, member
        from ef21lab.ui.kit.link import Link

        link = Link()
        d = None if layout is None else sum(math.prod(shape) for shape in layout)
        made = member(FAMILIES[noun], "x", FAMILIES[noun].make(name), Context(link, d, layout or ()))
        st.session_state["made"] = made.settings()
        st.session_state["complaints"] = [complaint.en for complaint in link.complaints]
        link.write()

    app = AppTest.from_function(page, args=(noun, name, layout), default_timeout=120)
    app.query_params.update(link or {})
    return app.run()


def controls(app: AppTest) -> dict[str, Any]:
    kinds = ("selectbox", "slider", "select_slider", "number_input", "text_input")
    return {str(element.key): element for kind in kinds for element in app.get(kind) if element.key != "x"}


def settings_of(control: Any) -> Iterator[Any]:
    """The ends and, of a menu, everything between."""
    match control.type:
        case "selectbox":
            yield from range(len(control.options))
        case "select_slider":
            yield from (0, -1)
        case "slider" | "number_input":
            yield from (control.min, control.max)
        case "text_input":
            yield from ("a9a.txt", "x" * control.proto.max_chars)


def read(label: str) -> float:
    """The number that a slider's label says in English: ×32, 1,230, 3·10⁻⁵."""
    mantissa, ten, power = re.fullmatch("×?([0-9.,]*?)·?(10)?([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]*)", label).groups()  # type: ignore[union-attr]
    exponent = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return float(f"{mantissa.replace(',', '') or 1}e{exponent}") if power else float(f"{mantissa}{ten or ''}".replace(",", ""))


def set_to(control: Any, value: Any) -> None:
    """Menus are set by place: their options are shown as labels, those of a slider as numbers."""
    if control.type == "selectbox":
        control.select_index(value)
    elif control.type == "select_slider":
        control.set_value(type(control.value)(read(control.options[value])))
    else:
        control.set_value(value)


@pytest.mark.parametrize(("noun", "name"), MEMBERS)
def test_every_field_has_a_control_in_words(noun: str, name: str) -> None:
    app = form(noun, name, LAYOUTS[0])
    assert not app.exception
    for field, declared in FAMILIES[noun].members[name].fields().items():
        own = [control for key, control in controls(app).items() if f"{key}.".startswith(f"x.{name}.{field}.")]
        assert own, field
        assert isinstance(declared, Ranks) or own[0].label == declared.label.en


@pytest.mark.parametrize(("noun", "name"), MEMBERS)
def test_a_form_makes_the_member_it_shows(noun: str, name: str) -> None:
    made, default = form(noun, name, LAYOUTS[0]).session_state["made"], FAMILIES[noun].make(name)
    assert unfolded(type(default).make(made)) == unfolded(default)


def unfolded(member: Spec) -> dict[str, Json]:
    """Its settings but those that depend on the length of x."""
    found = {field: getattr(member, field) for field, declared in member.fields().items() if not isinstance(declared, (Dims, Ranks))}
    return {"name": member.name} | {field: unfolded(value) if isinstance(value, Spec) else value for field, value in found.items()}


@pytest.mark.parametrize(("noun", "name"), MEMBERS)
def test_whatever_a_control_is_set_to_is_accepted(noun: str, name: str) -> None:
    keys = list(controls(form(noun, name, LAYOUTS[0])))
    for key in keys:
        for value in settings_of(controls(form(noun, name, LAYOUTS[0]))[key]):
            app = form(noun, name, LAYOUTS[0])
            before = app.session_state["made"]
            set_to(controls(app)[key], value)
            app.run()
            assert not app.exception, (key, value)
            assert FAMILIES[noun].make({FAMILIES[noun].tag: name, **app.session_state["made"]})
            assert controls(app)[key].value == app.session_state[key]
            _one_setting_moved(before, app.session_state["made"])


@pytest.mark.parametrize(("name", "typed"), [("libsvm", "../a9a"), ("libsvm", "/etc/passwd"), ("uploaded", "a9a.txt")])
def test_a_name_that_no_file_has_is_refused_under_its_control_and_counts_as_empty(name: str, typed: str) -> None:
    app = form("dataset", name, LAYOUTS[0])
    key = f"x.{name}.{'file' if name == 'libsvm' else 'content'}"
    controls(app)[key].set_value(typed).run()
    assert not app.exception
    assert typed in re.sub(r"\\([!-/:-@[-`{-~])", r"\1", app.error[0].value)
    assert app.session_state["made"][key.rpartition(".")[2]] == ""
    controls(app)[key].set_value("").run()
    assert not app.error


def _one_setting_moved(before: dict[str, Any], after: dict[str, Any]) -> None:
    """No control moves another's setting, but for ranks, which follow the fold, and the content of a file, which follows its name."""
    moved = [name for name in before if before[name] != after[name]]
    assert len(moved) <= 1 or moved in (["dims", "ranks"], ["file", "content"])


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", list(FAMILIES["compressor"].members))
def test_a_compressor_of_any_length_binds(name: str, layout: tuple[tuple[int, ...], ...]) -> None:
    app = form("compressor", name, layout)
    assert not app.exception
    assert FAMILIES["compressor"].make({"name": name, **app.session_state["made"]}).fitted(layout).cost(sum(map(_product, layout)))


def _product(shape: tuple[int, ...]) -> int:
    product = 1
    for side in shape:
        product *= side
    return product


def test_a_link_seeds_what_a_form_shows() -> None:
    app = form("compressor", "st_hosvd", LAYOUTS[0], {"x.st_hosvd.dims": "8x14", "x.st_hosvd.ranks": "3x2"})
    assert app.session_state["made"]["dims"] == [8, 14]
    assert app.session_state["made"]["ranks"] == [3, 2]
    assert app.session_state["complaints"] == []


def test_a_fold_made_for_another_length_gives_way() -> None:
    app = form("compressor", "st_hosvd", LAYOUTS[0], {"x.st_hosvd.dims": "100x100"})
    assert app.session_state["made"]["dims"] == [4, 4, 7]


def test_ranks_never_pass_their_sides() -> None:
    app = form("compressor", "st_hosvd", LAYOUTS[0], {"x.st_hosvd.dims": "4x4x7", "x.st_hosvd.ranks": "9"})
    assert app.session_state["made"]["ranks"] == [4, 4, 7]


def test_a_composition_shows_the_forms_of_its_parts_and_a_link_seeds_them() -> None:
    link = {"x.then.first": "rand_k", "x.then.first.rand_k.k": "3", "x.then.second": "qsgd", "x.then.second.qsgd.s": "5"}
    app = form("compressor", "then", LAYOUTS[0], link)
    assert app.session_state["complaints"] == []
    assert app.session_state["made"]["first"] == {"name": "rand_k", "scaling": "contractive", "k": 3}
    assert app.session_state["made"]["second"] == {"name": "qsgd", "scaling": "contractive", "s": 5}
    assert dict(app.query_params) == {**link, "v": str(versions.VERSION)}


@pytest.mark.parametrize(
    ("name", "part"), [("then", "first"), ("then", "second"), ("residual", "first"), ("residual", "second"), ("per_layer", "inner")]
)
def test_a_composition_is_offered_no_composition_as_its_part(name: str, part: str) -> None:
    options = controls(form("compressor", name, LAYOUTS[0]))[f"x.{name}.{part}"].options
    labels = {FAMILIES["compressor"].members[composed].label.en for composed in ("then", "residual", "per_layer")}
    assert options
    assert not labels & set(options)


def test_inside_a_network_the_operator_of_its_layers_has_the_form_of_the_largest() -> None:
    app = form("compressor", "per_layer", ((16, 9), (16,), (10, 40), (10,)))
    assert app.session_state["complaints"] == []
    assert app.session_state["made"]["inner"]["dims"] == [10, 40]
    app = form("compressor", "per_layer", ((16, 9), (16,), (10, 40), (10,)), {"x.per_layer.inner": "top_k"})
    assert controls(app)["x.per_layer.inner.top_k.k"].options[-1] == "400"


def test_values_do_not_leak_between_members() -> None:
    app = form("compressor", "st_hosvd", LAYOUTS[0])
    ranks = [key for key in controls(app) if ".ranks." in key]
    for key in ranks:
        controls(app)[key].set_value(3)
    app.run()
    app.selectbox(key="x").select("hosvd").run()
    assert app.session_state["made"] == form("compressor", "hosvd", LAYOUTS[0]).session_state["made"]
    app.selectbox(key="x").select("st_hosvd").run()
    assert app.session_state["made"]["ranks"] == [3, 3, 3]


@pytest.mark.parametrize("high", [1, 2, 10, 199, 5000])
def test_a_growing_grid_is_fine_where_small_and_holds_both_ends(high: int) -> None:
    grid = growing(1, high)
    assert (grid[0], grid[-1]) == (1, high)
    assert all(0 < after - before <= max(1, before // 10) for before, after in zip(grid, grid[1:], strict=False))


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 1.0), (0.0, 4.0), (-1.0, 1.0), (0.1, 0.7), (-2.5e-7, 3e-9), (0.0, 1e308), (-1e308, 1e308), (1.0, 1.5)]
)
def test_even_steps_are_round_and_hold_both_ends(low: float, high: float) -> None:
    grid = evenly(low, high)
    assert (grid[0], grid[-1]) == (low, high)
    assert 21 <= len(grid) <= 103
    assert all(len(repr(value).strip("-0").replace(".", "").split("e")[0].strip("0")) <= 4 for value in grid[1:-1])  # digits
    apart = {f"{after - before:.6g}" for before, after in zip(grid[1:], grid[2:-1], strict=False)}
    assert len(apart) == 1


def test_hundredths_are_those_that_Python_reads() -> None:
    assert evenly(0.0, 1.0) == [float(f"0.{step:02}") for step in range(100)] + [1.0]


@pytest.mark.parametrize(("noun", "name"), MEMBERS)
def test_no_field_to_type_in_has_decimals(noun: str, name: str) -> None:
    """Browsers write them with a point or a comma by their own language, not the page's."""
    fields = form(noun, name, LAYOUTS[0]).number_input
    assert [type(field.value) for field in fields] == [int] * len(fields)
    assert not any("." in field.proto.format for field in fields)


def test_a_bound_narrows_a_field_and_keeps_its_words() -> None:
    field = Integer(same("rounds"), same("about"), 0, 1_000_000)
    narrow = bounded(field, 1, 10)
    assert narrow.label == field.label
    assert narrow.accept(10) == 10
    with pytest.raises(Refusal, match=r"rounds must be an integer in 1\.\.10"):
        narrow.check(11, "run", "rounds")
