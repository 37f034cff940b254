"""The page of a report: figures, a table of where each run came to, specs, the lines that make them again, versions, and all records."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Iterable, Sequence
from importlib import metadata, resources
from string import Template

import ef21lab
from ef21lab.address.lines import python_lines, shell_line
from ef21lab.choices.markup import html, plotly
from ef21lab.choices.text import Language, Text, count, number, same
from ef21lab.plots.figures import Axis, convergence
from ef21lab.plots.offline import drawing, library
from ef21lab.plots.palette import lines
from ef21lab.reports.data import Reported, packed
from ef21lab.reports.read import BEGINS, ENDS
from ef21lab.runs.caption import apart, posed
from ef21lab.runs.names import drawn_as
from ef21lab.runs.spec import KEY_SALT

EPSILONS = (1e-2, 1e-4, 1e-6, 1e-8)
AXES: tuple[Axis, ...] = ("bits_up", "round")
LIBRARIES = ("numpy", "scipy", "plotly")


def report(runs: Sequence[Reported], language: Language = "en", made: str = "") -> str:
    """The whole page, which needs no network; `made` says when. What it holds is read back by `read.runs_in`."""
    names = [name(language) for name in apart([run.spec for run in runs])]
    parts = {
        "language": language,
        "title": html(TITLE.format(n=len(runs))(language)),
        "made": html(MADE.format(version=ef21lab.__version__)(language)),
        "when": html(made),
        "problems": _problems(runs, language),
        "table": _table(runs, names, language),
        "read": html(READ_TABLE(language)),
        "again": _again(runs, names, language),
        "versions": _versions(language),
        "figures": "".join(f'<div class="figure" id="figure-{axis}"></div>' for axis in AXES),
        "library": library(),
        "drawings": "\n".join(_drawn(runs, names, axis, language) for axis in AXES),
        "data": f"{BEGINS}{packed(runs)}{ENDS}",
    }
    page = (resources.files("ef21lab.reports") / "report.html").read_text(encoding="utf-8")
    return Template(page).substitute(parts)


def _drawn(runs: Sequence[Reported], names: Sequence[str], axis: Axis, language: Language) -> str:
    looks = lines([drawn_as(run.spec) for run in runs])
    figure = convergence([run.trace for run in runs], [plotly(name) for name in names], looks, "grad_norm_sq", axis, language)
    return drawing(f"figure-{axis}", figure, language)


def _problems(runs: Sequence[Reported], language: Language) -> str:
    """What was minimised, once for all runs that share it."""
    told = dict.fromkeys(posed(run.spec)(language) for run in runs)
    return "".join(f"<p>{html(words)}</p>" for words in told)


def _table(runs: Sequence[Reported], names: Sequence[str], language: Language) -> str:
    goals = [BITS_TO.format(epsilon=epsilon)(language) for epsilon in EPSILONS]
    head = [RUN(language), LOSS(language), "‖∇f‖²", BITS(language), *goals]
    rows = [[name, *_ends(run, language)] for name, run in zip(names, runs, strict=True)]
    return f"<thead>{_row(head, 'th')}</thead><tbody>{''.join(_row(row, 'td') for row in rows)}</tbody>"


def _ends(run: Reported, language: Language) -> Iterable[str]:
    yield number(float(run.trace["loss"][-1]))(language)
    yield number(float(run.trace["grad_norm_sq"][-1]))(language)
    yield count(float(run.trace["bits_up"][-1]))(language)
    for epsilon in EPSILONS:
        bits = run.trace.bits_to(epsilon)
        yield count(bits)(language) if math.isfinite(bits) else "—"


def _row(cells: Iterable[str], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{html(cell)}</{tag}>' for cell in cells)}</tr>"


def _again(runs: Sequence[Reported], names: Sequence[str], language: Language) -> str:
    told = []
    for name, run in zip(names, runs, strict=True):
        blocks = [(SHELL, shell_line(run.spec)), (PYTHON, python_lines(run.spec)), (SPEC, _in_json(run))]
        inside = "".join(f"<h4>{html(title(language))}</h4><pre>{_preformatted(block)}</pre>" for title, block in blocks)
        told.append(f"<details><summary>{html(name)} <code>{run.spec.key}</code></summary>{inside}</details>")
    return "".join(told)


def _in_json(run: Reported) -> str:
    return json.dumps(run.spec.json(), indent=2, ensure_ascii=False)


def _preformatted(block: str) -> str:
    return "\n".join(f"{' ' * (len(line) - len(line.lstrip(' ')))}{html(line)}" for line in block.split("\n"))


def _versions(language: Language) -> str:
    told = {
        "ef21lab": f"{ef21lab.__version__} ({KEY_SALT})",
        "Python": platform.python_version(),
        **{name: metadata.version(name) for name in LIBRARIES},
    }
    return html(VERSIONS(language) + ", ".join(f"{name} {version}" for name, version in told.items()))


TITLE = Text("Report of {n:run|runs}", "Отчёт: {n:запуск|запуска|запусков}")
MADE = Text(
    "Made by ef21lab {version}. This page holds every record: “ef21lab import” and the Runs page of any lab take it in.",
    "Сделан в ef21lab {version}. На странице есть все записи: её примет команда «ef21lab import» и страница «Запуски» любой лаборатории.",
)
RUN, LOSS = Text("Run", "Запуск"), Text("f at the end", "f в конце")
BITS = Text("Bits per node", "Бит на узел")
BITS_TO = Text("Bits to {epsilon}", "Бит до {epsilon}")
READ_TABLE = Text(
    "Bits to ε: what a node had sent when ‖∇f‖² came to ε and stayed there to the end of the run; a dash where it did not.",
    "Бит до ε: сколько отправил узел к моменту, когда ‖∇f‖² достигла ε и осталась там до конца запуска; прочерк — этого не случилось.",
)
SHELL, PYTHON, SPEC = Text("Command line", "Командная строка"), same("Python"), Text("Description", "Описание")
VERSIONS = Text("Versions: ", "Версии: ")
