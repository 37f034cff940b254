"""ef21lab: distributed optimisation with EF21 and compressed communication.

import ef21lab as lab
trace = lab.run({"compressor": {"name": "st_hosvd", "ranks": 2}})
trace["grad_norm_sq"]
"""

from ef21lab.choices.text import Refusal
from ef21lab.runs.experiment import describe, run, stream
from ef21lab.runs.lanes import run_many
from ef21lab.runs.spec import FAMILIES, RunSpec
from ef21lab.runs.trace import Trace

dataset = FAMILIES["dataset"].make
partition = FAMILIES["partition"].make
objective = FAMILIES["objective"].make
algorithm = FAMILIES["algorithm"].make
compressor = FAMILIES["compressor"].make

__version__ = "0.1.0"
__all__ = [
    "Refusal",
    "RunSpec",
    "Trace",
    "algorithm",
    "compressor",
    "dataset",
    "describe",
    "objective",
    "partition",
    "run",
    "run_many",
    "stream",
]
