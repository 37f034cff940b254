"""`search SPEC.json --epsilon 1e-6`: which setting comes to ε for the least; asked again it goes on where it was."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ef21lab.address.links import linked
from ef21lab.choices import strict
from ef21lab.choices.fields import Json, shown
from ef21lab.choices.text import Language, Refusal, Text, count, joined, number, quoted, same
from ef21lab.choices.written import whole_or_words
from ef21lab.cli.documents import tell, written
from ef21lab.cli.outputs import output, refusing, why
from ef21lab.cli.sweeping import parts
from ef21lab.cli.terminal import ProgressBar
from ef21lab.runs.names import title
from ef21lab.runs.standings import JUDGED
from ef21lab.searches.search import STARTS, Search, search
from ef21lab.searches.words import level_of, level_title, state, told

SHOWN = 12  # of the standings
TABLE = "standings.csv"
BITS, SECONDS = "bits", "seconds"


def add(commands: Any, language: Language) -> None:
    """The command of this file."""
    added = commands.add_parser("search", help=ABOUT["search"](language), description=ABOUT["search"](language), allow_abbrev=False)
    added.add_argument("spec", metavar="SPEC.json", help=ABOUT["SPEC"](language))
    added.add_argument("--epsilon", metavar="E", help=ABOUT["--epsilon"](language))
    added.add_argument("--metric", metavar="NAME", default=JUDGED, help=ABOUT["--metric"](language))
    added.add_argument("--by", choices=(BITS, SECONDS), help=ABOUT["--by"](language))
    added.add_argument("--network", metavar="NAME|JSON", help=ABOUT["--network"](language))
    added.add_argument("--method", metavar="NAME|JSON", action="append", default=[], help=ABOUT["--method"](language))
    added.add_argument("--starts", default=str(STARTS), metavar="N", help=ABOUT["--starts"](language))
    added.add_argument("--workers", default="1", metavar="N", help=ABOUT["--workers"](language))
    added.add_argument("--out", metavar="DIR", help=ABOUT["--out"](language))
    added.add_argument("--json", action="store_true", help=ABOUT["--json"](language))
    added.add_argument("--set", metavar="PATH=VALUE", action="append", default=[], help=ABOUT["--set"](language))
    added.set_defaults(command=_search)


def _search(asked: argparse.Namespace, language: Language) -> None:
    given = written(asked.spec)
    document = given.document
    spec, grid, epsilons = parts(document) if isinstance(document, Mapping) and "grid" in document else (document, None, [])
    epsilon, run = _epsilon(asked.epsilon, epsilons), given._replace(document=spec).run(asked.set)
    tell(run, language)
    place = _folder(asked.out)
    with ProgressBar(sys.stderr) as bar:
        found = search(
            run,
            epsilon,
            grid,
            [_member("--method", words) for words in asked.method],
            _network(asked.by, asked.network),
            store=True if place is None else place,
            starts=whole_or_words(asked.starts),
            beside=given.folder,
            workers=whole_or_words(asked.workers),
            metric=asked.metric,
            watch=lambda so_far, done, of: bar.show(done, of, told(so_far)(language)),
        )
    if place is not None:
        with refusing(str(place / TABLE)):
            found.frame().to_csv(place / TABLE, index=False)
    with output(None) as out:
        out.write(_document(found) if asked.json else "".join(f"{line}\n" for line in _table(found, language)))


def _epsilon(words: str | None, of_file: list[float]) -> float:
    """What is asked for, or what the file says."""
    if words is None:
        if len(of_file) != 1:
            raise Refusal(NO_EPSILON)
        return of_file[0]
    try:
        return float(words)
    except ValueError:
        raise Refusal(NOT_EPSILON.format(given=shown(words))) from None


def _network(by: str | None, words: str | None) -> Json:
    if (by == SECONDS) and words is None:
        raise Refusal(WHICH_NETWORK)
    if by == BITS and words is not None:
        raise Refusal(NO_NETWORK)
    return None if words is None else _member("--network", words)


def _member(option: str, words: str) -> Json:
    """A name, or a JSON object with settings."""
    return strict.parse(words, quoted(option)) if words.lstrip().startswith("{") else words


def _folder(path: str | None) -> Path | None:
    if path is None:
        return None
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(NO_FOLDER.format(folder=path, why=why(error))) from None
    return Path(path)


def _table(found: Search, language: Language) -> Iterator[str]:
    several = [SPREAD] if found.final.costs else []
    head = (RUN, UNITS[found.yardstick.axis], *several, level_title(found), STATE, KEY)
    rows = [[words(language) for words in head]]
    for spec in found.standings[:SHOWN]:
        known, place = found.mark(spec), found.place_of(spec)
        costs = found.final.costs.get(place)
        cost = found.final.median(place) if costs else known.cost if known else math.inf
        spread = [joined([_amount(min(costs), found), _amount(max(costs), found, INFINITE)], " – ") if costs else NONE] if several else []
        level = level_of(found, known)(language)
        amounts = [words(language) for words in (_amount(cost, found), *spread)]
        rows.append([title(spec)(language), *amounts, level, state(found, place)(language), spec.key[:12]])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield ""
    yield told(found)(language)
    for one in found.left_out:
        yield LEFT_OUT.format(label=one.label, reason=one.reason)(language)


def _amount(cost: float, found: Search, never: Text | None = None) -> Text:
    if math.isinf(cost):
        return NONE if never is None else never
    return count(cost) if found.yardstick.network is None else number(cost)


def _document(found: Search) -> str:
    rows = []
    for spec in found.standings:
        known, place = found.mark(spec), found.place_of(spec)
        finite = {"cost": _finite(known.cost), "level": _finite(found.level(known)), "spent": _finite(known.spent)} if known else {}
        costs = found.final.costs.get(place)
        over_starts = {"median": _finite(found.final.median(place)), "costs": [_finite(one) for one in costs]} if costs else {}
        rows.append({"key": spec.key, "state": found.state(place), **finite, **over_starts, "spec": spec.json()})
    told_of: dict[str, Json] = {
        "epsilon": found.epsilon,
        "metric": found.aim.metric,
        "axis": found.yardstick.axis,
        "starts": found.starts,
        "candidates": len(found.specs),
        "dropped": len(found.race.dropped),
        "share": found.share,
        "words": told(found).en,
        "link": _link(found),
        "standings": rows,
        "left_out": [{"name": one.label.en, "reason": one.reason.en} for one in found.left_out],
    }
    return json.dumps(told_of, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _link(found: Search) -> str | None:
    """Where a page shows the first three; None where none can."""
    try:
        return linked(found.first)
    except Refusal:
        return None


NONE, INFINITE = same("—"), same("∞")
SPREAD = Text("from all starts", "по всем стартам")
RUN, STATE, KEY = Text("run", "запуск"), Text("state", "состояние"), Text("key", "ключ")
UNITS = {"bits_up": Text("bits to ε", "бит до ε"), "network": Text("seconds to ε", "секунд до ε")}

NO_EPSILON = Text(
    "say which ε is to be reached: --epsilon 1e-6, or one number under epsilon in the file",
    "укажите, какого ε достичь: --epsilon 1e-6 или одно число epsilon в файле",
)
NOT_EPSILON = Text("--epsilon {given}: a positive number", "--epsilon {given}: нужно положительное число")
WHICH_NETWORK = Text(
    "--by seconds: say on which network, --network star, --network ring or a JSON object with its settings",
    "--by seconds: укажите сеть: --network star, --network ring или объект JSON с её настройками",
)
NO_NETWORK = Text(
    "--by bits counts no seconds: leave out --network, or ask --by seconds",
    "--by bits не считает секунд: уберите --network или задайте --by seconds",
)
NO_FOLDER = Text("cannot write {folder}: {why}", "не удаётся записать {folder}: {why}")
LEFT_OUT = Text("Left out: {label}: {reason}.", "Не участвует: {label}: {reason}.")

ABOUT = {
    "search": Text(
        "race all operators, strengths, folds and steps to ε by successive halving; what was computed is kept, and asked again the search "
        "goes on from there",
        "гонка всех операторов, их силы, форм тензора и шагов до ε с последовательным отсевом; вычисленное сохраняется, и при повторе "
        "поиск продолжается с того же места",
    ),
    "SPEC": Text(
        "a run as a JSON object: its problem, method and rounds are those of all candidates; or a sweep, whose grid they are then",
        "запуск в виде объекта JSON: задача, метод и раунды у всех кандидатов его; либо серия — тогда кандидаты из её сетки",
    ),
    "--epsilon": Text(
        "‖∇f‖² that is to be reached, and kept to; of accuracy a share, as 0.9",
        "какого ‖∇f‖² достичь и удержаться; для точности это доля, например 0.9",
    ),
    "--metric": Text(
        "what is to come to ε: grad_norm_sq, as usual, or accuracy on held-out rows, with --set held_out=0.2",
        "что довести до ε: grad_norm_sq (как обычно) или accuracy, точность на отложенных строках, с --set held_out=0.2",
    ),
    "--by": Text(
        "what is to be least: bits, as usual, or seconds on a network", "что минимизировать: биты (как обычно) или секунды в сети"
    ),
    "--network": Text(
        'the network whose seconds count: star, ring, or {"name": "star", "latency": 20}',
        'сеть, секунды которой считать: star, ring или {"name": "star", "latency": 20}',
    ),
    "--method": Text("race this method instead of the run's own; may be repeated", "вместо метода запуска взять этот; можно повторять"),
    "--starts": Text(
        "from how many starts x⁰ the first three of the race are compared, by the median: 3 unless said, which costs up to six whole runs "
        "besides the race; 1 leaves it at the race, of which one start decides",
        "со скольких стартов x⁰ сравнить первых трёх, по медиане: обычно с 3, и это не больше шести целых запусков сверх гонки; "
        "с 1 всё решит сама гонка, то есть один старт",
    ),
    "--workers": Text("processes that compute", "сколько процессов считают"),
    "--out": Text(
        "folder for the record of the runs and the table standings.csv; where left out, the record of this machine",
        "каталог для записей запусков и таблицы standings.csv; без него — записи этой машины",
    ),
    "--json": Text("everything as JSON", "всё в JSON"),
    "--set": Text("change one setting, as in run; may be repeated", "изменить одну настройку, как в run; можно повторять"),
}
