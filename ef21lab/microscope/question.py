"""One question as JSON, one answer of plain numbers, words and arrays: how a worker is asked to look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from ef21lab.choices.fields import Dims, Integer, Json, shown
from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.compressors.low_rank import fold as folding
from ef21lab.microscope import work
from ef21lab.microscope.budget import BudgetRow, Curve, TriedPoint, at_budget, frontier
from ef21lab.microscope.folds import best_fold
from ef21lab.microscope.search import FoldFound
from ef21lab.microscope.strength import cost, ladder
from ef21lab.microscope.trials import Certificates, Trial, look, spectra
from ef21lab.vectors.base import Sample, Vector, vectors

LONGEST = 65_536  # of a vector on which every operator is tried
MOST_BITS = 64 * 1_000_000

Answer = dict[str, Any]  # numbers, strings, None, {"en", "ru"}, lists and dicts of these, and arrays


def answer(question: Json) -> Answer:
    """What the microscope sees. Raises Refusal, in words, for anything that is not a question it can answer.

    {"ask": "vector", "vector": {…}}
    {"ask": "look", "vector": {…}, "compressor": {…}, "seed": 0}
    {"ask": "ladder", "vector": {…}, "compressor": {…}}
    {"ask": "budget", "vector": {…}, "bits": 4096, "seed": 0}
    {"ask": "frontier", "vector": {…}, "seed": 0}
    {"ask": "folds", "vector": {…}, "bits": 4096, "compressor": {"name": "st_hosvd"}}
    {"ask": "spectra", "vector": {…}, "dims": [16, 16, 16]}       dims also "natural" or "auto"

    `seed` is that of random operators, 0 where it is left out; the rest of a vector or an operator takes its defaults.
    """
    if not isinstance(question, Mapping):
        raise Refusal(NOT_A_QUESTION.format(given=shown(question)))
    ask = question.get("ask")
    if not isinstance(ask, str) or ask not in _ASKS:
        raise Refusal(UNKNOWN.format(ask=shown(ask), known=", ".join(_ASKS)))
    fields, look_at = _ASKS[ask]
    for field in question:
        if field not in ("ask", *fields):
            raise Refusal(NO_FIELD.format(ask=ask, field=shown(field), known=", ".join(fields)))
    given = {field: _PARTS[field](question.get(field, _DEFAULTS.get(field))) for field in fields}
    found = look_at(**{**given, "vector": _sample(given["vector"])})
    return {**found, "names": given["vector"].names()} if ask == "vector" else found


def _vector(vector: Sample) -> Answer:
    values, layout = vector
    return {
        "values": values,
        "d": len(values),
        "layout": [list(shape) for shape in layout],
        "norm": float(np.linalg.norm(values)),
        "folds": [_fold(fold) for fold in folding.folds(len(values), layout)],
    }


def _look(vector: Sample, compressor: Compressor, seed: int) -> Answer:
    seen = look(compressor, vector, seed)
    return {
        "compressor": compressors.json(seen.compressor),
        "values": vector.values,
        "received": seen.trial.received,
        **_trial(seen.trial),
        **_certificates(seen.certificates),
        "parts": [[_words(part), bits] for part, bits in seen.parts],
        "head": seen.head.hex(),
    }


def _ladder(vector: Sample, compressor: Compressor) -> Answer:
    d, fitted = len(vector.values), compressor.fitted(vector.layout)
    if (why := fitted.misfit(d)) is not None:
        raise Refusal(why)
    rungs = [rung for rung in ladder(compressor, d, vector.layout) if work.bearable(rung, d)]
    if not rungs:
        work.check(fitted, d)
    start = min(range(len(rungs)), key=lambda place: abs(cost(rungs[place], d) - cost(fitted, d)), default=0)
    return {"rungs": [compressors.json(rung) for rung in rungs], "start": start}


def _budget(vector: Sample, bits: int, seed: int) -> Answer:
    _check_length(vector)
    return {"bits": bits, "rows": [_row(row) for row in at_budget(vector, bits, seed)]}


def _frontier(vector: Sample, seed: int) -> Answer:
    _check_length(vector)
    return {"curves": [_curve(curve) for curve in frontier(vector, seed)]}


def _folds(vector: Sample, bits: int, compressor: Compressor) -> Answer:
    _check_length(vector)
    choices, grid = best_fold(vector, bits, compressor.name)
    return {
        "bits": bits,
        "choices": [_choice(choice) for choice in choices],
        "grid": {
            "dims": list(grid.dims),
            "fixed": list(grid.fixed),
            "first": list(grid.first),
            "second": list(grid.second),
            "error": grid.error,
            "bits": grid.bits,
            "best": None if grid.best is None else list(grid.best),
        },
    }


def _spectra(vector: Sample, dims: Any) -> Answer:
    d, shape = len(vector.values), folding.resolved(dims, vector.layout)
    if not d <= (cells := int(np.prod(shape, dtype=object))) <= max(8 * d, 4096):
        raise Refusal(BAD_FOLD.format(dims="×".join(map(str, shape)), d=d, most=max(8 * d, 4096), cells=cells))
    return {"dims": list(shape), "spectra": spectra(vector.values, shape)}


def _row(row: BudgetRow) -> Answer:
    return {"name": row.name, "reason": _words(row.reason), **_point(row.point), **_certificates(row.certificates)}


def _curve(curve: Curve) -> Answer:
    return {
        "name": curve.name,
        "reason": _words(curve.reason),
        "compressors": [compressors.json(point.compressor) for point in curve.points],
        "bits": np.array([point.trial.bits for point in curve.points], dtype=float),
        "floats": np.array([point.trial.floats for point in curve.points], dtype=float),
        "error": np.array([point.trial.error for point in curve.points], dtype=float),
        "seconds": np.array([point.trial.seconds for point in curve.points], dtype=float),
    }


def _choice(choice: FoldFound) -> Answer:
    return {
        **_fold(choice.fold),
        "ranks": None if choice.ranks is None else list(choice.ranks),
        "compressor": None if choice.compressor is None else compressors.json(choice.compressor),
        "bits": choice.trial and choice.trial.bits,
        "error": choice.trial and choice.trial.error,
    }


def _fold(fold: folding.Fold) -> Answer:
    return {"dims": list(fold.dims), "padding": fold.padding, "natural": fold.natural}


def _point(point: TriedPoint | None) -> Answer:
    if point is None:
        return dict.fromkeys(("compressor", "bits", "floats", "error", "kept", "seconds"))
    return {"compressor": compressors.json(point.compressor), **_trial(point.trial)}


def _trial(trial: Trial) -> Answer:
    return {"bits": trial.bits, "floats": trial.floats, "error": trial.error, "kept": 1 - trial.error**2, "seconds": trial.seconds}


def _certificates(certificates: Certificates | None) -> Answer:
    if certificates is None:
        return dict.fromkeys(Certificates._fields)
    return {**certificates._asdict(), "alpha_reason": _words(certificates.alpha_reason)}


def _words(text: Text | None) -> dict[str, str] | None:
    return None if text is None else {"en": text.en, "ru": text.ru}


@lru_cache(maxsize=8)
def _sample(vector: Vector) -> Sample:
    return vector.sample()


def _check_length(sample: Sample) -> None:
    if len(sample.values) > LONGEST:
        raise Refusal(TOO_LONG.format(d=len(sample.values), most=LONGEST))


_ASKS: dict[str, tuple[tuple[str, ...], Callable[..., Answer]]] = {
    "vector": (("vector",), _vector),
    "look": (("vector", "compressor", "seed"), _look),
    "ladder": (("vector", "compressor"), _ladder),
    "budget": (("vector", "bits", "seed"), _budget),
    "frontier": (("vector", "seed"), _frontier),
    "folds": (("vector", "bits", "compressor"), _folds),
    "spectra": (("vector", "dims"), _spectra),
}
_BITS = Integer(Text("Budget", "Бюджет"), Text("Bits of one message.", "Бит на одно сообщение."), 1, MOST_BITS)
_SEED = Integer(Text("Seed", "Зерно"), Text("Of random operators.", "Случайных операторов."), 0, 2**31 - 1)
_DIMS = Dims(Text("Fold", "Форма тензора"), Text("What the vector is folded into.", "Во что сворачивается вектор."))
_PARTS: dict[str, Callable[[Json], Any]] = {
    "vector": vectors.make,
    "compressor": compressors.make,
    "bits": lambda value: _BITS.check(value, "microscope", "bits"),
    "seed": lambda value: _SEED.check(value, "microscope", "seed"),
    "dims": lambda value: _DIMS.check(value, "microscope", "dims"),
}
_DEFAULTS: dict[str, Json] = {"vector": "difference", "compressor": "st_hosvd", "bits": 4096, "seed": 0, "dims": "auto"}

NOT_A_QUESTION = Text(
    'a question is a JSON object such as {{"ask": "look"}}, got {given}',
    'вопрос — это объект JSON вида {{"ask": "look"}}, а получено {given}',
)
UNKNOWN = Text("ask={ask}: one of {known} is expected", "ask={ask}: ожидается одно из {known}")
NO_FIELD = Text("the question {ask} has no field {field}; its fields: {known}", "у вопроса {ask} нет поля {field}; есть поля: {known}")
TOO_LONG = Text(
    "this vector has {d:number|numbers}; all operators at once are tried on at most {most}",
    "в этом векторе {d:число|числа|чисел}; все операторы сразу сравниваются не больше чем на {most}",
)
BAD_FOLD = Text(
    "{dims} has {cells:cell|cells}; a fold for d = {d} has at least as many and at most {most}",
    "в {dims} {cells:ячейка|ячейки|ячеек}; тензор для d = {d} вмещает не меньше d и не больше {most}",
)
