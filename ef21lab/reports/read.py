"""A report read back: its runs, or in words why there are none."""

from __future__ import annotations

from ef21lab.choices.text import Refusal
from ef21lab.reports.data import FOREIGN, Reported, unpacked

BEGINS, ENDS = '<script type="application/json" id="ef21lab-runs">', "</script>"


def runs_in(document: str) -> list[Reported]:
    """The runs of a report as `page.report` writes it. Raises Refusal for a page that is none, or whose data are not whole."""
    _, found, rest = document.partition(BEGINS)
    data, ended, _ = rest.partition(ENDS)
    if not found or not ended:
        raise Refusal(FOREIGN)
    return unpacked(data)
