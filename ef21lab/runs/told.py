"""A trace in words: one line for a terminal, a small table for a notebook."""

from __future__ import annotations

import html
import os

from ef21lab.choices.text import Text, count, joined, language_of, number, same
from ef21lab.runs.names import title
from ef21lab.runs.trace import Trace


def in_a_line(trace: Trace) -> str:
    """What a terminal shows of it: whose trace it is, how long, and where it has come to."""
    parts = [name_of(trace), *(same("{label} {value}").format(label=label, value=value) for label, value in _facts(trace))]
    return f"<Trace: {joined(parts, ', ')(language_of(os.environ))}>"


def as_table(trace: Trace) -> str:
    """What a notebook shows of it, as HTML."""
    language = language_of(os.environ)
    told = [(html.escape(label(language)), html.escape(value(language))) for label, value in _facts(trace)]
    rows = "".join(f"<tr><th style='text-align:left'>{label}</th><td style='text-align:right'>{value}</td></tr>" for label, value in told)
    return f"<table><caption style='text-align:left'>{html.escape(name_of(trace)(language))}</caption>{rows}</table>"


def name_of(trace: Trace) -> Text:
    """As in a legend, with the data that it is on."""
    if trace.spec is None:
        return Text("a run without its spec", "запуск без описания")
    return ON.format(run=title(trace.spec, in_full=True), dataset=trace.spec.dataset.label)


def _facts(trace: Trace) -> list[tuple[Text, Text]]:
    """(label, value) of what is worth knowing at a glance."""
    if not len(trace):
        return [(RECORDS, count(0))]
    first, last = (number(float(trace["grad_norm_sq"][place])) for place in (0, -1))
    facts = [
        (RECORDS, count(len(trace))),
        (ROUNDS, count(int(trace["round"][-1]))),
        (same("‖∇f‖²"), first + same(" → ") + last),
        (BITS, count(float(trace["bits_up"][-1]))),
    ]
    return [*facts, (DIVERGED, same("!"))] if trace.diverged else facts


ON = Text("{run} on {dataset}", "{run}, {dataset}")
RECORDS, ROUNDS = Text("records", "записей"), Text("rounds", "раундов")
BITS, DIVERGED = Text("bits per node", "бит на узел"), Text("diverged", "разошёлся")
