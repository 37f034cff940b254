"""What every dataset promises; one that is not on this machine is skipped, with its own words for why."""

import math
import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse as sp

from ef21lab.choices.text import Refusal
from ef21lab.datasets.base import Table, TableFacts, datasets

MEMBERS = [pytest.param(member, id=name) for name, member in datasets.members.items()]


@pytest.fixture(params=MEMBERS)
def dataset(request):
    """Each dataset with default settings that can be loaded here."""
    chosen = request.param()
    if absence := chosen.absence():
        pytest.skip(absence.en)
    return chosen


def dense(table: Table) -> np.ndarray:
    return table.features.toarray() if table.sparse else table.features


def test_a_table_is_finite_rows_of_its_natural_shape(dataset):
    table = dataset.load()
    rows, columns = table.features.shape
    assert rows > 0
    assert table.labels.shape == (rows,)
    assert math.prod(table.shape) == columns
    assert table.features.dtype == np.float64
    assert np.isfinite(dense(table)).all()


def test_sparse_features_are_canonical_csr(dataset):
    features = dataset.load().features
    if not sp.issparse(features):
        pytest.skip(f"{dataset.name} is dense")
    assert features.format == "csr"
    assert features.indices.dtype == np.int32
    assert features.has_canonical_format
    assert np.all(features.data != 0)


def test_labels_are_coded_by_the_number_of_classes(dataset):
    labels, classes = dataset.load().labels, dataset.load().classes
    if len(classes) == 2:
        assert labels.dtype == np.float64
        assert set(labels) == {-1.0, 1.0}
    elif classes:
        assert labels.dtype == np.intp
        assert set(labels) == set(range(len(classes)))
    else:
        assert labels.dtype == np.float64
        assert np.isfinite(labels).all()


def test_what_is_said_before_loading_is_what_is_loaded(dataset):
    table = dataset.load()
    facts = TableFacts(*table.features.shape, len(table.classes))
    assert all(said is None or said == found for said, found in zip(dataset.facts(), facts, strict=True))


def test_loading_twice_gives_the_same_rows_and_nobody_can_change_them(dataset):
    first, second = dataset.load(), type(dataset)().load()
    assert np.array_equal(dense(first), dense(second))
    assert np.array_equal(first.labels, second.labels)
    assert not first.labels.flags.writeable
    assert not (first.features.data if first.sparse else first.features).flags.writeable


@pytest.mark.parametrize("member", MEMBERS)
def test_an_absent_dataset_refuses_in_the_words_it_gave_before(member, data):
    chosen = member()
    if (absence := chosen.absence()) is None:
        chosen.load()
        return
    with pytest.raises(Refusal) as refusal:
        chosen.load()
    assert refusal.value.text == absence
    where = {"uploaded": "Data page", "arrays": "lab.data(features, labels)"}.get(member.name, "EF21LAB_DATA")
    assert where in absence.en
    assert where.replace("Data page", "«Данные»") in absence.ru


@pytest.mark.parametrize("member", MEMBERS)
def test_every_word_is_in_both_languages(member):
    for text in (
        member.label,
        member.about,
        member.origin,
        *(words for field in member.fields().values() for words in (field.label, field.about)),
    ):
        assert text.en.isprintable()
        assert not any("а" <= letter <= "я" for letter in text.en.lower())
    assert any("а" <= letter <= "я" for letter in member.about.ru.lower())
    assert any("а" <= letter <= "я" for letter in member.origin.ru.lower())


def test_discovery_and_loading_import_nothing_slow():
    script = (
        "import sys; from ef21lab.datasets.base import datasets;"
        "[datasets.make(name).load() for name in ('mushrooms', 'digits', 'breast_cancer', 'diabetes', 'synthetic_classification')];"
        "print([name for name in ('sklearn', 'streamlit', 'pandas', 'pooch', 'requests') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip() == "[]"
