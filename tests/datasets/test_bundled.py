"""The tables that scikit-learn carries are what scikit-learn says they are."""

import numpy as np
import pytest

from ef21lab.choices.text import Refusal
from ef21lab.datasets._bundled import bundled
from ef21lab.datasets.base import datasets

sklearn_datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is the oracle here")


def test_digits_are_scikit_learns_divided_by_16():
    theirs, ours = sklearn_datasets.load_digits(), datasets.make("digits").load()
    assert np.array_equal(ours.features, theirs.data / 16)
    assert np.array_equal(ours.labels, theirs.target)


def test_breast_cancer_is_scikit_learns_standardised():
    theirs, ours = sklearn_datasets.load_breast_cancer(), datasets.make("breast_cancer").load()
    np.testing.assert_allclose(ours.features, (theirs.data - theirs.data.mean(0)) / theirs.data.std(0))
    assert np.array_equal(ours.labels, 2 * theirs.target - 1)
    assert list(theirs.target_names) == ["malignant", "benign"]


def test_diabetes_is_scikit_learns_up_to_scale():
    theirs, ours = sklearn_datasets.load_diabetes(), datasets.make("diabetes").load()
    np.testing.assert_allclose(ours.features / np.sqrt(442), theirs.data, atol=1e-12)
    np.testing.assert_allclose(ours.labels, (theirs.target - theirs.target.mean()) / theirs.target.std())


def test_a_missing_table_is_refused_in_words():
    with pytest.raises(Refusal, match="nothing.csv is missing: it comes with scikit-learn"):
        bundled("nothing.csv")
