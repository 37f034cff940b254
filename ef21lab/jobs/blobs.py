"""What the store keeps of a run, as bytes: npz archives without pickle, whose checksums tell a damaged one."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np

from ef21lab.channels.snapshot import Snapshot
from ef21lab.problems.base import Facts
from ef21lab.runs.besides import besides, together
from ef21lab.runs.checkpoint import Checkpoint
from ef21lab.runs.record import kept_names
from ef21lab.runs.trace import Trace

T = TypeVar("T")


# Version 0.1.0 did not write the columns' names.
FIRST_COLUMNS = ("round", "loss", "grad_norm_sq", "distortion", "bits_up", "floats_up", "bits_down", "seconds", "moved")


# Records of a zip archive whose members are not compressed.
MEMBER, ENTRY, END = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s4H2LH")
STORED = (20, 1 << 11, 0, 0, 0x21)  # since version 2.0, names in UTF-8, no compression, of the first of January 1980


class Unreadable(Exception):
    """Bytes that are not what was written."""


def trace_blob(trace: Trace) -> bytes:
    """Columns by name, contraction, and what is said of a network's layers; snapshots and x are kept apart. All is exact in float64."""
    table = np.stack([np.asarray(trace[name], dtype=float) for name in trace.names])  # (columns, records)
    return _packed({"names": np.array(trace.names), "table": table, **besides(replace(trace, x=None))})


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
    return together({**columns, "round": columns["round"].astype(int)}, arrays)


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
    """What np.savez writes, byte by byte a sixth of its time: a finished run has a hundred and more of them."""
    members, entries, at = [], [], 0
    for name, value in arrays.items():
        array = np.asarray(value)
        file, body = f"{name}.npy".encode(), _header(array.dtype, array.shape) + array.tobytes()
        about = (*STORED, zlib.crc32(body), len(body), len(body), len(file), 0)
        members += [MEMBER.pack(b"PK\3\4", *about), file, body]
        entries += [ENTRY.pack(b"PK\1\2", 20, *about, 0, 0, 0, 0, at), file]
        at += MEMBER.size + len(file) + len(body)
    directory = b"".join(entries)
    return b"".join([*members, directory, END.pack(b"PK\5\6", 0, 0, len(arrays), len(arrays), len(directory), at, 0)])


@lru_cache(maxsize=512)
def _header(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    """How an array of this kind begins in a file of its own."""
    if dtype.hasobject:
        raise ValueError(f"an array of {dtype} is not kept: nothing here is pickled")
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(out, {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape})
    return out.getvalue()


def _read(blob: bytes, build: Callable[[Mapping[str, np.ndarray]], T]) -> T:
    """What `build` makes of the arrays. Raises Unreadable for anything but a whole archive that `build` understands."""
    try:
        with np.load(io.BytesIO(blob), allow_pickle=False) as archive:
            return build({name: archive[name] for name in archive.files})
    except (zipfile.BadZipFile, zlib.error, ValueError, KeyError, TypeError, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Unreadable(str(error)) from error
