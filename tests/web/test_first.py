"""The picture in the page's own document: what it says is what the record says, and where it cannot say it there is none."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

import ef21lab as lab
from ef21lab.address.links import specs
from ef21lab.problems.base import Facts
from ef21lab.runs.names import titles
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.runs.tuned import tune
from ef21lab.runs.verdict import Racer, verdict
from ef21lab.web.server.ahead import CONDITIONS, ROOT, ahead
from ef21lab.web.server.first import FirstPicture

QUERY = "dataset=breast_cancer&partition.contiguous.nodes=4&rounds=30&race=ab&a.step.tuned.octaves=2&b.step.tuned.octaves=2&v=3"


class Record:
    """Runs that were computed here, and their problem."""

    def __init__(self) -> None:
        self.traces: dict[str, Trace] = {}
        self.facts: Facts | None = None
        self.going: set[str] = set()

    def compute(self, query: str) -> list[Any]:
        found = []
        for spec in specs(f"?{query}"):
            self.facts = problem_of(spec).facts
            found.append(tune(lab.address.opening.fitted_to(self.facts.layout, spec), self.many))
        return found

    def many(self, runs: list[RunSpec]) -> list[Trace]:
        return [self.traces.setdefault(run.key, lab.run(run)) for run in runs]

    def status(self, key: str) -> Any:
        return SimpleNamespace(state="running" if key in self.going else "done") if key in self.traces else None

    def trace(self, key: str, after: int = -1) -> Trace:
        return self.traces[key]

    def known_facts(self, spec: RunSpec) -> Facts | None:
        return self.facts


@pytest.fixture(scope="module")
def raced() -> tuple[Record, list[Any]]:
    record = Record()
    return record, record.compute(QUERY)


def plain(document: str, kind: str) -> str:
    return re.sub("<[^>]+>", "", re.search(rf'<(\w+) class="{kind}">(.*?)</\1>', document)[2])


@pytest.mark.parametrize("language", ["en", "ru"])
def test_it_says_who_wins_and_draws_every_run(raced: tuple[Record, list[Any]], language: Any) -> None:
    record, found = raced
    document = FirstPicture(record).html(QUERY, language)
    names = titles([one.spec for one in found])
    racers = [
        Racer(name, [one.trace], lab.describe(one.spec)["gamma"], [[record.traces[run.key]] for run in one.candidates])
        for name, one in zip(names, found, strict=True)
    ]
    assert plain(document, "verdict") == verdict(racers, found[0].epsilon).words(language)
    assert plain(document, "legend") == "".join(name(language) for name in names)
    assert document.count("<polyline") == sum(len(one.candidates) for one in found)
    assert document.count('class="faint"') == document.count("<polyline") - 2
    assert f'lang="{language}"' in document


def test_the_language_of_the_address_goes_before_that_of_the_browser(raced: tuple[Record, list[Any]]) -> None:
    assert 'lang="ru"' in FirstPicture(raced[0]).html(f"{QUERY}&lang=ru", "en")


@pytest.mark.parametrize("asked", ["", "&goal=1e-12"])
def test_its_epsilon_is_not_below_where_the_runs_are_to_end(asked: str) -> None:
    record, query = Record(), f"{QUERY}&stop_at=0.01"
    record.compute(query)
    assert all(trace["grad_norm_sq"][0] < 100.0 for trace in record.traces.values())  # else the usual ε lies above
    assert plain(FirstPicture(record).html(query + asked, "en"), "verdict").startswith("At ε = 0.01 ")


@pytest.mark.parametrize("more", ["rounds=many", "nothing=1", "axis=network", "metric=psi", "repeats=3", "view=present", "seed=5"])
def test_where_the_page_shows_something_else_there_is_none(raced: tuple[Record, list[Any]], more: str) -> None:
    assert FirstPicture(raced[0]).html(QUERY, "en")
    assert FirstPicture(raced[0]).html(f"{QUERY}&{more}", "en") == ""


def test_there_is_none_before_all_is_known_and_then_it_is_kept(raced: tuple[Record, list[Any]]) -> None:
    record, found = raced
    other = Record()
    picture = FirstPicture(other)
    assert picture.html(QUERY, "en") == ""
    other.facts = record.facts
    *before, last = [run for one in found for run in one.candidates]
    other.traces = {run.key: record.traces[run.key] for run in before}
    assert picture.html(QUERY, "en") == ""
    other.traces[last.key] = record.traces[last.key]
    other.going.add(last.key)
    assert picture.html(QUERY, "en") == ""
    other.going.clear()
    document = picture.html(QUERY, "en")
    other.traces.clear()
    assert picture.html(QUERY, "en") == document != ""


def answered(
    picture: Callable[[str, Any], str], path: str = "/lab/?a=b", page: Response | None = None, method: str = "GET", **headers: str
) -> Any:
    """What a browser is given."""
    seen: list[Request] = []

    async def handler(request: Request) -> Response:
        seen.append(request)
        return page or HTMLResponse(f"<html><body>{ROOT.decode()}</body></html>", headers={"etag": '"1"'})

    async def ask() -> httpx.Response:
        app = Starlette(routes=[Route("/{path:path}", handler, methods=["GET", "POST"])], middleware=[ahead("/lab", picture)])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://lab") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(ask()), seen[0]


def test_the_document_has_the_picture_behind_the_place_of_the_page() -> None:
    answer, _ = answered(lambda query, language: f"<p>{query} {language}</p>", **{"accept-language": "ru-RU,ru;q=0.9,en;q=0.8"})
    assert answer.text == '<html><body><div id="root"></div><p>a=b ru</p></body></html>'
    assert "etag" not in answer.headers
    assert "content-length" not in answer.headers
    assert answered(lambda query, language: language)[0].text == '<html><body><div id="root"></div>en</body></html>'


def test_a_browser_that_has_the_document_is_given_todays() -> None:
    _, asked = answered(lambda *_: "", **{name.decode(): '"1"' for name in CONDITIONS})
    assert not {name for name, _ in asked.headers.raw} & set(CONDITIONS)


@pytest.mark.parametrize(
    ("path", "page", "method"),
    [
        ("/lab/data", None, "GET"),
        ("/lab/", PlainTextResponse(ROOT), "GET"),
        ("/lab/", HTMLResponse(ROOT, 404), "GET"),
        ("/lab/", None, "POST"),
    ],
)
def test_nothing_else_is_touched(path: str, page: Response | None, method: str) -> None:
    answer, _ = answered(lambda *_: "a picture", path, page, method)
    assert "a picture" not in answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
