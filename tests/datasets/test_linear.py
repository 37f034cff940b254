"""Reading takes time in proportion to the file, whatever is in it: ten times the bytes cost about ten times the calls, not a hundred."""

from __future__ import annotations

import contextlib
import sys
import time

import pytest

from ef21lab.choices.text import Refusal
from ef21lab.datasets.readers.libsvm import is_libsvm, parse_libsvm
from ef21lab.datasets.readers.table import read_csv

HOSTILE = {
    "spaces": b" ",
    "tabs": b"\t",
    "quotes": b'"',
    "quoted": b'"a" ',
    "digits": b"1",
    "points": b"1.",
    "signs": b"-",
    "exponents": b"1e",
    "commas": b"1,",
    "colons": b"1:1 ",
    "blank colons": b"1: ",
    "lines": b"\n",
    "returns": b"\r",
    "words": b"a,b\n",
    "numbered": b"1,2\n",
    "hashes": b"#",
    "nothing": b"\x00",
}


def seconds(read: object, content: bytes) -> float:
    """Of this process alone, the best of three."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        with contextlib.suppress(Refusal):
            read(content)  # type: ignore[operator]
        best = min(best, time.process_time() - began)
    return best


@pytest.mark.parametrize("read", [read_csv, lambda content: parse_libsvm(content, "x"), is_libsvm], ids=["csv", "libsvm", "which"])
@pytest.mark.parametrize("name", HOSTILE)
def test_sixteen_times_the_bytes_do_not_take_a_hundred_times_the_time(name: str, read: object) -> None:
    """A quadratic reader takes 256 times as long; a linear one 16, and the floor takes care of what is too short to be measured."""
    few = HOSTILE[name] * (20_000 // len(HOSTILE[name]))
    floor = 2e-3
    assert seconds(read, few * 16) < 100 * max(seconds(read, few), floor)


def test_the_deepest_reader_needs_no_deep_stack() -> None:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(200)
    try:
        with pytest.raises(Refusal):
            read_csv(b"(" * 100_000)
    finally:
        sys.setrecursionlimit(before)
