"""How many workers a host has: one for each core, and no more than its memory, or its container's, has room for."""

from __future__ import annotations

from pathlib import Path

import pytest

from ef21lab.jobs import memory

MB = 1024**2


def test_a_container_has_what_it_may_have_and_not_what_the_machine_has(tmp_path: Path) -> None:
    machine = memory.whole(())
    bound = tmp_path / "memory.max"
    for words, whole in {f"{100 * MB}\n": 100 * MB, "max\n": machine, "9223372036854771712\n": machine, "0\n": machine}.items():
        bound.write_text(words)
        assert memory.whole((str(tmp_path / "none"), str(bound))) == whole


@pytest.mark.parametrize(
    ("cores", "megabytes", "workers"), [(64, 512, 1), (64, 700, 1), (64, 1024, 3), (2, 16_000, 2), (1, 100, 1), (8, 4096, 8)]
)
def test_workers_fit_both_the_cores_and_the_memory(cores: int, megabytes: int, workers: int) -> None:
    assert memory.workers(cores, megabytes * MB) == workers


def test_pytorch_is_not_made_ready_on_the_smallest_hosts() -> None:
    assert not memory.has_room_for_torch(1, 700 * MB)
    assert memory.has_room_for_torch(1, 1024 * MB)
    assert not memory.has_room_for_torch(8, 2048 * MB)
