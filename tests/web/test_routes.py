"""What the routes promise: exact answers, refusals in both languages, files that a browser may keep."""

import asyncio
import base64
import gzip
import io
import json

import httpx
import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ef21lab import web
from ef21lab.runs.experiment import run
from ef21lab.web.server import assets, hub, messages, points
from ef21lab.web.server.ahead import ahead
from ef21lab.web.server.cursors import MOST_RUNS
from ef21lab.web.server.frames import DRAWN
from tests.jobs.conftest import PATIENCE, until
from tests.web.conftest import rows

NOBODY = "0" * 24


class Client:
    """Asks the routes without a network; a stream is read to its end."""

    def __init__(self, source, microscope=None):
        self.app = Starlette(routes=web.routes(source, microscope))

    def get(self, address, headers=None):
        async def ask():
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://lab", headers=headers) as client:
                return await asyncio.wait_for(client.get(address), PATIENCE)

        return asyncio.run(ask())


@pytest.fixture
def client(source):
    return Client(source)


@pytest.fixture
def key(source):
    made = source.add({"rounds": 10, "compressor": {"name": "st_hosvd", "dims": [2, 3]}})
    source.change(made, rows(0, 10), "done")
    return made


def floats(text, kind="<f8"):
    return np.frombuffer(base64.b64decode(text), kind)


class Eye:
    """A microscope that only counts who looks."""

    def __init__(self):
        self.looks = []

    def ask(self, question, *, owner):
        self.looks.append(owner)
        return {"seen": question["seed"]}


LOOK = "/api/look?vector={}&compressor={}&seed=3"
FOREIGN = [{}, {"x-ef21lab": "1", "sec-fetch-site": "cross-site"}, {"x-ef21lab": "1", "sec-fetch-site": "same-site"}]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_page_of_another_site_gets_nothing_that_costs(source, headers):
    eye = Eye()
    answer = Client(source, eye).get(LOOK, headers)
    assert answer.status_code == 403
    assert "x-ef21lab" in answer.json()["error"]["ru"]
    assert eye.looks == []


@pytest.mark.parametrize("headers", [{"x-ef21lab": "1"}, {"x-ef21lab": "1", "sec-fetch-site": "same-origin"}])
def test_the_labs_own_page_looks_in_the_turn_of_its_address(source, headers):
    eye = Eye()
    assert Client(source, eye).get(LOOK, headers).json() == {"seen": 3}
    assert eye.looks == ["look 127.0.0.1"]


def test_polling_tells_what_came_after_a_round(client, key):
    told = client.get(f"/api/runs/{key}?since=7&errors_since=8").json()
    assert (told["key"], told["state"], told["round"], told["rounds"]) == (key, "done", 10, 10)
    assert floats(told["columns"]["round"]).tolist() == [8, 9, 10]
    assert (told["errors"]["rows"], told["errors"]["nodes"], told["snapshots"]) == (2, 3, [0, 5, 10])


def test_the_stream_of_a_finished_run_is_its_snapshot_and_its_end(client, key):
    answer = client.get(f"/api/events?runs={key}")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-accel-buffering"] == "no"
    assert "no-cache" in answer.headers["cache-control"]
    assert [line for line in answer.text.splitlines() if line.startswith("event")] == ["event: snapshot", "event: end"]


def test_one_stream_carries_several_runs_each_from_its_cursor(client, source, key):
    other = source.add({"rounds": 3})
    source.change(other, rows(0, 3), "failed")
    lines = client.get(f"/api/events?runs={key}:8,{other}").text.splitlines()
    told = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
    assert [(data["key"], len(floats(data["columns"]["round"]))) for data in told] == [(key, 2), (key, 0), (other, 4), (other, 0)]
    assert [line for line in lines if line.startswith("id: ")][-1] == f"id: {key}:10:10,{other}:3:3"


def test_runs_at_one_place_share_its_cursor_and_the_last_event_says_where_all_are(client, source, key):
    """And what it says can be asked for: the stream goes on from there."""
    others = [source.add({"rounds": 10, "seed": seed}) for seed in (1, 2)]
    for other in others:
        source.change(other, rows(0, 10), "done")
    lines = client.get(f"/api/events?runs={'.'.join([key, *others])}:7:9").text.splitlines()
    told = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
    assert [data["key"] for data in told[::2]] == [key, *others]
    assert {len(floats(data["columns"]["round"])) for data in told[::2]} == {3}
    (place,) = [line[4:] for line in lines if line.startswith("id: ")]
    assert place == f"{'.'.join([key, *others])}:10:10"
    again = [line for line in client.get(f"/api/events?runs={place}").text.splitlines() if line.startswith("data: ")]
    assert all(floats(json.loads(line[6:])["columns"]["round"]).size == 0 for line in again)
    assert client.get(f"/api/events?runs={'.'.join([key] * (MOST_RUNS + 1))}").status_code == 400


