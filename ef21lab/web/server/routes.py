"""The routes of the live view: the event stream, its polling fallback, downloads, and the browser's files. Reading only."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.low_rank.fold import near_cubic
from ef21lab.runs.coordinates import told
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.tidy import tidy_layers, tidy_repeats
from ef21lab.runs.trace import Trace
from ef21lab.web.server import assets, paths
from ef21lab.web.server.cursors import checked_key, places_of, whole_number
from ef21lab.web.server.desk import Desk
from ef21lab.web.server.frames import Place
from ef21lab.web.server.hub import Hub, Viewer
from ef21lab.web.server.messages import Messages, packed
from ef21lab.web.server.points import PointFiles, slices
from ef21lab.web.server.refused import ANY, NO_STORE, Busy, Foreign, Missing, in_words, nothing
from ef21lab.web.server.source import Microscope, Source

MOST_SIDES = 8
LONGEST_DOCUMENT = 4000  # characters of a spec in an address

OWN_PAGE = "x-ef21lab"  # header of a request that a page of the lab has made

Tidy = Callable[[Sequence[Sequence[RunSpec]], Iterable[Trace]], Iterator[str]]

_STREAM = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}


TOO_MANY_STREAMS = Text("too many live streams at once; try again in a minute", "слишком много трансляций сразу; попробуйте через минуту")


class EventStream(StreamingResponse):
    """A viewer's stream. It gives the seat back however it ends, also where the viewer has gone before its first word."""

    def __init__(self, hub: Hub, viewer: Viewer) -> None:
        super().__init__(hub.stream(viewer), media_type="text/event-stream", headers=_STREAM)
        self._hub, self._viewer = hub, viewer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._hub.dismiss(self._viewer)


def routes(source: Source, microscope: Microscope | None = None, base: str = "") -> list[Route]:
    """Every route under `base`/api, over these runs, and over what this microscope sees if there is one."""
    hub, points = Hub(source), PointFiles(source)
    bound: dict[str, Callable[..., Awaitable[Response]]] = {
        paths.EVENTS: events,
        paths.RUN: run,
        paths.MESSAGES: functools.partial(messages, Messages(source)),
        paths.TRACE: trace_csv,
        paths.SPEC: spec_json,
        paths.POINT: functools.partial(point_npy, points),
        paths.X: functools.partial(x_table, points),
        paths.COORDINATES: coordinates_json,
        paths.NETWORK: functools.partial(network_pt, points),
        paths.TRACES: functools.partial(traces_csv, tidy_repeats, "runs"),
        paths.LAYERS: functools.partial(traces_csv, tidy_layers, "layers"),
    }
    own = [Route(base + path, in_words(functools.partial(handler, hub)), methods=["GET"]) for path, handler in bound.items()]
    if microscope:
        own.append(Route(base + paths.LOOK, in_words(functools.partial(look, Desk(microscope))), methods=["GET"]))
    own.append(Route(base + paths.ASSET, in_words(asset), methods=["GET"]))
    return [*own, *(Route(base + path, in_words(nothing), methods=ANY) for path in paths.ALL)]  # behind them the pages begin


async def events(hub: Hub, request: Request) -> Response:
    """GET /api/events?runs=KEY[:rows[:errors[:more]]],… → one stream of these runs, each after its cursor; Last-Event-ID goes before.

    Keys that have one cursor may share it, KEY.KEY.KEY:rows:errors: of hundreds of runs the address would else be too long for a proxy.
    """
    places = places_of(request.headers.get("last-event-id") or request.query_params.get("runs", ""))
    if hub.full:  # before anything is read for it
        raise Busy(TOO_MANY_STREAMS)
    feeds = await hub.current(places)
    if all(feed.status is None for feed in feeds):
        raise _no_run(", ".join(places))
    viewer = hub.admit(feeds, places)  # others may have come while this one was waiting
    if viewer is None:
        raise Busy(TOO_MANY_STREAMS)
    return EventStream(hub, viewer)


async def run(hub: Hub, request: Request) -> Response:
    """GET /api/runs/KEY?since=N&errors_since=M[&more_since=K] → what the stream would say, for where streams do not get through."""
    key = _key(request)
    more = _number(request, "more_since", -1) if "more_since" in request.query_params else None
    place = Place(_number(request, "since", -1), _number(request, "errors_since", -1), more=more)
    (feed,) = await hub.current({key: place})
    if feed.status is None:
        raise _no_run(key)
    return JSONResponse(feed.payload(place), headers=NO_STORE)


