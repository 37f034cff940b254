"""The first picture: curves and verdict of an address whose runs are in the record, as part of the page's own document.

A browser draws it before any script has run; the live view takes its place once it has drawn the same. Nothing is begun for it, and
where anything of it is not known yet, or the page would show something that it cannot, there is none.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from string import Template
from typing import NamedTuple, Protocol

from zict import LRU

from ef21lab.address import links
from ef21lab.address.controls import LANGUAGE, PAGE, PRESENTED, VIEW
from ef21lab.address.locks import HIDE
from ef21lab.address.opening import fitted_to
from ef21lab.choices import markup
from ef21lab.choices.fields import Json
from ef21lab.choices.line import Line
from ef21lab.choices.text import Language, Refusal, Text
from ef21lab.plots.palette import ink, lines
from ef21lab.problems.base import Facts
from ef21lab.runs.entered import grown, known_of, place_of_best
from ef21lab.runs.names import drawn_as, title, titles
from ef21lab.runs.planned import Planned, plan
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.standings import JUDGED
from ef21lab.runs.trace import Trace
from ef21lab.runs.tuned import first_planned, goal_of
from ef21lab.runs.verdict import Racer, verdict
from ef21lab.web.server.cursors import MOST_RUNS
from ef21lab.web.server.source import RunStatus

log = logging.getLogger(__name__)

KEPT = 64  # pictures
METRICS_DRAWN = ("grad_norm_sq", "distortion")  # metrics that need no theorem
COSTS = ("floats_up", "bits_up", "bits_down")  # whose own scale is logarithmic
COUNTED = (*COSTS, "round", "seconds")
SIDEBAR = 350  # pixels, as the pages have it


class Remembered(Protocol):
    """What is known of runs without asking anybody to compute."""

    def status(self, key: str) -> RunStatus | None: ...

    def trace(self, key: str, after: int = -1) -> Trace: ...

    def known_facts(self, spec: RunSpec) -> Facts | None: ...


class Raced(NamedTuple):
    """A contender that has come to its end: its best run, what it might have been, and its line."""

    best: Planned
    name: Text
    tried: Sequence[Trace]
    place: int  # of the best among them
    line: Line


class Pictured(NamedTuple):
    """What is drawn against what, and at which ε the race is judged, 0 for the usual one."""

    metric: str
    axis: str
    log_x: bool
    goal: float


class FirstPicture:
    """The pictures of what is known; any thread may ask."""

    def __init__(self, known: Remembered) -> None:
        self._known = known
        self._lock = threading.Lock()
        self._made: LRU[tuple[str, Language], str] = LRU(KEPT, {})

    def html(self, query: str, language: Language) -> str:
        """What stands in the document at this address, for a browser of this language; empty where there is no picture."""
        with self._lock:
            if (query, language) in self._made:
                return self._made[query, language]
        try:
            made = self._draw(query, language)
        except Refusal:
            return ""
        except Exception:  # the page itself is to come whatever happens here
            log.exception("no first picture")
            return ""
        if made:
            with self._lock:
                self._made[query, language] = made
        return made

    def _draw(self, query: str, language: Language) -> str:
        opened = links.opened(query)
        view = opened.view
        metric, axis, goal = (view.get(name, VIEW[name].default) for name in ("metric", "axis", "goal"))
        if not _is_plain(view) or metric not in METRICS_DRAWN or axis not in COUNTED:
            return ""
        raced = self._raced(opened.specs, float(str(goal)))
        spoken: Language = "ru" if view.get(LANGUAGE, language) == "ru" else "en"
        left = 0 if "sidebar" in str(view.get(HIDE, "")) else SIDEBAR
        log_x = bool(view["logX"]) if view.get("logX", -1) != -1 else axis in COSTS
        return _document(raced, Pictured(str(metric), str(axis), log_x, float(str(goal))), spoken, left) if raced else ""

    def _raced(self, specs: Sequence[RunSpec], goal: float) -> list[Raced]:
        """All that can race; none where one of them has not come to its end."""
        facts = self._known.known_facts(specs[0])
        if facts is None:
            return []
        fitted = [fitted_to(facts.layout, spec) for spec in specs]
        able = [spec for spec in fitted if first_planned(spec, facts).reason is None]
        whole = cache(self._whole)  # a grid is read again where it has grown, and once more for its curves
        found: dict[RunSpec, Raced] = {}
        for spec, line in zip(able, lines([drawn_as(spec) for spec in able]), strict=True):
            group = grown(spec, goal, 1, MOST_RUNS // len(able), whole)
            traces = known_of(group, whole)
            if traces is None:
                return []
            place = place_of_best(spec, traces, goal)
            best = plan(group[place][0], facts)
            found.setdefault(best.spec, Raced(best, title(best.spec), [trace for (trace,) in traces], place, line))
        names = titles([one.best.spec for one in found.values()])
        return [one._replace(name=name) for one, name in zip(found.values(), names, strict=True)]

    def _whole(self, run: RunSpec) -> Trace | None:
        """The trace of a run that has come to its end."""
        status = self._known.status(run.key)
        return self._known.trace(run.key) if status is not None and status.state == "done" else None


def _is_plain(view: dict[str, Json]) -> bool:
    """Whether the page shows nothing that the picture does not have: repeats, what lies above it, the view for a lecture room."""
    usual = {"repeats": "1", "whole": 0, PRESENTED: PAGE}
    return all(view.get(name, value) == value for name, value in usual.items())


def _document(raced: Sequence[Raced], asked: Pictured, language: Language, left: int) -> str:
    """Legend, picture and verdict, with their style and what takes them away."""
    from ef21lab.plots.figures import AXES, LOG_SCALE, METRICS, curves  # plotly, which no server needs before its first page
    from ef21lab.plots.sketch import Sketched, sketch

    drawn = [(trace, _inked(one, at), step != one.place) for at, one in enumerate(raced) for step, trace in enumerate(one.tried)]
    points = curves([trace for trace, _, _ in drawn], asked.metric, asked.axis)  # type: ignore[arg-type]
    picture = sketch([Sketched(own, line, faint) for own, (_, line, faint) in zip(points, drawn, strict=True)], language, log_x=asked.log_x)
    if not picture:
        return ""
    parts = {
        "language": language,
        "left": f"{left}px",
        "light": _inks(raced, dark=False),
        "dark": _inks(raced, dark=True),
        "legend": "".join(_named(one, at, language) for at, one in enumerate(raced)),
        "picture": picture,
        "height": markup.html(LOG_SCALE.format(name=METRICS[asked.metric])(language)),
        "axis": markup.html((LOG_SCALE.format(name=AXES[asked.axis]) if asked.log_x else AXES[asked.axis])(language)),
        "verdict": markup.html(_verdict(raced, asked)(language)) if asked.metric == JUDGED else "",
        "coming": markup.html(COMING(language)),
    }
    return _template().substitute(parts)


def _verdict(raced: Sequence[Raced], asked: Pictured) -> Text:
    """As the live view says it."""
    racers = [
        Racer(one.name, [one.tried[one.place]], one.best.gamma, [[trace] for trace in one.tried] if len(one.tried) > 1 else ())
        for one in raced
    ]
    epsilon = goal_of(raced[0].best.spec, float(raced[0].tried[0][JUDGED][0]), asked.goal)
    return verdict(racers, epsilon, axis=asked.axis).words


def _inked(one: Raced, at: int) -> Line:
    """Its line, in the colour that the style of the picture has for it."""
    return Line(f"var(--line-{at})", one.line.dash)


def _inks(raced: Sequence[Raced], *, dark: bool) -> str:
    return " ".join(f"--line-{at}: {ink(one.line.color, dark=dark)};" for at, one in enumerate(raced))


def _named(one: Raced, at: int, language: Language) -> str:
    """A piece of its line, and its name."""
    from ef21lab.plots.sketch import sample

    return f"<span>{sample(_inked(one, at))}{markup.html(one.name(language))}</span>"


@cache
def _template() -> Template:
    return Template(files("ef21lab.web.server").joinpath("first.html").read_text(encoding="utf-8"))


COMING = Text("The controls are on their way.", "Панель управления загружается.")
