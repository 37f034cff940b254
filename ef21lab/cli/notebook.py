"""`lab.open`: the lab in the browser, from a program or a notebook."""

from __future__ import annotations

import atexit
import contextlib
import os
import webbrowser
from collections.abc import Mapping, Sequence
from typing import Any

from ef21lab.address.links import HERE, linked
from ef21lab.cli import opening
from ef21lab.runs.spec import RunSpec

_own = contextlib.ExitStack()  # the lab that this program has started, which ends with it
_bases: list[str] = []  # where that one answers


def open(given: RunSpec | Mapping[str, Any] | Sequence[Any] | None = None, browser: bool = True) -> str:
    """The address at which the lab shows these runs, one or several that one page shows, or its first page; a browser goes there.

    Where no lab runs on this machine, one is started, which ends with this program. Raises Refusal for runs that no page shows, and where
    no lab can be started.
    """
    asked = [] if given is None else [given] if isinstance(given, (RunSpec, Mapping)) else [*given]
    runs = [RunSpec.here(one) for one in asked]
    if runs:
        linked(runs)  # what no page shows is refused before anything starts
    base = next((base for base in (*_bases, HERE) if opening.is_a_lab(base)), None) or _start()
    address = linked(runs, base) if runs else base
    if browser:
        webbrowser.open(address)
    return address


def _start() -> str:
    port = opening.free(None)
    _own.enter_context(opening.serving(opening.LOOPBACK, port, os.environ))
    atexit.register(_own.close)
    _bases.append(f"http://{opening.LOOPBACK}:{port}")
    return _bases[-1]
