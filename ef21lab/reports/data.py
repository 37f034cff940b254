"""Runs as text that says exactly what they are: every number to its last bit, and a hash by which damage is told."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

import ef21lab
from ef21lab.choices.fields import Json, shown
from ef21lab.choices.text import Refusal, Text
from ef21lab.runs.besides import besides, together
from ef21lab.runs.record import kept_names
from ef21lab.runs.spec import KEY_SALT, RunSpec
from ef21lab.runs.trace import Trace

FORMATS = (1, 2)  # that are read; the last is written, the first has no layers
MOST_RUNS = 1000
MOST_BYTES = 512 * 1024**2  # of what is unpacked
MEASURED = ("round", "loss", "grad_norm_sq", "bits_up")  # no record is without them


class Reported(NamedTuple):
    """A finished run; its trace has no snapshots, which are computed again where somebody looks at them."""

    spec: RunSpec
    trace: Trace


def packed(runs: Iterable[Reported]) -> str:
    """The text, in letters that mean nothing to HTML."""
    told = [{"key": run.spec.key, "spec": run.spec.json(), **_arrays(run.trace)} for run in runs]
    document = json.dumps({"salt": KEY_SALT, "version": ef21lab.__version__, "runs": told}, separators=(",", ":"), allow_nan=False)
    content = base64.b64encode(zlib.compress(document.encode(), 6)).decode("ascii")
    return json.dumps({"ef21lab": FORMATS[-1], "sha256": hashlib.sha256(content.encode()).hexdigest(), "content": content})


def unpacked(text: str) -> list[Reported]:
    """The runs of such a text, of `packed` the inverse.

    Raises Refusal for anything that is not what was written, for what is no whole run, and for runs made under other rules than today's.
    """
    document = _document(text)
    if document.get("salt") != KEY_SALT:
        raise Refusal(OTHER_RULES.format(version=str(document.get("version"))[:20]))
    told = document.get("runs")
    if not isinstance(told, list) or not 0 < len(told) <= MOST_RUNS:
        raise Refusal(DAMAGED)
    return [_run(run) for run in told]


def _arrays(trace: Trace) -> dict[str, Json]:
    names = trace.names
    table = np.stack([np.asarray(trace[name], dtype="<f8") for name in names])  # (columns, records)
    arrays = {name: {"shape": list(array.shape), "numbers": _text(array)} for name, array in besides(trace).items()}
    return {"names": list(names), "table": _text(table), "besides": arrays}


def _document(text: str) -> Mapping[str, Any]:
    try:
        outside = json.loads(text)
        if not isinstance(outside, dict) or "ef21lab" not in outside:
            raise Refusal(FOREIGN)
        if outside["ef21lab"] not in FORMATS:
            raise Refusal(OTHER_FORMAT.format(found=shown(outside["ef21lab"]), known=FORMATS[-1]))
        content = str(outside["content"])
        if hashlib.sha256(content.encode()).hexdigest() != outside["sha256"]:
            raise Refusal(DAMAGED)
        unpacking = zlib.decompressobj()
        whole = unpacking.decompress(base64.b64decode(content, validate=True), MOST_BYTES)
        if unpacking.unconsumed_tail:
            raise Refusal(TOO_MUCH.format(most=MOST_BYTES // 1024**2))
        inside = json.loads(whole)
    except Refusal:
        raise
    except (ValueError, KeyError, TypeError, zlib.error, binascii.Error, RecursionError) as error:
        raise Refusal(DAMAGED) from error
    if not isinstance(inside, dict):
        raise Refusal(DAMAGED)
    return inside


def _run(told: Any) -> Reported:
    if not isinstance(told, dict):
        raise Refusal(DAMAGED)
    spec = RunSpec.make(told.get("spec"))
    if told.get("key") != spec.key:
        raise Refusal(OTHER_KEY.format(key=shown(told.get("key"))))
    try:
        trace = _trace(told)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise Refusal(NOT_WHOLE.format(key=spec.key)) from error
    if not _is_whole(spec, trace):
        raise Refusal(NOT_WHOLE.format(key=spec.key))
    return Reported(spec, trace)


def _trace(told: Mapping[str, Any]) -> Trace:
    names, arrays = told["names"], _besides(told)
    records = len(arrays["contraction"])
    table = dict(zip(names, _numbers(told["table"]).reshape(len(names), records), strict=True))
    unknown = np.full(records, np.nan)  # what another lab did not measure
    columns = {name: table[name] if name in MEASURED else table.get(name, unknown) for name in kept_names(names)}
    columns["round"] = columns["round"].astype(int)
    return together(columns, arrays)


def _besides(told: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """What is known besides the columns; the first format named each of it."""
    if "besides" in told:
        return {name: _numbers(array["numbers"]).reshape(array["shape"]) for name, array in told["besides"].items()}
    x = {} if told["x"] is None else {"x": _numbers(told["x"])}
    return {"contraction": _numbers(told["contraction"]).reshape(told["shape"]), **x}


def _is_whole(spec: RunSpec, trace: Trace) -> bool:
    """Whether these can be the records of this run, from x⁰ to its end, which is early where its numbers overflowed or it was to stop."""
    expected = [*range(0, spec.rounds, spec.record_every), spec.rounds]
    rounds = trace["round"].tolist()
    stopped = (trace["grad_norm_sq"] <= spec.stop_at) & (spec.stop_at > 0.0)  # (records,)
    over = (trace.diverged or bool(stopped[-1:].any())) and rounds == expected[: len(rounds)]
    counted = trace["bits_up"]
    grows = bool(np.isfinite(counted).all() and (np.diff(counted) >= 0).all() and counted[0] >= 0) if len(counted) else False
    return (
        len(rounds) > 0
        and (rounds == expected or over)
        and not bool(stopped[:-1].any())
        and grows
        and trace.contraction.shape[1] == spec.partition.nodes
    )


def _text(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f8").tobytes()).decode("ascii")


def _numbers(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text, validate=True), dtype="<f8").astype(float)


FOREIGN = Text("this is no report of a lab: it holds no runs", "это не отчёт лаборатории: запусков в нём нет")
OTHER_FORMAT = Text(
    "the report is of format {found}, and this lab reads formats up to {known}: a newer lab has made it",
    "отчёт в формате {found}, а эта лаборатория читает форматы до {known}: его сделала более новая",
)
DAMAGED = Text(
    "the data of the report are damaged or were changed: they are not what its lab has written",
    "данные отчёта повреждены или изменены: лаборатория записала в него другое",
)
TOO_MUCH = Text("the report unpacks to more than {most} MB", "отчёт распаковывается больше чем в {most} МБ")
OTHER_RULES = Text(
    "the report was made by version {version} of the lab, in which the same run gives other numbers: its runs must be computed anew",
    "отчёт сделан в версии {version}, где тот же запуск даёт другие числа: его запуски нужно вычислить заново",
)
OTHER_KEY = Text(
    "the report names a run {key}, and that is not the key of its description", "в отчёте назван запуск {key}, а у его описания ключ другой"
)
NOT_WHOLE = Text(
    "what the report holds of run {key} is no whole run: its records do not fit its description",
    "запуск {key} в отчёте неполон: записи не соответствуют описанию",
)
