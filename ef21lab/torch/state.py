"""What a communication hook keeps between the steps of training: one memory of the method for every parameter."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import torch
from threadpoolctl import ThreadpoolController
from torch import distributed as dist
from torch.nn.parallel import DistributedDataParallel

from ef21lab.algorithms.base import Feedback, algorithms
from ef21lab.channels.network import Network
from ef21lab.choices.fields import Json, shown
from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import compressors
from ef21lab.torch.layers import HookedLayer, Told
from ef21lab.torch.memories import Memories
from ef21lab.torch.operators import exact, layer_by_layer
from ef21lab.torch.uplink import BucketUplink, Unsaid

Array = Any
ONE = np.ones((1, 1))  # γ: how long PyTorch's steps are is not known here


class HookState:
    """State of `ef21_hook`: every process is a node, every parameter a vector with an operator of its own, in its own shape.

    `compressor` is a spec as everywhere in the lab, of `per_layer` or of what is to stand inside it: parameters with fewer than two sides
    above 1, such as biases, are then sent exactly, and a kernel o × i × h × w is a tensor o × i × hw.
    `process_group` is that of the model, None for all processes. `feedback` is a method by its name or spec: ef21, ef14, ef21_sgdm (with
    its eta), dcgd for none at all; its estimator is used and its mini-batches are yours. EF14 keeps its error in units of gradients,
    as PyTorch's PowerSGD hook does. With `model` parameters have their names in `report` and `state_dict`, and else their numbers.

    What is remembered is float32, of float64 gradients float64: two arrays of the model's size for EF21 and EF14, three for EF21-SGDM.
    Every process decodes the same bytes and adds in the same order, on one thread, so on processors of one kind replicas stay equal to the
    bit. Where some gradient of a bucket is
    not finite in some process, all get NaN for that bucket and nothing is remembered of it: a loss scaler then skips the step, as it
    does without a hook. It should keep one scale, since differences are of gradients times that scale.

    Raises Refusal where a spec is wrong, or the method is not about gradients alone.
    """

    def __init__(
        self,
        compressor: Json,
        process_group: dist.ProcessGroup | None = None,
        feedback: Json = "ef21",
        *,
        model: torch.nn.Module | None = None,
        seed: int = 0,
    ) -> None:
        self.compressor, self.process_group, self.seed = layer_by_layer(compressor), process_group, seed
        self.method, self.feedback = _feedback(feedback)
        self._pools = ThreadpoolController()
        bare = model.module if isinstance(model, DistributedDataParallel) else model
        self._names: dict[torch.Tensor, str] = {} if bare is None else {each: name for name, each in bare.named_parameters()}
        self._restored: dict[str, Any] | None = None
        self._forget()

    @property
    def bits_sent(self) -> int:
        """Bits of all messages of this process, as they were encoded."""
        return sum(layer.bits for layer in self._layers.values())

    @property
    def bytes_sent(self) -> int:
        """Bytes that this process has handed over to be gathered: its messages, their lengths and what pads them."""
        return self._network.said

    def report(self) -> list[Told]:
        """What this process has said about every parameter, in the order in which they came."""
        return [layer.told() for layer in sorted(self._layers.values(), key=lambda layer: layer.place)]

    def reduce(self, bucket: dist.GradBucket) -> None:
        """Put into a bucket what stands in for the mean of its gradients. Raises Lost and Refusal, as the hook does."""
        buffer = bucket.buffer()
        if buffer.layout != torch.strided:
            raise Refusal(SPARSE)
        layers = [self._layer(parameter) for parameter in bucket.parameters()]
        gradients = _on_host(buffer)[None, None]  # (1, 1, d)
        try:
            with self._pools.limit(limits=1, user_api="blas"):  # two processes with two threads each take fifteen times as long for an SVD
                memory = self._after(layers, gradients)
        except Unsaid:
            buffer.fill_(torch.nan)
            return
        self._memories.keep(layers, memory)
        buffer.copy_(torch.from_numpy(self.feedback.descent(memory, ONE)[0]))

    def state_dict(self) -> dict[str, Any]:
        """All that the next steps depend on, of this process: save one for each. Tensors, numbers and words, as torch.save likes them."""
        memories = self._memories.by_layer()
        return self._asked() | {
            "layers": {
                layer.name: {
                    "shape": list(layer.shape),
                    "place": layer.place,
                    "rounds": layer.rounds,
                    "bits": layer.bits,
                    "relative_error": layer.relative_error,
                    "memory": {field: torch.tensor(array) for field, array in memories.get(layer.name, {}).items()},
                }
                for layer in self._layers.values()
            }
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` of this process said, to the same numbers. Raises Refusal where it is of another hook or process."""
        for name, own in self._asked().items():
            if state[name] != own:
                raise Refusal(OTHER.format(what=name, own=shown(own), given=shown(state[name])))
        self._names |= {parameter: layer.name for parameter, layer in self._layers.items()}
        self._forget()
        self._restored = dict(state["layers"])

    @cached_property
    def _network(self) -> Network:
        takes_cpu = "cpu:" in dist.get_backend_config(self.process_group)
        return Network(dist, torch, self.process_group, "cpu" if takes_cpu else torch.device("cuda", torch.cuda.current_device()))

    def _asked(self) -> dict[str, Json]:
        """What a state must agree in to be gone on with."""
        return {
            "compressor": compressors.json(self.compressor),
            "feedback": algorithms.json(self.method),
            "seed": self.seed,
            "processes": self._network.size,
            "rank": self._network.rank,
        }

    def _forget(self) -> None:
        self._layers: dict[torch.Tensor, HookedLayer] = {}
        self._uplinks: dict[tuple[str, ...], BucketUplink] = {}
        self._memories = Memories(self.feedback.memory)

    def _after(self, layers: list[HookedLayer], gradients: Array) -> Any:
        """The memory of a bucket after its messages."""
        uplink, memory = self._uplink(layers), self._memories.of(layers)
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is never said
            heard = (gradients, uplink, ONE)
            new = self.feedback.begin(*heard) if memory is None else self.feedback.follow(memory, *heard)
        return self.feedback.memory(*(each.astype(gradients.dtype, copy=np.may_share_memory(each, gradients)) for each in new))

    def _uplink(self, layers: list[HookedLayer]) -> BucketUplink:
        names = tuple(layer.name for layer in layers)
        if names not in self._uplinks:
            self._uplinks[names] = BucketUplink(self._network, layers, exact(), self.seed)
        return self._uplinks[names]

    def _layer(self, parameter: torch.Tensor) -> HookedLayer:
        if parameter not in self._layers:
            self._layers[parameter] = self._met(self._names.get(parameter, str(len(self._layers))), tuple(parameter.shape))
        return self._layers[parameter]

    def _met(self, name: str, shape: tuple[int, ...]) -> HookedLayer:
        """A layer that comes for the first time, or for the first time after a state was loaded."""
        layer = HookedLayer(name, shape, self.compressor.of(shape), place=len(self._layers))
        if self._restored is None:
            return layer
        known = self._restored.get(name)
        if known is None or tuple(known["shape"]) != shape:
            there = ", ".join(f"{each} {tuple(kept['shape'])}" for each, kept in self._restored.items())
            raise Refusal(STRANGER.format(name=name, shape=str(shape), known=there))
        layer.place, layer.rounds, layer.bits = known["place"], known["rounds"], known["bits"]
        layer.relative_error = known["relative_error"]
        if known["memory"]:
            self._memories.put(name, {field: tensor.numpy(force=True) for field, tensor in known["memory"].items()})
        return layer


