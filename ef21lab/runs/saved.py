"""A trace as one file: its columns, contractions, layers and x to the last bit, and the run that it is of."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Refusal, Text, quoted
from ef21lab.runs.besides import besides, together
from ef21lab.runs.record import COLUMNS
from ef21lab.runs.spec import KEY_SALT, RunSpec
from ef21lab.runs.trace import Trace

FORMATS = (1, 2)  # that are read; the last is written, the first has no layers
DAMAGED = (  # whatever a bit that is wrong makes zipfile, NumPy and json raise
    *(ValueError, KeyError, TypeError, EOFError, AttributeError, RecursionError, NotImplementedError, RuntimeError),
    *(BadZipFile, zlib.error),
)
NAMED = "column "  # before the names of columns


def save(trace: Trace, path: str | Path) -> Path:
    """Write a NumPy archive (.npz) that `load` reads, and numpy.load too; snapshots of messages stay out. The path.

    A run with functions in it has no JSON, and its trace is saved without it. Raises Refusal where nothing can be written there.
    """
    spec = trace.spec
    about = {"ef21lab": FORMATS[-1], "salt": KEY_SALT, "spec": None if spec is None or spec.unnamed else spec.json()}
    arrays = {NAMED + name: column for name, column in trace.columns.items()} | besides(trace)
    try:
        target = Path(path).expanduser()
        with target.open("wb") as out:
            np.savez_compressed(out, allow_pickle=False, about=np.array(json.dumps(about)), **arrays)
    except (OSError, ValueError, RuntimeError) as error:  # the last of a ~user who does not exist
        why = getattr(error, "strerror", None) or str(error)
        raise Refusal(UNWRITTEN.format(path=quoted(str(path)), why=quoted(why))) from None
    return target


def load(path: str | Path) -> Trace:
    """The trace that `save` has written. Raises Refusal for what is no such file, is damaged, or is a run that this lab cannot make."""
    try:
        with np.load(Path(path).expanduser(), allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        about = json.loads(str(arrays["about"]))
        if about["ef21lab"] not in FORMATS:
            raise Refusal(OTHER_FORMAT.format(path=quoted(str(path)), found=shown(about["ef21lab"]), known=FORMATS[-1]))
        columns = {name.removeprefix(NAMED): array for name, array in arrays.items() if name.startswith(NAMED)}
        spec = about["spec"]
        trace = together(columns, arrays)
        _check_whole(trace)
    except OSError as error:
        raise Refusal(UNREAD.format(path=quoted(str(path)), why=quoted(error.strerror or "no trace"))) from None
    except Refusal:
        raise
    except DAMAGED:
        raise Refusal(NO_TRACE.format(path=quoted(str(path)))) from None
    return trace.of(None if spec is None else RunSpec.make(spec))


def _check_whole(trace: Trace) -> None:
    """Raises ValueError where a column that every trace has is missing, or arrays are not of one length and of numbers."""
    if not trace.columns.keys() >= set(COLUMNS):
        raise ValueError("columns")
    numbers = [*trace.columns.values(), trace.contraction, *([] if trace.x is None else [trace.x]), *(trace.layers or ())]
    shapes = {column.shape for column in trace.columns.values()}
    if shapes != {(len(trace),)} or trace.contraction.shape[:1] != (len(trace),) or trace.contraction.ndim != 2:
        raise ValueError("records")
    if any(array.dtype.kind not in "biuf" for array in numbers) or (trace.x is not None and trace.x.ndim != 1):
        raise ValueError("numbers")


UNWRITTEN = Text("cannot write {path}: {why}", "не удаётся записать {path}: {why}")
UNREAD = Text("cannot read {path}: {why}", "не удаётся прочесть {path}: {why}")
NO_TRACE = Text("{path} is no trace, or is damaged: trace.save writes them", "{path} — не файл из trace.save или он повреждён")
OTHER_FORMAT = Text(
    "{path} is of format {found}, and this lab reads formats up to {known}: a newer lab has made it",
    "{path} в формате {found}, а эта лаборатория читает форматы до {known}: файл сделала более новая",
)
