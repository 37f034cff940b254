"""Forms made from specs: each kind of declared field has its control, each member of a family its labels."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ef21lab.address.members import codes, fold_for, highest, length, settings_of, spread, usual, within
from ef21lab.choices.fields import Choice, Dims, Field, FileName, Integer, Json, Layout, Nested, Ranks, Real
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal, Text, count, number, same
from ef21lab.compressors.low_rank.fold import folds
from ef21lab.ui.kit.language import plain, say
from ef21lab.ui.kit.link import Link

S = TypeVar("S", bound=Spec)

NO_WORDS = same("")
DETAILS = Text("How it is understood", "Как она понята")
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
FINE_GRID = 200  # integers up to here get a plain slider; beyond, a grid that grows by about a tenth
EVEN_STEPS = 100
DIGITS = 6  # of a number on a slider: neighbours must differ, also what a link says
DECADES = (0.0, *(float(f"{digit}e{power}") for power in range(-5, 3) for digit in (1, 3)))  # 0, 10⁻⁵, 3·10⁻⁵, … 300
WIDE_DECADES = tuple(float(f"{digit}e{power}") for power in range(-5, 10) for digit in (1, 3))
TOLERANCES = (0.0, *(float(f"1e{power}") for power in range(-16, 5)))
SHAPES = ((4, 4, 7), (8, 8, 8), (10, 8, 8), (16, 16, 16), (64, 64), (6, 6, 6, 6))
MULTIPLES = tuple(float(2**power) for power in range(10))


@dataclass(frozen=True)
class Context:
    """What a control needs to know of the problem: the length of x and its natural shapes; None before they are known."""

    link: Link
    d: int | None = None
    layout: tuple[tuple[int, ...], ...] = ()

    @property
    def shapes(self) -> Layout | None:
        """The layout, one plain vector where only its length is known."""
        return self.layout or (((self.d,),) if self.d else None)

    def inside(self, field: Nested) -> Context:
        """What a member inside another sees of it."""
        layout = tuple(field.sees(self.shapes)) if self.shapes else ()
        return dataclasses.replace(self, d=length(layout) or None, layout=layout)


def member(family: Family[S], key: str, default: S, context: Context, *, label: Text | None = None, names: Sequence[str] = ()) -> S:
    """A menu of the family's members and, under it, the chosen member's fields.

    `default` also seeds the fields of its own member; `names` narrows the menu.
    """
    return fields(menu(family, key, default, context, label=label, names=names), key, default, context)


def menu(
    family: Family[S],
    key: str,
    default: S,
    context: Context,
    *,
    label: Text | None = None,
    names: Sequence[str] = (),
    then: Callable[[str], None] | None = None,
) -> type[S]:
    """The menu alone; without a label it stands bare. `then` is told which member a person has chosen, before the page is drawn."""
    names = list(names or family.members)
    labels = {name: plain(family.members[name].label) for name in names}
    field = Choice(label or family.noun, NO_WORDS, dict.fromkeys(names, NO_WORDS))
    current = context.link.current(key, default.name, field)
    current = current if current in names else default.name
    widget = context.link.among(key, current, labels)
    name = st.selectbox(
        say(field.label),
        names,
        **widget,
        on_change=None if then is None else lambda: then(st.session_state[widget["key"]]),
        format_func=labels.__getitem__,
        help=say(family.members[current].about) if label else None,
        label_visibility="visible" if label else "collapsed",
    )
    context.link.hold(key, name, default.name)
    return family.members[name]


def fields(
    kind: type[S],
    key: str,
    default: S,
    context: Context,
    narrower: Mapping[str, Field] | None = None,
    drawers: Sequence[DeltaGenerator] = (),
) -> S:
    """A control for every field of a member; widget keys carry the member's name, so values never leak between members.

    `narrower` are fields of the member by name that offer less here than elsewhere. Those that a member folds away stand in turn in the
    `drawers`, or without these in one that is closed.
    """
    base = settings_of(kind, default)
    chosen: dict[str, Json] = {}
    declared = {**kind.fields(), **(narrower or {})}
    for name, field in declared.items():
        if name not in kind.folded:
            chosen[name] = control(f"{key}.{kind.name}.{name}", field, base[name], context, chosen)
    if kind.folded:
        drawers = drawers or [st.expander(say(DETAILS), icon=":material/tune:")]
    for place, name in enumerate(kind.folded):
        with drawers[place % len(drawers)]:
            chosen[name] = control(f"{key}.{kind.name}.{name}", declared[name], base[name], context, chosen)
    return kind(**chosen)


def put(key: str, spec: Spec) -> None:
    """Move a member's menu and form to these settings; for callbacks, before the form is drawn."""
    Link.put(codes(key, spec))


