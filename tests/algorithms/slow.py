"""What literal transcriptions of random methods lean on: lists, one node and one row at a time, and the streams written out."""

import numpy as np

from ef21lab.algorithms.base import algorithms
from ef21lab.compressors.base import compressors
from ef21lab.runs.loop import optimize
from ef21lab.streams import Stream

UNBIASED = {"name": "rand_k", "k": 4, "scaling": "unbiased"}
TOP_K = {"name": "top_k", "k": 2}


def run(problem, algorithm, compressor, x0, gammas=(0.05,), seeds=(7,), rounds=30, **settings):
    x0 = np.broadcast_to(x0, (len(seeds), problem.d))
    gammas = np.broadcast_to(gammas, len(seeds))
    operator = compressors.make(compressor)
    return optimize(problem, algorithms.make(algorithm), operator, x0=x0, gammas=gammas, seeds=seeds, rounds=rounds, **settings)


def assert_same_path(going, path):
    """x, G and the bill of a run against (x, gᵢ, gradients, bits of all messages so far per node) of a transcription."""
    for record, (x, g_i, grad, bits) in zip(going, path, strict=True):
        n = len(g_i)
        np.testing.assert_allclose(going.checkpoint().state["x"][0], x, rtol=1e-9, atol=1e-12)
        G = sum(sum((a - b) ** 2 for a, b in zip(g_i[i], grad[i], strict=True)) for i in range(n)) / n
        np.testing.assert_allclose(record.distortion[0], G, rtol=1e-6, atol=1e-12)
        assert record.bits_up[0] == bits / n
        assert record.bits_down[0] == record.round * 64 * len(x)


def gradients(problem, x):
    """∇fᵢ(x) of every node."""
    return problem.gradients(np.array([x]))[0].tolist()


def row_gradients(problem, x):
    """The gradient of every row of every node, [node][row]."""
    sizes, point = problem.facts.node_rows, problem.at(np.array([x]))
    each = [point.sampled(np.minimum(j, sizes - 1)[None, :, None])[0].tolist() for j in range(max(sizes))]  # [row][node]
    return [[each[j][i] for j in range(m)] for i, m in enumerate(sizes)]


def mini_batch(problem, x, rows):
    """The mean of the gradients of the given rows of each node; of all its rows where they are no more than the batch."""
    of_rows = row_gradients(problem, x)
    return [mean([mine[j] for j in drawn] if len(drawn) < len(mine) else mine) for mine, drawn in zip(of_rows, rows, strict=True)]


def drawn_rows(problem, batch, seed, round):
    """Each node in turn draws `batch` uniform numbers u and takes the rows ⌊u mᵢ⌋."""
    rng = np.random.default_rng([seed, round, Stream.ROWS])
    return [[int(rng.random() * m) for _ in range(batch)] for m in problem.facts.node_rows]


def sent(compressor, vectors, seed, round):
    """What is decoded from the message of every node, and the bits of all of them."""
    compressor = compressors.make(compressor)
    vectors = np.array(vectors)
    noise = compressor.draw(np.random.default_rng([seed, round, Stream.UPLINK]), vectors.shape)
    messages = [compressor.encode(v, None if noise is None else noise[i]) for i, v in enumerate(vectors)]
    return [compressor.decode(message, vectors.shape[1]).tolist() for message in messages], sum(message.bits for message in messages)


def plus(u, v, factor=1.0):
    """uᵢ + factor · vᵢ for vectors of every node."""
    return [[a + factor * b for a, b in zip(one, other, strict=True)] for one, other in zip(u, v, strict=True)]


def mean(vectors):
    return [sum(column) / len(vectors) for column in zip(*vectors, strict=True)]


def moved(x, gamma, g):
    return [a - gamma * b for a, b in zip(x, g, strict=True)]
