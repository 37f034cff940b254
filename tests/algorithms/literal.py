"""Where the literal transcription of every method stands, by the method's name.

A transcription takes (problem, x0, compressor), steps of GAMMA and the seed SEED, and yields x and what the master believes of the ∇fᵢ in
every round, from lists, loops and real messages alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from . import test_diana, test_ef21_page, test_ef21_sgd, test_ef21_sgdm, test_marina, test_old_on_batches, test_transcriptions
from .slow import TOP_K, UNBIASED
from .test_transcriptions import GAMMA, SEED, Nodes, Wire

ROUNDS, BATCH, P, ETA = 25, 5, 0.3, 0.2
BIASED = (TOP_K, {"name": "sign"}, {"name": "natural"})
Path = Iterator[tuple[np.ndarray, list[np.ndarray]]]


class Transcription(NamedTuple):
    """The recursion of the paper, the settings under which it is the method's, and compressors to hold it on."""

    path: Callable[[Any, np.ndarray, Any], Path]
    settings: dict[str, Any] = {}
    compressors: tuple[Any, ...] = BIASED


def ef21(nodes: Nodes, x: np.ndarray) -> Path:
    """Richtárik, Sokolov, Fatkhullin (2021), Algorithm 2, from gᵢ⁰ = C(∇fᵢ(x⁰)); the master adds up what it hears."""
    g_i = [nodes.C(gradient) for gradient in nodes.gradients(x)]
    g = nodes.mean(g_i)
    while True:
        yield x, g_i
        x = nodes.told(x - GAMMA * g)
        gradients = nodes.gradients(x)
        c = [nodes.C(gradients[i] - g_i[i]) for i in range(nodes.n)]
        g_i = [g_i[i] + c[i] for i in range(nodes.n)]
        g = g + nodes.mean(c)


def gd(nodes: Nodes, x: np.ndarray) -> Path:
    """Whole gradients, as float32; the compressor is not used."""
    whole = Wire("identity")
    while True:
        received = [whole(gradient) for gradient in nodes.gradients(x)]
        yield x, received
        x = nodes.told(x - GAMMA * nodes.mean(received))


def by_node(literal: Callable[[Nodes, np.ndarray], Path]) -> Callable[[Any, np.ndarray, Any], Path]:
    return lambda problem, x0, compressor: literal(Nodes(problem, compressor), x0)


def in_lists(literal: Callable[..., Iterator[Any]], *settings: float) -> Callable[[Any, np.ndarray, Any], Path]:
    def path(problem: Any, x0: np.ndarray, compressor: Any) -> Path:
        for x, g_i, *_ in literal(problem, x0.tolist(), GAMMA, ROUNDS, compressor, *settings, seed=SEED):
            yield np.array(x), [np.array(g) for g in g_i]

    return path


def diana(problem: Any, x: list[float], gamma: float, rounds: int, compressor: Any, seed: int) -> Iterator[Any]:
    return test_diana.diana(problem, x, gamma, rounds, compressor, 12 / 4 - 1, seed)  # Rand-4 of 12 coordinates has ω = 2


STOCHASTIC = (TOP_K, UNBIASED)
TRANSCRIPTIONS: dict[str, Transcription] = {
    "ef21": Transcription(by_node(ef21)),
    "gd": Transcription(by_node(gd)),
    **{literal.__name__: Transcription(by_node(literal), settings) for literal, settings in test_transcriptions.SETTINGS.items()},
    "ef21_sgd": Transcription(in_lists(test_ef21_sgd.ef21_sgd, BATCH), {"batch": BATCH}, STOCHASTIC),
    "ef21_sgdm": Transcription(in_lists(test_ef21_sgdm.ef21_sgdm, BATCH, ETA), {"batch": BATCH, "eta": ETA}, STOCHASTIC),
    "ef21_page": Transcription(in_lists(test_ef21_page.ef21_page, BATCH, P), {"batch": BATCH, "p": P}, STOCHASTIC),
    "ef14_sgd": Transcription(in_lists(test_old_on_batches.ef14_sgd, BATCH), {"batch": BATCH}, STOCHASTIC),
    "dcgd_sgd": Transcription(in_lists(test_old_on_batches.dcgd_sgd, BATCH), {"batch": BATCH}, STOCHASTIC),
    "diana": Transcription(in_lists(diana), compressors=(UNBIASED,)),
    "marina": Transcription(in_lists(test_marina.marina, P), {"p": P}, (UNBIASED, {"name": "natural", "rounding": "random"})),
}
