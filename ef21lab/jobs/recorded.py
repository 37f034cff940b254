"""Runs of this process that are kept in the record of runs: the same record as that of the pages, under the same keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ef21lab.choices.text import Refusal
from ef21lab.runs import asked
from ef21lab.runs.asked import Given, asked_for
from ef21lab.runs.trace import Trace


def run(
    given: Given | None = None,
    store: bool | str | Path = False,
    data: Any = None,
    problem: Any = None,
    label: Any = None,
    **fields: Any,
) -> Trace:
    """The whole run, in this process, with the x that it came to. Raises Refusal where there can be no such run.

    `fields` are those of a RunSpec, and go before what `given` says: `run(dataset="a9a", rounds=50)`. `data` are rows in memory: a pair
    (features, labels), what `lab.data` made of one, or a DataFrame, which is understood as a table file is: `label` names its column of
    labels, and where nobody does it is guessed; what was guessed is said on standard error. `problem` is one that `lab.problem` made of
    functions. x⁰ may be an array, `start=x`, and the compressor a function. With `stop_at=1e-6` the run ends with the first record with
    ‖∇f‖² ≤ 10⁻⁶.

    With `store` the record of runs is asked first, and what is computed is kept there: a run that a page has made is here at once, a run
    made here is on the pages at once, both bit for bit, and one that was cut short goes on from where it was. True is the record of this
    machine (EF21LAB_HOME); a path names a file, or the folder of one. Numbers do not depend on who else computes: it takes one thread.

    With a tuned step, that of the best step; which one it was is said on standard error, and `lab.tune` gives the rest.

    >>> trace = run(compressor={"name": "top_k", "k": 1}, rounds=2)
    >>> trace["bits_up"].tolist()  # per node: a header, 32 bits for the value and 7 for its index among 112, in each message
    [40.0, 80.0, 120.0]
    """
    spec = asked_for(given, data, fields, problem, label)
    if store is False:
        return asked.run(spec)
    if spec.unnamed is not None:
        raise Refusal(spec.unnamed)
    from ef21lab.jobs import beside  # whoever keeps nothing need not wait for SQLite

    with beside.opened(beside.place_of(store)) as record:
        return asked.run(spec, lambda specs: [beside.kept(record, spec) for spec in specs])
