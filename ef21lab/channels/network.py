"""The processes of one run: torch.distributed with gloo, which is imported when they meet and not before."""

from __future__ import annotations

import importlib.util
import os
import pickle
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import numpy as np

from ef21lab.choices.text import Refusal, Text, quoted
from ef21lab.choices.written import whole

Array = Any
T = TypeVar("T")

MEETING = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")  # what torchrun tells every process
PREFIX = 8  # bytes, of a length that is said
MOST_PROCESSES = 999_999
PATIENCE = 600.0  # seconds of silence after which a process is taken for dead


class Lost(Refusal):
    """Another process no longer answers."""


class Network:
    """`size` processes that all do the same; this one is number `rank`, counted from 0. What one says all hear, in the order of ranks."""

    def __init__(self, distributed: Any, torch: Any, group: Any = None, device: Any = "cpu") -> None:
        """Of a process group of PyTorch, or of all processes; `device` is where its backend wants the bytes."""
        self._distributed, self._torch, self._group, self._device = distributed, torch, group, device
        self.rank: int = distributed.get_rank(group)
        self.size: int = distributed.get_world_size(group)
        self.said = 0  # bytes that this process has handed over, lengths and padding among them

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def exchanged(self, said: bytes, lengths: Sequence[int]) -> list[bytes]:
        """What every process said, by rank; `lengths` in bytes are known to all. Raises Lost where one of them no longer answers."""
        padded = self._tensor(said.ljust(max(lengths), b"\0"))  # gloo gathers equal lengths only
        heard = [self._torch.empty_like(padded) for _ in range(self.size)]
        self.said += len(padded)
        if len(padded):
            with self._answering():
                self._distributed.all_gather(heard, padded, group=self._group)
        return [each.cpu().numpy()[:length].tobytes() for each, length in zip(heard, lengths, strict=True)]

    def exchanged_within(self, room: int, said: bytes) -> list[bytes]:
        """What every process said, by rank, at a length that only it knows: one exchange where all fit into so many bytes, else two.

        `room` is known to all. Raises Lost where one of them no longer answers.
        """
        heard = self.exchanged(len(said).to_bytes(PREFIX, "big") + said[:room], [PREFIX + room] * self.size)
        lengths = [int.from_bytes(each[:PREFIX], "big") for each in heard]
        rest = self.exchanged(said[room:], [max(0, length - room) for length in lengths])  # nothing where all have fitted
        return [(each[PREFIX:] + more)[:length] for each, more, length in zip(heard, rest, lengths, strict=True)]

    def from_first(self, said: bytes, length: int) -> bytes:
        """What process 0 said, in all of them; its length in bytes is known to all. Raises Lost where it no longer answers."""
        message = self._tensor(said) if self.is_first else self._torch.empty(length, dtype=self._torch.uint8)
        if length:
            with self._answering():
                self._distributed.broadcast(message, src=0)
        return message.numpy().tobytes()

    def agreed(self, found: Callable[[], T]) -> T:
        """What process 0 finds, in all of them; its Refusal is everybody's. Raises Lost as well."""
        answer: T | Refusal | None = None
        if self.is_first:
            try:
                answer = found()
            except Refusal as refusal:
                answer = refusal
        said = pickle.dumps(answer)
        length = int.from_bytes(self.from_first(len(said).to_bytes(8, "big"), 8), "big")
        answer = pickle.loads(self.from_first(said, length))
        if isinstance(answer, Refusal):
            raise answer
        return answer

    def _tensor(self, said: bytes) -> Any:
        return self._torch.from_numpy(np.frombuffer(said, dtype=np.uint8).copy()).to(self._device)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            raise Lost(LOST.format(rank=self.rank, last=self.size - 1, why=quoted(_in_short(error)))) from None


def is_one_of_several(environment: Mapping[str, str]) -> bool:
    """Whether somebody has started this process as one of several that are to meet."""
    return all(name in environment for name in MEETING)


def check_torch() -> None:
    """Raises Refusal where PyTorch is not installed."""
    if importlib.util.find_spec("torch") is None:
        raise Refusal(NO_TORCH)


@contextmanager
def met(patience: float = PATIENCE) -> Iterator[Network]:
    """The processes that torchrun's variables in the environment speak of, until the end of the block.

    Raises Refusal where PyTorch is missing or they do not find each other.
    """
    check_torch()
    rank, size = (os.environ.get(name, "") for name in MEETING[:2])
    own, all_of_them = whole(rank), whole(size)
    if own is None or all_of_them is None or not own < all_of_them <= MOST_PROCESSES:
        raise Refusal(NO_RANK.format(rank=quoted(rank), size=quoted(size)))
    import torch
    from torch import distributed

    try:
        distributed.init_process_group("gloo", init_method="env://", timeout=timedelta(seconds=patience))
    except (RuntimeError, ValueError) as error:
        raise Refusal(NOT_MET.format(why=quoted(_in_short(error)))) from None
    try:
        yield Network(distributed, torch)
    finally:
        distributed.destroy_process_group()


def _in_short(error: Exception) -> str:
    """The first sentence of what PyTorch says, without the place in its source."""
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    return re.sub(r"^\[\S+:\d+\] ", "", said).split(". ")[0]


NO_RANK = Text(
    "RANK={rank} and WORLD_SIZE={size} do not name a process: of WORLD_SIZE processes each has a RANK from 0 to WORLD_SIZE − 1",
    "RANK={rank} и WORLD_SIZE={size} не задают процесс: из WORLD_SIZE процессов у каждого свой RANK от 0 до WORLD_SIZE − 1",
)
NO_TORCH = Text(
    "nodes in processes of their own talk over torch.distributed, and PyTorch is not installed; install it (pip install torch), or run "
    "without --processes",
    "узлы в отдельных процессах говорят через torch.distributed, а PyTorch не установлен; установите его (pip install torch) или запустите "
    "без --processes",
)
LOST = Text(
    "process {rank} of 0..{last}: another process no longer answers, so this run has ended ({why})",
    "процесс {rank} из 0..{last}: другой процесс больше не отвечает, поэтому запуск прерван ({why})",
)
NOT_MET = Text("the processes of this run did not find each other: {why}", "процессы этого запуска не нашли друг друга: {why}")
