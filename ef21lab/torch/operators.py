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
    return made if isinstance(made, PerLayer) else PerLayer(inner=made)


def exact() -> Compressor:
    return Identity()


FORGETS = Text(
    "the hook remembers nothing of its messages, so there is no warm start: warm = off",
    "хук не помнит своих сообщений, поэтому тёплого старта у него нет: warm = off",
)
