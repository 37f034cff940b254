"""Links: the address of runs as one line that opens them in a browser, and the runs of such a line."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit

from ef21lab.address.opening import Opened, specs_of
from ef21lab.address.reading import several
from ef21lab.address.writing import address_of
from ef21lab.choices.fields import Json, shown
from ef21lab.choices.text import Refusal, Text, joined, language_of
from ef21lab.runs.spec import RunSpec

HERE = "http://127.0.0.1:8501"  # where `make run` serves the lab
BEGINNINGS = ("http://", "https://")

Given = RunSpec | Mapping[str, Json]


def link(specs: Given | Sequence[Given], base: str = HERE, view: Mapping[str, Json] | None = None) -> str:
    """The link under which the lab at `base` opens these runs, one to six that share everything but method, compressor and step.

    What only this machine has, as arrays of a program, is not in a link, and that is said on standard error. `view` holds other controls of
    the page: `{"axis": "bits_up", "theory": "on", "lang": "ru"}`. Raises Refusal where one page cannot show these runs.

    >>> link({"compressor": {"name": "top_k", "k": 7}, "rounds": 100})
    'http://127.0.0.1:8501/?rounds=100&a.top_k.k=7&a.step=theory&race=a&v=4'
    """
    runs = _runs(specs)
    for kept in dict.fromkeys(one for run in runs for one in run.kept_here):
        print(STAYS.format(what=kept)(language_of(os.environ)), file=sys.stderr)
    return linked(runs, base, view)


def linked(specs: Given | Sequence[Given], base: str = HERE, view: Mapping[str, Json] | None = None) -> str:
    """The same, and nothing is said besides."""
    if not isinstance(base, str) or not _opens(base) or any(mark in base for mark in "?#"):
        raise Refusal(NO_BASE.format(base=shown(base)))
    return address(address_of(_runs(specs), view), base)


def _runs(specs: Given | Sequence[Given]) -> list[RunSpec]:
    """Raises Refusal where these are no runs, or some of which no JSON tells."""
    given = [specs] if isinstance(specs, (RunSpec, Mapping)) else specs
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise Refusal(NO_RUNS.format(given=shown(given)))
    runs = [RunSpec.here(run) for run in given]
    if unnamed := next((run.unnamed for run in runs if run.unnamed is not None), None):
        raise Refusal(unnamed)
    return runs


def address(words: Mapping[str, str], base: str = HERE) -> str:
    """The address of the first page with these words."""
    query = urlencode(words)
    return f"{base.rstrip('/')}/" + (f"?{query}" if query else "")


def specs(link: str) -> list[RunSpec]:
    """The runs that a link opens, in the order of the page; of `link` the inverse.

    A link made under earlier defaults means what it meant then. Raises Refusal for what is no link, and for what the page
    would complain of.

    >>> [str(spec.compressor) for spec in specs("http://127.0.0.1:8501/?race=ab&a.top_k.k=7")]
    ['top_k(k=7)', 'st_hosvd(dims=natural, ranks=2, error=0.0)']
    """
    if not isinstance(link, str) or not (link.startswith("?") or _opens(link)):
        raise Refusal(NO_LINK.format(link=shown(link)))
    return opened(urlsplit(link).query).specs


def opened(query: str) -> Opened:
    """What the page shows at an address with this query. Raises Refusal for what it would complain of."""
    pairs = parse_qsl(query, keep_blank_values=True)
    found = specs_of(dict(pairs), several(pairs))
    if found.complaints:
        raise Refusal(joined([complaint.wrong for complaint in found.complaints.values()], " "))
    return found


def run_of(link: str) -> RunSpec:
    """The run that a link opens; LINK#2 is the second of several.

    Raises Refusal as `specs` does, and where a link of several runs does not say which.
    """
    address, _, which = link.partition("#")
    found = specs(address)
    if not which and len(found) == 1:
        return found[0]
    if which not in map(str, range(1, len(found) + 1)):
        raise Refusal(WHICH.format(n=len(found)))
    return found[int(which) - 1]


def is_link(words: str) -> bool:
    """Whether these words are meant as a link, and not as the name of a file."""
    return words.startswith(BEGINNINGS)


def _opens(link: str) -> bool:
    """Whether a browser would take it for the address of a server."""
    try:
        return link.startswith(BEGINNINGS) and link.isprintable() and " " not in link and bool(urlsplit(link).hostname)
    except ValueError:  # brackets of an address that is none
        return False


WHICH = Text(
    "the link opens {n:run|runs}; say which: LINK#1 is the first, up to LINK#{n}",
    "ссылка открывает {n:запуск|запуска|запусков}; скажите, какой: ССЫЛКА#1 — первый, и так до ССЫЛКА#{n}",
)
STAYS = Text("Not in the link: {what}.", "В ссылку не входит: {what}.")
NO_BASE = Text(
    "base={base} is no address of a lab: it begins with http:// or https:// and ends before any ? or #",
    "base={base} — не адрес лаборатории: он начинается с http:// или https:// и кончается до знаков ? и #",
)
NO_RUNS = Text(
    "a link is made of one run or a list of runs, got {given}", "ссылка составляется из запуска или списка запусков, а получено {given}"
)
NO_LINK = Text(
    "{link} is no link: a link begins with http://, https:// or ?", "{link} — не ссылка: ссылка начинается с http://, https:// или ?"
)
