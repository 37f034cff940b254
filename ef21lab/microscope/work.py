"""How much computing one look may cost: said before it is spent."""

from __future__ import annotations

from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import Compressor

MOST_SECONDS = 5.0  # about, of one core, for one message


def bearable(compressor: Compressor, d: int) -> bool:
    """Whether one message of length d takes at most about MOST_SECONDS."""
    return compressor.effort(d) <= MOST_SECONDS


def check(compressor: Compressor, d: int) -> None:
    """Raises Refusal where one message of length d would take longer."""
    if not bearable(compressor, d):
        raise Refusal(TOO_MUCH.format(name=compressor.label, d=d, seconds=round(compressor.effort(d)), most=MOST_SECONDS))


TOO_MUCH = Text(
    "{name}: one message of length d = {d} would compute for about {seconds} s, at most {most} s are allowed here — "
    "lower the ranks, the components or the sweeps",
    "{name}: на одно сообщение при d = {d} ушло бы около {seconds} с вычислений, здесь можно не больше {most} с — "
    "уменьшите ранги, число слагаемых или проходов",
)
