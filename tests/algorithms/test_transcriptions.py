"""Every method without mini-batches against its update, transcribed node by node; C is what decode() makes of one real message."""

import numpy as np
import pytest

from ef21lab.algorithms.base import algorithms
from ef21lab.compressors.base import compressors
from ef21lab.runs.loop import optimize
from ef21lab.streams import Stream

GAMMA, ROUNDS, SEED = 0.05, 40, 7
EXACT = 64  # bits of a coordinate of x on its way down
ETA, P, L1 = 0.7, 0.4, 0.02


class Wire:
    """C(v) of one vector, and the bits of all messages so far."""

    def __init__(self, compressor):
        self.compressor, self.bits = compressors.make(compressor), 0

    def __call__(self, v):
        message = self.compressor.encode(v)
        self.bits += message.bits
        return self.compressor.decode(message, len(v))


class Nodes:
    """The ∇fᵢ, one at a time, and what the nodes have received and sent, in all."""

    def __init__(self, problem, compressor):
        self.problem, self.n, self.d = problem, problem.nodes, problem.d
        self.C, self.down = Wire(compressor), 0

    def gradients(self, x):
        return list(self.problem.gradients(x[None])[0])

    def mean(self, vectors):
        total = np.zeros(self.d)
        for vector in vectors:
            total = total + vector
        return total / self.n

    def told(self, x, present=None):
        """x on its way to the nodes."""
        self.down += EXACT * self.d * (self.n if present is None else len(present))
        return x


def dcgd(nodes, x):
    while True:
        received = [nodes.C(gradient) for gradient in nodes.gradients(x)]
        yield x, received
        x = nodes.told(x - GAMMA * nodes.mean(received))


def ef14(nodes, x):
    e = [np.zeros(nodes.d) for _ in range(nodes.n)]
    while True:
        gradients = nodes.gradients(x)
        v = []
        for i in range(nodes.n):
            p = e[i] + GAMMA * gradients[i]
            v.append(nodes.C(p))
            e[i] = p - v[i]
        yield x, [v_i / GAMMA for v_i in v]
        x = nodes.told(x - nodes.mean(v))


def ef21_plus(nodes, x):
    g = [nodes.C(gradient) for gradient in nodes.gradients(x)]
    while True:
        yield x, g
        x = nodes.told(x - GAMMA * nodes.mean(g))
        gradients = nodes.gradients(x)
        for i in range(nodes.n):
            before = nodes.C.bits
            b = nodes.C(gradients[i])
            with_b = nodes.C.bits
            m = g[i] + nodes.C(gradients[i] - g[i])
            with_m = before + nodes.C.bits - with_b
            b_is_better = np.sum((b - gradients[i]) ** 2) < np.sum((m - gradients[i]) ** 2)
            g[i] = b if b_is_better else m
            nodes.C.bits = (with_b if b_is_better else with_m) + 1


def ef21_hb(nodes, x):
    g, v = [nodes.C(gradient) for gradient in nodes.gradients(x)], np.zeros(nodes.d)
    while True:
        yield x, g
        v = ETA * v + nodes.mean(g)
        x = nodes.told(x - GAMMA * v)
        gradients = nodes.gradients(x)
        g = [g[i] + nodes.C(gradients[i] - g[i]) for i in range(nodes.n)]


def ef21_pp(nodes, x):
    g, t = [nodes.C(gradient) for gradient in nodes.gradients(x)], 0
    while True:
        yield x, g
        t += 1
        coins = np.random.default_rng([SEED, t, Stream.PARTICIPATION]).random(nodes.n)
        present = [i for i in range(nodes.n) if coins[i] < P]
        x = nodes.told(x - GAMMA * nodes.mean(g), present)
        gradients = nodes.gradients(x)
        for i in present:
            g[i] = g[i] + nodes.C(gradients[i] - g[i])


