"""No two consumers of random numbers read the same ones: by the streams themselves, by the source, and by what is drawn in earnest."""

import ast
import itertools
from collections import Counter

import numpy as np
import pytest

from ef21lab.algorithms.base import algorithms
from ef21lab.compressors.base import compressors
from ef21lab.datasets.base import PerNode, Table, datasets
from ef21lab.microscope.trials import look
from ef21lab.partitions.base import partitions
from ef21lab.problems.base import objectives
from ef21lab.runs.loop import optimize
from ef21lab.starts.base import starts
from ef21lab.streams import Stream, generator
from ef21lab.vectors.base import vectors

from .test_architecture import FILES, relative

SEEDS = (*range(60), 1000, 2**31 - 1)  # the numbers of all streams are among them
A_TYPE = "Generator"  # the one name of numpy.random that may be mentioned: of a generator that is handed in


def test_first_numbers_coincide_only_where_stream_seed_and_round_do():
    once = [(stream, seed, 0) for stream in Stream for seed in SEEDS]
    again = [(stream, seed, round) for stream in Stream for seed in SEEDS[::7] for round in (1, 2, 3, 30) if stream is not Stream.START]
    first = {generator(*consumer).random() for consumer in (*once, *again)}
    assert len(first) == len(once) + len(again)


@pytest.mark.parametrize("seed", SEEDS)
def test_x0_is_what_it_is_promised_to_be(seed):
    table = Table(np.eye(9), np.ones(9), (), (9,))
    problem = objectives.make("least_squares").on(table, np.zeros(9, dtype=int), 1)
    assert np.array_equal(starts.make({"name": "normal", "seed": seed}).point(problem), np.random.default_rng(seed).normal(size=9))


def trees():
    return [(relative(file), ast.parse(file.read_text())) for file in FILES if relative(file) != "ef21lab/streams.py"]


def is_of_numpy_random(node):
    """np.random.anything but the type of a generator that is handed in."""
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "random"
        and isinstance(node.value.value, ast.Name)
        and node.value.value.id in ("np", "numpy")
        and node.attr != A_TYPE
    )


def makes_randomness(node):
    """Whether this syntax node gets random numbers past ef21lab/streams.py."""
    if isinstance(node, ast.Import):
        return any(alias.name in ("random", "numpy.random") for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return node.module in ("random", "numpy.random") or (node.module == "numpy" and any(a.name == "random" for a in node.names))
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("random.Generator"):
        return True
    return is_of_numpy_random(node) or (isinstance(node, ast.keyword) and node.arg == "random_state")


@pytest.mark.parametrize(
    "line",
    [
        "import random",
        "from numpy.random import default_rng",
        "from numpy import random",
        "np.random.default_rng(seed)",
        "np.random.Generator(np.random.PCG64(1))",
        "np.random.normal()",
        "train_test_split(rows, random_state=0)",
    ],
)
def test_a_line_that_goes_past_the_streams_is_seen(line):
    assert any(map(makes_randomness, ast.walk(ast.parse(line))))


FILLED = ("ef21lab/compressors/tensorly_parafac.py", "random_state=0")  # what tensorly fills short sides with is always the same


def test_random_numbers_come_from_the_streams_alone():
    found = [(name, node) for name, tree in trees() for node in ast.walk(tree) if makes_randomness(node)]
    assert [f"{name}:{node.lineno}" for name, node in found if (name, ast.unparse(node)) != FILLED] == []


def test_every_stream_has_one_consumer():
    mentions = Counter(
        node.attr
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Stream"
    )
    assert mentions == {stream.name: 1 for stream in Stream}


def test_a_stream_is_asked_for_by_its_name():
    asked = [
        ast.unparse(call.args[0])
        for _, tree in trees()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "generator"
    ]
    assert asked
    assert all(name.startswith("Stream.") or name == "stream" for name in asked)


RAND_K = ({"name": "rand_k", "k": 2}, {"name": "rand_k", "k": 2, "scaling": "unbiased"})


def seeded(family, **settings):
    """The members that draw from a seed of their own, at its default."""
    return [family.make({"name": name, **settings}) for name, kind in family.members.items() if "seed" in kind.__dataclass_fields__]


def run_everything(problem):
    """Two rounds of every method, on mini-batches and with random messages, both ways where it compresses both."""
    settings = {"batch": 2, "downlink": RAND_K[0]}
    for (name, kind), asked in itertools.product(algorithms.members.items(), RAND_K):
        method = algorithms.make({"name": name, **{field: settings[field] for field in settings if field in kind.__dataclass_fields__}})
        compressor = compressors.make(asked)
        if method.refusal(problem.facts, compressor) is None:
            list(optimize(problem, method, compressor, x0=np.ones((1, problem.d)), gammas=[0.1], seeds=[0], rounds=2))


def loaded(dataset):
    return dataset.load_for(3) if isinstance(dataset, PerNode) else dataset.load()


def everything_that_draws():
    """By name, every consumer there is, with all seeds at 0."""
    table = Table(np.eye(12), np.where(np.arange(12) % 2, 1.0, -1.0), ("no", "yes"), (12,))
    problem = objectives.make("logistic_nonconvex").on(table, np.arange(12) % 3, 3)
    drawing = {f"dataset {one.name}": lambda one=one: loaded(one) for one in seeded(datasets)}
    drawing |= {f"partition {one.name}": lambda one=one: one.assign(table) for one in seeded(partitions, nodes=3)}
    drawing |= {f"vector {one.name}": one.sample for one in seeded(vectors)}
    sample, rand_k = vectors.make("stall").sample(), compressors.make(RAND_K[0])
    return drawing | {
        "x0": lambda: starts.make("normal").point(problem),
        "rounds": lambda: run_everything(problem),
        "microscope": lambda: look(rand_k, sample),
    }


def test_whatever_draws_draws_from_seeds_that_nothing_else_draws_from(monkeypatch):
    asked, make = [], np.random.default_rng
    monkeypatch.setattr(np.random, "default_rng", lambda seed: asked.append(seed) or make(seed))
    streams_of, counted = {}, generator(Stream.COUNTED, 0).random()
    for name, draw in everything_that_draws().items():
        asked.clear()
        draw()
        streams_of[name] = {make(seed).random() for seed in asked} - {counted}
        assert streams_of[name], name
    for one, other in itertools.combinations(streams_of, 2):
        assert streams_of[one].isdisjoint(streams_of[other]), (one, other)
    in_rounds = {stream for stream in Stream if 0 < stream < Stream.CLOUDS}
    assert {generator(stream, 0, 2).random() for stream in in_rounds} <= streams_of["rounds"]
