"""The hub: reads every watched run four times a second and wakes those who watch it.

A viewer pulls: it holds a place in each of its runs and asks for what came after. So there is no queue that a slow client could
fill, and viewers at the same place share one serialised frame.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Collection, Iterable, Mapping

from ef21lab.choices.text import Refusal, Text
from ef21lab.runs.guarantees import Guarantees
from ef21lab.web.server.cursors import cursors_of
from ef21lab.web.server.frames import Event, Feed, News, Place
from ef21lab.web.server.source import Source

log = logging.getLogger(__name__)

TICK = 0.25  # seconds between updates of a running run
ERRORS_EVERY = 1.0  # seconds between updates of its heatmap
HEARTBEAT = 15.0  # seconds of silence after which a stream says that it is there
MOST_STREAMS = 500
FEEDS_KEPT = 512  # without viewers: at least as many as one stream has

leaving = threading.Event()  # set when the server is about to end: it waits for open answers, so its streams end first


class Viewer:
    """One stream: its feeds, its place in each, and the event that the hub sets when one of them has changed."""

    def __init__(self, feeds: Iterable[Feed], places: Mapping[str, Place]) -> None:
        self.feeds = tuple(feeds)
        self.places = dict(places)
        self.changed = asyncio.Event()

    def take(self) -> bytes:
        """All events since the last call, ready to send."""
        self.changed.clear()
        frames = [frame for feed in self.feeds for frame in self._frames(feed)]
        return b"".join(_event(frame) for frame in frames[:-1]) + b"".join(_event(frame, cursors_of(self.places)) for frame in frames[-1:])

    @property
    def finished(self) -> bool:
        """Whether the end of every run has been sent."""
        return all((self.places[feed.key].state or "").endswith("!") and not feed.owes(self.places[feed.key]) for feed in self.feeds)

    def _frames(self, feed: Feed) -> Iterable[Event]:
        while frame := feed.frame(self.places[feed.key]):
            self.places[feed.key] = frame.place
            yield frame


class Hub:
    """Feeds by key and the viewers of this server. Lives in one event loop; the ticks stop when nobody watches."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.feeds: dict[str, Feed] = {}
        self.viewers: set[Viewer] = set()
        self._ticks: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._asking: set[str] = set()  # runs of which theorems are being asked
        self._quiet: frozenset[str] = frozenset()  # watched runs that did not change in the last slot
        source.subscribe(self._on_change)

    @property
    def full(self) -> bool:
        return len(self.viewers) >= MOST_STREAMS

    def admit(self, feeds: Iterable[Feed], places: Mapping[str, Place]) -> Viewer | None:
        """A viewer who has a seat from now on, until `dismiss`; None where all are taken."""
        if self.full:
            return None
        viewer = Viewer(feeds, places)
        self.viewers.add(viewer)
        self._tick()
        return viewer

    def dismiss(self, viewer: Viewer) -> None:
        self.viewers.discard(viewer)

    async def current(self, places: Mapping[str, Place]) -> list[Feed]:
        """The feeds of these runs, as they are now; what theorems say of those of which more is asked comes later."""
        feeds = [self._feed(key) for key in places]
        await self._refresh(feeds)
        for feed in feeds:
            if places[feed.key].more is not None and feed.guarantees is None and feed.status is not None:
                self._ask_theorems(feed)
        return feeds

    async def stream(self, viewer: Viewer) -> AsyncIterator[bytes]:
        """Server-sent events for one viewer, until all its runs have ended."""
        yield b"retry: 1000\n\n"
        while True:
            if events := viewer.take():
                yield events
            if viewer.finished or leaving.is_set():
                return
            if not await _set_within(viewer.changed, HEARTBEAT):
                yield b": still here\n\n"

    def _feed(self, key: str) -> Feed:
        if key not in self.feeds:
            self._forget()
            self.feeds[key] = Feed(key)
        return self.feeds[key]

    def _forget(self) -> None:
        """Drop the oldest feeds that nobody watches."""
        watched = self._watched()
        idle = [key for key in self.feeds if key not in watched]
        for key in idle[: max(0, len(idle) - FEEDS_KEPT + 1)]:
            del self.feeds[key]

    def _watched(self) -> dict[str, Feed]:
        return {feed.key: feed for viewer in self.viewers for feed in viewer.feeds}

    def _tick(self) -> None:
        """Let the ticks go on, in this event loop."""
        if self._ticks is None or self._ticks.done() or self._loop is not asyncio.get_running_loop():
            self._loop, self._wake = asyncio.get_running_loop(), asyncio.Event()
            self._ticks = asyncio.create_task(self._run())

    async def _run(self) -> None:
        """Tick by tick; a run that has been quiet for a slot is shown at once when it moves, not at the next tick."""
        slot = time.monotonic()
        while self.viewers:
            woken = await _set_within(self._wake, slot + TICK - time.monotonic())
            self._wake.clear()
            watched = self._watched()
            if woken:
                await self._update([feed for key, feed in watched.items() if key in self._quiet])
            else:
                slot = max(slot + TICK, time.monotonic() - TICK)
                self._quiet = frozenset(watched) - await self._update(watched.values())

    async def _update(self, feeds: Collection[Feed]) -> frozenset[str]:
        """Read these feeds and wake those who watch one that changed; the keys that did."""
        changed = await self._refresh(feeds)
        self._quiet -= changed
        for viewer in self.viewers:
            if leaving.is_set() or any(feed.key in changed for feed in viewer.feeds):
                viewer.changed.set()
        return changed

    async def _refresh(self, feeds: Collection[Feed]) -> frozenset[str]:
        """Bring feeds up to date; the keys of those with something new to show."""
        known = [(feed.key, feed.version, feed.head) for feed in feeds]
        news = await asyncio.to_thread(lambda: [_news(self.source, *what) for what in known])
        return frozenset(feed.key for feed, one in zip(feeds, news, strict=True) if _taken(feed, one))

    def _ask_theorems(self, feed: Feed) -> None:
        """In a thread of its own: the answer may take a while, and whoever ends the server does not wait for it."""
        if feed.key in self._asking:
            return
        self._asking.add(feed.key)
        loop = asyncio.get_running_loop()

        def ask() -> None:
            found = _guarantees_of(self.source, feed.key)
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._take_guarantees, feed.key, found)

        threading.Thread(target=ask, name="ef21lab theorems", daemon=True).start()

    def _take_guarantees(self, key: str, found: Guarantees | Text) -> None:
        self._asking.discard(key)
        self._feed(key).set_guarantees(found)
        for viewer in self.viewers:
            if key in viewer.places:
                viewer.changed.set()

    def _on_change(self, key: str) -> None:
        """The source says that a run has changed; called from any thread."""
        loop = self._loop
        if key in self._quiet and loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake.set)