def test_what_a_viewer_of_a_running_experiment_gets_is_the_run_to_the_last_bit(client, source):
    spec = {"rounds": 40, "compressor": {"name": "top_k", "k": 3}}
    lines = client.get(f"/api/events?runs={source.start(spec, watched=True)}").text.splitlines()
    told = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
    whole = run(spec)
    assert len(told) >= 4
    for name in set(DRAWN) - {"seconds"}:
        np.testing.assert_array_equal(np.concatenate([floats(data["columns"][name]) for data in told]), whole[name])
    errors = np.concatenate([floats(data["errors"]["data"], "<f4") for data in told])
    np.testing.assert_array_equal(errors, np.sqrt(whole.contraction).astype("<f4").ravel())


def test_last_event_id_goes_before_the_address(client, key):
    answer = client.get(f"/api/events?runs={key}", headers={"Last-Event-ID": f"{key}:9:9"})
    first = next(json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: "))
    assert floats(first["columns"]["round"]).tolist() == [10]


@pytest.mark.parametrize(
    "address",
    [
        "/api/events",
        "/api/events?runs=",
        "/api/events?runs=xyz",
        f"/api/events?runs={NOBODY[:-1]}G",
        f"/api/events?runs={NOBODY}:1:2:3:4",
        f"/api/events?runs={NOBODY}:-2",
        f"/api/events?runs={NOBODY}:1e3",
        f"/api/events?runs={NOBODY}:99999999999999999999",
        f"/api/events?runs={NOBODY}:٣",
        "/api/events?runs=" + ",".join([NOBODY] * (MOST_RUNS + 1)),
        f"/api/runs/{NOBODY}?since=nan",
        f"/api/runs/{NOBODY}?errors_since=-2",
        f"/api/runs/{NOBODY.upper()}x",
        f"/api/runs/{NOBODY}/messages/-1",
        f"/api/runs/{NOBODY}/messages/one",
    ],
)
def test_a_bad_parameter_is_refused_in_both_languages(client, address):
    answer = client.get(address)
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"en", "ru"}
    assert answer.json()["error"]["en"] != answer.json()["error"]["ru"]


@pytest.mark.parametrize(
    "path",
    [
        "events?runs={key}",
        "runs/{key}",
        "runs/{key}/messages/0",
        "runs/{key}/trace.csv",
        "runs/{key}/spec.json",
        "runs/{key}/x.npy",
        "runs/{key}/x.csv",
        "runs/{key}/coordinates.json",
        "runs/{key}/network.pt",
        "traces.csv?runs={key}",
        "layers.csv?runs={key}",
    ],
)
def test_an_unknown_run_is_missing_in_words(client, path):
    answer = client.get(f"/api/{path.format(key=NOBODY)}")
    assert answer.status_code == 404
    assert NOBODY in answer.json()["error"]["ru"]


@pytest.mark.parametrize("path", ["runs/{key}/trace.csv", "runs/{key}/spec.json", "traces.csv?runs={key}", "layers.csv?runs={key}"])
def test_a_run_whose_spec_is_none_any_more_is_missing_too(client, source, key, path, monkeypatch):
    def none(key):
        raise KeyError(key)

    monkeypatch.setattr(source, "spec", none)
    answer = client.get(f"/api/{path.format(key=key)}")
    assert answer.status_code == 404
    assert key in answer.json()["error"]["en"]


def test_a_run_that_is_unknown_among_known_ones_is_told_as_ended(client, key):
    lines = client.get(f"/api/events?runs={key},{NOBODY}").text.splitlines()
    told = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
    assert [data["state"] for data in told if data["key"] == NOBODY] == ["unknown", "unknown"]


def test_too_many_streams_are_refused_with_503(client, key, monkeypatch):
    monkeypatch.setattr(hub, "MOST_STREAMS", 0)
    answer = client.get(f"/api/events?runs={key}")
    assert (answer.status_code, set(answer.json()["error"])) == (503, {"en", "ru"})


def test_messages_are_those_of_the_snapshot_with_the_dims_of_the_compressor(client, source, key):
    told = client.get(f"/api/runs/{key}/messages/5?node=1").json()
    shot = source.snapshot(key, 5)
    np.testing.assert_array_equal(floats(told["wanted"], "<f4"), shot.wanted[1])
    np.testing.assert_array_equal(floats(told["received"], "<f4"), shot.received[1])
    assert (told["d"], told["dims"], told["round"], told["asked"], told["why"]) == (6, [2, 3], 5, 5, None)


