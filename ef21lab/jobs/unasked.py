"""Runs before anybody has asked for them: a lab that has nothing to do computes what most will see first."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from ef21lab.choices.text import Refusal, Text
from ef21lab.jobs.lab import Lab
from ef21lab.problems.base import Facts
from ef21lab.runs.spec import RunSpec

log = logging.getLogger(__name__)

SWITCH = "EF21LAB_AHEAD"
ON_OFF = ("on", "off")
LOOKS = 1.0  # seconds between two looks whether there is anything to do
OWNER = "ahead of visitors"

FactsOf = Callable[[RunSpec], Facts]

NOT_A_SWITCH = Text("{name}={value}: on or off is expected", "{name}={value}: нужно on или off")


class Unasked:
    """Has these runs computed once, as runs that nobody watches: those of visitors go first, a chunk is all they wait.

    What is known already is not computed again, and a visitor who comes meanwhile finds them as far as they are. EF21LAB_AHEAD=off: nothing
    is computed that nobody has asked for. Raises Refusal for other words.
    """

    def __init__(self, lab: Lab, runs: Callable[[FactsOf], Sequence[RunSpec]], environment: Mapping[str, str] = os.environ) -> None:
        asked = environment.get(SWITCH, "on")
        if asked not in ON_OFF:
            raise Refusal(NOT_A_SWITCH.format(name=SWITCH, value=asked))
        self._runs = runs
        self._lab, self._wanted, self._closing = lab, asked == "on", threading.Event()

    def start(self) -> None:
        """Returns at once; it begins when the engine is there and has nothing to do."""
        if self._wanted:
            threading.Thread(target=self._begin, name="ef21lab ahead", daemon=True).start()

    def close(self) -> None:
        """Begin no more."""
        self._closing.set()

    def _begin(self) -> None:
        while not self._lab.engine.alive or self._lab.going:
            if self._closing.wait(LOOKS):
                return
        try:
            self._lab.submit_many(self._runs(partial(self._lab.facts, owner=OWNER)), OWNER)
        except Refusal as refusal:  # a limit of this server's is below the usual run, or the server is ending
            log.info("nothing is computed ahead: %s", refusal.text.en)
        finally:
            self._lab.leave(OWNER)
