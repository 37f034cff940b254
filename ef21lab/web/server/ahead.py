"""The page's own document tells the browser at once what it will need: the largest file, and the curves where they are known.

The file is fetched, and the curves are to be seen, while the front end starts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ef21lab.choices.text import Language
from ef21lab.web.server import assets

PAGES = ("", "/", "/experiment")  # those that draw the live chart; the first page has all three
ROOT = b'<div id="root"></div>'  # of Streamlit's document: what stands behind it is over the page
ABOUT_THE_FILE = ("content-length", "etag", "last-modified")  # headers that the document has no more once something was added
CONDITIONS = (b"if-none-match", b"if-modified-since", b"range")

Picture = Callable[[str, Language], str]  # what is added at an address with this query, for a browser of this language


def ahead(base: str, picture: Picture = lambda query, language: "") -> Middleware:
    """For a lab that is served under `base`."""
    return Middleware(Ahead, base=base, picture=picture)


class Ahead:
    """Adds `Link: <…/plotly.min.js>; rel=preload; as=script` to the document of these pages, under `base`, and to its body the picture.

    One short header: proxies give the headers of an answer a few kilobytes. The head of the document is sent before the picture is asked
    for, so that the browser fetches meanwhile what it names.
    """

    def __init__(self, app: ASGIApp, base: str = "", picture: Picture = lambda query, language: "") -> None:
        self._app, self._pages, self._picture = app, {base + page for page in PAGES}, picture
        self._link = f"<{base}{assets.url(assets.PLOTLY)}>; rel=preload; as=script"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in self._pages:
            await self._app(scope, receive, send)
            return
        whole = {**scope, "headers": [(name, value) for name, value in scope["headers"] if name.lower() not in CONDITIONS]}
        await self._app(whole, receive, _Document(self, scope, send))

    def linked(self, message: Message, *, longer: bool) -> Message:
        """The head of the answer; `longer`: more will come than it says."""
        headers = MutableHeaders(raw=list(message["headers"]))
        headers.append("link", self._link)
        for name in ABOUT_THE_FILE if longer else ():
            del headers[name]
        return {**message, "headers": headers.raw}

    async def added(self, scope: Scope) -> bytes:
        """The picture of this address."""
        query = scope["query_string"].decode("latin-1")
        return (await asyncio.to_thread(self._picture, query, _language(Headers(scope=scope)))).encode()


class _Document:
    """Passes a document on, and puts the picture behind the place of the page."""

    def __init__(self, ahead: Ahead, scope: Scope, send: Send) -> None:
        self._ahead, self._scope, self._send = ahead, scope, send
        self._grows = False  # it is a page that a browser gets

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            is_page = message["status"] == 200 and Headers(raw=message["headers"]).get("content-type", "").startswith("text/html")
            self._grows = is_page and self._scope["method"] == "GET"
            message = self._ahead.linked(message, longer=self._grows)
        elif self._grows and ROOT in (body := message.get("body", b"")):
            before, _, after = body.partition(ROOT)
            await self._send({**message, "body": before + ROOT, "more_body": True})
            message = {**message, "body": await self._ahead.added(self._scope) + after}
        await self._send(message)


def _language(headers: Headers) -> Language:
    """What a browser speaks first, which is what its page will."""
    return "ru" if headers.get("accept-language", "").strip().lower().startswith("ru") else "en"
