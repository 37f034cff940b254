"""The pieces of the microscope's page: the live triptych, and what the lab answers about one vector."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import streamlit as st

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal, Text, quoted, retold, same
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.plots import microscope as figures
from ef21lab.runs.names import named
from ef21lab.ui.kit import forms, language, refused, visitor
from ef21lab.ui.kit.figure import draw
from ef21lab.ui.kit.language import count, number, plain, say
from ef21lab.ui.kit.link import Link
from ef21lab.ui.kit.place import base
from ef21lab.ui.kit.table import table
from ef21lab.ui.kit.theme import theme
from ef21lab.web.server import assets

TRIPTYCH = "microscope"  # the component's widget key
Answer = Mapping[str, Any]


def ask(question: Mapping[str, Json]) -> Answer | None:
    """The lab's answer; None, and the reason on the page, where it is refused."""
    try:
        return visitor.lab().ask(question, owner=visitor.name())
    except Refusal as refusal:
        refused.tell(refusal)
        return None


def triptych(
    vector: Json, compressor: Compressor, rungs: Sequence[Compressor], dims: Sequence[int], place: Mapping[str, int], link: Link
) -> dict[str, int]:
    """Original, received and error, live under the strength slider; what the visitor picked last."""
    result = _component()(
        key=TRIPTYCH,
        data={
            "base": base(),
            "vector": vector,
            "rungs": [{"spec": compressors.json(rung), "label": plain(named(rung))} for rung in rungs],
            "dims": list(dims),
            "names": (ask({"ask": "vector", "vector": vector}) or {}).get("names", []),
            "language": language.current(),
            "opened": link.opened,
            **place,
        },
        on_picked_change=lambda: None,
    )
    return link.news(TRIPTYCH, result.picked) or dict(place)


def spectra(key: str, dims: Sequence[int], vector: Json, ranks: Sequence[int] | None) -> None:
    """Singular values of every unfolding of this fold, cut at the ranks."""
    found = ask({"ask": "spectra", "vector": vector, "dims": list(dims)})
    if found:
        cuts = ranks if ranks is not None and len(ranks) == len(dims) else None
        draw(key, figures.spectra(dims, found["spectra"], cuts, language.current(), theme()))


def budget(vector: Json, bits: int) -> None:
    """Every operator at this budget, as a table, and the frontier of errors and bits."""
    found, curves = ask({"ask": "budget", "vector": vector, "bits": bits}), ask({"ask": "frontier", "vector": vector})
    if not found or not curves:
        return
    best = {row["name"]: (float(row["bits"]), float(row["error"])) for row in found["rows"] if row["compressor"]}
    drawn = [_curve(curve, best.get(curve["name"])) for curve in curves["curves"] if len(curve["bits"])]
    st.caption(say(WHAT_IS_DRAWN))
    draw("frontier", figures.frontier(drawn, bits, language.current(), theme()))
    st.html(figures.legend(drawn))
    for curve in curves["curves"]:
        if curve["reason"] and len(curve["bits"]):
            st.caption(_missing(curve))
    st.markdown(_table(found["rows"]))
    with st.container(horizontal=True):
        _csv("budget", Text("This table as CSV", "Таблица в CSV"), [_spoken(row) for row in found["rows"] if row["compressor"]])
        _csv("frontier", Text("All curves as CSV", "Все кривые в CSV"), [line for curve in curves["curves"] for line in _lines(curve)])


def best_fold(vector: Json, bits: int) -> Compressor | None:
    """Which fold and which ranks are best at this budget, and the operator that has them."""
    found = ask({"ask": "folds", "vector": vector, "bits": bits})
    if not found:
        return None
    grid = found["grid"]
    words = Text(
        "ST-HOSVD of the fold {dims}: error by the ranks of modes 1 and 2{rest}.",
        "ST-HOSVD тензора {dims}: ошибка в зависимости от рангов мод 1 и 2{rest}.",
    ).format(dims=_sides(grid["dims"]), rest=_others(grid["fixed"]))
    left, right = st.columns(2)
    with left:
        st.caption(say(words))
        draw("rank.grid", figures.rank_grid(grid, bits, language.current(), theme()))
    with right:
        st.markdown(_folds(found["choices"]))
        able = [{**choice, "dims": _sides(choice["dims"])} for choice in found["choices"] if choice["ranks"]]
        columns = ("dims", "padding", "natural", "ranks", "bits", "error")
        _csv("folds", Text("All folds as CSV", "Все формы в CSV"), [{column: choice[column] for column in columns} for choice in able])
    best = found["choices"][0]["compressor"]
    return compressors.make(best) if best else None