async def messages(sent: Messages, hub: Hub, request: Request) -> Response:
    """GET /api/runs/KEY/messages/ROUND?node=I[&dims=4x4x7] → what a node wanted to send in that round and what was received.

    Where that round is neither kept nor cheap to compute again, the answer is of the nearest kept one, and says why.
    """
    key, node = _key(request), _number(request, "node", 0, lowest=0)
    round = whole_number(request.path_params["round"], "round", 0)
    await _known(hub, key)
    spec = await _spec(hub, key)
    try:
        found = await sent.found(key, round, node)
    except Refusal as refusal:
        raise Missing(refusal.text) from None
    told = packed(found, round, node)
    lasting = {"Cache-Control": "max-age=3600"} if found.why is None else NO_STORE
    return JSONResponse({**told, "dims": _dims(request.query_params.get("dims"), told["d"], spec)}, headers=lasting)


async def trace_csv(hub: Hub, request: Request) -> Response:
    """GET /api/runs/KEY/trace.csv → the records, every number exact."""
    key = _key(request)
    await _known(hub, key)
    spec = await _spec(hub, key)
    document = await asyncio.to_thread(lambda: hub.source.trace(key, -1).to_csv())
    return Response(document, media_type="text/csv", headers=_download(spec, "csv"))


async def point_npy(points: PointFiles, hub: Hub, request: Request) -> Response:
    """GET /api/runs/KEY/x.npy → x after the last record, as numpy.load reads it: float64, (d,)."""
    return await _of_the_end(points.file, "npy", hub, request)


async def network_pt(points: PointFiles, hub: Hub, request: Request) -> Response:
    """GET /api/runs/KEY/network.pt → the network's parameters after the last record, as torch.load(…, weights_only=True) reads them."""
    return await _of_the_end(points.network, "pt", hub, request)


async def x_table(points: PointFiles, hub: Hub, request: Request) -> Response:
    """GET /api/runs/KEY/x.csv → the same with the number, the column and the class of every coordinate."""
    return await _of_the_end(points.table, "x.csv", hub, request)


async def coordinates_json(hub: Hub, request: Request) -> Response:
    """GET /api/runs/KEY/coordinates.json → {"names": […]}, what the coordinates of x are called; none where they have no names."""
    key = _key(request)
    await _known(hub, key)
    await _spec(hub, key)
    names = told(await asyncio.to_thread(hub.source.coordinates, key))
    return JSONResponse({"names": names}, headers={"Cache-Control": "max-age=3600"})


async def _of_the_end(made: Callable[[str], Awaitable[bytes]], ending: str, hub: Hub, request: Request) -> Response:
    """A file that is made from where a run has come to. Raises Missing where there is none."""
    key = _key(request)
    await _known(hub, key)
    spec = await _spec(hub, key)
    try:
        file = await made(key)
    except Refusal as refusal:
        raise Missing(refusal.text) from None
    headers = {**_download(spec, ending), "Content-Length": str(len(file))}
    media_type = "text/csv" if ending.endswith("csv") else "application/octet-stream"
    return StreamingResponse(slices(file), media_type=media_type, headers=headers)


async def traces_csv(tidy: Tidy, called: str, hub: Hub, request: Request) -> Response:
    """GET /api/traces.csv?runs=KEY,KEY,… → the records of all of them in one tidy table, every number exact; /api/layers.csv: what they
    say of every layer.

    KEY.KEY.KEY are the repeats of one contender.
    """
    asked = request.query_params.get("runs", "")
    keys = list(places_of(asked))
    for key in keys:
        await _known(hub, key)
    specs = {key: await _spec(hub, key) for key in keys}
    contenders = [item.split(":")[0].split(paths.TOGETHER) for item in asked.split(",")]
    table = tidy(
        [[specs[key] for key in repeats] for repeats in contenders], (hub.source.trace(key, -1) for each in contenders for key in each)
    )
    name = f"{specs[keys[0]].dataset.name}-{len(keys)}-{called}-{keys[0][:8]}.csv"
    return StreamingResponse(table, media_type="text/csv", headers=_attached(name))


async def spec_json(hub: Hub, request: Request) -> Response:
    """GET /api/runs/KEY/spec.json → the run's spec, complete."""
    key = _key(request)
    await _known(hub, key)
    spec = await _spec(hub, key)
    document = json.dumps(spec.json(), indent=2, ensure_ascii=False) + "\n"
    return Response(document, media_type="application/json", headers=_download(spec, "json"))


