"""What the store keeps of a run, as bytes: npz archives without pickle, whose checksums tell a damaged one."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from ef21lab.channels.snapshot import Snapshot
from ef21lab.problems.base import Facts
from ef21lab.runs.loop import Checkpoint
from ef21lab.runs.record import kept_names
from ef21lab.runs.trace import Trace

T = TypeVar("T")


# Version 0.1.0 did not write the columns' names.
FIRST_COLUMNS = ("round", "loss", "grad_norm_sq", "distortion", "bits_up", "floats_up", "bits_down", "seconds", "moved")


class Unreadable(Exception):
    """Bytes that are not what was written."""


def trace_blob(trace: Trace) -> bytes:
    """Columns by name, and contraction; snapshots are kept apart. Every column is exact in float64, rounds included."""
    table = np.stack([np.asarray(trace[name], dtype=float) for name in trace.names])  # (columns, records)
    return _packed({"names": np.array(trace.names), "table": table, "contraction": trace.contraction})


def trace_from(blob: bytes) -> Trace:
    return _read(blob, _trace)


def checkpoint_blob(checkpoint: Checkpoint) -> bytes:
    progress = np.array([checkpoint.round, checkpoint.seconds])
    state = {f"state.{name}": array for name, array in checkpoint.state.items()}
    bill = {f"bill.{name}": array for name, array in checkpoint.bill.items()}
    return _packed({"progress": progress, "lanes": checkpoint.lanes, "alive": checkpoint.alive, **state, **bill})


def checkpoint_from(blob: bytes) -> Checkpoint:
    return _read(blob, _checkpoint)


def point_blob(x: np.ndarray) -> bytes:
    return _packed({"x": x})


def point_from(blob: bytes) -> np.ndarray:
    return _read(blob, lambda arrays: arrays["x"])


def snapshot_blob(snapshot: Snapshot) -> bytes:
    return _packed(snapshot._asdict())


def snapshot_from(blob: bytes) -> Snapshot:
    return _read(blob, lambda arrays: Snapshot(**arrays))


def facts_blob(facts: Facts) -> bytes:
    sides = [len(shape) for shape in facts.layout]
    return _packed(
        {
            "counts": np.array([facts.d, facts.nodes, facts.rows, facts.entries, facts.convex]),
            "orders": np.array(sides, dtype=int),
            "sides": np.array([side for shape in facts.layout for side in shape], dtype=int),
            "smoothness": np.array(np.nan if facts.smoothness is None else facts.smoothness),
            "node_smoothness": np.empty(0) if facts.node_smoothness is None else facts.node_smoothness,
            "mu": np.array(np.nan if facts.mu is None else facts.mu),
            "node_rows": facts.node_rows,
            "lowest": np.array(facts.lowest),
            "node_mu": np.zeros(facts.nodes) if facts.node_mu is None else facts.node_mu,
            "pooled": np.array(np.nan if facts.pooled_smoothness is None else facts.pooled_smoothness),
        }
    )


def facts_from(blob: bytes) -> Facts:
    return _read(blob, _facts)


def _trace(arrays: Mapping[str, np.ndarray]) -> Trace:
    names = [str(name) for name in arrays.get("names", np.array(FIRST_COLUMNS))]
    found = dict(zip(names, arrays["table"], strict=True))
    columns = {
        name: found.get(name, np.full(len(found["round"]), np.nan)) for name in kept_names(names)
    }  # what was not measured then is not known
    return Trace({**columns, "round": columns["round"].astype(int)}, arrays["contraction"])


def _checkpoint(arrays: Mapping[str, np.ndarray]) -> Checkpoint:
    (round, seconds), alive = arrays["progress"], arrays["alive"]
    lanes = arrays.get("lanes", np.arange(len(alive)))  # version 0.1.0 kept all of them
    return Checkpoint(int(round), float(seconds), lanes, alive, _under("state.", arrays), _under("bill.", arrays))


def _facts(arrays: Mapping[str, np.ndarray]) -> Facts:
    d, nodes, rows, entries, convex = map(int, arrays["counts"])
    ends = np.cumsum(arrays["orders"])[:-1]
    layout = tuple(tuple(map(int, shape)) for shape in np.split(arrays["sides"], ends))
    L, mu, pooled = float(arrays["smoothness"]), float(arrays["mu"]), float(arrays["pooled"])
    return Facts(
        d=d,
        nodes=nodes,
        rows=rows,
        layout=layout,
        smoothness=None if np.isnan(L) else L,
        node_smoothness=arrays["node_smoothness"] if len(arrays["node_smoothness"]) else None,
        mu=None if np.isnan(mu) else mu,
        entries=entries,
        node_rows=arrays["node_rows"],
        convex=bool(convex),
        lowest=float(arrays["lowest"]),
        node_mu=arrays["node_mu"],
        pooled_smoothness=None if np.isnan(pooled) else pooled,
    )


def _under(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _packed(arrays: Mapping[str, Any]) -> bytes:
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **arrays)
    return out.getvalue()


def _read(blob: bytes, build: Callable[[Mapping[str, np.ndarray]], T]) -> T:
    """What `build` makes of the arrays. Raises Unreadable for anything but a whole archive that `build` understands."""
    try:
        with np.load(io.BytesIO(blob), allow_pickle=False) as archive:
            return build({name: archive[name] for name in archive.files})
    except (zipfile.BadZipFile, zlib.error, ValueError, KeyError, TypeError, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Unreadable(str(error)) from error