def test_a_message_that_is_not_kept_is_computed_again(client, source):
    spec = {"rounds": 100, "partition": {"name": "contiguous", "nodes": 4}, "compressor": {"name": "top_k", "k": 3}}
    key = source.start(spec)
    until(lambda: source.status(key).state == "done")
    told = client.get(f"/api/runs/{key}/messages/19?node=2").json()
    wanted, received = floats(told["wanted"], "<f4").astype(float), floats(told["received"], "<f4").astype(float)
    assert (told["round"], told["why"]) == (19, None)
    assert np.sum((wanted - received) ** 2) / np.sum(wanted**2) == pytest.approx(run(spec).contraction[19, 2], rel=1e-4)


@pytest.mark.parametrize(("asked", "nearest"), [(4, 5), (7, 5), (8, 10), (999, 10)])
def test_where_it_cannot_be_had_the_nearest_kept_one_is_given_and_says_so(client, source, key, asked, nearest):
    answer = client.get(f"/api/runs/{key}/messages/{asked}?node=1")
    told = answer.json()
    assert (answer.status_code, told["round"], told["asked"], set(told["why"])) == (200, nearest, asked, {"en", "ru"})
    np.testing.assert_array_equal(floats(told["wanted"], "<f4"), source.snapshot(key, nearest).wanted[1])
    assert answer.headers["cache-control"] == "no-store"


def test_messages_are_computed_again_one_at_a_time_and_few_wait(client, source, key, monkeypatch):
    monkeypatch.setattr(messages, "WAITING", 0)
    assert client.get(f"/api/runs/{key}/messages/4").json()["why"]["en"].startswith("many messages")


def test_messages_of_a_run_without_dims_get_near_cubic_ones_or_those_asked_for(client, source):
    key = source.add({"rounds": 0, "compressor": {"name": "top_k"}})
    source.change(key, rows(0, 0), "done")
    assert np.prod(client.get(f"/api/runs/{key}/messages/0").json()["dims"]) >= 6
    assert client.get(f"/api/runs/{key}/messages/0?dims=3x2").json()["dims"] == [3, 2]


@pytest.mark.parametrize(
    ("query", "code"), [("?node=3", 404), ("?dims=2x2", 400), ("?dims=0x6", 400), ("?dims=9999999x9999999", 400), ("?node=-1", 400)]
)
def test_messages_that_are_not_there_or_do_not_fold_are_refused(client, key, query, code):
    assert client.get(f"/api/runs/{key}/messages/5{query}").status_code == code


def test_downloads_are_exact_and_well_named(client, source, key):
    table = client.get(f"/api/runs/{key}/trace.csv")
    spec = client.get(f"/api/runs/{key}/spec.json")
    assert table.text == source.trace(key).to_csv()
    assert spec.json() == source.spec(key).json()
    assert f'filename="mushrooms-ef21-st_hosvd-{key[:8]}.csv"' in table.headers["content-disposition"]


def test_x_is_read_by_numpy_and_is_what_the_source_has(client, source, key):
    source.points[key] = np.random.default_rng(0).normal(size=100_000)
    answer = client.get(f"/api/runs/{key}/x.npy")
    assert np.array_equal(np.load(io.BytesIO(answer.content), allow_pickle=False), source.points[key])
    assert f'filename="mushrooms-ef21-st_hosvd-{key[:8]}.npy"' in answer.headers["content-disposition"]
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_x_is_a_table_too_with_the_names_that_the_pictures_show(client, source):
    key = source.add({"dataset": "diabetes", "objective": "least_squares"})
    source.points[key] = np.linspace(-1, 1, 10) / 3
    answer = client.get(f"/api/runs/{key}/x.csv")
    lines = [line.split(",") for line in answer.text.splitlines()]
    names = client.get(f"/api/runs/{key}/coordinates.json").json()["names"]
    assert [line[1] for line in lines[1:]] == names == list(load_diabetes().feature_names)
    assert [float(line[3]) for line in lines[1:]] == source.points[key].tolist()
    assert "csv" in answer.headers["content-type"]
    assert answer.headers["content-disposition"].endswith(f'-{key[:8]}.x.csv"')


def test_the_network_of_a_run_is_a_file_of_its_own_and_who_has_none_says_so(client, source, key):
    source.points[key] = np.zeros(10)
    refused = client.get(f"/api/runs/{key}/network.pt")
    assert (refused.status_code, "only the objective network" in refused.json()["error"]["en"]) == (404, True)
    source.networks[key] = b"parameters"
    answer = client.get(f"/api/runs/{key}/network.pt")
    assert answer.content == b"parameters"
    assert f'filename="mushrooms-ef21-st_hosvd-{key[:8]}.pt"' in answer.headers["content-disposition"]


