"""The lines that make a run again: on the command line, and in Python."""

from __future__ import annotations

import json
import pprint
import shlex
import textwrap

from ef21lab.address.links import HERE, linked
from ef21lab.choices.text import Refusal
from ef21lab.runs.spec import RunSpec


def shell_line(spec: RunSpec, lab: str = HERE) -> str:
    """The command that makes this run, from the link that opens it alone where there is one; any shell reads any file name in it."""
    try:
        return f"python -m ef21lab run {shlex.quote(linked(spec, lab))} --csv run.csv"
    except Refusal:  # no page shows it
        return f"echo {shlex.quote(json.dumps(spec.json(), ensure_ascii=False))} | python -m ef21lab run - --csv run.csv"


def python_lines(spec: RunSpec) -> str:
    """The program that makes this run."""
    written = textwrap.indent(pprint.pformat(spec.json(), width=110, sort_dicts=False), "    ")
    return f'import ef21lab as lab\n\ntrace = lab.run(\n{written}\n)\ntrace["grad_norm_sq"]'
