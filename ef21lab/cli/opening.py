"""`open`: runs in the browser, in a lab that is there or one that is started for them; `--class` for a course."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Iterator, Mapping
from typing import Any

from ef21lab.address.links import HERE, NO_BASE, is_link, linked
from ef21lab.choices.fields import shown
from ef21lab.choices.text import Language, Refusal, Text
from ef21lab.choices.written import whole
from ef21lab.cli.documents import written
from ef21lab.cli.inputs import is_file
from ef21lab.cli.outputs import output
from ef21lab.cli.records import command, key_of, record_of
from ef21lab.jobs import memory
from ef21lab.jobs.crew import workers_here
from ef21lab.jobs.limits import TOKEN, Limits
from ef21lab.jobs.store import Store
from ef21lab.jobs.taken import NOT_DONE
from ef21lab.runs.spec import RunSpec
from ef21lab.served import APP

LOOPBACK, EVERYBODY = "127.0.0.1", "0.0.0.0"
FIRST_PORT, PORTS = 8501, 100
STUDENTS = 50  # of the course whose memory is told
PATIENCE = 120.0  # seconds for a server to answer
OURS = "/api/traces.csv"  # without runs a lab refuses it in words, and nobody else knows it


def add(commands: Any, language: Language) -> None:
    """The command of this file."""
    opening = command(commands, "open", _open, ABOUT["open"], language)
    opening.add_argument("runs", metavar="RUN", nargs="*", help=ABOUT["RUN"](language))
    opening.add_argument("--base", metavar="URL", help=ABOUT["--base"](language))
    opening.add_argument("--print", action="store_true", help=ABOUT["--print"](language))
    opening.add_argument("--port", metavar="N", help=ABOUT["--port"](language))
    opening.add_argument("--class", dest="course", action="store_true", help=ABOUT["--class"](language))


def _open(asked: argparse.Namespace, language: Language) -> None:
    port = None if asked.port is None else _port(asked.port)
    if asked.base is not None and (asked.course or port is not None):
        raise Refusal(ONE_OR_OTHER)
    if asked.base is not None and not is_link(asked.base):
        raise Refusal(NO_BASE.format(base=shown(asked.base)))
    runs = _runs(asked)
    base = asked.base or (HERE if port is None else f"http://{LOOPBACK}:{port}")
    address = _address(runs, base)
    if asked.print and not asked.course:
        _say(address)
    elif asked.base is not None or (not asked.course and is_a_lab(base)):
        _say(address)
        webbrowser.open(address)
    else:
        _serve(runs, free(port), asked, language)


def _serve(runs: list[RunSpec], port: int, asked: argparse.Namespace, language: Language) -> None:
    """Start a lab, open it, and stay until it ends or is ended."""
    environment = dict(os.environ)
    if asked.course:
        environment.setdefault(TOKEN, secrets.token_urlsafe(9))
    with serving(EVERYBODY if asked.course else LOOPBACK, port, environment) as server:
        address = _address(runs, f"http://{_own_name() if asked.course else LOOPBACK}:{port}")
        _say(address)
        if asked.course:
            print(_for_a_course(address, environment)(language), file=sys.stderr)
        print(ENDS(language), file=sys.stderr)
        if not asked.print:
            webbrowser.open(_address(runs, f"http://{LOOPBACK}:{port}"))
        server.wait()


@contextlib.contextmanager
def serving(host: str, port: int, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Streamlit over the lab's app, answering. However the block ends, the server ends with it, its runs kept. Raises Refusal."""
    options = {"server.address": host, "server.port": str(port), "server.headless": "true"}
    given = [part for name, value in options.items() for part in (f"--{name}", value)]
    command = [sys.executable, "-m", "streamlit", "run", str(APP), *given]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        before = time.monotonic()
        while not is_a_lab(f"http://{LOOPBACK}:{port}"):
            if server.poll() is not None or time.monotonic() - before > PATIENCE:
                raise Refusal(SILENT.format(port=port))
            time.sleep(0.1)
        yield server
    finally:
        if server.poll() is None:
            server.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(timeout=30)
        if server.poll() is None:
            server.kill()


def is_a_lab(base: str) -> bool:
    """Whether a lab answers at this address."""
    try:
        urllib.request.urlopen(base.rstrip("/") + OURS, timeout=2).close()
    except urllib.error.HTTPError as answer:
        with answer, contextlib.suppress(ValueError, OSError):
            return answer.code == 400 and isinstance(json.loads(answer.read(10_000)), dict)
    except (OSError, ValueError):
        pass
    return False


def free(port: int | None) -> int:
    """The port itself, or the first that nobody uses from FIRST_PORT on. Raises Refusal where there is none."""
    for candidate in range(FIRST_PORT, FIRST_PORT + PORTS) if port is None else (port,):
        with socket.socket() as probe, contextlib.suppress(OSError):
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, candidate))
            return candidate
    raise Refusal(TAKEN.format(port=f"{FIRST_PORT}…{FIRST_PORT + PORTS - 1}" if port is None else str(port)))


