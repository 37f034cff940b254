"""The records of several runs as a Parquet file: the tidy table of `runs.tidy`, its numbers in their own types."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib import util

import numpy as np

from ef21lab.choices.text import Refusal, Text
from ef21lab.reports.data import Reported
from ef21lab.runs.record import column_names
from ef21lab.runs.tidy import IDENTITY, identity


def is_possible() -> bool:
    """Whether the library that writes such files is installed."""
    return util.find_spec("pyarrow") is not None


def parquet(runs: Sequence[Reported]) -> bytes:
    """The file. Raises Refusal where the library that writes it is missing."""
    if not is_possible():
        raise Refusal(NO_PYARROW)
    import pyarrow
    import pyarrow.parquet

    tables, names = [], column_names({name for run in runs for name in run.trace.columns})
    for number, run in enumerate(runs, start=1):
        told = dict(zip(IDENTITY, identity(number, run.spec), strict=True))
        unknown = np.full(len(run.trace), np.nan)
        columns = {name: run.trace.columns.get(name, unknown) for name in names}
        tables.append(pyarrow.table({**{name: [value] * len(run.trace) for name, value in told.items()}, **columns}))
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.concat_tables(tables), out)
    return out.getvalue()


NO_PYARROW = Text("Parquet files need pyarrow, which is not installed here", "для файлов Parquet нужен pyarrow, а здесь он не установлен")
