"""The one door: a question in JSON gets numbers, words and arrays, or a refusal in words."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.choices.text import Refusal
from ef21lab.compressors.base import compressors
from ef21lab.microscope import answer
from ef21lab.microscope.work import MOST_SECONDS
from ef21lab.vectors.base import vectors
from ef21lab.vectors.uploaded import store_upload

VECTOR = {"name": "low_rank", "dims": [3, 4, 2]}
HEAVY = {"name": "cp", "dims": [4] * 8, "ranks": 10**6, "sweeps": 50}
ASKS = ("vector", "look", "ladder", "budget", "frontier", "folds", "spectra")

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
small_vectors = st.sampled_from([VECTOR, "stall", {"name": "gaussian", "d": 13}, {"name": "gaussian", "d": 1}])
operators = st.sampled_from(list(compressors.members))
nearly = st.fixed_dictionaries(
    {"ask": st.sampled_from(ASKS)},
    optional={
        "vector": small_vectors | st.sampled_from(list(vectors.members)).map(lambda name: {"name": name, "dims": 3}) | anything,
        "compressor": operators | st.builds(lambda name, k, value: {"name": name, k: value}, operators, st.text(max_size=6), anything),
        "bits": st.integers(-1, 4000) | anything,
        "seed": st.integers(-1, 5) | anything,
        "dims": st.lists(st.integers(-1, 9), max_size=5) | anything,
    },
)


def plain(value):
    """Whether a worker can pack this: numbers, words, None, lists, dicts with words for keys, arrays of numbers."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "fi"
    if isinstance(value, dict):
        return all(isinstance(key, str) and plain(inside) for key, inside in value.items())
    if isinstance(value, list):
        return all(map(plain, value))
    return value is None or type(value) in (bool, int, float, str)


@given(anything)
def test_any_json_is_refused_in_words(question):
    with pytest.raises(Refusal):
        answer(question)


@given(nearly)
def test_what_is_nearly_a_question_is_answered_or_refused(question):
    try:
        given_back = answer({"vector": VECTOR, **question})
    except Refusal as refusal:
        words = refusal.text
    else:
        words = None
        assert plain(given_back)
    assert words is None or (words.en and words.ru)


@pytest.mark.parametrize("ask", ASKS)
def test_every_question_has_an_answer_with_nothing_but_the_vector(ask):
    assert plain(answer({"ask": ask, "vector": VECTOR}))
    assert answer({"ask": "vector"})["layout"] == [[10, 8, 8]]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ([], "a question is a JSON object"),
        ({}, "ask=None: one of vector, look"),
        ({"ask": "oracle"}, "ask='oracle': one of vector, look"),
        ({"ask": "look", "bits": 5}, "look has no field 'bits'; its fields: vector, compressor, seed"),
        ({"ask": "look", "vector": {"name": "vektor"}}, "vector 'vektor' is unknown"),
        ({"ask": "look", "compressor": {"name": "topk"}}, "did you mean top_k"),
        ({"ask": "budget", "bits": 0}, r"microscope\(bits=0\): bits must be an integer in 1\.\."),
        ({"ask": "budget", "seed": -1}, r"seed must be an integer in 0\.\."),
        ({"ask": "spectra", "dims": [2, 2]}, "2×2 has 4 cells; a fold for d = 24"),
        ({"ask": "spectra", "dims": [100, 100]}, "at most 4,096"),
        ({"ask": "spectra", "dims": [10**6] * 8}, "cells"),
        ({"ask": "folds", "compressor": "top_k"}, "top_k has no fold"),
        ({"ask": "look", "vector": {"name": "gaussian", "d": 65_536}, "compressor": HEAVY}, "CP .*65,536 would compute for about"),
        ({"ask": "ladder", "vector": {"name": "gaussian", "d": 65_536}, "compressor": {**HEAVY, "ranks": 1, "dims": [2, 2]}}, "must hold"),
        ({"ask": "ladder", "compressor": {"name": "then", "first": {"name": "st_hosvd", "error": 0.5}}}, "inside a composition the ranks"),
    ],
)
def test_a_bad_question_is_refused_with_what_came_and_what_is_allowed(question, words):
    with pytest.raises(Refusal, match=words):
        answer({"vector": VECTOR, **question} if isinstance(question, dict) else question)


def test_the_same_question_gives_the_same_answer():
    def numbers():
        given_back = answer({"ask": "look", "vector": VECTOR, "compressor": {"name": "top_k", "k": 5}})
        return json.dumps({key: value for key, value in given_back.items() if key != "seconds" and not isinstance(value, np.ndarray)})

    assert numbers() == numbers()


def test_a_long_upload_can_be_seen_but_is_not_searched(tmp_path, monkeypatch):
    monkeypatch.setenv("EF21LAB_HOME", str(tmp_path))
    uploaded = vectors.json(store_upload("long.txt", b"1\n2\n" * 40_000))
    assert answer({"ask": "vector", "vector": uploaded})["d"] == 80_000
    for ask in ("budget", "frontier", "folds"):
        with pytest.raises(Refusal, match="80,000 numbers"):
            answer({"ask": ask, "vector": uploaded})


def test_a_ladder_begins_at_the_rung_that_costs_most_nearly_what_was_asked_for():
    found = answer({"ask": "ladder", "vector": VECTOR, "compressor": {"name": "top_k", "k": 7}})
    assert found["rungs"][found["start"]] == {"name": "top_k", "k": 7}


def test_a_ladder_has_no_rung_that_would_compute_for_too_long():
    found = answer({"ask": "ladder", "vector": {"name": "gaussian", "d": 65_536}, "compressor": HEAVY})
    assert 1 <= len(found["rungs"]) < 40
    assert all(compressors.make(rung).effort(65_536) <= MOST_SECONDS for rung in found["rungs"])
