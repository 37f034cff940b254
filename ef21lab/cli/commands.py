"""The command line: run, describe, link, sweep, list, download, engine; the others are in files of their own beside this one.

    python -m ef21lab run SPEC.json --set compressor.k=4 --csv out.csv
    python -m ef21lab run SPEC.json --processes 4      or, the same run:      torchrun --nproc-per-node 4 -m ef21lab run SPEC.json

SPEC "-" is standard input. Results go to standard output, progress and errors to standard error, an error as one line.
Exit codes: 0; 1 where a claim does not hold; 2 for a request that cannot be met; 130 after Ctrl-C, 143 after SIGTERM; 141 when the reader
of the output has gone away.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np

import ef21lab
from ef21lab.address.links import HERE, link
from ef21lab.channels.network import is_one_of_several
from ef21lab.choices import answers, plugged
from ef21lab.choices.text import Language, Refusal, Text, language_of
from ef21lab.cli import claims, completion, documents, listing, opening, plugging, processes, records, searching, takeaway
from ef21lab.cli.outputs import at_the_end, check_apart, output
from ef21lab.cli.sweeping import sweep_into
from ef21lab.cli.terminal import ProgressBar
from ef21lab.runs.asked import describe, settled
from ef21lab.runs.coordinates import coordinates, x_csv
from ef21lab.runs.experiment import start_run
from ef21lab.runs.loop import Optimization
from ef21lab.runs.record import Record
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import csv_header, csv_line
from ef21lab.runs.trained import check_trains, npy, state_dict_file

REFUSED, INTERRUPTED, BROKEN_PIPE, TERMINATED = 2, 130, 141, 143
OUTPUTS = ("csv", "x", "network")  # options of `run` that name a file to write


class Terminated(BaseException):
    """SIGTERM: like Ctrl-C it ends what is going on, and what was computed is kept."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of the command."""
    language = language_of(os.environ)
    _have_streams()
    try:
        asked = _parser(language).parse_args(arguments)
        with _own_signals(), answers.blaming(), warnings.catch_warnings():
            warnings.simplefilter("ignore", answers.PluginWarning)  # said at the end
            code: int = asked.command(asked, language) or 0
        _tell_of_plugins(language)
        return code
    except Refusal as refusal:
        with contextlib.suppress(OSError):  # nobody can hear it; the exit code is said all the same
            print(" ".join(refusal.text(language).split()), file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Terminated:
        return TERMINATED
    except BrokenPipeError:
        return BROKEN_PIPE


def _have_streams() -> None:
    """What a shell has closed (`>&-`) reads as empty and takes all that is written, and no file opened later stands in its place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 - for as long as the process lives


def _tell_of_plugins(language: Language) -> None:
    """Which were left out, of the families that the command has asked, and what went wrong in others."""
    for words in (*(one.text for one in plugged.broken()), *answers.notes().values()):
        print(words(language), file=sys.stderr)


@contextlib.contextmanager
def _own_signals() -> Iterator[None]:
    """Ctrl-C and SIGTERM end a command whatever it inherited: a shell lets what it starts in the background ignore Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    own = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: _terminate}
    before = {number: signal.signal(number, handler) for number, handler in own.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _terminate(number: int, frame: object) -> NoReturn:
    raise Terminated


def _run(asked: argparse.Namespace, language: Language) -> int | None:
    def write(spec: RunSpec, records: Optimization) -> None:
        _write(asked, spec, records)

    check_apart({"SPEC.json": None if asked.spec == "-" else asked.spec, **{f"--{option}": getattr(asked, option) for option in OUTPUTS}})
    if is_one_of_several(os.environ):
        processes.run_as_one_of_several(lambda: _spec(asked), write, language)
        return None
    spec = settled(_spec(asked), language)
    documents.tell(spec, language)
    if asked.network is not None:
        check_trains(spec)
    if asked.processes is not None:
        outputs = [part for option in OUTPUTS if (path := getattr(asked, option)) is not None for part in (f"--{option}", path)]
        return processes.start_several(processes.number_of(asked.processes, spec.partition.nodes), spec, outputs, language)
    write(spec, start_run(spec))  # what cannot run is refused before a file is touched
    return None


def _write(asked: argparse.Namespace, spec: RunSpec, records: Optimization) -> None:
    with at_the_end(asked.x) as keep_x, at_the_end(asked.network) as keep_network, output(asked.csv) as out:
        out.write(csv_header(records.measures))
        for record in _watched(records, spec.rounds):
            out.write(csv_line(record))
        x = records.checkpoint().point()
        keep_x(lambda: _point(asked.x, spec, x))
        keep_network(lambda: state_dict_file(spec, x))


def _point(path: str, spec: RunSpec, x: np.ndarray) -> bytes:
    """x as a file of numpy.load, or in a .csv with the names of its coordinates."""
    return x_csv(coordinates(spec), x).encode() if Path(path).suffix.lower() == ".csv" else npy(x)


def _describe(asked: argparse.Namespace, language: Language) -> None:
    known = describe(_spec(asked))  # says by itself what was guessed
    _print(json.dumps(known, indent=2, allow_nan=False))


def _link(asked: argparse.Namespace, language: Language) -> None:
    _print(link([documents.written(path).run(asked.set) for path in asked.specs], asked.base))


def _sweep(asked: argparse.Namespace, language: Language) -> None:
    _print(sweep_into(asked.out, documents.written(asked.sweep), asked.set, asked.workers, language))


def _download(asked: argparse.Namespace, language: Language) -> None:
    from ef21lab.datasets.download import download  # the one command that needs the network

    with ProgressBar(sys.stderr) as bar:
        path = download(asked.name, bar.show)
    _print(path)


def _engine(asked: argparse.Namespace, language: Language) -> None:
    from ef21lab.jobs.crew import serve  # distributed takes half a second to import

    serve()


def _spec(asked: argparse.Namespace) -> RunSpec:
    stop = [] if asked.stop_at is None else [f"stop_at={asked.stop_at}"]
    return documents.written(asked.spec).run([*asked.set, *stop])


def _print(words: object) -> None:
    with output(None) as out:
        out.write(f"{words}\n")


def _watched(records: Iterable[Record], rounds: int) -> Iterator[Record]:
    """The same records, with their progress on standard error."""
    with ProgressBar(sys.stderr) as bar:
        for record in records:
            bar.show(record.round, rounds, f"‖∇f‖² = {record.grad_norm_sq[0]:.3g}")
            yield record


class _Parser(argparse.ArgumentParser):
    """Refuses in one line instead of two."""

    language: Language

    def error(self, message: str) -> NoReturn:
        usage = " ".join(self.format_usage().split()[1:])
        raise Refusal(
            Text("{message}; usage: {usage}", "аргументы не подходят; использование: {usage}").format(message=message, usage=usage)
        )


def _parser(language: Language) -> argparse.ArgumentParser:
    parser = _Parser(prog="ef21lab", allow_abbrev=False, description=ABOUT["ef21lab"](language))
    parser.add_argument("--version", action="version", version=f"ef21lab {ef21lab.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, does: Callable[[argparse.Namespace, Language], int | None]) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=ABOUT[name](language), description=ABOUT[name](language), allow_abbrev=False)
        added.set_defaults(command=does)
        return added

    run = command("run", _run)
    run.add_argument("--csv", metavar="OUT.csv", help=ABOUT["--csv"](language))
    run.add_argument("--processes", metavar="N", help=ABOUT["--processes"](language))
    run.add_argument("--x", metavar="OUT.npy|OUT.csv", help=ABOUT["--x"](language))
    run.add_argument("--network", metavar="OUT.pt", help=ABOUT["--network"](language))
    for takes_spec in (run, command("describe", _describe)):
        takes_spec.add_argument("spec", metavar="SPEC.json", help=ABOUT["SPEC"](language))
        takes_spec.add_argument("--set", metavar="PATH=VALUE", action="append", default=[], help=ABOUT["--set"](language))
        takes_spec.add_argument("--stop-at", metavar="E", help=ABOUT["--stop-at"](language))
    linked = command("link", _link)
    linked.add_argument("specs", metavar="SPEC.json", nargs="+", help=ABOUT["SPECS"](language))
    linked.add_argument("--base", metavar="URL", default=HERE, help=ABOUT["--base"](language))
    linked.add_argument("--set", metavar="PATH=VALUE", action="append", default=[], help=ABOUT["--set"](language))
    swept = command("sweep", _sweep)
    swept.add_argument("sweep", metavar="SWEEP.json", help=ABOUT["SWEEP"](language))
    swept.add_argument("--out", metavar="DIR", required=True, help=ABOUT["--out"](language))
    swept.add_argument("--workers", metavar="N", help=ABOUT["--workers"](language))
    swept.add_argument("--set", metavar="PATH=VALUE", action="append", default=[], help=ABOUT["--set"](language))
    command("download", _download).add_argument("name", metavar="NAME", help=ABOUT["NAME"](language))
    command("engine", _engine)
    listing.add(commands, language)
    completion.add(commands, language, parser)
    records.add(commands, language)
    takeaway.add(commands, language)
    opening.add(commands, language)
    claims.add(commands, language)
    plugging.add(commands, language)
    searching.add(commands, language)
    return parser


ABOUT = {
    "ef21lab": Text("EF21 and compressed communication from the command line.", "EF21 и сжатая передача из командной строки."),
    "run": Text("compute a run; its records are printed as CSV", "вычислить запуск и напечатать его записи в CSV"),
    "describe": Text("the constants of a run before it starts, as JSON", "постоянные запуска ещё до его начала, в JSON"),
    "link": Text("the link under which the lab opens these runs", "ссылка, по которой лаборатория открывает эти запуски"),
    "sweep": Text(
        "compute every combination of a grid into a folder; what is there already is not computed again",
        "вычислить все сочетания сетки в каталог; что там уже есть, заново не считается",
    ),
    "download": Text("fetch a LIBSVM dataset into the user's cache", "скачать набор данных LIBSVM в кэш пользователя"),
    "engine": Text("start a job engine and print its address", "запустить движок заданий и напечатать его адрес"),
    "SPEC": Text(
        'a file with a run as a JSON object, or the object itself, as \'{"rounds": 50}\'; "-" is standard input; or a link of the lab, '
        "LINK#2 for the second of its runs; or a table (CSV …)",
        "файл с запуском в виде объекта JSON или сам этот объект, например '{\"rounds\": 50}'; «-» — стандартный ввод; либо ссылка на "
        "лабораторию, ССЫЛКА#2 — второй из её запусков; либо таблица (CSV …)",
    ),
    "SPECS": Text(
        "one to six runs on one problem, each a JSON object", "от одного до шести запусков на одной задаче, каждый — объект JSON"
    ),
    "SWEEP": Text(
        'a JSON object {"spec": a run, "grid": {"step.multiple": [1, 2], "repeat": [0, 1, 2]}, "epsilon": 1e-4}; "-" is standard input',
        'объект JSON {"spec": запуск, "grid": {"step.multiple": [1, 2], "repeat": [0, 1, 2]}, "epsilon": 1e-4}; «-» — стандартный ввод',
    ),
    "--out": Text("folder for the table runs.csv and the traces", "каталог для таблицы runs.csv и записей запусков"),
    "--workers": Text(
        "how many processes compute; the number of cores where left out", "сколько процессов считает; без него — по числу ядер"
    ),
    "--base": Text("where the lab is served", "адрес самой лаборатории"),
    "--set": Text(
        "change one setting: compressor.k=4, step.rule=fixed, dataset=digits, rounds=100; may be repeated",
        "изменить одну настройку: compressor.k=4, step.rule=fixed, dataset=digits, rounds=100; можно повторять",
    ),
    "--stop-at": Text(
        "end with the first record with ‖∇f‖² at most E: --set stop_at=E in short",
        "закончить на первой записи, где ‖∇f‖² не больше E; то же, что --set stop_at=E",
    ),
    "--csv": Text("file for the records instead of standard output", "файл для записей вместо стандартного вывода"),
    "--processes": Text(
        "share the nodes between N processes that send real messages; needs PyTorch (so does torchrun -m ef21lab run)",
        "разделить узлы между N процессами, которые обмениваются настоящими сообщениями; нужен PyTorch (как и для torchrun -m ef21lab run)",
    ),
    "--x": Text(
        "file for the x that the run comes to, read by numpy.load; OUT.csv has the names of its coordinates",
        "файл для точки x, к которой пришёл запуск; его читает numpy.load, а в OUT.csv есть и имена координат",
    ),
    "--network": Text(
        "file for the trained network: torch.load(OUT.pt, weights_only=True) gives its parameters by name, a state_dict",
        "файл для обученной сети: torch.load(OUT.pt, weights_only=True) даёт её параметры по именам, state_dict",
    ),
    "NAME": Text("a published dataset, such as w8a", "имя опубликованного набора, например w8a"),
}
