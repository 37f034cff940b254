"""Places for streams: as many as there are, whoever comes at the same moment, and each is free again when its stream has ended."""

import asyncio
import contextlib

import httpx
import pytest

from ef21lab import web
from ef21lab.web.server import hub
from tests.web.conftest import rows

PLACES, COMING = 5, 17


@pytest.fixture
def address(serve, source, monkeypatch):
    """Streams of a run that goes on, on a server with few places."""
    monkeypatch.setattr(hub, "MOST_STREAMS", PLACES)
    key = source.add({"rounds": 400})
    source.change(key, rows(0, 0), "running")
    return f"{serve(web.routes(source))}/api/events?runs={key}"


async def come(address, tabs):
    """COMING streams asked for at the same moment and held; how many were let in."""
    client = await tabs.enter_async_context(httpx.AsyncClient(timeout=120))
    answers = await asyncio.gather(*[tabs.enter_async_context(client.stream("GET", address)) for _ in range(COMING)])
    assert {answer.status_code for answer in answers} == {200, 503}
    return sum(answer.status_code == 200 for answer in answers)


async def come_again(address):
    """The same, once the server has noticed who has gone; at no time are more let in."""
    for _ in range(60):
        async with contextlib.AsyncExitStack() as tabs:
            if (let_in := await come(address, tabs)) >= PLACES:
                return let_in
        await asyncio.sleep(1.0)
    return let_in


def test_no_more_are_let_in_than_there_are_places_though_all_come_at_once_and_a_closed_tab_frees_its_own(address):
    async def twice():
        return [await come_again(address) for _ in range(2)]

    assert asyncio.run(twice()) == [PLACES, PLACES]


def test_who_has_gone_before_the_first_word_leaves_no_place_taken(address):
    async def hang_up():
        for _ in range(3 * PLACES):
            reader, writer = await asyncio.open_connection("127.0.0.1", int(address.split(":")[2].split("/")[0]))
            writer.write(f"GET /{address.split('/', 3)[3]} HTTP/1.1\r\nHost: lab\r\n\r\n".encode())
            await writer.drain()
            writer.transport.abort()
        return await come_again(address)

    assert asyncio.run(hang_up()) == PLACES
