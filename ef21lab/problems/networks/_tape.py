"""One pass through a network, and what each of several batches contributes to the gradient.

vmap of grad does the same in about the same time, but its first call imports a compiler: 1.4 s and 80 MB in every worker.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ef21lab.choices.text import Refusal, Text
from ef21lab.problems.networks.base import Module

Tensor = Any
Parameters = dict[str, Tensor]  # by their names in the module

LINE = 8  # channels: those of whole lines of the cache are laid out side by side


class Leaf(NamedTuple):
    """A layer that is made of no others."""

    layer: Module
    names: dict[str, str]  # of its parameters in the module, by their own


def slopes(leaves: Sequence[Leaf], parameters: Parameters, rows: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
    """Σⱼ ∇ℓⱼ (k, d), parameter after parameter, and Σⱼ ℓⱼ (k,), for k batches of m rows (k, m, p) with their classes (k, m).

    A batch is to the last bit what it is beside any other; alone it is PyTorch's own gradient, which rounds otherwise.
    """
    batches, alike = rows.shape[:2]
    if batches == 1:
        return _of_one(leaves, parameters, rows[0], classes[0])
    import torch

    passed = list(_passed(leaves, parameters, rows.reshape(batches * alike, -1), taped=True))
    _, _, logits = passed[-1]
    losses = _losses(logits, classes.reshape(-1))
    taped = [(layer, given, out) for layer, given, out in passed if _weighted(layer)]
    backward = torch.autograd.grad(losses.sum(), [out for _, _, out in taped])
    found = [
        part.reshape(batches, -1)
        for (layer, given, _), slope in zip(taped, backward, strict=True)
        for part in _weights(layer, given.detach(), slope, batches)
    ]
    return torch.cat(found, dim=1), losses.detach().reshape(batches, alike).sum(dim=1)


def logits(leaves: Sequence[Leaf], parameters: Parameters, rows: Tensor) -> Tensor:
    """What the network says of these rows (rows, p): (rows, classes)."""
    *_, (_, _, out) = _passed(leaves, parameters, rows)
    return out


def _of_one(leaves: Sequence[Leaf], parameters: Parameters, rows: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
    """Of one batch, which needs no parting: PyTorch's own gradient."""
    import torch

    sought = {name: part.detach().requires_grad_() for name, part in parameters.items()}
    losses = _losses(logits(leaves, sought, rows), classes)
    found = torch.autograd.grad(losses.sum(), list(sought.values()))
    return torch.cat([part.reshape(-1) for part in found])[None], losses.detach().sum()[None]


def _losses(logits: Tensor, classes: Tensor) -> Tensor:
    """log Σ_c exp(z_c) − z_y of every row."""
    import torch

    return torch.nn.functional.cross_entropy(logits, classes, reduction="none")


def _passed(leaves: Sequence[Leaf], parameters: Parameters, rows: Tensor, taped: bool = False) -> Iterator[tuple[Module, Tensor, Tensor]]:
    """Every layer, what it is given and what it makes of it. Where it is `taped`, autograd follows what the first weights have made."""
    for layer, names in leaves:
        out = _through(layer, {key: parameters[name] for key, name in names.items()}, rows)
        if taped and names and not out.requires_grad:
            out.requires_grad_()
        yield layer, rows, out
        rows = out


def leaves_of(module: Module) -> tuple[Leaf, ...]:
    """The layers in their order. Raises Refusal where they do not simply follow each other, or one is not known here."""
    from torch import nn

    found = [(name, layer) for name, layer in module.named_modules() if not [*layer.children()]]
    chains = all(isinstance(each, nn.Sequential) for each in module.modules() if [*each.children()])
    known = all(isinstance(layer, (nn.Linear, nn.Conv2d, nn.GroupNorm)) for _, layer in found if _weighted(layer))
    if not (chains and known):
        raise Refusal(NO_CHAIN.format(layers=", ".join(type(layer).__name__ for _, layer in found)))
    return tuple(Leaf(layer, {key: f"{name}.{key}" for key, _ in layer.named_parameters()}) for name, layer in found)


def _weighted(layer: Module) -> bool:
    return next(layer.parameters(recurse=False), None) is not None


