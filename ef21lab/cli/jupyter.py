"""The lab beside a notebook server: what jupyter-server-proxy, and with it a JupyterHub, starts for each of its users."""

from __future__ import annotations

import sys
from typing import Any

from ef21lab.served import APP


def server() -> dict[str, Any]:
    """A lab of one's own under …/ef21lab of the notebook server; it finds this by the entry point `jupyter_serverproxy_servers`.

    The proxy fills in `{port}` and `{base_url}`, and hands every path on whole, as a lab under `server.baseUrlPath` expects it.
    """
    options = {"server.port": "{port}", "server.address": "127.0.0.1", "server.baseUrlPath": "{base_url}ef21lab", "server.headless": "true"}
    given = [part for name, value in options.items() for part in (f"--{name}", value)]
    return {
        "command": [sys.executable, "-m", "streamlit", "run", str(APP), *given],
        "absolute_url": True,
        "timeout": 60,
        "new_browser_tab": True,
        "launcher_entry": {"title": "ef21lab"},
    }
