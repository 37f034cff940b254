"""Several processes that compute the runs of a file; the first writes what came of them. A program of its own, which forks: PyTorch is
imported once for all.

    python among.py SIZE PORT RUNS.json OUT.pickle          prints the exit code of every process
"""

import json
import os
import pickle
import signal
import sys
from pathlib import Path

import torch.distributed  # noqa: F401

from ef21lab.channels.network import met
from ef21lab.channels.processes import Wire
from ef21lab.choices.text import Refusal
from ef21lab.kept import array_bytes
from ef21lab.runs import posed
from ef21lab.runs.parts import start_among
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import trace_of

QUIET = 8.0  # seconds of silence that are too long here, and longer than a busy machine keeps a process waiting
PATIENCE = 120.0


def compute(runs, out):
    """The traces of many runs, and the bytes of their messages."""
    with met(PATIENCE) as network:
        found = [computed(network, given) for given in runs]
        if network.is_first:
            Path(out).write_bytes(pickle.dumps(found))


def computed(network, given):
    """What came of a run, or the words with which it is refused."""
    wire = Wire()
    try:
        records = start_among(network, RunSpec.make(given), wire)
        trace = trace_of(records)
    except Refusal as refusal:
        return str(refusal)
    kept = array_bytes([posed._problems, posed._tables]), array_bytes(records.problem)
    return trace, records.checkpoint().point(), (wire.up, wire.down), kept


def fall_silent(given, number):
    """A run in which the last process gets a signal after a few rounds. Raises Refusal in the others."""
    with met(QUIET) as network:
        for record in start_among(network, RunSpec.make(given), Wire()):
            if record.round == 3 and network.rank == network.size - 1:
                os.kill(os.getpid(), number)


def exit_code(asked, out):
    try:
        if isinstance(asked, dict):
            fall_silent(asked["run"], getattr(signal, asked["signal"]))
        else:
            compute(asked, out)
    except Refusal as refusal:
        print(refusal, file=sys.stderr, flush=True)
        return 2
    return 0


def main(size, port, runs, out):
    asked = json.loads(Path(runs).read_text())
    if isinstance(asked, dict):
        posed.problem_of(RunSpec.make(asked["run"]))  # read once, before the processes part: none is to be late at the first step
    os.environ.update(WORLD_SIZE=size, MASTER_ADDR="127.0.0.1", MASTER_PORT=port)
    children = []
    for rank in range(1, int(size)):
        os.environ["RANK"] = str(rank)
        child = os.fork()
        if child == 0:
            os._exit(exit_code(asked, out))
        children.append(child)
    os.environ["RANK"] = "0"
    codes = [exit_code(asked, out)]
    if isinstance(asked, dict):
        os.kill(children[-1], signal.SIGKILL)
    print(json.dumps(codes + [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]))


if __name__ == "__main__":
    main(*sys.argv[1:])
