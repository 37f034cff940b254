"""What a page needs is asked for at once: no file waits for another one to say that it is needed too."""

from __future__ import annotations

import json
import time

import pytest
from starlette.responses import HTMLResponse
from starlette.routing import Route

from ef21lab import web
from ef21lab.web.server import assets
from tests.browsers import PATIENCE, at_leisure
from tests.web.conftest import added
from tests.web.view import PAGE, POINTS, View, data_of

pytestmark = pytest.mark.browser

ASKED = "performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => name.includes('/api/assets/'))"


@pytest.fixture
def address(serve, source) -> str:
    document = PAGE.format(theme="", loader=json.dumps(web.loader()), data=json.dumps(data_of(added(source, 0, 20, "done"))))
    return serve([*web.routes(source), Route("/", lambda request: HTMLResponse(document))])


def drawn_with(chromium, address) -> set[str]:
    """The files that a page has asked for once all is drawn."""
    view = View(chromium, address)
    view.until(f"{POINTS} === 21 && document.querySelector('.ef21-wanted canvas')")
    asked = set(view(ASKED))
    assert view.complaints == []
    view.page.close()
    return asked


def asked_at_once(chromium, address, wanted: set[str]) -> set[str]:
    """The files that it asks for while not one has come."""
    page, asked = at_leisure(chromium.new_page()), set()
    page.route("**/api/assets/**", lambda route: asked.add(route.request.url))  # and is never answered
    page.goto(address, wait_until="commit")
    until = time.monotonic() + PATIENCE / 1000
    while not wanted <= asked and time.monotonic() < until:
        page.wait_for_timeout(50)
    page.close()
    return asked


def test_all_files_of_the_live_view_are_asked_for_before_one_has_come(chromium, address):
    needed = drawn_with(chromium, address)
    assert sum(name.endswith(".js") for name in needed) > 40
    assert needed == asked_at_once(chromium, address, needed)


def test_nothing_is_asked_for_that_no_page_needs(chromium, address):
    assert {name.partition(assets.url(""))[2] for name in drawn_with(chromium, address)} == set(assets.needed(assets.LIVE))