async def look(desk: Desk, request: Request) -> Response:
    """GET /api/look?vector=JSON&compressor=JSON[&seed=N] → what one operator makes of one vector, while a slider moves."""
    _check_own_page(request)
    seed = _number(request, "seed", 0, lowest=0)
    owner = f"look {request.client.host if request.client else ''}"
    seen = await desk.look(_document(request, "vector"), _document(request, "compressor"), seed, owner)
    return JSONResponse(seen, headers={"Cache-Control": "max-age=3600"})


async def asset(request: Request) -> Response:
    """GET /api/assets/VERSION/NAME → one of the browser's files; kept for a year under its own version."""
    name = request.path_params["name"]
    try:
        file = await asyncio.to_thread(assets.asset, name)
    except KeyError:
        raise Missing(Text("no such file: {name}", "нет такого файла: {name}").format(name=name[:80])) from None
    lasting = request.path_params["version"] == assets.version()
    headers = {
        "ETag": file.etag,
        "Vary": "Accept-Encoding",
        "Cache-Control": "public, max-age=31536000, immutable" if lasting else "no-cache",
    }
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.gzipped, media_type=file.media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(file.body, media_type=file.media_type, headers=headers)


def _check_own_page(request: Request) -> None:
    """For what costs a worker's time: a page of another site can make a browser send a GET, but not with a header of our own."""
    if OWN_PAGE not in request.headers or request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Foreign(
            Text(
                "only the lab's own pages may ask this; a script of yours sends the header {header}: 1",
                "это могут запрашивать только страницы самой лаборатории; свой скрипт посылает заголовок {header}: 1",
            ).format(header=OWN_PAGE)
        )


def _document(request: Request, name: str) -> Any:
    """A parameter that holds a small JSON object."""
    words = request.query_params.get(name, "")
    try:
        if len(words) > LONGEST_DOCUMENT:
            raise ValueError
        return json.loads(words)
    except (ValueError, RecursionError):
        raise Refusal(
            Text(
                "{name} must be a JSON object of at most {most:character|characters}, got {words}",
                "{name} — это объект JSON не длиннее {most:знака|знаков|знаков}, а получено {words}",
            ).format(name=name, most=LONGEST_DOCUMENT, words=repr(words[:40]))
        ) from None


def _key(request: Request) -> str:
    return checked_key(request.path_params["key"])


def _number(request: Request, name: str, default: int, lowest: int = -1) -> int:
    return whole_number(request.query_params.get(name, str(default)), name, lowest)


async def _known(hub: Hub, key: str) -> None:
    if await asyncio.to_thread(hub.source.status, key) is None:
        raise _no_run(key)


async def _spec(hub: Hub, key: str) -> RunSpec:
    try:
        return await asyncio.to_thread(hub.source.spec, key)
    except KeyError:  # it has left the record since its state was read, or what was written of it is no run
        raise _no_run(key) from None


def _no_run(key: str) -> Missing:
    return Missing(Text("no run has the key {key}", "нет запуска с ключом {key}").format(key=key))


def _dims(words: str | None, d: int, spec: RunSpec) -> list[int]:
    """The dims asked for, else the compressor's own, else near-cubic ones."""
    if words is None:
        own = getattr(spec.compressor.fitted(((d,),)), "dims", None)
        return list(own or near_cubic(d))
    sides = words.split("x", MOST_SIDES)
    if len(sides) > MOST_SIDES:
        raise Refusal(Text("dims: at most {most:side|sides}", "dims: не больше {most:стороны|сторон|сторон}").format(most=MOST_SIDES))
    dims = [whole_number(side, "dims", 1) for side in sides]
    if not d <= np.prod(dims, dtype=float) <= 16 * d + 4096:
        raise Refusal(Text("dims={dims} do not hold d = {d}", "dims={dims} не вмещают d = {d}").format(dims=words[:80], d=d))
    return dims


def _download(spec: RunSpec, suffix: str) -> dict[str, str]:
    return _attached("-".join([part.name for part in (spec.dataset, spec.algorithm, spec.compressor)] + [f"{spec.key[:8]}.{suffix}"]))


def _attached(file: str) -> dict[str, str]:
    """The headers of a file that a browser saves under this name."""
    return {"Content-Disposition": f'attachment; filename="{file}"', **NO_STORE}
