"""How many times the bits of a rival somebody needs: a factor from every start, and its sign in words."""

from __future__ import annotations

import math
from statistics import median
from typing import NamedTuple

from ef21lab.choices.text import Text, multiple, same

LEVEL = 1.005  # a factor that three digits cannot tell from 1


class Factor(NamedTuple):
    """Of one contender."""

    who: Text
    goal: float  # to which share of the first ‖∇f‖² bits are counted
    each: tuple[
        float, ...
    ]  # from every start its bits over those of the rival; inf where only the rival comes to it, nan where neither does

    @property
    def is_decided(self) -> bool:
        """Whether both came to the goal from every start."""
        return all(map(math.isfinite, self.each))

    @property
    def middle(self) -> float:
        """The median over the starts; nan where it is not decided."""
        return median(self.each) if self.is_decided else math.nan

    @property
    def sign(self) -> Text:
        """Who needs fewer bits, in words; that somebody does is so from every start."""
        if not self.is_decided:
            return OPEN
        if all(1.0 / LEVEL < one < LEVEL for one in self.each):
            return EQUAL
        return FEWER if max(self.each) < 1.0 else MORE if min(self.each) > 1.0 else MIXED

    @property
    def shown(self) -> Text:
        """'×1.28 (0.9 … 1.3)'."""
        return SHOWN.format(middle=multiple(self.middle), least=min(self.each), most=max(self.each)) if self.is_decided else same("—")


class Compared(NamedTuple):
    """Contenders beside a rival, all within the same bits a round."""

    rival: Text
    bits: float  # that a round may take of a node
    factors: tuple[Factor, ...]


SHOWN = same("{middle} ({least}\u00a0…\u00a0{most})")
FEWER, MORE = Text("fewer bits", "меньше бит"), Text("more bits", "больше бит")
EQUAL, MIXED = Text("level", "наравне"), Text("depends on the start", "зависит от старта")
OPEN = Text("not every start comes so far", "доходит не с каждого старта")
