"""Whose pages may show the lab in a frame is said with every page, and with nothing else; who is let in is named as a site."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from ef21lab.choices.text import Refusal
from ef21lab.web.server.frames_allowed import framed, sites


async def page(request: Request) -> Response:
    return HTMLResponse("<p>lab</p>")


async def data(request: Request) -> Response:
    return JSONResponse({})


def policy(path: str) -> str | None:
    app = Starlette(routes=[Route("/", page), Route("/data", data)], middleware=[framed()])

    async def asked() -> str | None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://lab") as client:
            return (await client.get(path)).headers.get("content-security-policy")

    return asyncio.run(asked())


def test_nobody_else_is_let_in_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EF21LAB_FRAMES", raising=False)
    assert policy("/") == "frame-ancestors 'self'"
    monkeypatch.setenv("EF21LAB_FRAMES", "https://moodle.uni.example  http://localhost:*")
    assert policy("/") == "frame-ancestors 'self' https://moodle.uni.example http://localhost:*"
    assert policy("/data") is None


@pytest.mark.parametrize(
    "site", ["moodle.uni.example", "https://", "https://a.example/path", "https://a;script-src", "'none'", "ftp://a.example"]
)
def test_what_is_no_site_is_refused_in_words(site: str) -> None:
    with pytest.raises(Refusal, match="is written as https://moodle.uni.example"):
        sites({"EF21LAB_FRAMES": f"https://a.example {site}"})


@pytest.mark.parametrize("site", ["*", "https://a.example", "https://*.a.example", "http://localhost:8888", "http://localhost:*"])
def test_sites_of_every_kind_are_taken(site: str) -> None:
    assert sites({"EF21LAB_FRAMES": site}) == [site]
