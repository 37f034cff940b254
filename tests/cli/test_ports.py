"""The port of a process that is being started stays its own until it listens there."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from ef21lab.cli import ports

GIVEN = Path("/proc/sys/net/ipv4/ip_local_port_range")


@pytest.mark.skipif(not GIVEN.exists(), reason="the system does not say which ports it gives away")
def test_a_free_port_is_none_that_the_system_gives_to_others_meanwhile() -> None:
    first, last = map(int, GIVEN.read_text().split())
    assert not set(ports.OURS) & set(range(first, last + 1))
    assert ports.free_port() in ports.OURS


def test_one_that_is_used_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    one = ports.free_port()
    monkeypatch.setattr(ports, "OURS", range(one, one + 2))
    with socket.create_server((ports.LOOPBACK, one)):
        assert ports.free_port() == one + 1
        with socket.create_server((ports.LOOPBACK, one + 1)), pytest.raises(OSError, match="no free port"):
            ports.free_port()
