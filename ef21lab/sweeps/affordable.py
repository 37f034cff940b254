"""What a budget of bits for a round buys on a problem."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ef21lab.choices.fields import Json, is_number, shown
from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.microscope.afford import affordable as within
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec


def affordable(compressor: str | Json | Compressor, bits: float, on: RunSpec | Mapping[str, Json]) -> Compressor:
    """The strongest setting of an operator with which a node sends at most `bits` in a round of the run `on`, after round 0.

    Strongest is the largest α, certified or standing in for one; of equal ones the cheapest. Ranks and, where its dims are "auto", folds
    are searched; a fold that is given is kept. Raises Refusal where even the weakest setting is over.

    >>> affordable("top_k", 500, on={"dataset": "mushrooms"}).k  # 1 + 32k + ⌈log₂ C(112, k)⌉ ≤ 500
    13
    """
    operator, spec = compressors.make(compressor), RunSpec.make(on)
    if not is_number(bits) or not math.isfinite(bits):
        raise Refusal(NO_BITS.format(given=shown(bits)))
    facts = problem_of(spec).facts
    budget: float = bits
    while (found := within(operator, facts.d, budget, facts.layout)) is not None:
        round_bits = spec.algorithm.cost(found, facts.d)[0]
        if round_bits <= bits:
            return found
        budget = math.nextafter(found.cost(facts.d)[0], -math.inf)  # the method sends more than the message
    raise Refusal(TOO_FEW.format(operator=operator.label, bits=bits, d=facts.d))


NO_BITS = Text("bits={given}: a number of bits", "bits={given}: нужно число бит")
TOO_FEW = Text(
    "{operator}: even its shortest message of {d:number|numbers} takes more than {bits:bit|bits} a round",
    "{operator}: даже самое короткое сообщение о {d:числе|числах|числах} длиннее {bits:бита|бит|бит} за раунд",
)
