"""Every kind of file that keeps a trace keeps all of it; files of earlier versions are read as before."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ef21lab
from ef21lab.choices.text import Refusal
from ef21lab.jobs import taken
from ef21lab.jobs.store import Store
from ef21lab.reports.data import Reported, packed, unpacked
from ef21lab.runs.record import Layers
from ef21lab.runs.spec import KEY_SALT, RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.sweeps.kept import Folder
from ef21lab.sweeps.work import Ended

SPEC = RunSpec.make({"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 3}, "rounds": 4, "record_every": 2})
LAYERS = Layers(*np.random.default_rng(0).normal(size=(3, 3, 5)))  # 3 records of 5 layers
LAYERS.bits_up[1:] = np.nan


def by_save(trace: Trace, folder: Path) -> Trace:
    return ef21lab.load(trace.save(folder / "trace.npz"))


def by_report(trace: Trace, folder: Path) -> Trace:
    return unpacked(packed([Reported(SPEC, trace)]))[0].trace


def by_sweep(trace: Trace, folder: Path) -> Trace:
    Folder(folder).put(SPEC, Ended(trace, None, SPEC))
    found = Folder(folder).get(SPEC)
    assert found is not None
    assert found.trace is not None
    return found.trace


def by_record(trace: Trace, folder: Path) -> Trace:
    store = Store(folder / "runs.db")
    assert store.adopt(SPEC, trace)
    return taken.whole(store, SPEC.key)


Keep = Callable[[Trace, Path], Trace]
KINDS: list[Keep] = [by_save, by_report, by_sweep, by_record]


@pytest.fixture(scope="module")
def trace() -> Trace:
    return dataclasses.replace(ef21lab.run(SPEC), layers=LAYERS)


@pytest.mark.parametrize("keep", KINDS)
@pytest.mark.parametrize("left_out", [(), ("x",), ("layers",), ("x", "layers")], ids=str)
def test_whatever_a_trace_knows_comes_back(keep: Keep, left_out: tuple[str, ...], trace: Trace, tmp_path: Path) -> None:
    """Whichever fields it has: one that is added and forgotten in a file is found here."""
    given = dataclasses.replace(trace, **dict.fromkeys(left_out))
    found = keep(given, tmp_path)
    for field in {each.name for each in dataclasses.fields(Trace)} - {"snapshots", "spec"}:
        kept, before = getattr(found, field), getattr(given, field)
        if before is None:
            assert kept is None, field
            continue
        if isinstance(before, dict):
            assert kept.keys() == before.keys()
            kept, before = list(kept.values()), list(before.values())
        for one, other in zip(kept, before, strict=True):
            np.testing.assert_array_equal(one, other, err_msg=field)


# Files as version 0.1.0 wrote them


def older_save(trace: Trace, folder: Path) -> Trace:
    about = {"ef21lab": 1, "salt": KEY_SALT, "spec": SPEC.json()}
    columns = {f"column {name}": each for name, each in trace.columns.items()}
    np.savez(folder / "old.npz", about=np.array(json.dumps(about)), contraction=trace.contraction, x=trace.x, **columns)
    return ef21lab.load(folder / "old.npz")


def numbers(array: np.ndarray) -> str:
    return base64.b64encode(np.asarray(array, dtype="<f8").tobytes()).decode()


def older_report(trace: Trace, folder: Path, **more: Any) -> Trace:
    table = np.array([trace[name] for name in trace.names])
    told = {
        "key": SPEC.key,
        "spec": SPEC.json(),
        "names": list(trace.names),
        "shape": list(trace.contraction.shape),
        "table": numbers(table),
        "contraction": numbers(trace.contraction),
        "x": numbers(trace.x),
        **more,
    }
    inside = json.dumps({"salt": KEY_SALT, "version": "0.1.0", "runs": [told]}).encode()
    content = base64.b64encode(zlib.compress(inside)).decode()
    return unpacked(json.dumps({"ef21lab": 1, "sha256": hashlib.sha256(content.encode()).hexdigest(), "content": content}))[0].trace


def older_sweep(trace: Trace, folder: Path, **more: Any) -> Trace:
    columns = {f"column:{name}": each for name, each in trace.columns.items()}
    ran = np.array(json.dumps(SPEC.json()))
    np.savez(folder / f"{SPEC.key}.npz", spec=ran, ran=ran, contraction=trace.contraction, x=trace.x, **columns, **more)
    found = Folder(folder).get(SPEC)
    assert found is not None
    assert found.trace is not None
    return found.trace


@pytest.mark.parametrize("older", [older_save, older_report, older_sweep])
def test_an_older_file_opens_without_what_it_does_not_know(older: Keep, trace: Trace, tmp_path: Path) -> None:
    found = older(trace, tmp_path)
    assert found.layers is None
    assert found.names == trace.names
    for name in trace.names:
        np.testing.assert_array_equal(found[name], trace[name])
    np.testing.assert_array_equal(found.contraction, trace.contraction)
    np.testing.assert_array_equal(found.x, trace.x)


def test_a_folder_of_a_later_version_is_computed_anew(trace: Trace, tmp_path: Path) -> None:
    older_sweep(trace, tmp_path, format=np.array(2))
    path = tmp_path / f"{SPEC.key}.npz"
    with np.load(path) as found:
        np.savez(path, **{**found, "format": np.array(3)})
    assert Folder(tmp_path).get(SPEC) is None


FLAT = {"shape": [9], "numbers": numbers(np.zeros(9))}
SHORT = {"shape": [2, 5], "numbers": numbers(np.zeros((2, 5)))}
WHOLE = {"shape": [3, 5], "numbers": numbers(np.zeros((3, 5)))}


@pytest.mark.parametrize(
    "changed",
    [
        {"contraction": FLAT},
        {"x": WHOLE},
        {"layers.energy": SHORT},
        {"layers.energy": FLAT},
        {"layers.energy": {**WHOLE, "shape": [4, 5]}},
        {"layers.energy": {**WHOLE, "shape": "3x5"}},
        {"layers.other": WHOLE},
        {"layers.bits_up": None},
    ],
    ids=str,
)
def test_layers_that_fit_no_records_are_no_whole_run(changed: Any, trace: Trace) -> None:
    right = {"contraction": trace.contraction, **{f"layers.{name}": each for name, each in LAYERS._asdict().items()}}
    arrays = {name: {"shape": list(each.shape), "numbers": numbers(each)} for name, each in right.items()} | changed
    with pytest.raises(Refusal, match="is no whole run"):
        older_report(trace, Path(), besides={name: each for name, each in arrays.items() if each is not None})