def control(key: str, field: Field, default: Json, context: Context, beside: dict[str, Json] | None = None) -> Json:
    """The control of one field; its value is always one the field accepts. `beside`: the fields already chosen next to it."""
    if isinstance(field, Ranks):
        return _ranks(key, field, default, context, beside or {})
    if isinstance(field, Nested):
        return _nested(key, field, default, context)
    default = usual(field, default, context.shapes, {})
    current = context.link.current(key, default, field)
    value = next(make for kind, make in MAKERS.items() if isinstance(field, kind))(key, field, context, current)
    context.link.hold(key, value, default)
    return value


def _integer(key: str, field: Integer, context: Context, current: int) -> int:
    high, current = highest(field, context.d), within(field, current, context.d)
    if high == field.low:
        return high
    at = context.link.at(key, current)
    if not field.up_to_d or high - field.low > 10 * FINE_GRID:
        return int(st.number_input(say(field.label), field.low, high, **at, help=_help(field)))
    if high - field.low <= FINE_GRID:
        return int(st.slider(say(field.label), field.low, high, **at, help=_help(field)))
    return _growing_slider(say(field.label), _with(growing(field.low, high), current), at, _help(field))


def _real(key: str, field: Real, context: Context, current: float) -> float:
    """A slider over round values, for a field to type in would show every page a decimal point."""
    grid = _grid(key, field)
    at = context.link.at(key, float(current))
    allowed = [value for value in grid if field.low < value <= field.high or (value == field.low and not field.above)]
    options = _with(allowed, current)
    before = "×" if grid is MULTIPLES else ""
    labels = {value: before + plain(number(value, DIGITS)) for value in options}
    return float(st.select_slider(say(field.label), options, **at, format_func=labels.__getitem__, help=_help(field)))


def _grid(key: str, field: Real) -> Sequence[float]:
    """The values that a slider of this field offers."""
    if key.endswith("multiple"):
        return MULTIPLES
    if key == "stop_at":
        return TOLERANCES
    if field.logarithmic and field.low > 0.0:
        return [value for value in WIDE_DECADES if field.low <= value <= field.high]
    if field.logarithmic or (field.high > 1.0 and field.above):
        return DECADES
    return evenly(field.low, field.high)


def _choice(key: str, field: Choice, context: Context, current: str) -> str:
    labels = {name: plain(text) for name, text in field.options.items()}
    at = context.link.among(key, current, labels)
    return str(st.selectbox(say(field.label), list(labels), **at, format_func=labels.__getitem__, help=_help(field)))


def _dims(key: str, field: Dims, context: Context, current: str | tuple[int, ...]) -> str | tuple[int, ...]:
    """A menu of the sensible folds of this d; "auto" and "natural" appear as the folds they stand for."""
    if context.d is None or context.shapes is None:
        return _free_dims(key, field, context, current)
    offered = {fold.dims: fold for fold in folds(context.d, context.layout, field.order)}
    current = fold_for(field, current, context.shapes)
    options = list(offered) if current in offered else [current, *offered]
    labels = {dims: _fold_label(dims, context.d, dims in offered and offered[dims].natural) for dims in options}
    at = context.link.among(key, current, labels)
    return tuple(st.selectbox(say(field.label), options, **at, format_func=labels.__getitem__, help=_help(field)))


def _free_dims(key: str, field: Dims, context: Context, current: str | tuple[int, ...]) -> str | tuple[int, ...]:
    """A menu of shapes where no vector fixes the length."""
    if isinstance(current, str):
        return current
    options = _with(SHAPES, tuple(current))
    labels = {dims: " × ".join(map(str, dims)) for dims in options}
    at = context.link.among(key, tuple(current), labels)
    return tuple(st.selectbox(say(field.label), options, **at, format_func=labels.__getitem__))