def _csv(name: str, label: Text, rows: Sequence[Mapping[str, Any]]) -> None:
    """A button that saves these rows; every number is written in full."""
    if not rows:
        return
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    st.download_button(say(label), out.getvalue(), f"{name}.csv", "text/csv", key=f"{name}.csv", icon=":material/table:", on_click="ignore")


def _spoken(row: Answer) -> dict[str, Any]:
    columns = ("name", "error", "kept", "bits", "floats", "alpha", "omega", "seconds")
    return {**{column: row[column] for column in columns}, "compressor": json.dumps(row["compressor"])}


def _lines(curve: Answer) -> list[dict[str, Any]]:
    numbers = zip(curve["bits"], curve["floats"], curve["error"], curve["compressors"], strict=True)
    return [
        {"name": curve["name"], "bits": float(bits), "floats": float(floats), "error": float(error), "compressor": json.dumps(spec)}
        for bits, floats, error, spec in numbers
    ]


def _curve(curve: Answer, best: tuple[float, float] | None) -> figures.DrawnCurve:
    operator = compressors.members[curve["name"]]
    return figures.DrawnCurve(operator, plain(operator.label), curve["bits"], curve["error"], best)


def _table(rows: Sequence[Answer]) -> str:
    head = Text("operator | relative error | bits | certified α | ms", "оператор | относительная ошибка | биты | гарантия α | мс")
    found = sorted((row for row in rows if row["compressor"]), key=lambda row: float(row["error"]))
    missing = [_missing(row) for row in rows if not row["compressor"]]
    return "\n".join([table(head, "lrrrr", list(map(_row, found)), language.current()), "", *missing])


def _row(row: Answer) -> list[Text]:
    alpha = same("—") if row["alpha"] is None else number(row["alpha"])
    return [named(compressors.make(row["compressor"])), number(row["error"]), count(row["bits"]), alpha, number(1000 * row["seconds"])]


def _missing(row: Answer) -> str:
    return f"- {say(compressors.members[row['name']].label)}: {say(retold(row['reason']))}"


def _folds(choices: Sequence[Answer]) -> str:
    head = Text("fold | best ranks | relative error | bits", "форма | лучшие ранги | относительная ошибка | биты")
    able = sorted((choice for choice in choices if choice["ranks"]), key=lambda choice: float(choice["error"]))[:12]
    rows = [
        [
            quoted("×".join(map(str, choice["dims"]))),
            quoted("·".join(map(str, choice["ranks"]))),
            number(choice["error"]),
            count(choice["bits"]),
        ]
        for choice in able
    ]
    return table(head, "llrr", rows, language.current())


def _sides(dims: Sequence[int]) -> str:
    return " × ".join(map(str, dims))


def _others(fixed: Sequence[int]) -> str:
    """The ranks that the picture holds still."""
    return "".join(f", r{str(mode).translate(forms.SUBSCRIPTS)} = {rank}" for mode, rank in enumerate(fixed, 3))


WHAT_IS_DRAWN = Text(
    "A curve is an operator from weak to strong in one fold, with equal ranks. A star is the best that was found for it within the budget, "
    "over the ranks of many folds; the table has the stars.",
    "Кривая — оператор от слабого к сильному при одной форме и равных рангах. Звезда — лучшее, что для него нашлось в пределах бюджета "
    "среди рангов многих форм; в таблице — звёзды.",
)


@cache
def _component() -> Any:
    return st.components.v2.component("ef21lab_microscope", js=assets.loader(assets.MICROSCOPE), isolate_styles=False)
