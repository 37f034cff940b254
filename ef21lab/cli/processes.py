"""`run` where the nodes are processes: started here by --processes, or by torchrun; only the first of them writes.

Those that are started here are told the run as one line on standard input, which stays open behind it: when it ends, whoever has started
them is gone, however that came about, and nobody is left for whom they compute.
"""

from __future__ import annotations

import io
import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from ef21lab.channels.network import Lost, Network, check_torch, met
from ef21lab.channels.processes import Wire
from ef21lab.choices import written
from ef21lab.choices.fields import Integer
from ef21lab.choices.text import Language, Refusal, Text
from ef21lab.cli.ports import free_port
from ef21lab.runs.loop import Optimization
from ef21lab.runs.parts import start_among
from ef21lab.runs.spec import RunSpec

GRACE = 10.0  # seconds for the others to notice that one has gone, before they are ended
GLANCE = 0.05  # seconds between two looks at them
REFUSED, LEFT = 2, 3  # exit codes of a process: the run is refused; another one has gone
TOLD = "EF21LAB_TOLD"  # in the environment of those that are told the run on standard input

Process = subprocess.Popen[bytes]


def number_of(given: str, nodes: int) -> int:
    """N of --processes. Raises Refusal for what is no number of processes that so many nodes can be shared by."""
    allowed = Integer(Text("Processes", "Процессы"), Text("How many share the nodes.", "Сколько их на все узлы."), 1, nodes)
    return allowed.check(written.read(given, allowed), "run", "processes")


def run_as_one_of_several(read: Callable[[], RunSpec], write: Callable[[RunSpec, Optimization], None], language: Language) -> None:
    """This process's nodes of a run. The first process reads the spec and writes the records, and what went over the wire on standard
    error.

    Raises Refusal in the first where the run is refused, and SystemExit in the others; in all that are left where one has gone.
    """
    if TOLD in os.environ:
        sys.stdin = io.TextIOWrapper(io.BytesIO(sys.stdin.buffer.readline()))
        threading.Thread(target=_end_with_starter, daemon=True).start()
    try:
        with met() as network:
            spec, records, wire = _begun(network, read)
            if network.is_first:
                write(spec, records)
                print(_report(wire, records, network.size)(language), file=sys.stderr)
            else:
                for _ in records:
                    pass
    except Lost as lost:
        print(lost.text(language), file=sys.stderr)
        sys.exit(LEFT)


def _begun(network: Network, read: Callable[[], RunSpec]) -> tuple[RunSpec, Optimization, Wire]:
    wire = Wire()
    try:
        spec = RunSpec.make(network.agreed(lambda: read().json()))
        return spec, start_among(network, spec, wire), wire
    except Lost:
        raise
    except Refusal:
        if network.is_first:
            raise
        sys.exit(REFUSED)  # they all know it, and the first one says it


def _end_with_starter() -> None:
    """Ends this process when its standard input ends: in the way of SIGTERM, and where it does not hear, without any."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(LEFT)


def start_several(processes: int, spec: RunSpec, outputs: Sequence[str], language: Language) -> int:
    """The exit code of a run whose nodes are shared by `processes` processes of this machine; `outputs` are options of `run`.

    Raises Refusal where PyTorch is missing.
    """
    check_torch()
    meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "WORLD_SIZE": str(processes)}
    started: list[Process] = []
    try:
        started.extend(_started(rank, meeting, outputs) for rank in range(processes))
        for process in started:
            _tell(process, spec)
        failed = _failed(started)
    finally:
        for process in started:
            process.terminate()
        for process in started:
            _wait(process)
    return 0 if failed is None else _told(failed, started[failed], language)


def _started(rank: int, meeting: dict[str, str], outputs: Sequence[str]) -> Process:
    """One process of the run. The first speaks for itself; what others say is kept."""
    is_first = rank == 0
    return subprocess.Popen(
        [sys.executable, "-m", "ef21lab", "run", "-", *outputs],
        env={"OMP_NUM_THREADS": "1", **os.environ, **meeting, "RANK": str(rank), TOLD: "1"},  # one thread each, as torchrun has it
        stdin=subprocess.PIPE,
        stdout=None if is_first else subprocess.DEVNULL,
        stderr=None if is_first else subprocess.PIPE,
    )


def _tell(process: Process, spec: RunSpec) -> None:
    """The run, in one line."""
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # it has gone, and its exit code says why
        process.stdin.write(json.dumps(spec.json()).encode() + b"\n")
        process.stdin.flush()


def _failed(started: Sequence[Process]) -> int | None:
    """Which of them made the run fail, once all have ended or have had the time to; None where all ended well."""
    until = math.inf
    while None in (codes := [process.poll() for process in started]) and time.monotonic() < until:
        if until == math.inf and any(codes):
            until = time.monotonic() + GRACE
        time.sleep(GLANCE)
    failed = [rank for rank, process in enumerate(started) if process.returncode]
    return next((rank for rank in failed if started[rank].returncode != LEFT), failed[0] if failed else None)


def _told(rank: int, process: Process, language: Language) -> int:
    """The exit code of a process that has failed; its words go to standard error, if the first one has not said them itself."""
    if process.stderr is not None:
        sys.stderr.write(process.stderr.read().decode(errors="replace"))
    if process.returncode < 0:
        print(KILLED.format(rank=rank, signal=-process.returncode)(language), file=sys.stderr)
        return REFUSED
    return REFUSED if process.returncode == LEFT else process.returncode


def _wait(process: Process) -> None:
    """Until it has ended; one that does not hear is killed."""
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        with suppress(BrokenPipeError):
            process.stdin.close()


def _report(wire: Wire, records: Optimization, processes: int) -> Text:
    """What went over the wire, beside the bill: of all nodes together."""
    bill, nodes = records.bill.entries(), records.problem.nodes
    billed = {name: round(float(bits[0]) * nodes / 8) for name, bits in bill.items()}
    return REPORT.format(processes=processes, up=wire.up, down=wire.down, bits_up=billed["bits_up"], bits_down=billed["bits_down"])


REPORT = Text(
    "{processes:process|processes}; over the wire the nodes sent {up:byte|bytes} (bits/8: {bits_up}) and received {down} "
    "(bits/8: {bits_down})",
    "{processes:процесс|процесса|процессов}; по сети узлы отправили {up:байт|байта|байт} (биты/8: {bits_up}) и получили {down} "
    "(биты/8: {bits_down})",
)
KILLED = Text("process {rank} was killed by signal {signal}", "процесс {rank} убит сигналом {signal}")