def _ranks(key: str, field: Ranks, default: Json, context: Context, beside: dict[str, Json]) -> Json:
    """One slider for each place of the fold that has a rank; one number in a link serves all of them."""
    dims = beside.get("dims", "auto")
    if isinstance(dims, str):
        return default
    most, start = field.most(dims), spread(field, context.link.first(key, default, field), dims)
    columns = st.columns(min(len(most), 4), gap="small")
    chosen = []
    for place, largest in enumerate(most):
        letter = "r" + str(place + 1).translate(SUBSCRIPTS) * (len(most) > 1)
        with columns[place % len(columns)]:
            chosen.append(_rank(key, f".{_joined(dims)}.{place}", letter, largest, start[place], context))
    value = field.accept(chosen)
    context.link.hold(key, value, usual(field, default, context.shapes, beside))
    return value


def _rank(key: str, part: str, letter: str, most: int, start: int, context: Context) -> int:
    current = min(context.link.part(key, part, start), most)
    if most == 1:  # nothing to choose
        return 1
    words, at = f"{letter} ≤ {plain(count(most))}", context.link.at(key, current, part=part)
    if most <= FINE_GRID:
        return int(st.slider(words, 1, most, **at))
    return _growing_slider(words, _with(growing(1, most), current), at)


def _growing_slider(label: str, grid: Sequence[int], at: dict[str, Any], help: str | None = None) -> int:
    """A slider over a grid that grows, its numbers as the language writes them."""
    labels = {value: plain(count(value)) for value in grid}
    return int(st.select_slider(label, grid, **at, format_func=labels.__getitem__, help=help))


def _nested(key: str, field: Nested, default: Json, context: Context) -> Spec:
    """The menu of the members that may stand here, and under it the form of the chosen one."""
    family: Any = field.family()
    return member(family, key, family.make(default), context.inside(field), label=field.label, names=field.names)


def _file_name(key: str, field: FileName, context: Context, current: str) -> str:
    """What was typed; where it can be no such name, that is said under the control, and it counts as empty."""
    typed = st.text_input(say(field.label), **context.link.at(key, current), help=_help(field), max_chars=field.longest)
    owner, _, name = key.rpartition(".")
    try:
        return str(field.check(typed, owner, name))
    except Refusal as refusal:
        st.error(say(refusal.text))
        return ""


MAKERS: dict[type[Field], Callable[..., Json]] = {
    Integer: _integer,
    Real: _real,
    Choice: _choice,
    Dims: _dims,
    FileName: _file_name,
}


def growing(low: int, high: int) -> list[int]:
    """low … high with steps that grow with the number: fine where small, about a tenth where large."""
    grid = [low]
    while grid[-1] < high:
        grid.append(min(high, grid[-1] + max(1, grid[-1] // 10)))
    return grid


def evenly(low: float, high: float) -> list[float]:
    """low … high in round steps, at most EVEN_STEPS of them and the ends."""
    least = high / EVEN_STEPS - low / EVEN_STEPS
    power = 10.0 ** math.floor(math.log10(least))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least)
    between = [float(f"{step * place:.12g}") for place in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return sorted({low, *between, high})


def bounded(field: Integer, low: int, high: int) -> Integer:
    """The same field within narrower bounds."""
    return dataclasses.replace(field, low=low, high=high)


def _with(grid: Sequence[Any], value: Any) -> list[Any]:
    return sorted({*grid, value})


def _help(field: Field) -> str | None:
    return say(field.about) or None


def _joined(dims: Sequence[int]) -> str:
    return "x".join(map(str, dims))


def _fold_label(dims: Sequence[int], d: int, natural: bool) -> str:
    padding = math.prod(dims) - d
    zeros = Text("+{n:zero|zeros}", "+{n:ноль|нуля|нулей}").format(n=padding)
    notes = [plain(Text("natural", "естественная"))] * natural + [plain(zeros)] * (padding > 0)
    return " × ".join(map(str, dims)) + (f" ({', '.join(notes)})" if notes else "")
