"""Finished runs taken out of the record, whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ef21lab.choices.text import Refusal, Text
from ef21lab.jobs.store import Store
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace

NOT_DONE = Text(
    "run {key} is not finished here, or was deleted, or its records are lost: ask for it again",
    "запуск {key} здесь не завершён, удалён или его записи утрачены: запросите его снова",
)
EARLIER = Text(
    "run {key} was computed by an earlier version, in which the same run gave other numbers: ask for it again",
    "запуск {key} — из более ранней версии, где тот же запуск давал другие числа: запросите его снова",
)


def finished(store: Store, keys: Sequence[str]) -> list[tuple[RunSpec, Trace]]:
    """These runs with the x that they came to. Raises Refusal for one that is not done, is lost, or is of other rules than today's."""
    found = []
    for key in keys:
        status, spec, trace = store.status(key), store.spec(key), store.trace(key)
        if status is None or spec is None or status.state != "done" or not len(trace):
            raise Refusal(NOT_DONE.format(key=key))
        if spec.key != key:
            raise Refusal(EARLIER.format(key=key))
        found.append((spec, replace(trace, x=store.point(key), spec=spec)))
    return found


def whole(store: Store, key: str) -> Trace:
    """All that is kept of a run: its records, its snapshots, its x."""
    shots = {round: shot for round in store.snapshot_rounds(key) if (shot := store.snapshot(key, round)) is not None}
    return replace(store.trace(key), snapshots=shots, x=store.point(key), spec=store.spec(key))
