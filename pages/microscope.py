"""The microscope: one vector under one operator, and under all of them at one budget, without any optimisation running."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from ef21lab.address.controls import LABELS, VIEW
from ef21lab.choices.fields import Json
from ef21lab.choices.text import Text
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.compressors.low_rank.fold import folds
from ef21lab.ui.experiment import contenders
from ef21lab.ui.kit import forms, language
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.link import Link
from ef21lab.ui.microscope import from_experiment
from ef21lab.ui.microscope import panel as microscope_panel
from ef21lab.ui.microscope import upload_vector as upload
from ef21lab.vectors.base import Vector, vectors
from ef21lab.vectors.from_experiment import FromExperiment

TITLE = Text("Microscope", "Микроскоп")
ICON = ":material/biotech:"
ORDER = 10

WHAT_TO_SEE = Text(
    "One vector, one message: what was sent, what arrived, what was lost. Move **How much is kept**: the pictures change at once.",
    "Один вектор, одно сообщение: что отправлено, что дошло, что потеряно. "
    "Двигайте ползунок «**Сколько оставить**»: картинки меняются сразу.",
)


def render() -> None:
    link = Link()
    with st.sidebar:
        language.switch()
        vector = _vector(link)
    st.markdown(say(WHAT_TO_SEE))
    sample = microscope_panel.ask({"ask": "vector", "vector": vectors.json(vector)}) if vector else None
    if vector and sample:
        _look(vectors.json(vector), sample["d"], tuple(map(tuple, sample["layout"])), link)
    for complaint in link.complaints:
        st.warning(say(complaint), icon=":material/link_off:")
    link.write(whole=sample is not None)


def _vector(link: Link) -> Vector | None:
    """What is looked at: where an address tells of an experiment, something of that; or why there is nothing, on the page, and None."""
    usual = vectors.make(link.usual_seen("vector"))
    link.follow("vector")
    kind = forms.menu(vectors, "vector", usual, forms.Context(link), label=LABELS["vector"])
    if kind is FromExperiment:
        return from_experiment.controls(link)
    return upload.chosen(forms.fields(kind, "vector", usual, forms.Context(link)))


def _look(vector: Json, d: int, layout: tuple[tuple[int, ...], ...], link: Link) -> None:
    context = forms.Context(link, d, layout)
    with st.sidebar:
        dims = _sides(forms.control("fold", *VIEW["fold"], context))
        compressor = forms.member(compressors, "operator", compressors.make("st_hosvd"), context, label=LABELS["operator"])
    shown = _strengths(vector, compressor, dims, link)
    _spectra(vector, dims, shown, context)
    _budget(vector, context)


def _strengths(vector: Json, compressor: Compressor, dims: Sequence[int], link: Link) -> Compressor:
    """The pictures under their slider; the strength that they show. Where the operator is refused, that is said in their place."""
    answer = microscope_panel.ask({"ask": "ladder", "vector": vector, "compressor": compressors.json(compressor)})
    if not answer:
        return compressor
    rungs, start = [compressors.make(rung) for rung in answer["rungs"]], answer["start"]
    asked = {"rung": link.first("rung", -1, VIEW["rung"].field), "slice": link.first("slice", 0, VIEW["slice"].field)}
    place = {"rung": asked["rung"] if 0 <= asked["rung"] < len(rungs) else start, "slice": max(0, asked["slice"])}
    picked = microscope_panel.triptych(vector, compressor, rungs, dims, place, link)
    link.hold("rung", picked["rung"] if picked["rung"] != start else -1, -1)
    link.hold("slice", picked["slice"], 0)
    return rungs[min(picked["rung"], len(rungs) - 1)]


def _spectra(vector: Json, dims: Sequence[int], operator: Compressor, context: forms.Context) -> None:
    st.subheader(say(Text("Spectra of the unfoldings: how much can be dropped", "Спектры развёрток: сколько можно отбросить")))
    left, right = st.columns(2)
    with right:
        other = _sides(forms.control("other", VIEW["other"].field, _another(dims, context), context))
    ranks = operator.settings().get("ranks")
    cuts = [ranks] * len(dims) if isinstance(ranks, int) else ranks
    with left:
        st.caption(" × ".join(map(str, dims)))
        microscope_panel.spectra("spectra", dims, vector, cuts)
    with right:
        microscope_panel.spectra("spectra.other", other, vector, None)


def _budget(vector: Json, context: forms.Context) -> None:
    st.subheader(say(Text("All operators at one budget", "Все операторы при одном бюджете")))
    most = 40 * (context.d or 1)
    grid = forms.growing(8, most)
    usual = _closest(most // 8, grid)
    at = context.link.at("bits", _closest(context.link.current("bits", usual, VIEW["bits"].field), grid))
    labels = {bits: language.plain(language.count(bits)) for bits in grid}
    bits = st.select_slider(say(VIEW["bits"].field.label), grid, **at, format_func=labels.__getitem__)
    context.link.hold("bits", bits, usual)
    microscope_panel.budget(vector, bits)
    st.subheader(say(Text("The best fold and ranks for this budget", "Лучшие форма и ранги при этом бюджете")))
    best = microscope_panel.best_fold(vector, bits)
    looked = vectors.make(vector)
    if isinstance(looked, FromExperiment) and looked.layer > 0 and looked.objective.trains:
        return  # what folds a layer folds no x
    origin = looked.origin()
    if best is not None and st.button(say(RACE), icon=":material/flag:", help=say(RACES), on_click=contenders.enter, args=(best, origin)):
        st.switch_page(Path(__file__).with_name("experiment.py"))


def _another(dims: Sequence[int], context: forms.Context) -> Json:
    """A fold to compare these sides with: the first of another number of modes; where there is none, the usual one."""
    offered = [fold.dims for fold in folds(context.d or 0, context.layout)]
    return next((list(sides) for sides in offered if len(sides) != len(dims)), VIEW["other"].default)


def _closest(bits: int, grid: Sequence[int]) -> int:
    return min(grid, key=lambda offered: abs(offered - bits))


def _sides(dims: Json) -> tuple[int, ...]:
    return tuple(int(side) for side in dims)


RACE = Text("Use this fold in the race", "Взять эту форму в гонку")
RACES = Text(
    "The best fold and ranks become a contender on the experiment page, on the data that this vector is from, if it is from a run.",
    "Лучшие форма и ранги станут участником на странице опытов — на тех данных, откуда взят вектор, если он взят из запуска.",
)

if __name__ in ("__main__", "__page__"):
    render()
