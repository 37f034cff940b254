"""What the routes refuse, each kind with its own code of HTTP, and how it is said."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ef21lab.choices.text import Refusal, Text

Handler = Callable[[Request], Awaitable[Response]]

READING = ("GET", "HEAD")
ANY = [*READING, "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
NO_STORE = {"Cache-Control": "no-store"}


class Missing(Refusal):
    """There is nothing under that name."""


class Unwritable(Refusal):
    """Nothing is changed through these routes."""


class Foreign(Refusal):
    """Another site's page asks."""


class Busy(Refusal):
    """The server has no room for one more."""


CODES: dict[type[Refusal], int] = {Missing: 404, Busy: 503, Foreign: 403, Unwritable: 405}


async def nothing(request: Request) -> Response:
    """Any other path under /api, and any other method than GET: else the pages' own server would answer it with a page."""
    if request.method in READING:
        raise Missing(Text("there is nothing at {path}", "по адресу {path} ничего нет").format(path=request.url.path[:80]))
    raise Unwritable(
        Text("{method}: here is only what is read, with GET", "{method}: здесь можно только читать, через GET").format(
            method=request.method
        )
    )


def in_words(handler: Handler) -> Handler:
    """The handler, its refusals answered as {"error": {en, ru}}."""

    @functools.wraps(handler, updated=())
    async def answered(request: Request) -> Response:
        try:
            return await handler(request)
        except Refusal as refusal:
            code = next((code for kind, code in CODES.items() if isinstance(refusal, kind)), 400)
            allowed = {"Allow": ", ".join(READING)} if code == CODES[Unwritable] else {}
            return JSONResponse({"error": {"en": refusal.text.en, "ru": refusal.text.ru}}, code, headers={**NO_STORE, **allowed})

    return answered
