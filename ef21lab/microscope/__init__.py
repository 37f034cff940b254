"""One vector under every operator: what is received, what it costs, what a budget buys, and which fold is best for it.

Nothing here runs an optimisation. The functions are pure: a Sample and a Compressor in, numbers out; `answer` puts them behind one
question that travels as JSON. Bits are always the length of the real message for this very vector.
"""

from ef21lab.microscope.budget import BudgetRow, Curve, TriedPoint, at_budget, frontier, strongest
from ef21lab.microscope.folds import Folds, best_fold
from ef21lab.microscope.question import answer
from ef21lab.microscope.strength import ladder, scale
from ef21lab.microscope.trials import Seen, look, spectra

__all__ = [
    "Curve",
    "Folds",
    "Seen",
    "TriedPoint",
    "BudgetRow",
    "answer",
    "at_budget",
    "best_fold",
    "frontier",
    "ladder",
    "look",
    "scale",
    "spectra",
    "strongest",
]