def _news(source: Source, key: str, version: object, head: int) -> News | None:
    """What is new of a run; None where nothing is. The state is read before the rows: an ended run has them all."""
    current = source.version(key)
    if version is not None and current == version:
        return None
    status = source.status(key)
    if status is None:
        return News(current, None, None, ())
    return News(current, status, source.trace(key, head), tuple(source.snapshot_rounds(key)))


def _taken(feed: Feed, news: News | None) -> bool:
    """Give a feed its news; whether its viewers have something to see."""
    errors_upto = feed.errors_upto
    if news is not None:
        feed.take(news)
    feed.release_errors(time.monotonic(), ERRORS_EVERY)
    return news is not None or feed.errors_upto != errors_upto


def _guarantees_of(source: Source, key: str) -> Guarantees | Text:
    """What theorems say of a run, or why nothing is known of it."""
    try:
        return source.guarantees(key)
    except Refusal as refusal:
        return refusal.text
    except Exception:
        log.exception("theorems could not be asked about %s", key)
        return NOT_ASKED


NOT_ASKED = Text("what theorems say could not be found out", "выяснить, что говорят теоремы, не удалось")


def _event(frame: Event, cursors: str | None = None) -> bytes:
    """An event as it is sent. Only the last of several that go together has an id: who hears less than all is told all of them again.

    What it knows by then it passes over.
    """
    place = b"" if cursors is None else b"id: %b\n" % cursors.encode()
    return b"event: %b\n%bdata: %b\n\n" % (frame.kind.encode(), place, frame.json)


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event came within so many seconds."""
    try:
        async with asyncio.timeout(max(seconds, 0.0)):
            await event.wait()
    except TimeoutError:
        return False
    return True
