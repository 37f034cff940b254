"""A trace: the records of one run as columns."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ef21lab.channels.snapshot import Snapshot
from ef21lab.choices.fields import is_number, shown
from ef21lab.choices.text import Refusal, Text
from ef21lab.runs.reach import reached
from ef21lab.runs.record import LAYER, Layers, Record, column_names, kept_names, rises

if TYPE_CHECKING:
    from pandas import DataFrame

    from ef21lab.runs.spec import RunSpec


@dataclass(frozen=True, repr=False)
class Trace:
    """Columns by name, each (records,): those of record.kept_names(), and of the metrics that not all runs have those that it has.

    trace["grad_norm_sq"][0] belongs to x⁰. Its length is that of a column; to go over it is to go over its records, each a dictionary.

    >>> import ef21lab as lab
    >>> trace = lab.run(dataset="breast_cancer", rounds=2)
    >>> len(trace), [row["round"] for row in trace]
    (3, [0, 1, 2])
    >>> trace.spec.dataset.name, trace.x.shape
    ('breast_cancer', (30,))
    """

    columns: dict[str, np.ndarray]
    contraction: np.ndarray  # (records, nodes) ‖C(v) − v‖²/‖v‖² of every node's message; nan where there was none
    snapshots: dict[int, Snapshot] = field(default_factory=dict)  # by round
    x: np.ndarray | None = None  # (d,) where the last of these rounds came to; None where that is not known
    spec: RunSpec | None = None  # whose trace it is; None where that is not known, or it is a part of one
    layers: Layers | None = None  # (records, layers) each: of every tensor of a network; None where x is one, or that is not known

    def __getitem__(self, column: str) -> np.ndarray:
        """A column. Raises Refusal where there is none of that name."""
        try:
            return self.columns[column]
        except (KeyError, TypeError):
            raise Refusal(NO_COLUMN.format(given=shown(column), known=", ".join(self.columns))) from None

    def __len__(self) -> int:
        return len(self.columns["round"])

    def __iter__(self) -> Iterator[dict[str, float]]:
        """Its records, each with a number for every column."""
        for row in zip(*(self.columns[name].tolist() for name in self.names), strict=True):
            yield dict(zip(self.names, row, strict=True))

    def __repr__(self) -> str:
        from ef21lab.runs.told import in_a_line  # names of runs know specs, which know traces

        return in_a_line(self)

    def _repr_html_(self) -> str:
        from ef21lab.runs.told import as_table

        return as_table(self)

    def of(self, spec: RunSpec | None) -> Trace:
        """The same, which knows whose it is."""
        return replace(self, spec=spec)

    def frame(self) -> DataFrame:
        """Its columns as a pandas DataFrame, a row for every record.

        >>> import ef21lab as lab
        >>> lab.run(dataset="breast_cancer", rounds=1).frame()[["round", "bits_up"]].to_numpy().tolist()  # a header, a value, a place of 30
        [[0.0, 38.0], [1.0, 76.0]]
        """
        from pandas import DataFrame

        return DataFrame({name: self.columns[name] for name in self.names})

    def plot(self, metric: str = "grad_norm_sq", axis: str = "bits_up", **style: Any) -> Any:
        """Its curve as a figure of plotly; `lab.plot` draws several. Raises Refusal for a metric or an axis that there is not."""
        import ef21lab  # what draws knows traces, not the other way about

        return ef21lab.plot(self, metric, axis, **style)

    def trained(self) -> Any:
        """The network that a run has trained: a torch.nn.Module that takes rows (batch, p) of float64.

        `torch.save(trace.trained().state_dict(), "network.pt")` keeps its parameters by name. Raises Refusal where the objective is no
        network, where PyTorch is not installed, and for a trace that does not know its spec or its x.
        """
        from ef21lab.runs.trained import of_trace  # which knows specs

        return of_trace(self)

    def save(self, path: str | Path) -> Path:
        """One file with all of it but the messages, and with its spec and x: `lab.load` reads it back. Raises Refusal."""
        from ef21lab.runs.saved import save

        return save(self, path)

    @staticmethod
    def load(path: str | Path) -> Trace:
        """What `save` has written, to the last bit. Raises Refusal for anything else."""
        from ef21lab.runs.saved import load

        return load(path)

    @property
    def names(self) -> tuple[str, ...]:
        """Of its columns."""
        return kept_names(self.columns)

    @property
    def diverged(self) -> bool:
        """Whether the run ended because its numbers overflowed."""
        return len(self) > 0 and not np.isfinite(self["grad_norm_sq"][-1] + self["distortion"][-1])

    @property
    def stopped_at(self) -> float:
        """The ‖∇f‖² at which the run was to end, where it has ended there: what it would have come to below that is not known.

        0 where it ended otherwise, goes on, or does not know its spec.
        """
        bound = 0.0 if self.spec is None or not len(self) else self.spec.stop_at
        return bound if self["grad_norm_sq"][-1] <= bound else 0.0

    def bits_to(self, epsilon: float, metric: str = "grad_norm_sq", stays: bool = True, axis: str = "bits_up") -> float:
        """Bits a node has sent when `metric` has come to ε and stays there to the end of the run; inf where it does not.

        A metric that rises as a run gets better, such as accuracy, has come to ε where it is at least that. `axis` names another column to
        read, as "floats_up", "round" or "seconds"; with `stays` False the first hit counts, even of a run that leaves again. Raises Refusal
        where ε is no number, or there is no such column.
        """
        if not is_number(epsilon):
            raise Refusal(NO_EPSILON.format(given=shown(epsilon)))
        sign = -1.0 if rises(metric) else 1.0
        place = reached(sign * self[metric], sign * epsilon, stays)
        return math.inf if place is None else float(self[axis][place])

    def to_csv(self) -> str:
        """A header line and one line a record; every number round-trips."""
        return csv_header(self.columns) + "".join(self.csv_rows(column_names(self.columns)))

    def layers_csv(self) -> str:
        """One line for every layer of every record; a header alone where no layers are recorded.

        layer            1, 2, … in the order of the network's parameters
        energy           ‖∇f(x)‖² of the layer alone
        relative_error   of the round's last messages: √(Σᵢ ‖C(vᵢ) − vᵢ‖² / Σᵢ ‖vᵢ‖²) over the nodes i
        bits_up          per node, so far; nan where a message is not made of those of the layers
        """
        return ",".join(LAYER) + "\n" + "".join(self.layer_rows())

    def layer_rows(self) -> Iterator[str]:
        """The lines of `layers_csv`."""
        if self.layers is None:
            return
        energies, contractions, bits = self.layers
        for round, *each in zip(self["round"], energies, np.sqrt(contractions), bits, strict=True):
            for layer, values in enumerate(zip(*each, strict=True), start=1):
                yield ",".join([str(int(round)), str(layer), *(repr(float(value)) for value in values)]) + "\n"

    def csv_rows(self, names: Sequence[str]) -> Iterator[str]:
        """Its records as lines with these columns; nan in one that it does not have."""
        unknown = np.full(len(self), np.nan)
        return map(_csv, zip(*(self.columns.get(name, unknown) for name in names), strict=True))


def csv_header(known: Collection[str] = ()) -> str:
    """The first line of `Trace.to_csv` where these columns are known of the run."""
    return ",".join(column_names(known)) + "\n"


def csv_line(record: Record, lane: int = 0) -> str:
    """One line of `Trace.to_csv`, for a reader who does not wait for the whole trace; the record must belong to the lane."""
    return _csv([_of_lane(record.column(name), lane) for name in column_names(record.more)])


def trace_of(records: Iterable[Record], lane: int = 0, x: np.ndarray | None = None, spec: RunSpec | None = None) -> Trace:
    """One lane of some records, in order: the records of its run alone, but for the seconds. Snapshots are the first lane's."""
    known = list(records)
    found = traces_of(known, [lane])[0]
    shots = {record.round: record.snapshot for record in known if record.snapshot is not None and lane == 0}
    return Trace(found.columns, found.contraction, shots, x, spec, found.layers)


