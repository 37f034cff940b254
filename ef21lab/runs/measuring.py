"""The metrics of a run. Every run has those that plugins add: where one of these fails it has no number, and the run goes on."""

from __future__ import annotations

from typing import Any

import numpy as np

from ef21lab.choices import answers
from ef21lab.choices.answers import Failed
from ef21lab.choices.text import Text
from ef21lab.metrics.base import Metric, Moment, metrics
from ef21lab.problems.base import Problem

Array = Any


def metrics_of(problem: Problem) -> list[Metric]:
    """Those that there are of this problem, in menu order."""
    return [metric for kind in metrics.members.values() if _is_of(metric := kind(), problem)]


def number_of(metric: Metric, moment: Moment) -> Array:
    """What it says of every lane that is going, (lanes,); nan where a plugin's fails, which is noted.

    It is raised where a metric of the lab's own has met it, in a plugin's method, and where other processes take part: they may wait for a
    mean that this one did not come to.
    """
    try:
        return metric.measure(moment)
    except Failed as failed:
        if metric.plugin is None or not (moment.channel.simulated and answers.makes_good()):
            raise
        _note(metric, failed)
        return np.full(len(moment.state.x), np.nan)


def _is_of(metric: Metric, problem: Problem) -> bool:
    try:
        return metric.always or bool(metric.applies(problem))
    except Failed as failed:
        if metric.plugin is None:
            raise
        _note(metric, failed)
        return False


def _note(metric: Metric, failed: Failed) -> None:
    answers.note(f"metric {metric.name}", NO_NUMBER.format(name=metric.label, why=failed.text))


NO_NUMBER = Text("there is no “{name}” in some records: {why}", "показателя «{name}» в некоторых записях нет: {why}")
