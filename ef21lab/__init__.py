"""ef21lab: distributed optimisation with EF21 and compressed communication.

>>> import numpy as np, ef21lab as lab
>>> trace = lab.run({"compressor": {"name": "st_hosvd", "ranks": 2}, "rounds": 20})
>>> bool(trace["grad_norm_sq"][-1] < trace["grad_norm_sq"][0])
True

A member of a family comes from its name, or a mapping with its settings:

>>> top_k = lab.compressor("top_k", k=2)  # or {"name": "top_k", "k": 2}
>>> top_k.compress(np.array([3.0, -1.0, 0.5, -4.0])).values.tolist()
[3.0, 0.0, 0.0, -4.0]
>>> top_k.alpha(d=4)
0.5

What a compressor of one's own needs is here too: `Declared` and the parts of its message, `Text`, the fields of its settings.
"""

import importlib
from typing import TYPE_CHECKING, Any

from ef21lab.choices.spec import choice, dims, integer, ranks, real, seed_of
from ef21lab.choices.text import Refusal, Text
from ef21lab.clocks.base import topologies
from ef21lab.clocks.of_run import clock
from ef21lab.compressors import wire
from ef21lab.compressors.base import Compressed, Compressor, Message
from ef21lab.compressors.low_rank import fold as folding
from ef21lab.compressors.wire import Declared, Floats, Indices, Levels, Signs
from ef21lab.datasets.readers.handed import data
from ef21lab.handmade.objectives import problem
from ef21lab.handmade.operators import compressor
from ef21lab.jobs.recorded import run
from ef21lab.runs.asked import describe, stream
from ef21lab.runs.coordinates import coordinates
from ef21lab.runs.lanes import run_many
from ef21lab.runs.repeats import repeats
from ef21lab.runs.saved import load
from ef21lab.runs.spec import FAMILIES, RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.runs.trained import trained
from ef21lab.runs.tuned import tune
from ef21lab.runs.verdict import Racer, verdict
from ef21lab.searches.search import Search, search
from ef21lab.sweeps.affordable import affordable
from ef21lab.sweeps.figured import figure, overview
from ef21lab.sweeps.sweep import Sweep, sweep

if TYPE_CHECKING:
    from ef21lab.address.links import link, specs
    from ef21lab.cli.notebook import open
    from ef21lab.reports.plotted import plot

dataset = FAMILIES["dataset"].make
partition = FAMILIES["partition"].make
objective = FAMILIES["objective"].make
algorithm = FAMILIES["algorithm"].make
step = FAMILIES["step"].make
start = FAMILIES["start"].make
network = topologies.make

__version__ = "0.1.0"
__all__ = [
    "FAMILIES",
    "Compressed",
    "Compressor",
    "Declared",
    "Floats",
    "Indices",
    "Levels",
    "Message",
    "Racer",
    "Refusal",
    "RunSpec",
    "Search",
    "Signs",
    "Sweep",
    "Text",
    "Trace",
    "affordable",
    "algorithm",
    "choice",
    "clock",
    "compressor",
    "coordinates",
    "data",
    "dataset",
    "describe",
    "dims",
    "figure",
    "folding",
    "integer",
    "link",
    "load",
    "network",
    "objective",
    "open",
    "overview",
    "partition",
    "plot",
    "problem",
    "ranks",
    "real",
    "repeats",
    "run",
    "run_many",
    "search",
    "seed_of",
    "specs",
    "start",
    "step",
    "stream",
    "sweep",
    "trained",
    "tune",
    "verdict",
    "wire",
]


_LATER = {"link": "address.links", "specs": "address.links", "plot": "reports.plotted", "open": "cli.notebook"}


def __getattr__(name: str) -> Any:
    """These wait for their first use: links know every metric, also one that a plugin adds after this import; the others load slowly."""
    if name in _LATER:
        return getattr(importlib.import_module(f"ef21lab.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