def traces_of(records: Sequence[Record], lanes: Sequence[int]) -> list[Trace]:
    """`trace_of` of several lanes, without snapshots."""
    if not records:
        return [Trace({name: np.empty(0) for name in kept_names()}, np.empty((0, 0))) for _ in lanes]
    belongs = _by_lane([record.belongs for record in records])
    columns = {name: _by_lane([record.column(name) for record in records]) for name in kept_names(records[0].more)}
    contraction = np.stack([record.contraction for record in records])  # (records, lanes, nodes)
    layers = _stacked([record.layers for record in records if record.layers is not None])
    found = []
    for lane in lanes:
        own = belongs[:, lane if belongs.shape[1] > 1 else 0]  # (records,)
        alone = {name: each[own, lane if each.shape[1] > 1 else 0] for name, each in columns.items()}
        found.append(Trace(alone, contraction[own, lane], layers=layers and Layers(*(each[own, lane] for each in layers))))
    return found


def _stacked(layers: Sequence[Layers]) -> Layers | None:
    """What every record says of the layers, (records, lanes, layers) each."""
    return Layers(*map(np.stack, zip(*layers, strict=True))) if layers else None


def joined(parts: Sequence[Trace]) -> Trace:
    """Traces of consecutive rounds as one."""
    if not parts:
        return trace_of(())
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0].names}
    contraction = np.concatenate([part.contraction for part in parts])
    shots = {round: shot for part in parts for round, shot in part.snapshots.items()}
    return Trace(columns, contraction, shots, parts[-1].x, layers=_joined_layers(parts))


def _joined_layers(parts: Sequence[Trace]) -> Layers | None:
    """None where some of the parts do not know theirs: an earlier version kept none."""
    known = [part.layers for part in parts if part.layers is not None]
    return Layers(*map(np.concatenate, zip(*known, strict=True))) if len(known) == len(parts) else None


def _csv(values: Sequence[Any]) -> str:
    """The round as an integer, then the shortest decimals that read back as the same numbers."""
    return ",".join([str(int(values[0])), *(repr(float(value)) for value in values[1:])]) + "\n"


def _of_lane(value: Any, lane: int) -> Any:
    return value if np.ndim(value) == 0 else value[lane]


def _by_lane(values: list[Any]) -> np.ndarray:
    """What every record says of every lane, (records, lanes); (records, 1) where it is the same of all."""
    each = np.array(values)
    return each if each.ndim == 2 else each[:, None]


NO_COLUMN = Text("a trace has no column {given}; it has {known}", "столбца {given} в записях нет; есть {known}")
NO_EPSILON = Text("ε={given}: a number is expected", "ε={given}: нужно число")
