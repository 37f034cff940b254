"""A visitor without a browser: opens a page as Streamlit's own front end does, and follows the runs that the page shows.

What a browser does besides costs the server little, for it is cached after the first page: files of the front end, pictures, the chart's.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import websockets
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

Socket = websockets.ClientConnection
Closed = websockets.ConnectionClosed

CHART = "ef21lab_live"  # the component whose data name the runs


@dataclass
class Page:
    """What one drawing of a page showed."""

    keys: list[str] = field(default_factory=list)  # of its runs
    refusals: list[str] = field(default_factory=list)


@contextlib.asynccontextmanager
async def visit(port: int) -> AsyncIterator[Socket]:
    """A tab: a socket to the server, which holds a session for it."""
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with websockets.connect(address, subprotocols=["streamlit"], max_size=None, open_timeout=60, ping_interval=None) as socket:
        yield socket


async def draw(socket: Socket, port: int, query: str = "", name: str = "") -> Page:
    """Have a page drawn at this address, the first one unless told."""
    page = Page()
    await socket.send(_opening(port, query, name).SerializeToString())
    async for raw in socket:
        message = ForwardMsg.FromString(bytes(raw))
        kind = message.WhichOneof("type")
        if kind == "delta":
            _note(message.delta, page)
        elif kind == "script_finished":
            break
    return page


async def follow(port: int, keys: list[str]) -> AsyncIterator[dict[str, Any]]:
    """The news of these runs, as the chart gets them, until all have ended. Raises OSError where the server answers with anything else."""
    if not keys:
        return
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    try:
        writer.write(f"GET /api/events?runs={','.join(keys)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        status = (await reader.readline()).decode().strip()
        if " 200 " not in f"{status} ":
            raise OSError(status)
        while line := await reader.readline():
            if line.startswith(b"data: "):
                yield json.loads(line[6:])
    finally:
        writer.close()


def _opening(port: int, query: str, name: str) -> BackMsg:
    """What a browser says first."""
    message = BackMsg()
    message.rerun_script.query_string, message.rerun_script.page_name = query, name
    about = message.rerun_script.context_info
    about.timezone, about.locale, about.url = "UTC", "en-US", f"http://127.0.0.1:{port}/{name}?{query}"
    return message


def _note(delta: Delta, page: Page) -> None:
    element = delta.new_element
    kind = element.WhichOneof("type")
    if kind == "alert" and element.alert.format in (Alert.ERROR, Alert.WARNING):
        page.refusals.append(element.alert.body)
    elif kind == "bidi_component" and element.bidi_component.component_name.endswith(CHART):
        page.keys = [run["key"] for run in json.loads(element.bidi_component.json)["runs"]]
