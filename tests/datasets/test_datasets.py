"""What every dataset promises, as `ef21lab check` tries it; one that is not on this machine is skipped, with its own words for why."""

import subprocess
import sys

import pytest

from ef21lab.choices.text import Refusal
from ef21lab.datasets.base import datasets
from ef21lab.plugins.of_data import OF_DATASETS

MEMBERS = [pytest.param(member, id=name) for name, member in datasets.members.items()]


@pytest.fixture(params=MEMBERS)
def dataset(request):
    """Each dataset with default settings that can be loaded here."""
    chosen = request.param()
    if absence := chosen.absence():
        pytest.skip(absence.en)
    return chosen


@pytest.mark.parametrize("promise", OF_DATASETS, ids=lambda promise: promise.says.en)
def test_a_dataset_keeps_what_its_family_promises(dataset, promise):
    promise.check(dataset)


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
