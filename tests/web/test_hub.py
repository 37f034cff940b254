"""What the hub promises: four updates a second, the first rows at once, nothing queued for who does not listen."""

import asyncio
import json
import threading
import time

import numpy as np
import pytest

from ef21lab.choices.text import Refusal, Text
from ef21lab.web.server import hub as hubs
from ef21lab.web.server.frames import Place
from ef21lab.web.server.hub import TICK, Hub
from tests.web.conftest import rows

START = Place()
PATIENCE = 60  # seconds: a busy machine is no fault of the hub
TRIES = 12  # of what depends on the clock: a hub without the promise keeps it in none of them, a busy machine breaks it in some


def events(chunk: bytes) -> list[tuple[str, str, dict]]:
    """(kind, id or None, data) of every event in a chunk of the stream."""
    told = []
    for block in chunk.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith((":", "retry")))
        if fields:
            told.append((fields["event"], fields.get("id"), json.loads(fields["data"])))
    return told


class Reader:
    """A viewer in the test: joins, and pulls a chunk of events at a time."""

    def __init__(self, hub, key, place=START):
        self.hub, self.key, self.place = hub, key, place

    async def __aenter__(self):
        feeds = await self.hub.current({self.key: self.place})
        self.viewer = self.hub.admit(feeds, {self.key: self.place})
        self.stream = self.hub.stream(self.viewer)
        await anext(self.stream)  # retry:
        return self

    async def __aexit__(self, *_):
        await self.stream.aclose()
        self.hub.dismiss(self.viewer)

    async def pull(self):
        return events(await asyncio.wait_for(anext(self.stream), PATIENCE))


def test_the_first_rows_come_at_once_and_the_next_with_the_tick(source):
    async def watch(number):
        key = source.add({"rounds": 50 + number})
        async with Reader(Hub(source), key) as reader:
            await reader.pull()
            await asyncio.sleep(2.5 * TICK)
            begun = time.monotonic()
            source.change(key, rows(0, 0), "running")
            ((_, _, told),) = await reader.pull()
            first = time.monotonic() - begun
            source.change(key, rows(1, 1))
            await reader.pull()
            return told["round"], first, time.monotonic() - begun - first

    for number in range(TRIES):
        round, first, second = asyncio.run(watch(number))
        assert round == 0
        if first < TICK / 4 < second:
            return
    pytest.fail(f"the last of them after {first} and {second} s")


def test_a_running_run_is_told_four_times_a_second(source):
    async def watch(number):
        key = source.add({"rounds": 400 + number})
        source.change(key, rows(0, 0), "running")
        times = []
        async with Reader(Hub(source), key) as reader:
            grow = asyncio.create_task(growing(source, key))
            for _ in range(7):
                await reader.pull()
                times.append(time.monotonic())
            grow.cancel()
        return np.diff(times[1:])

    for number in range(TRIES):
        gaps = asyncio.run(watch(number))
        if np.median(gaps) == pytest.approx(TICK, rel=0.15):
            return
    pytest.fail(f"the last of them after {gaps} s")


async def growing(source, key):
    for round in range(1, 400):
        source.change(key, rows(round, round))
        await asyncio.sleep(0.01)


def test_a_client_that_does_not_read_costs_nothing_and_then_gets_all_at_once(source):
    async def watch():
        hub, key = Hub(source), source.add({"rounds": 400})
        source.change(key, rows(0, 0), "running")
        async with Reader(hub, key) as slow:
            await slow.pull()
            made = hub.feeds[key].serialised
            for round in range(1, 80):
                source.change(key, rows(round, round))
                await asyncio.sleep(0.02)
            while hub.feeds[key].head < 79:
                await asyncio.sleep(TICK / 10)
            return hub.feeds[key].serialised - made, await slow.pull()

    serialised, told = asyncio.run(watch())
    assert serialised == 0
    assert [(kind, data["round"]) for kind, _, data in told] == [("delta", 79)]