def _own_name() -> str:
    """The address by which others on the network reach this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # of a network that is nowhere: nothing is sent, the system only picks its own side
        return str(probe.getsockname()[0])
    return socket.gethostname()


def _for_a_course(address: str, environment: Mapping[str, str]) -> Text:
    limits, workers = Limits.of(environment), workers_here()
    needed = memory.SERVER + workers * memory.WORKER + STUDENTS * memory.MB
    return COURSE.format(
        address=address,
        token=environment[TOKEN],
        runs=limits.running,
        queue=limits.queue,
        rounds=limits.rounds,
        seconds=limits.seconds,
        processes=workers,
        megabytes=needed // memory.MB,
        whole=memory.whole() // memory.MB,
    )


def _address(runs: list[RunSpec], base: str) -> str:
    return linked(runs, base) if runs else f"{base.rstrip('/')}/"


def _runs(asked: argparse.Namespace) -> list[RunSpec]:
    if not asked.runs:
        return []
    with record_of(asked) as store:
        return [_run(store, words) for words in asked.runs]


def _run(store: Store, words: str) -> RunSpec:
    """A link, a file that is there, or a run of the record."""
    if is_link(words) or is_file(words):
        return written(words).run()
    spec = store.spec(key_of(store, words))
    if spec is None:
        raise Refusal(NOT_DONE.format(key=words))
    return spec


def _port(written: str) -> int:
    number = whole(written)
    if number is None or not 0 < number < 2**16:
        raise Refusal(NO_PORT.format(port=shown(written)))
    return number


def _say(address: str) -> None:
    with output(None) as out:
        out.write(f"{address}\n")


ABOUT = {
    "open": Text(
        "open the lab in the browser, or some runs in it; it is started where it does not run yet",
        "открыть лабораторию или запуски в ней в браузере; если она не запущена, запустить",
    ),
    "RUN": Text(
        "a run of the record, of a file or of a link; several that one page shows; none opens the first page",
        "запуск из записей, файла или ссылки; несколько, если их показывает одна страница; без них — первая страница",
    ),
    "--base": Text("where the lab is served already", "адрес лаборатории, которая уже работает"),
    "--print": Text("print the address, open nothing", "только напечатать адрес"),
    "--port": Text("port of the lab that is started", "порт запускаемой лаборатории"),
    "--class": Text(
        "start it for a course: everybody on the network comes in, and the rules are printed",
        "запустить для курса: зайти может вся сеть, правила печатаются",
    ),
}
ENDS = Text("Ctrl-C ends the lab; what was computed is kept.", "Ctrl-C останавливает лабораторию; всё вычисленное сохранится.")
COURSE = Text(
    "The lab is open to the network: students go to {address}\n"
    "  operator's token, for the page of runs: {token}  (EF21LAB_ADMIN sets one of yours)\n"
    "  a student: {runs:run|runs} at a time; everybody together: {queue:run|runs}\n"
    "  a run: {rounds:round|rounds}, {seconds:second|seconds} of one core\n"
    "  (EF21LAB_LIMIT_RUNNING, …_QUEUE, …_ROUNDS, …_SECONDS change that)\n"
    "  memory: 300 MB for the server, 130 MB for the engine, 150 MB for each process that computes (350 MB where\n"
    "  networks are trained), 1 MB for each student; such processes here: {processes}; {megabytes} MB in all of {whole} MB\n"
    "  (EF21LAB_WORKERS=1 takes the least); where memory ends, the system ends such a process: it starts again\n"
    "  and goes on from where its run was kept last",
    "Лаборатория открыта для сети; адрес для студентов: {address}\n"
    "  токен администратора для страницы запусков: {token}  (свой задаёт EF21LAB_ADMIN)\n"
    "  студенту: {runs:запуск|запуска|запусков} одновременно; всем вместе: {queue:запуск|запуска|запусков}\n"
    "  запуск: {rounds:раунд|раунда|раундов}, {seconds:секунда|секунды|секунд} одного ядра\n"
    "  (меняют EF21LAB_LIMIT_RUNNING, …_QUEUE, …_ROUNDS, …_SECONDS)\n"
    "  память: 300 МБ на сервер, 130 МБ на планировщик, 150 МБ на каждый вычислительный процесс (350 МБ, если обучаются\n"
    "  сети), 1 МБ на студента; таких процессов здесь: {processes}; вместе это {megabytes} МБ из {whole} МБ (меньше всего —\n"
    "  при EF21LAB_WORKERS=1); если памяти не хватит, система завершит такой процесс: он запустится снова\n"
    "  и продолжит с последнего сохранённого места",
)
ONE_OR_OTHER = Text(
    "--base names a lab that is served already; --port and --class start one",
    "--base называет уже работающую лабораторию, а --port и --class запускают новую",
)
SILENT = Text("the lab did not start at port {port}", "лаборатория на порту {port} не запустилась")
TAKEN = Text("port in use here: {port}", "порт занят: {port}")
NO_PORT = Text("--port is an integer from 1 to 2¹⁶ − 1, not {port}", "--port — целое от 1 до 2¹⁶ − 1, а не {port}")