def _feedback(given: Json) -> tuple[Any, Feedback]:
    """The method, which is about gradients alone, and itself as that."""
    method = algorithms.make(given)
    if not isinstance(method, Feedback):
        known = [name for name, kind in algorithms.members.items() if issubclass(kind, Feedback)]
        raise Refusal(NOT_FEEDBACK.format(given=method.name, known=", ".join(known)))
    return method, method


def _on_host(buffer: torch.Tensor) -> Array:
    """The gradients (d,) as NumPy's: without a copy where they are float32 or float64 and on the host; half precision becomes float32."""
    return (buffer if buffer.dtype == torch.float64 else buffer.float()).numpy(force=True)


SPARSE = Text(
    "ef21_hook takes dense gradients, and this bucket's are sparse: make the embedding with sparse=False",
    "ef21_hook работает с плотными градиентами, а в этой корзине они разреженные: задайте у слоя Embedding sparse=False",
)
NOT_FEEDBACK = Text(
    "feedback {given}: this method is about more than gradients, so it cannot be a hook; one of {known}",
    "feedback {given}: этому методу мало одних градиентов, и хуком он быть не может; возможны {known}",
)
OTHER = Text(
    "this state was saved with {what} = {given}, and the hook has {own}: a process goes on from its own state, with the settings of then",
    "состояние сохранено при {what} = {given}, а у хука {own}: процесс продолжает со своего состояния и с теми же настройками",
)
STRANGER = Text(
    "the parameter {name} {shape} is not in the state that was loaded, which has {known}",
    "параметра {name} {shape} нет в загруженном состоянии; в нём есть {known}",
)
