"""What a problem is called above a picture."""

import pytest

from ef21lab.runs.caption import apart, posed
from ef21lab.runs.names import titles
from ef21lab.runs.spec import RunSpec


@pytest.mark.parametrize(
    ("spec", "en", "ru"),
    [
        (
            {"objective": {"name": "logistic_ridge", "lam": 0.1}, "rounds": 1500},
            "Mushrooms · Contiguous, 20 nodes · Logistic, ridge, Regularisation λ = 0.1 · x⁰: standard normal · 1,500 rounds",
            "Грибы · Подряд, 20\u00a0узлов · Логистическая регрессия с риджем, Регуляризация λ = 0,1 · "
            "x⁰: нормальное распределение · 1\u202f500\u00a0раундов",
        ),
        (
            {"partition": {"name": "shuffled", "nodes": 3, "seed": 7}, "start": {"name": "normal", "seed": 2}},
            "Mushrooms · Shuffled, Shuffle seed = 7, 3 nodes · Logistic, nonconvex regulariser, Regularisation λ = 0.1"
            " · x⁰: standard normal, Seed of x⁰ = 2 · 400 rounds",
            None,
        ),
    ],
)
def test_a_problem_is_told_in_one_line(spec, en, ru):
    told = posed(RunSpec.make(spec))
    assert told.en == en
    assert ru in (None, told.ru)


def test_a_file_is_told_by_its_name_and_an_upload_not_by_its_hash():
    assert "a9a.txt" in posed(RunSpec.make({"dataset": {"name": "libsvm", "file": "a9a.txt"}})).en
    spec = RunSpec.make({"dataset": {"name": "uploaded", "content": "ab" * 12}})
    assert "abab" not in posed(spec).en


def test_runs_of_one_list_are_called_apart_by_all_that_sets_them_apart():
    specs = [RunSpec.make(spec) for spec in ({}, {"dataset": "digits", "objective": "softmax"}, {"seed": 5, "rounds": 7})]
    told = [name.en for name in apart(specs)]
    assert len(set(told)) == 3
    assert "Seed = 5" in told[2]
    assert "Rounds = 7" in told[2]
    assert "digits" in told[1].lower()
    assert apart(specs[:1]) == titles(specs[:1])
