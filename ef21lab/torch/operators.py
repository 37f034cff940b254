"""The operators of a hook: layer by layer, as `per_layer` has it, and what is sent exactly."""

from __future__ import annotations

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.compressors.identity import Identity
from ef21lab.compressors.per_layer import PerLayer


def layer_by_layer(given: Json) -> PerLayer:
    """The operator of a whole network, from its own spec or from that of the operator inside. Raises Refusal where none can be made."""
    made = compressors.make(given)
    if made.remembers:
        raise Refusal(FORGETS)
    if isinstance(made, PerLayer):
        return made
    try:
        return PerLayer(inner=made)
    except Refusal:  # all that it can mind of a compressor
        raise Refusal(COMPOSITION.format(given=made.name, label=made.label)) from None


def exact() -> Compressor:
    return Identity()


COMPOSITION = Text(
    "compressor {given}: the hook compresses every parameter by itself with a single operator, and “{label}” is made of several; give it "
    "one of them, or per_layer with an operator for kernels (inner) and one for vectors (small)",
    "compressor {given}: хук сжимает каждый параметр отдельно и одним оператором, а «{label}» составлен из нескольких; возьмите один из "
    "них или per_layer: один оператор для ядер (inner), другой для векторов (small)",
)
FORGETS = Text(
    "the hook remembers nothing of its messages, so there is no warm start: warm = off",
    "хук не помнит своих сообщений, поэтому тёплого старта у него нет: warm = off",
)
