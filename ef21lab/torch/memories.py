"""The memory of every layer, kept bucket by bucket as the method computes with it, and handed over where buckets are composed anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from ef21lab.choices.text import Refusal, Text
from ef21lab.torch.layers import HookedLayer

Array = Any


class Memories:
    """`made` puts a memory together from its arrays, each (…, d). PyTorch composes its buckets a second time after the first step."""

    def __init__(self, made: Callable[..., Any]) -> None:
        self._made = made
        self._of_buckets: dict[tuple[str, ...], tuple[Sequence[HookedLayer], Any]] = {}
        self._of_layers: dict[str, Mapping[str, Array]] = {}  # of those that are in none of these buckets

    def of(self, layers: Sequence[HookedLayer]) -> Any:
        """The memory of these layers, end to end; None where this is their first round. Raises Refusal where it is so for some of them."""
        names = tuple(layer.name for layer in layers)
        if names in self._of_buckets:
            return self._of_buckets[names][1]
        self._take_apart()
        known = [self._of_layers[name] for name in names if name in self._of_layers]
        if not known:
            return None
        if len(known) < len(names):
            raise Refusal(HALF.format(layers=", ".join(names), known=len(known), all=len(names)))
        return self._made(*(np.concatenate([memory[field] for memory in known], axis=-1) for field in known[0]))

    def keep(self, layers: Sequence[HookedLayer], memory: Any) -> None:
        names = tuple(layer.name for layer in layers)
        self._of_buckets[names] = layers, memory
        for name in names:
            self._of_layers.pop(name, None)

    def put(self, name: str, memory: Mapping[str, Array]) -> None:
        """What a layer remembers from before."""
        self._of_layers[name] = memory

    def by_layer(self) -> dict[str, Mapping[str, Array]]:
        """The arrays of every layer's memory by their names."""
        return self._of_layers | {
            layer.name: {field: array[..., first:end] for field, array in memory._asdict().items()}
            for layers, memory in self._of_buckets.values()
            for layer, (first, end) in zip(layers, pairwise([0, *accumulate(layer.d for layer in layers)]), strict=True)
        }

    def _take_apart(self) -> None:
        self._of_layers, self._of_buckets = self.by_layer(), {}


HALF = Text(
    "only some parameters of a bucket ({layers}) came in earlier steps: {known} of {all}",
    "не все параметры корзины ({layers}) участвовали в прежних шагах: {known} из {all}",
)