def ef21_w(nodes, x):
    L = nodes.problem.facts.node_smoothness
    w = [L_i / sum(L) for L_i in L]
    gradients = nodes.gradients(x)
    g = [nodes.C(gradients[i] / (nodes.n * w[i])) for i in range(nodes.n)]
    while True:
        yield x, [nodes.n * w[i] * g[i] for i in range(nodes.n)]
        x = nodes.told(x - GAMMA * sum(w[i] * g[i] for i in range(nodes.n)))
        gradients = nodes.gradients(x)
        g = [g[i] + nodes.C(gradients[i] / (nodes.n * w[i]) - g[i]) for i in range(nodes.n)]


def ef21_bc(nodes, x, is_whole_at_first=True):
    """From the mean of the first estimates: the first step is uncompressed."""
    C_M = Wire({"name": "top_k", "k": 3})
    g_nodes = [nodes.C(gradient) for gradient in nodes.gradients(x)]
    g = nodes.told(nodes.mean(g_nodes)) if is_whole_at_first else C_M(nodes.mean(g_nodes))
    whole, nodes.down = nodes.down, 0  # what a step needs is paid for in the round of the step
    while True:
        yield x, g_nodes
        nodes.down = whole + C_M.bits * nodes.n
        x = x - GAMMA * g
        gradients = nodes.gradients(x)
        g_nodes = [g_nodes[i] + nodes.C(gradients[i] - g_nodes[i]) for i in range(nodes.n)]
        g = g + C_M(nodes.mean(g_nodes) - g)


def ef21_bc_from_a_compressed_direction(nodes, x):
    yield from ef21_bc(nodes, x, is_whole_at_first=False)


def ef21_prox(nodes, x):
    g = [nodes.C(gradient) for gradient in nodes.gradients(x)]
    while True:
        yield x, g
        u = x - GAMMA * nodes.mean(g)
        x = nodes.told(np.array([u_k - GAMMA * L1 if u_k > GAMMA * L1 else u_k + GAMMA * L1 if u_k < -GAMMA * L1 else 0.0 for u_k in u]))
        gradients = nodes.gradients(x)
        g = [g[i] + nodes.C(gradients[i] - g[i]) for i in range(nodes.n)]


SETTINGS = {
    dcgd: {},
    ef14: {},
    ef21_plus: {},
    ef21_hb: {"eta": ETA},
    ef21_pp: {"p": P},
    ef21_w: {},
    ef21_bc: {"downlink": {"name": "top_k", "k": 3}},
    ef21_prox: {"l1": L1},
}
OTHER_STARTS = {ef21_bc_from_a_compressed_direction: {"name": "ef21_bc", **SETTINGS[ef21_bc], "downlink_init": "compressed"}}
METHODS = {literal: {"name": literal.__name__, **settings} for literal, settings in SETTINGS.items()} | OTHER_STARTS


@pytest.mark.parametrize("compressor", [{"name": "top_k", "k": 2}, {"name": "natural"}, {"name": "sign"}], ids=lambda given: given["name"])
@pytest.mark.parametrize("literal", METHODS, ids=lambda literal: literal.__name__)
def test_the_method_is_its_update_node_by_node(problem, literal, compressor):
    x0 = np.random.default_rng(9).normal(size=problem.d)
    method = algorithms.make(METHODS[literal])
    nodes = Nodes(problem, compressor)
    going = optimize(problem, method, compressors.make(compressor), x0=x0[None], gammas=[GAMMA], seeds=[SEED], rounds=ROUNDS)
    for record, (x, estimates) in zip(going, literal(nodes, x0), strict=False):
        state = method.resume(problem, going.checkpoint().state)
        np.testing.assert_allclose(state.x[0], x, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(method.estimates(state)[0], estimates, rtol=1e-5, atol=1e-8)
        assert record.bits_up[0] == nodes.C.bits / nodes.n
        assert record.bits_down[0] == nodes.down / nodes.n
    assert record.round == ROUNDS
