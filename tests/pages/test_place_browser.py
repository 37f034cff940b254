"""Behind a path, and in a frame of another site: what works there in a real browser, and what is said where it cannot."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Route

from tests.browsers import PATIENCE, at_leisure

from .conftest import Server, served, watched

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def behind_a_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("home"), "--server.baseUrlPath", "lab", health="lab/_stcore/health") as server:
        yield server


def test_behind_a_path_everything_works_with_nothing_else_let_through(behind_a_path: Server, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US", accept_downloads=True)
    tab = watched(context.new_page())
    blocked: list[str] = []

    def only_the_path(route: Route) -> None:
        if urlparse(route.request.url).path.startswith("/lab"):
            route.continue_()
        else:
            blocked.append(route.request.url)
            route.abort()

    context.route("**/*", only_the_path)
    tab.page.goto(f"{behind_a_path.url}/lab/?rounds=60")
    tab.wait_for_curves(3)
    assert tab.asked
    assert all("/lab/api/events" in address for address in tab.asked)
    tab.page.get_by_text("Take it with you").click()
    link = tab.page.get_by_role("link", name="Records as CSV").first
    link.wait_for(timeout=PATIENCE)
    answer = context.request.get(behind_a_path.url + str(link.get_attribute("href")).removeprefix(behind_a_path.url), timeout=PATIENCE)
    assert answer.ok
    assert answer.text().startswith("round,loss,grad_norm_sq")
    tab.page.goto(f"{behind_a_path.url}/lab/microscope")
    tab.page.wait_for_function("() => document.querySelectorAll('canvas').length >= 3", timeout=PATIENCE)
    assert [address for address in blocked if "favicon" not in address] == []
    context.close()


class Frame(http.server.BaseHTTPRequestHandler):
    """A page of another site with the lab inside."""

    inside = ""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(f'<iframe src="{self.inside}" style="width: 1200px; height: 1400px"></iframe>'.encode())

    def log_message(self, *what: Any) -> None: ...


@contextlib.contextmanager
def around(address: str) -> Iterator[str]:
    """A page with this address in a frame: localhost is another site than 127.0.0.1."""
    handler = type("FrameOfLab", (Frame,), {"inside": address})
    frame = http.server.ThreadingHTTPServer(("localhost", 0), handler)
    threading.Thread(target=frame.serve_forever, daemon=True).start()
    yield f"http://localhost:{frame.server_port}/"
    frame.shutdown()


@pytest.fixture
def other_site(server: Server) -> Iterator[str]:
    with around(f"{server.url}/data?dataset=uploaded") as address:
        yield address


def test_a_page_of_another_site_shows_no_lab_unless_the_operator_names_it(behind_a_path: Server, browser: Browser) -> None:
    context = browser.new_context()
    page = at_leisure(context.new_page())
    with (
        around(f"{behind_a_path.url}/lab/?embed=true") as address,
        page.expect_console_message(lambda said: "frame-ancestors" in said.text),
    ):
        page.goto(address)
    context.close()


@pytest.mark.parametrize("locale", ["en-US", "ru-RU"])
def test_in_a_frame_of_another_site_the_page_names_the_switch_that_uploads_need(other_site: str, browser: Browser, locale: str) -> None:
    context = browser.new_context(locale=locale)
    page = at_leisure(context.new_page())
    page.goto(other_site)
    page.frame_locator("iframe").get_by_text("--server.xsrfCookieSameSite none").wait_for(timeout=PATIENCE)
    context.close()


def test_in_a_tab_of_its_own_there_is_no_such_word_and_an_upload_works(visit: Any, server: Server) -> None:
    tab = visit(f"{server.url}/data?dataset=table")
    tab.page.locator("[data-testid=stFileUploader] input").wait_for(state="attached", timeout=PATIENCE)
    assert tab.page.get_by_text("xsrfCookieSameSite").count() == 0
    table = {"name": "t", "mimeType": "text/plain", "buffer": b"a,b,kind\n" + b"1,2,cat\n3,5,dog\n" * 30}
    tab.page.locator("[data-testid=stFileUploader] input").set_input_files(table)
    tab.wait("() => location.search.includes('dataset.table.content=')")
    tab.errors.clear()
