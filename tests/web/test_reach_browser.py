"""A tab that lost sight of its server, or of what its runs have done since: it says the truth, in words."""

from __future__ import annotations

import json

import pytest
from starlette.responses import HTMLResponse
from starlette.routing import Route

from ef21lab import web
from tests.web.conftest import added, rows
from tests.web.view import PAGE, POINTS, View, data_of

pytestmark = pytest.mark.browser

CARD = "(document.querySelector('.ef21-card small')?.textContent ?? '')"


def test_a_stopped_run_that_another_tab_brings_back_is_followed_to_its_end(open_view, source):
    key = added(source, 0, 5, "cancelled", rounds=12)
    view = open_view(data_of(key))
    view.until(f"{CARD} === 'stopped at 5 of 12'")
    source.change(key, rows(6, 9, nodes=4, d=12), "running")
    view.until(f"{CARD} === 'round 9 of 12' && {POINTS} === 10")
    source.change(key, rows(10, 12, nodes=4, d=12), "done")
    view.until(f"{CARD} === 'done, 12 rounds' && {POINTS} === 13")


def test_a_run_that_ended_while_the_tab_took_it_for_stopped_is_done(open_view, source):
    key = added(source, 0, 5, "cancelled", rounds=12)
    view = open_view(data_of(key))
    view.until(f"{CARD}.startsWith('stopped')")
    source.change(key, rows(6, 12, nodes=4, d=12), "done")
    view.until(f"{CARD} === 'done, 12 rounds' && {POINTS} === 13")
    assert view.page.get_by_role("button", name="Resume").count() == 0


def test_a_page_that_asks_for_its_runs_again_looks_at_once(open_view, source):
    key = added(source, 0, 5, "cancelled", rounds=12)
    view = open_view(data_of(key))
    view.until(f"{CARD}.startsWith('stopped')")
    view("for (let timer = 0; timer < 1e4; timer++) clearInterval(timer)")  # it will not look by itself
    source.change(key, rows(6, 9, nodes=4, d=12), "running")
    view.page.evaluate("(data) => window.show(data)", data_of(key, axis="seconds"))
    view.until(f"{CARD} === 'round 9 of 12'")


@pytest.mark.parametrize(("language", "words"), [("en", "cannot be shown"), ("ru", "показать нельзя")])
def test_where_the_live_route_is_out_of_reach_the_page_says_so(chromium, serve, language, words):
    document = PAGE.format(theme="", loader=json.dumps(web.loader()), data=json.dumps(data_of("0" * 24, language=language)))
    view = View(chromium, serve([Route("/", lambda request: HTMLResponse(document))]))
    view.until("document.querySelector('#parent [role=alert]')")
    said = view("document.querySelector('#parent [role=alert]').textContent")
    assert words in said
    assert "/api/assets/" in said
    assert not [complaint for complaint in view.complaints if "Failed to load resource" not in complaint]
    view("window.cleanup()")
    assert view("document.querySelector('#parent').childElementCount") == 0
    view.page.close()


def test_without_its_drawing_code_the_chart_says_so_and_draws_once_it_is_there(chromium, serve, source):
    key = added(source, 0, 5, "running")
    document = PAGE.format(theme="", loader=json.dumps(web.loader()), data=json.dumps(data_of(key)))
    view = View(chromium, "about:blank")
    view.page.route("**/plotly.min.js", lambda route: route.abort())
    view.page.goto(serve([*web.routes(source), Route("/", lambda request: HTMLResponse(document))]))
    view.until("document.querySelector('.ef21-notice')?.textContent.includes('plotly.min.js')")
    view.page.unroute_all()
    source.change(key, rows(6, 9, nodes=4, d=12))
    view.until(f"{POINTS} === 10")
    view.until("document.querySelector('.ef21-notice').hidden")
    view.page.close()
