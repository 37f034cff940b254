"""Who draws from which stream of random numbers: every consumer is named here, and no two of them ever read the same numbers."""

from __future__ import annotations

from enum import IntEnum, unique

import numpy as np


@unique
class Stream(IntEnum):
    """The consumers. A number may be given once and is never given again; a consumer that is not of this package takes one from 1000 on.

    Only x⁰ has 0, because its stream is promised to be numpy.random.default_rng(seed).
    """

    START = 0  # x⁰

    # drawn anew in every round
    UPLINK = 1  # a node's compressor
    SECOND_OFFER = 2  # its second message of a round, for a method that sends the better one
    DOWNLINK = 3  # the master's compressor
    ROWS = 4  # the rows of a mini-batch
    WHOLE_NODE = 5  # EF21-PAGE: which nodes compute their whole gradient
    PARTICIPATION = 6  # EF21-PP: which nodes take part
    WHOLE_ROUND = 7  # MARINA: whether the gradients are sent whole

    # drawn once
    CLOUDS = 20  # synthetic_classification
    QUADRATICS = 21
    SHUFFLED = 30
    UNEQUAL = 31
    DIRICHLET = 32
    HELD_OUT = 33  # which rows no node gets
    GAUSSIAN_VECTOR = 40
    LOW_RANK_VECTOR = 41
    MICROSCOPE = 42  # the compressor under it
    EIGENVECTOR = 43  # where the search for the largest eigenvalue of a wide problem starts
    INITIAL = 44  # the parameters of a network
    TRIED = 45  # what a family's promises are tried on

    # drawn anew for every message
    LAYER = 60  # the operator of one parameter in one process
    FUNCTION = 61  # a function that is an operator

    COUNTED = 50  # by a compressor's noise_shape; nobody looks at the numbers


def generator(stream: Stream | int, seed: int, round: int = 0, *places: int) -> np.random.Generator:
    """The numbers of one consumer, for a seed and a round below 2³²: numpy.random.default_rng([seed, round, stream]).

    NumPy fills a seed list up with zeros, so (s), (s, 0) and (s, 0, 0) are one stream. Here the three places are always there and the last
    tells the consumers apart: two calls read the same numbers only where all three agree. A consumer may number its own after that, by two
    `places` or more, always as many.
    """
    return np.random.default_rng([seed, round, stream, *places])
