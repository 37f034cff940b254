"""Where the lab answers: the paths of its routes, and the addresses at which a page finds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

EVENTS = "/api/events"
RUN = "/api/runs/{key}"
MESSAGES = f"{RUN}/messages/{{round}}"
TRACE, SPEC, POINT, NETWORK = f"{RUN}/trace.csv", f"{RUN}/spec.json", f"{RUN}/x.npy", f"{RUN}/network.pt"
X, COORDINATES = f"{RUN}/x.csv", f"{RUN}/coordinates.json"
TRACES, LAYERS = "/api/traces.csv", "/api/layers.csv"
LOOK = "/api/look"
ASSET = "/api/assets/{version}/{name:path}"
ALL = ("/api", "/api/{rest:path}")  # the lab's, whatever stands there
TOGETHER = "."  # between keys that are spoken of together


def of_run(path: str, key: str, base: str = "") -> str:
    """The address of a file of this run; `base` is the path under which the lab is served."""
    return base + path.format(key=key)


def of_runs(keys: Iterable[str], base: str = "") -> str:
    """The address of the records of these runs in one table."""
    return of_repeats([[key] for key in keys], base)


def of_repeats(contenders: Sequence[Sequence[str]], base: str = "", table: str = TRACES) -> str:
    """The same of contenders, each with the keys of its repeats; another `table` than that of their records."""
    return f"{base}{table}?{urlencode({'runs': ','.join(map(TOGETHER.join, contenders))}, safe=',')}"
