"""What `streamlit run app.py` serves: the pages, the live routes beside them, and the lab behind both."""

import os
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import streamlit as st

from ef21lab.address.first_screen import first_screen
from ef21lab.choices.patience import wait_at_most
from ef21lab.choices.text import language_of
from ef21lab.jobs.lab import the_lab
from ef21lab.jobs.unasked import Unasked
from ef21lab.searches.through_lab import LabRace
from ef21lab.ui.kit import place
from ef21lab.web.server import assets
from ef21lab.web.server.ahead import ahead
from ef21lab.web.server.by_name import by_name
from ef21lab.web.server.first import FirstPicture
from ef21lab.web.server.frames_allowed import framed
from ef21lab.web.server.hub import leaving
from ef21lab.web.server.routes import routes

DESCRIPTORS = 8192
PATIENCE = 10.0  # seconds for what a page asks of a plugin


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """The lab opens with the server and closes with it."""
    _end_streams_first()
    _take_descriptors()
    wait_at_most(PATIENCE)
    unasked = Unasked(the_lab(), first_screen)
    the_lab().errands.knows(LabRace.kind, LabRace.of)
    the_lab().start()
    unasked.start()
    threading.Thread(target=assets.prepare, name="ef21lab assets", daemon=True).start()
    threading.Thread(target=_tell_of_plugins, name="ef21lab plugins", daemon=True).start()
    yield
    unasked.close()
    the_lab().close()
    wait_at_most(None)


def _tell_of_plugins() -> None:
    """On standard error, which were left out: whoever has started the server is not waiting for a page."""
    from ef21lab.plugins.families import tell  # of no use to anybody else here, and it imports every family

    tell(language_of(os.environ))


def _end_streams_first() -> None:
    """Ctrl-C and SIGTERM end the event streams before the server, which would wait for them for as long as a tab is open."""
    leaving.clear()
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        _set_before(number, signal.getsignal(number))


def _take_descriptors() -> None:
    """As many as the system grants, up to DESCRIPTORS: a tab holds five, and where nobody asks for more a process often gets 1024."""
    try:
        import resource
    except ImportError:  # Windows counts otherwise
        return
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if most == resource.RLIM_INFINITY else min(DESCRIPTORS, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _set_before(number: int, then: object) -> None:
    def handle(*what: object) -> None:
        leaving.set()
        if callable(then):
            then(*what)

    signal.signal(number, handle)


app = st.App(
    str(Path(place.__file__).with_name("router.py")),
    routes=[*routes(the_lab(), the_lab(), place.base()), by_name(place.base())],
    middleware=[ahead(place.base(), FirstPicture(the_lab()).html), framed()],
    lifespan=lifespan,
)
