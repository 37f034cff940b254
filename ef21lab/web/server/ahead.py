"""The page's own document tells the browser at once which large file the page will need: it is fetched while the front end starts."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ef21lab.web.server import assets

PAGES = ("", "/", "/experiment")  # those that draw the live chart; the first page has all three


def ahead(base: str) -> Middleware:
    """For a lab that is served under `base`."""
    return Middleware(Ahead, base=base)


class Ahead:
    """Adds `Link: <…/plotly.min.js>; rel=preload; as=script` to the document of these pages, under `base`.

    One short header: proxies give the headers of an answer a few kilobytes.
    """

    def __init__(self, app: ASGIApp, base: str = "") -> None:
        self._app, self._pages = app, {base + page for page in PAGES}
        self._link = (b"link", f"<{base}{assets.url(assets.PLOTLY)}>; rel=preload; as=script".encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in self._pages:
            await self._app(scope, receive, send)
            return

        async def linked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], self._link]}
            await send(message)

        await self._app(scope, receive, linked)
