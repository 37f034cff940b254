"""What every vector of the registry promises, and what each one is."""

import numpy as np
import pytest

from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import compressors
from ef21lab.datasets.base import datasets
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec
from ef21lab.vectors import _run
from ef21lab.vectors.base import vectors

BROUGHT = "uploaded"  # has no numbers before a person brings them
MADE = [name for name in vectors.members if name != BROUGHT]


@pytest.mark.parametrize("name", MADE)
def test_a_vector_is_finite_locked_and_as_long_as_its_layout(name):
    values, layout = vectors.make(name).sample()
    assert values.dtype == np.float64
    assert values.ndim == 1
    assert np.all(np.isfinite(values))
    assert len(values) == sum(int(np.prod(shape)) for shape in layout)
    with pytest.raises(ValueError, match="read-only"):
        values[0] = 1


@pytest.mark.parametrize("name", MADE)
def test_the_same_choice_is_the_same_vector(name):
    given = vectors.json(vectors.make(name))
    assert np.array_equal(vectors.make(given).sample().values, vectors.make(given).sample().values)


@pytest.mark.parametrize("name", vectors.members)
def test_every_kind_speaks_both_languages(name):
    kind = vectors.members[name]
    words = [kind.label, kind.about, *(text for field in kind.fields().values() for text in (field.label, field.about))]
    assert all(isinstance(text, Text) and text.en and text.ru for text in words)


def literal_ef21(problem, gamma, x, rounds):
    """Algorithm 2 with Top-1 as in the paper's listing: what every node wants to send in the last round, (nodes, d)."""
    estimates = np.zeros((problem.nodes, problem.d))
    for t in range(rounds + 1):
        if t:
            x = x - gamma * estimates.mean(axis=0)
        wanted = problem.gradients(x[None])[0] - estimates
        for i, v in enumerate(wanted):
            k = np.argmax(np.abs(v))
            estimates[i, k] += float(np.float32(v[k]))
    return wanted


@pytest.mark.parametrize("rounds", [0, 1, 50, 51, 103])
def test_the_difference_is_what_the_papers_algorithm_compresses(rounds):
    spec = RunSpec.make({"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 3}})
    problem = problem_of(spec)
    expected = literal_ef21(problem, plan(spec, problem.facts).gamma, spec.start.point(problem), rounds)
    for node in range(3):
        given = {"name": "difference", "dataset": "breast_cancer", "nodes": 3, "node": node, "round": rounds}
        assert vectors.make(given).sample().values == pytest.approx(expected[node], rel=1e-8, abs=1e-12)


def test_a_run_resumed_at_a_kept_round_gives_the_same_bits(monkeypatch):
    resumed = _run.wanted("breast_cancer", 4, 130)
    monkeypatch.setattr(_run, "CHECKPOINT_EVERY", 1000)
    assert np.array_equal(_run.wanted.__wrapped__("breast_cancer", 4, 130), resumed)


def test_the_gradient_is_that_of_the_node_at_the_start():
    spec = RunSpec.make({"dataset": "digits", "objective": "softmax"})
    problem = problem_of(spec)
    sample = vectors.make({"name": "gradient", "dataset": "digits", "node": 7}).sample()
    assert np.array_equal(sample.values, problem.gradients(spec.start.point(problem)[None])[0, 7])
    assert sample.layout == ((10, 8, 8),)


@pytest.mark.parametrize("name", ["difference", "gradient"])
def test_every_dataset_that_is_always_there_has_an_objective_for_its_labels(name):
    offered = vectors.members[name].fields()["dataset"].options
    assert "mushrooms" in offered
    assert "libsvm" not in offered
    assert all(datasets.make(dataset).absence() is None for dataset in offered)
    for dataset in offered:
        assert len(vectors.make({"name": name, "dataset": dataset, "nodes": 2}).sample().values) > 0


@pytest.mark.parametrize("name", ["difference", "gradient"])
def test_a_node_that_does_not_exist_is_refused_in_words(name):
    with pytest.raises(Refusal, match=r"node must be an integer in 0\.\.4, and this problem has 5 nodes"):
        vectors.make({"name": name, "nodes": 5, "node": 5}).sample()


@pytest.mark.parametrize(("dims", "rank"), [((6, 7, 8), 3), ((9, 5), 2), ((3, 4, 5, 6), 1)])
def test_a_low_rank_tensor_has_the_rank_it_says(dims, rank):
    values, layout = vectors.make({"name": "low_rank", "dims": dims, "rank": rank, "noise": 0}).sample()
    assert layout == (dims,)
    for mode in range(len(dims)):
        assert np.linalg.matrix_rank(np.moveaxis(values.reshape(dims), mode, 0).reshape(dims[mode], -1)) == rank


def test_a_rank_one_tensor_has_norm_one_and_the_noise_has_the_norm_it_says():
    quiet, loud = (vectors.make({"name": "low_rank", "rank": 1, "noise": noise}).sample().values for noise in (0, 0.5))
    assert np.linalg.norm(quiet) == pytest.approx(1)
    assert np.linalg.norm(loud - quiet) == pytest.approx(0.5, rel=0.05)


@pytest.mark.parametrize("dims", [[41, 41, 41], "auto", "natural", [5], [0, 5]])
def test_a_synthetic_tensor_of_no_sensible_shape_is_refused(dims):
    with pytest.raises(Refusal, match="product of at most 65,536"):
        vectors.make({"name": "low_rank", "dims": dims})


def test_the_stall_tensor_stalls_classical_hosvd_and_not_the_sequential_one():
    values, layout = vectors.make("stall").sample()
    hosvd, st_hosvd = (compressors.make({"name": name, "dims": layout[0], "ranks": 1}) for name in ("hosvd", "st_hosvd"))
    assert not np.any(hosvd.compress(values).values)
    kept = np.sum(st_hosvd.compress(values).values ** 2)
    assert kept / np.sum(values**2) == pytest.approx(1 / 3)
