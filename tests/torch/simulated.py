"""The same training by the lab's methods in a simulation: two nodes, one vector of all parameters, the same mini-batches."""

import numpy as np
import torch

from ef21lab.algorithms.base import algorithms
from ef21lab.channels.arrays import ArrayChannel
from ef21lab.compressors.base import compressors
from ef21lab.problems.base import Facts, Point, Problem

from .training import RATE, local_gradients, net

NODES, ROWS = 2, 8


class Seen(Point):
    def __init__(self, gradients):
        self._gradients = gradients

    @property
    def gradients(self):
        return self._gradients

    def sampled(self, rows):
        raise NotImplementedError

    def loss(self):
        raise NotImplementedError


class MiniBatches(Problem):
    """Whenever it is asked for another x, every node has its next mini-batch."""

    def __init__(self):
        self.net, self.steps = net(), 0
        self.layout = {name: tuple(each.shape) for name, each in self.net.named_parameters()}
        d, node_rows = sum(each.numel() for each in self.net.parameters()), np.full(NODES, ROWS)
        self.facts = Facts(d, NODES, NODES * ROWS, (*self.layout.values(),), None, None, None, 0, node_rows, False, 0.0)

    def at(self, x):
        torch.nn.utils.vector_to_parameters(torch.tensor(x[0]), self.net.parameters())
        found = [local_gradients(self.net, self.steps, node) for node in range(NODES)]
        self.steps += 1
        return Seen(np.array([[np.concatenate([each.ravel() for each in own.values()]) for own in found]]))


def steps_of(method, compressor, steps):
    """The weights after so many steps, by name."""
    problem, algorithm = MiniBatches(), algorithms.make(method)
    channel = ArrayChannel(compressors.make(compressor).fitted(problem.facts.layout), [0], NODES)
    gamma, x0 = np.full((1, 1), RATE), torch.nn.utils.parameters_to_vector(net().parameters()).detach().numpy()[None]
    state = algorithm.start(problem, channel, x0, gamma)
    for _ in range(steps):
        state = algorithm.step(state, problem, channel, gamma)
    sizes = [int(np.prod(shape)) for shape in problem.layout.values()]
    parts = np.split(state.x[0], np.cumsum(sizes)[:-1])
    return {name: part.reshape(shape) for (name, shape), part in zip(problem.layout.items(), parts, strict=True)}
