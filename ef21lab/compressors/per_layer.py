"""Layer by layer: every tensor of a network by an operator of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
from array_api_compat import array_namespace

from ef21lab.choices import spec
from ef21lab.choices.fields import Layout
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text, same
from ef21lab.compressors import _composed as composed
from ef21lab.compressors import _layers as layers
from ef21lab.compressors import wire
from ef21lab.compressors._composed import Composed
from ef21lab.compressors._layers import Layer
from ef21lab.compressors.base import Array, Compressed, Compressor, LayerByLayer, Message, Shape
from ef21lab.compressors.identity import Identity
from ef21lab.compressors.low_rank.fold import MODES
from ef21lab.compressors.st_hosvd import StHosvd

MATRIX, THREE, NATIVE = "matrix", "three", "native"
_ORDER = {MATRIX: 2, THREE: 3, NATIVE: MODES}


@dataclass(frozen=True)
class PerLayer(Composed):
    """C(x) = (C₁(x₁), …, C_m(x_m)) for the m tensors x_l of the layout. Sent: their messages, one after the other.

    α is the least of the layers'. Proof: norms add up over layers, and with E‖C_l(x_l) − x_l‖² ≤ (1 − α_l)‖x_l‖²

        E‖C(x) − x‖² = Σ_l E‖C_l(x_l) − x_l‖² ≤ Σ_l (1 − α_l)‖x_l‖² ≤ (1 − min_l α_l) Σ_l ‖x_l‖² = (1 − min_l α_l)‖x‖².

    It is attained where only the weakest layer is not zero. In the same way C is unbiased where every C_l is, with ω = max_l ω_l.

    Tensors of at least two sides above 1 take the inner operator in their native shape, a kernel o × i × h × w as the `fold` says; an
    operator on matrices sees o × ihw. Ranks and k are lowered to what a tensor can have, a list of ranks goes by its first sides. With a
    `share` every tensor has the strongest setting, one rank for all its sides, that sends at most this share of its numbers as floats.
    Vectors (a bias, the scale of a norm) take the `small` operator, unless the layout has nothing else.
    In a problem of a single tensor C is the inner operator itself, to the bit. Without a layout x counts as one vector.
    """

    name = "per_layer"
    label = Text("Layer by layer", "По слоям")
    about = Text(
        "Every tensor of a network by itself: kernels in their own shape by one operator, biases exactly or by another.",
        "Каждый тензор сети сжимается отдельно: ядра в собственной форме одним оператором, сдвиги точно или другим.",
    )
    source = Text(
        "α is the least of the layers': squared norms add up over layers, and each operator loses at most its share of its own.",
        "α — наименьшая из α слоёв: квадраты норм складываются по слоям, и каждый оператор теряет не больше своей доли от своего слоя.",
    )
    order = 84
    line = Line("#1B7F79", "longdash")

    inner: Compressor = spec.nested(
        StHosvd(dims="natural"),
        composed.family,
        composed.simple,
        Text("Inside", "Внутри"),
        Text("It compresses each matrix and kernel.", "Сжимает каждую матрицу и каждое ядро."),
        sees=layers.largest,
    )
    small: Compressor = spec.nested(
        Identity(),
        composed.family,
        composed.simple,
        Text("Vectors", "Векторы"),
        Text("It compresses biases and norms.", "Сжимает сдвиги и параметры нормировок."),
    )
    fold: str = spec.choice(
        THREE,
        {
            MATRIX: Text("o × ihw, a matrix", "o × ihw, матрица"),
            THREE: Text("o × i × hw", "o × i × hw"),
            NATIVE: Text("o × i × h × w, as it is", "o × i × h × w, как есть"),
        },
        Text("Kernels as", "Ядра как"),
        Text(
            "The shape in which a convolution kernel o × i × h × w is compressed.",
            "Форма, в которой сжимается ядро свёртки o × i × h × w.",
        ),
    )
    share: float = spec.real(
        0.0,
        0.0,
        1.0,
        Text("Share of floats", "Доля чисел"),
        Text(
            "0: ranks or k as set above. Otherwise every layer takes the largest that send at most this share of its numbers.",
            "0: ранги или k заданы выше. Иначе каждый слой берёт наибольшие, при которых посылается не больше этой доли его чисел.",
        ),
    )
    layout: tuple[Shape, ...] = spec.bound(())

    def fitted(self, layout: Layout) -> Self:
        shapes = tuple(tuple(shape) for shape in layout)
        inner = layers.alone(self.inner, *layers.largest(shapes), _ORDER[self.fold])
        return self.replace(inner=inner, small=self.small.fitted(shapes), layout=shapes)

    def operators(self, d: int) -> tuple[Layer, ...]:
        """Every tensor of the layout with its operator, in the order of the vector."""
        return _operators(self, d)

    def of(self, shape: Shape) -> Compressor:
        """The operator of one tensor of a network whose other tensors, not all of them vectors, are not known here."""
        return self._bound(shape, (shape, (2, 2)))

    def refusal(self, d: int) -> Text | None:
        if self.layout and (held := sum(map(math.prod, self.layout))) != d:
            return OTHER_LENGTH.format(who=self.name, held=held, d=d)
        if self.share and not layers.has_strength(self.inner):
            return NO_STRENGTH.format(who=self.name, share=self.share, inner=self.inner.label)
        if len(self.layout) <= 1:
            return self.operators(d)[0].operator.misfit(d)
        misfits = ((layer, layer.operator.misfit(layer.size)) for layer in self.operators(d))
        return next((LAYER.format(layer=layer.label) + same(": ") + why for layer, why in misfits if why is not None), None)

    def draw(self, rng: np.random.Generator, shape: Shape) -> Array | None:
        drawn = (layer.operator.draw(rng, (*shape[:-1], layer.size)) for layer in self.operators(shape[-1]))
        return composed.beside(shape[:-1], *drawn)

    def compress(self, x: Array, noise: Array | None = None) -> Compressed:
        wire.admitted(self, x, noise)
        each = self._with_noise(noise, x.shape[:-1], x.shape[-1])
        return _side_by_side([layer.operator.compress(x[..., layer.start : layer.stop], own) for layer, own in each])

    @property
    def remembers(self) -> bool:
        return self.inner.remembers or self.small.remembers

    def recalled(self, noise: Array, memory: Array, d: int) -> Array:
        """Layer by layer, side by side as `draw` puts them; of an operator that remembers nothing, its noise."""
        stack = noise.shape[:-1]
        pairs = zip(self._with_noise(noise, stack, d), self._with_noise(memory, stack, d), strict=True)
        found = (layer.operator.recalled(own, kept, layer.size) if layer.operator.remembers else own for (layer, own), (_, kept) in pairs)
        return composed.beside(stack, *found)

    def remembering(self, x: Array, noise: Array) -> tuple[Compressed, Array]:
        found, kept = [], []
        for layer, own in self._with_noise(noise, x.shape[:-1], x.shape[-1]):
            part = x[..., layer.start : layer.stop]
            one, memory = layer.operator.remembering(part, own) if layer.operator.remembers else (layer.operator.compress(part, own), own)
            found.append(one)
            kept.append(memory)
        return _side_by_side(found), composed.beside(x.shape[:-1], *kept)

    def encode(self, x: Array, noise: Array | None = None) -> Message:
        _, x = wire.admitted(self, x, noise)
        messages = (layer.operator.encode(x[layer.start : layer.stop], own) for layer, own in self._with_noise(noise, (), len(x)))
        return wire.pack(*map(wire.whole, messages))

    def decode(self, message: Message, d: int) -> Array:
        reader = wire.Reader(message)
        values = [layer.operator.decode(reader.inner(), layer.size) for layer in self.operators(d)]
        reader.end()
        return np.concatenate(values)

    def cost(self, d: int) -> tuple[float, float]:
        bits, floats = zip(*(layer.operator.cost(layer.size) for layer in self.operators(d)), strict=True)
        return sum(bits), sum(floats)

    def effort(self, d: int, vectors: int = 1) -> float:
        return sum(layer.operator.effort(layer.size, vectors) for layer in self.operators(d))

    def parts(self, message: Message, d: int) -> list[tuple[Text, int]]:
        """Layer by layer; of a single one its own parts."""
        reader, found = wire.Reader(message), list[tuple[Text, int]]()
        if len(self.operators(d)) == 1:
            return self.operators(d)[0].operator.parts(message, d)
        for layer in self.operators(d):
            before = reader.left
            layer.operator.decode(reader.inner(), layer.size)
            found.append((LAYER.format(layer=layer.label), before - reader.left))
        return found

    def alpha(self, d: int) -> float | None:
        return self._least(d, lambda operator, size: operator.alpha(size))

    def stand_in(self, d: int) -> float | None:
        return self._least(d, lambda operator, size: operator.nominal_alpha(size))

    def lost_to_float32(self, d: int) -> float:
        """max_l (1 − α_l + r_l) − max_l (1 − α_l)."""
        alpha = self.alpha(d)
        if alpha is None:
            return super().lost_to_float32(d)
        each = [(layer.operator.alpha(layer.size) or 0.0, layer.operator.lost_to_float32(layer.size)) for layer in self.operators(d)]
        return max(lost - (own - alpha) for own, lost in each)

    def omega(self, d: int) -> float | None:
        each = [layer.operator.omega(layer.size) for layer in self.operators(d)]
        known = [omega for omega in each if omega is not None]
        return max(known) if len(known) == len(each) else None

    def _least(self, d: int, certificate: Callable[[Compressor, int], float | None]) -> float | None:
        """The least over all layers; None where one has none."""
        each = [certificate(layer.operator, layer.size) for layer in self.operators(d)]
        known = [alpha for alpha in each if alpha is not None]
        return min(known) if len(known) == len(each) else None

    def _with_noise(self, noise: Array | None, stack: Shape, d: int) -> list[tuple[Layer, Array | None]]:
        """Every layer with the noise that it drew for a stack of vectors of length d."""
        own = self.operators(d)
        noises = composed.apart(noise, stack, *((layer.operator, layer.size) for layer in own))
        return list(zip(own, noises, strict=True))

    def _bound(self, shape: Shape, shapes: tuple[Shape, ...]) -> Compressor:
        """The operator of one tensor of these."""
        order = _ORDER[self.fold]
        if layers.is_vector(shape) and not all(map(layers.is_vector, shapes)):
            return layers.among(self.small, shape, order)
        operator = layers.alone(self.inner, shape, order) if len(shapes) == 1 else layers.among(self.inner, shape, order)
        return layers.bought(operator, math.prod(shape), self.share) if self.share and layers.has_strength(operator) else operator


def _side_by_side(found: Sequence[Compressed]) -> LayerByLayer:
    """What was found of the layers, as of all of them."""
    values, bits, floats = zip(*found, strict=True)
    xp = np if type(values[0]) is np.ndarray else array_namespace(*values)
    whole = LayerByLayer(xp.concat(values, axis=-1), sum(bits), sum(floats))
    whole.each = bits
    return whole


@lru_cache(maxsize=1024)
def _operators(compressor: PerLayer, d: int) -> tuple[Layer, ...]:
    shapes, found, start = compressor.layout or ((d,),), list[Layer](), 0
    for place, shape in enumerate(shapes):
        stop = start + math.prod(shape)
        found.append(Layer(place, shape, start, stop, compressor._bound(shape, shapes)))
        start = stop
    return tuple(found)


LAYER = Text("layer {layer}", "слой {layer}")
OTHER_LENGTH = Text(
    "{who}: the tensors of its layout hold {held:number|numbers}, and the vector has {d}",
    "{who}: в тензорах его раскладки {held:число|числа|чисел}, а в векторе {d}",
)
NO_STRENGTH = Text(
    "{who}(share={share}): “{inner}” has neither k nor fixed ranks that a share of floats could set; share = 0",
    "{who}(share={share}): у «{inner}» нет ни k, ни заданных рангов, которые задала бы доля чисел; share = 0",
)
