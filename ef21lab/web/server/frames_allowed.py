"""Whose pages may show the lab in a frame: those of its own address, and of the sites that its operator names."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ef21lab.choices.text import Refusal, Text

VARIABLE = "EF21LAB_FRAMES"
SITE = re.compile(r"https?://(?:\*\.)?[A-Za-z0-9.-]+(?::[0-9]+|:\*)?")
ANY = "*"


def sites(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The sites that EF21LAB_FRAMES names, blanks between; `*` is any. Raises Refusal for what is no site."""
    named = environment.get(VARIABLE, "").split()
    for site in named:
        if site != ANY and not SITE.fullmatch(site):
            raise Refusal(NO_SITE.format(site=site))
    return named


def framed() -> Middleware:
    """Says so with every document, `Content-Security-Policy: frame-ancestors 'self' …`; browsers keep to it."""
    return Middleware(Framed, policy=" ".join(["frame-ancestors", "'self'", *sites()]))


class Framed:
    """Adds the policy to what a browser could show as a page."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app, self._header = app, (b"content-security-policy", policy.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message["headers"]):
                message = {**message, "headers": [*message["headers"], self._header]}
            await send(message)

        await self._app(scope, receive, told)


def _is_page(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers)


NO_SITE = Text(
    "EF21LAB_FRAMES names {site}: a site is written as https://moodle.uni.example, or * for any",
    "в EF21LAB_FRAMES указано {site}: сайт записывается как https://moodle.uni.example, а любой — как *",
)