def test_fifty_viewers_share_one_frame_a_slot_and_one_read_of_the_source(source, monkeypatch):
    monkeypatch.setattr(hubs, "ERRORS_EVERY", 3600.0)  # they would be another frame, for who comes to it late

    async def watch():
        hub, key = Hub(source), source.add({"rounds": 400})
        source.change(key, rows(0, 0), "running")
        readers = [Reader(hub, key) for _ in range(50)]
        for reader in readers:
            await reader.__aenter__()
            await reader.pull()
        made, read = hub.feeds[key].serialised, source.reads
        await asyncio.sleep(2 * TICK)
        source.change(key, rows(1, 1))
        told = [await reader.pull() for reader in readers]
        for reader in readers:
            await reader.__aexit__()
        return {chunk[0][2]["round"] for chunk in told}, hub.feeds[key].serialised - made, source.reads - read

    assert asyncio.run(watch()) == ({1}, 1, 1)


def test_a_stream_resumed_by_its_event_id_has_neither_gaps_nor_repeats(source):
    async def watch():
        hub, key = Hub(source), source.add({"rounds": 9})
        source.change(key, rows(0, 4), "running")
        async with Reader(hub, key) as first:
            ((_, cursor, _),) = await first.pull()
        source.change(key, rows(5, 9), "done")
        _, head, errors_upto = cursor.split(":")
        async with Reader(hub, key, Place(int(head), int(errors_upto))) as second:
            return cursor, key, await second.pull()

    cursor, key, told = asyncio.run(watch())
    assert cursor == f"{key}:4:4"
    assert [kind for kind, _, _ in told] == ["snapshot", "end"]
    assert (told[0][2]["round"], told[0][2]["errors"]["rows"], told[1][2]["errors"]["rows"]) == (9, 5, 0)


def test_a_silent_stream_says_that_it_is_there(source, monkeypatch):
    monkeypatch.setattr(hubs, "HEARTBEAT", 0.05)

    async def watch():
        key = source.add({"rounds": 9})
        async with Reader(Hub(source), key) as reader:
            await reader.pull()
            return await anext(reader.stream)

    assert asyncio.run(watch()).startswith(b":")


def test_the_hub_rests_when_nobody_watches_and_forgets_old_runs(source, monkeypatch):
    monkeypatch.setattr(hubs, "FEEDS_KEPT", 3)

    async def watch():
        hub = Hub(source)
        keys = [source.add({"rounds": round}) for round in range(1, 9)]
        async with Reader(hub, keys[0]):
            for key in keys[1:]:
                await hub.current({key: START})
            watched = keys[0] in hub.feeds
        await asyncio.wait_for(hub._ticks, PATIENCE)  # they end by themselves
        return watched, len(hub.feeds)

    assert asyncio.run(watch()) == (True, 4)


def test_who_asks_for_more_gets_it_as_soon_as_theorems_have_answered_and_only_then_the_stream_ends(source):
    said, known = source.guarantees, threading.Event()
    source.guarantees = lambda key: known.wait(PATIENCE) and said(key)

    async def watch():
        key = source.add({"rounds": 3, "partition": {"name": "contiguous", "nodes": 3}})
        source.change(key, rows(0, 3), "done")
        async with Reader(Hub(source), key, Place(more=-1)) as reader:
            first = await reader.pull()
            known.set()
            second = await reader.pull()
            with pytest.raises(StopAsyncIteration):
                await reader.pull()
            return first, second

    first, ((kind, cursor, told),) = asyncio.run(watch())
    assert ["more" in news for *_, news in first] == [False] * len(first)
    assert [place and place.count(":") for _, place, _ in first] == [None] * (len(first) - 1) + [3]  # the last of them says where all are
    assert (kind, cursor.split(":")[1:]) == ("end", ["3", "3", "3"])
    assert {"mean", "mean_line", "least"} <= told["more"]["columns"].keys()


def test_a_refusal_of_what_theorems_need_is_told_as_the_reason(source):
    def refuses(key):
        raise Refusal(Text("no data", "нет данных"))

    source.guarantees = refuses

    async def watch():
        key = source.add({"rounds": 3})
        source.change(key, rows(0, 3), "done")
        async with Reader(Hub(source), key, Place(more=-1)) as reader:
            return [told async for chunk in reader.stream for *_, told in events(chunk)]

    assert asyncio.run(watch())[-1]["more"]["guarantees"]["missing"]["psi"]["en"] == "no data"
