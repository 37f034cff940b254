"""The first page is found under its own name too, with all that an address says of it."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette

from ef21lab.ui.kit.router import page_files
from ef21lab.web.server.by_name import FIRST_PAGE, by_name


def test_it_is_the_page_that_stands_first() -> None:
    assert page_files()[0].path.stem == FIRST_PAGE


@pytest.mark.parametrize("base", ["", "/lab"])
@pytest.mark.parametrize("query", ["", "?rounds=7&note.1=a%20%26%20b&lang=ru&v=4"])
def test_its_name_leads_to_the_root_of_the_lab_with_the_same_words(base: str, query: str) -> None:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=[by_name(base)])), base_url="http://lab") as client:
            return await client.get(f"{base}/{FIRST_PAGE}{query}")

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.headers["location"]) == (307, f"{base}/{query}")