def _through(layer: Module, own: Parameters, given: Tensor) -> Tensor:
    from torch import nn

    functional: Any = nn.functional
    weight, bias = own.get("weight"), own.get("bias")
    if isinstance(layer, nn.Linear):
        return functional.linear(given, weight, bias)
    if isinstance(layer, nn.Conv2d):
        return functional.conv2d(given, weight, bias, layer.stride, layer.padding, layer.dilation)
    if isinstance(layer, nn.GroupNorm):
        return functional.group_norm(given, layer.num_groups, weight, bias, layer.eps)
    return layer(given)


def _weights(layer: Module, given: Tensor, slope: Tensor, batches: int) -> Iterator[Tensor]:
    """∂/∂weight and ∂/∂bias of every batch, from what the layer was given and ∂/∂(what it made), both (batches · m, …)."""
    import torch
    from torch import nn

    functional: Any = nn.functional
    if isinstance(layer, nn.GroupNorm):
        scaled = slope * functional.group_norm(given, layer.num_groups, eps=layer.eps)
        yield from (_channels(part, batches).sum(dim=2) for part in (scaled, slope))
        return
    places, slope = slope.shape[2:], _channels(slope, batches)  # (batches, outputs, m · places)
    if not isinstance(layer, nn.Conv2d):
        yield torch.bmm(slope, _channels(given, batches).transpose(1, 2))
    elif given.shape[1] % LINE:
        yield torch.bmm(slope, _seen(layer, given, places, batches).transpose(1, 2))
    else:
        by_pixel = torch.bmm(slope, _seen_by_pixel(layer, given, places, batches))
        yield by_pixel.reshape(batches, -1, *layer.kernel_size, given.shape[1]).permute(0, 1, 4, 2, 3)
    if layer.bias is not None:
        yield slope.sum(dim=2)


def _seen(layer: Module, given: Tensor, places: Sequence[int], batches: int) -> Tensor:
    """What each output of a convolution sees of the rows (batches · m, i, …): (batches, i·h·w, m · places).

    torch's unfold makes (rows, i·h·w, places) of it, row after row, to be turned then; one copy takes half as long.
    """
    import torch

    rows, channels = given.shape[:2]
    (up, left), (down, right), kernel = layer.stride, layer.dilation, layer.kernel_size
    padded = torch.nn.functional.pad(given, (layer.padding[1],) * 2 + (layer.padding[0],) * 2)
    of_row, of_channel, of_line, of_pixel = padded.stride()
    alike = rows // batches
    shape = (batches, channels, *kernel, alike, *places)
    strides = (alike * of_row, of_channel, down * of_line, right * of_pixel, of_row, up * of_line, left * of_pixel)
    seen = torch.empty(shape, dtype=given.dtype)
    np.copyto(seen.numpy(), padded.as_strided(shape, strides).numpy())  # of so many short runs NumPy's copy is the quicker
    return seen.reshape(batches, channels * kernel[0] * kernel[1], -1)


def _seen_by_pixel(layer: Module, given: Tensor, places: Sequence[int], batches: int) -> Tensor:
    """The same, (batches, m · places, h·w·i): of many channels, which lie side by side, it is laid out in long runs, in half the time."""
    import torch

    rows, channels, *sides = given.shape
    (up, left), (down, right), (above, aside) = layer.stride, layer.dilation, layer.padding
    padded = torch.zeros((rows, sides[0] + 2 * above, sides[1] + 2 * aside, channels), dtype=given.dtype)
    padded[:, above : above + sides[0], aside : aside + sides[1]] = given.permute(0, 2, 3, 1)
    of_row, of_line, of_pixel, _ = padded.stride()
    shape = (rows, *places, *layer.kernel_size, channels)
    strides = (of_row, up * of_line, left * of_pixel, down * of_line, right * of_pixel, 1)
    seen = torch.empty(shape, dtype=given.dtype)
    np.copyto(seen.numpy(), padded.as_strided(shape, strides).numpy())
    return seen.reshape(batches, rows // batches * math.prod(places), -1)


def _channels(values: Tensor, batches: int) -> Tensor:
    """(batches · m, channels, places …) as (batches, channels, m · places)."""
    channels = values.shape[1]
    return values.reshape(batches, len(values) // batches, channels, -1).transpose(1, 2).reshape(batches, channels, -1)


NO_CHAIN = Text(
    "a network is a torch.nn.Sequential whose parameters are those of Linear, Conv2d and GroupNorm; this one has {layers}",
    "сеть — это torch.nn.Sequential, у которой параметры есть только у Linear, Conv2d и GroupNorm; а здесь {layers}",
)