def test_many_who_take_the_same_x_have_it_read_once_while_that_of_a_run_that_goes_on_is_read_anew(source, key):
    going = source.add({"rounds": 11})
    source.change(going, rows(0, 3), "running")
    source.points = {key: np.arange(1000.0), going: np.zeros(3)}
    files = points.PointFiles(source)

    async def taken():
        return [await asyncio.gather(*(files.file(name) for _ in range(50))) for name in (key, going)]

    done, unfinished = asyncio.run(taken())
    assert all(file is done[0] for file in done)
    assert source.points_read == 1 + 50
    source.points[going] = np.ones(3)
    assert np.load(io.BytesIO(asyncio.run(files.file(going)))).tolist() == [1.0] * 3
    assert len(set(unfinished)) == 1


def test_the_files_that_are_kept_are_bounded_by_their_bytes(source):
    keys = [source.add({"rounds": rounds}) for rounds in (3, 4, 5)]
    for key in keys:
        source.change(key, rows(0, 3), "done")
        source.points[key] = np.zeros(1000)
    files = points.PointFiles(source, kept=2 * 8128 + 10)
    asyncio.run(asyncio.wait_for(each(files, [*keys, keys[2], keys[1], keys[0]]), PATIENCE))
    assert source.points_read == 4


async def each(files, keys):
    for key in keys:
        await files.file(key)


@pytest.mark.parametrize(("x", "words"), [(None, "is not kept"), (np.zeros(10), "10 numbers")])
def test_an_x_that_is_not_kept_or_is_too_large_is_refused_in_words(source, key, monkeypatch, x, words):
    if x is not None:
        source.points[key] = x
    monkeypatch.setattr(points, "LARGEST", 79)
    answer = Client(source).get(f"/api/runs/{key}/x.npy")
    assert answer.status_code == 404
    assert words in answer.json()["error"]["en"]


@pytest.mark.parametrize("name", sorted(assets.names()))
def test_every_file_is_served_packed_and_kept_under_its_version(client, name):
    answer = client.get(assets.url(name), headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == client.get(assets.url(name), headers={"Accept-Encoding": "identity"}).content
    assert gzip.decompress(assets.asset(name).gzipped) == answer.content
    again = client.get(assets.url(name), headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_file_of_another_version_is_not_kept_and_others_are_missing(client):
    assert client.get("/api/assets/old/live/live.js").headers["cache-control"] == "no-cache"
    assert client.get("/api/assets/old/..%2Fhub.py").status_code == 404


@pytest.mark.parametrize("name", ["hub.py", "live.js", "live", "live/", "live/..%2F..%2Fserver/hub.py", "%2Fetc/passwd", "/etc/passwd"])
def test_what_is_no_file_of_the_browser_is_not_served(client, name):
    assert client.get(f"/api/assets/{assets.version()}/{name}").status_code == 404


def test_the_document_of_a_page_with_the_chart_asks_for_plotly_at_once() -> None:
    """In one short header, and of the version that the page will ask for: else the browser would fetch it twice."""

    async def page(request: Request) -> Response:
        return PlainTextResponse("a page", 200, {"link": "</icon>; rel=icon"})

    app = Starlette(routes=[Route("/{path:path}", page)], middleware=[ahead("/lab")])

    async def links(path: str) -> list[str]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://lab") as client:
            return (await client.get(path)).headers.get_list("link")

    asked = f"</lab{assets.url(assets.PLOTLY)}>; rel=preload; as=script"
    assert len(asked) < 200
    for path in ("/lab", "/lab/", "/lab/experiment"):
        assert asyncio.run(links(path)) == ["</icon>; rel=icon", asked]
    for path in ("/lab/data", "/lab/_stcore/health", "/experiment"):
        assert asyncio.run(links(path)) == ["</icon>; rel=icon"]


@pytest.mark.parametrize("base", ["", "/lab"])
def test_whatever_stands_under_api_is_answered_by_the_lab_and_never_with_a_page(source, key, base) -> None:
    """As it is served: behind the routes is a server of pages, which answers any address with one."""

    async def page(request: Request) -> Response:
        return PlainTextResponse("a page")

    app = Starlette(routes=[*web.routes(source, base=base), Route("/{path:path}", page, methods=["GET", "POST", "DELETE"])])

    async def ask(method: str, path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://lab") as client:
            return await client.request(method, path)

    for path in ("", "/", "/nonsense", "/runs", "/runs/", f"/runs/{key}/", f"/runs/{key}/trace.csv/x", "/runs/a/b/c", "/look", "/assets"):
        answer = asyncio.run(ask("GET", f"{base}/api{path}"))
        assert answer.status_code == 404, path
        assert {*answer.json()["error"]} == {"en", "ru"}
        assert f"{base}/api{path}" in answer.json()["error"]["en"]
    for method, path in (("POST", f"/runs/{key}"), ("DELETE", f"/runs/{key}"), ("POST", "/nonsense")):
        answer = asyncio.run(ask(method, f"{base}/api{path}"))
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert asyncio.run(ask("GET", f"{base}/apiary")).text == "a page"
    assert asyncio.run(ask("GET", f"{base}/api/runs/{key}")).json()["key"] == key
