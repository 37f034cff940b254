"""Runs in portions that share lanes, and what became of each: a run that cannot be computed does not lose the others."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from ef21lab.choices.answers import blamed
from ef21lab.choices.text import Refusal
from ef21lab.runs.lanes import groups, run_many
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.runs.tuned import is_several, tune

MOST_LANES = 32  # more gain little, and a portion is what an interruption loses
FEWEST_LANES = 4  # of a portion that is cut so that nobody waits


class Ended(NamedTuple):
    """What became of one run."""

    trace: Trace | None  # None where there is none
    error: str | None  # why
    ran: RunSpec  # the run itself; of a tuned step, that with the best


def portions(specs: Sequence[RunSpec], workers: int) -> list[list[int]]:
    """The places of runs that are computed together: several portions for each of several workers, of about one size within a group."""
    most = MOST_LANES if workers == 1 else min(MOST_LANES, max(FEWEST_LANES, -(-len(specs) // (2 * workers))))
    found = []
    for group in groups(specs):
        plain = [place for place in group if not is_several(specs[place])]
        found += [[place] for place in group if is_several(specs[place])]
        found += [[int(place) for place in part] for part in np.array_split(plain, -(-len(plain) // most))] if plain else []
    return found


def outcomes(specs: Sequence[RunSpec], snapshots: bool) -> list[Ended]:
    """Of runs that may share lanes. One thread, so that numbers do not depend on who computes."""
    with threadpool_limits(1):
        try:
            return _together(specs, snapshots)
        except Exception as error:
            if len(specs) == 1:
                return [Ended(None, words_of(error), specs[0])]
        return [outcome for spec in specs for outcome in outcomes([spec], snapshots)]


def _together(specs: Sequence[RunSpec], snapshots: bool) -> list[Ended]:
    if is_several(specs[0]):
        found = [tune(spec, lambda runs: run_many(runs, snapshots)) for spec in specs]
        return [Ended(one.trace, None, one.spec) for one in found]
    return [Ended(trace, None, spec) for trace, spec in zip(run_many(specs, snapshots), specs, strict=True)]


def words_of(error: Exception) -> str:
    """Why there is no trace: a refusal in its words, anything else as Python says it."""
    error = blamed(error) or error
    return error.text.en if isinstance(error, Refusal) else "".join(traceback.format_exception_only(error)).strip()
