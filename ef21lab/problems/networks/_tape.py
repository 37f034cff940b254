"""One pass through a network, and what each of several batches contributes to the gradient.

vmap of grad does the same in about the same time, but its first call imports a compiler: 1.4 s and 80 MB in every worker.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ef21lab.choices.text import Refusal, Text
from ef21lab.problems.networks.base import Module

Tensor = Any
Parameters = dict[str, Tensor]  # by their names in the module


def slopes(module: Module, parameters: Parameters, rows: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
    """Σⱼ ∇ℓⱼ (k, d), parameter after parameter, and Σⱼ ℓⱼ (k,), for k batches of m rows (k, m, p) with their classes (k, m)."""
    batches, alike = rows.shape[:2]
    if batches == 1:
        return _of_one(module, parameters, rows[0], classes[0])
    import torch

    passed = list(_passed(module, parameters, rows.reshape(batches * alike, -1), taped=True))
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


def logits(module: Module, parameters: Parameters, rows: Tensor) -> Tensor:
    """What the network says of these rows (rows, p): (rows, classes)."""
    *_, (_, _, out) = _passed(module, parameters, rows)
    return out


def _of_one(module: Module, parameters: Parameters, rows: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
    """Of one batch, which needs no parting: PyTorch's own gradient."""
    import torch

    sought = {name: part.requires_grad_() for name, part in parameters.items()}
    losses = _losses(logits(module, sought, rows), classes)
    found = torch.autograd.grad(losses.sum(), list(sought.values()))
    return torch.cat([part.reshape(-1) for part in found])[None], losses.detach().sum()[None]


def _losses(logits: Tensor, classes: Tensor) -> Tensor:
    """log Σ_c exp(z_c) − z_y of every row."""
    import torch

    return torch.nn.functional.cross_entropy(logits, classes, reduction="none")


def _passed(module: Module, parameters: Parameters, rows: Tensor, taped: bool = False) -> Iterator[tuple[Module, Tensor, Tensor]]:
    """Every layer, what it is given and what it makes of it. Where it is `taped`, autograd follows what the first weights have made."""
    for name, layer in leaves(module):
        out = _through(layer, {key: parameters[f"{name}.{key}"] for key, _ in layer.named_parameters()}, rows)
        if taped and _weighted(layer) and not out.requires_grad:
            out.requires_grad_()
        yield layer, rows, out
        rows = out


def leaves(module: Module) -> list[tuple[str, Module]]:
    """The layers in their order, by name. Raises Refusal where they do not simply follow each other, or one is not known here."""
    from torch import nn

    found = [(name, layer) for name, layer in module.named_modules() if not [*layer.children()]]
    chains = all(isinstance(each, nn.Sequential) for each in module.modules() if [*each.children()])
    known = all(isinstance(layer, (nn.Linear, nn.Conv2d, nn.GroupNorm)) for _, layer in found if _weighted(layer))
    if not (chains and known):
        raise Refusal(NO_CHAIN.format(layers=", ".join(type(layer).__name__ for _, layer in found)))
    return found


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
    if isinstance(layer, nn.Conv2d):
        given = functional.unfold(given, layer.kernel_size, layer.dilation, layer.padding, layer.stride)  # (rows, i·h·w, places)
    across = _channels(given, batches)  # (batches, what one output sees, m · places)
    slope = _channels(slope, batches)  # (batches, outputs, m · places)
    yield torch.bmm(slope, across.transpose(1, 2))
    if layer.bias is not None:
        yield slope.sum(dim=2)


def _channels(values: Tensor, batches: int) -> Tensor:
    """(batches · m, channels, places …) as (batches, channels, m · places)."""
    channels = values.shape[1]
    return values.reshape(batches, len(values) // batches, channels, -1).transpose(1, 2).reshape(batches, channels, -1)


NO_CHAIN = Text(
    "a network is a torch.nn.Sequential whose parameters are those of Linear, Conv2d and GroupNorm; this one has {layers}",
    "сеть — это torch.nn.Sequential, у которой параметры есть только у Linear, Conv2d и GroupNorm; а здесь {layers}",
)
