"""A grid: the product of its paths, in order, each value as after --set."""

import itertools

import numpy as np
import pytest

import ef21lab as lab
from ef21lab.choices.text import Refusal
from ef21lab.runs.document import changed
from ef21lab.runs.repeats import repeated
from ef21lab.runs.spec import RunSpec
from ef21lab.sweeps.grid import MOST_RUNS, cells, is_repeat

BASE = {"dataset": "breast_cancer", "rounds": 7}


def test_every_combination_once_the_last_path_fastest():
    found = cells(BASE, {"compressor": ["top_k", "sign"], "step.multiple": [1, 2, 4], "start.seed": range(2)})
    assert [tuple(cell.varied.values()) for cell in found] == list(itertools.product(["top_k", "sign"], [1, 2, 4], range(2)))
    for cell in found:
        assert cell.spec.compressor.name == cell.varied["compressor"]
        assert cell.spec.step.settings()["multiple"] == cell.varied["step.multiple"]
        assert cell.spec.start.settings()["seed"] == cell.varied["start.seed"]
        assert cell.spec.rounds == 7


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("compressor.k", 3),
        ("compressor", "st_hosvd"),
        ("compressor", '{"name": "st_hosvd", "dims": [5, 6]}'),
        ("rounds", 9),
        ("dataset", "digits"),
    ],
)
def test_a_path_says_what_it_says_after_set(path, value):
    expected = RunSpec.make(changed(BASE, [f"{path}={value}"]))
    assert [cell.spec for cell in cells(BASE, {path: [value]})] == [expected]


def test_values_may_be_members_mappings_words_and_numbers_of_numpy():
    st = lab.compressor({"name": "st_hosvd", "dims": [5, 6], "ranks": 2})
    found = cells(BASE, {"compressor": [st, {"name": "top_k", "k": 4}], "step.multiple": 2.0 ** np.arange(2), "rounds": np.arange(3, 5)})
    assert found[0].spec.compressor == st
    assert found[0].varied == {"compressor": "ST-HOSVD 5×6 r 2", "step.multiple": 1.0, "rounds": 3}
    assert {type(value) for cell in found for value in cell.varied.values()} == {str, float, int}
    assert cells({**BASE, "compressor": "st_hosvd"}, {"compressor.dims": ["5x6", [5, 6]]})[0].spec.compressor.dims == (5, 6)


def test_repeat_moves_every_seed():
    spec = RunSpec.make({**BASE, "partition": "shuffled"})
    assert [cell.spec for cell in cells(spec, {"repeat": range(3)})] == [repeated(spec, place) for place in range(3)]
    assert [path for path in ("repeat", "seed", "start.seed", "step.multiple", "compressor.seeds") if is_repeat(path)] == [
        "repeat",
        "seed",
        "start.seed",
    ]


def test_an_empty_grid_is_the_run_itself():
    assert [(cell.varied, cell.spec) for cell in cells(BASE, {})] == [({}, RunSpec.make(BASE))]


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ({"compressor.size": [1]}, "compressor.size=1"),
        ({"compressor": ["top_k"], "nonsense": [1]}, "nonsense"),
        ({"compressor.k": [1, 0]}, r"compressor\.k=0: .*k must be"),
        ({"compressor.k": []}, "at least one value"),
        ({"compressor": "top_k"}, "list"),
        ({"compressor": {"name": "top_k"}}, "list"),
        ({"repeat": [-1]}, "repeat"),
        ({"repeat": [True]}, "repeat"),
        ({"rounds": [1.5]}, "rounds"),
        ([("rounds", [1])], "mapping"),
        ({"start.seed": range(MOST_RUNS + 1)}, "at most"),
    ],
)
def test_what_is_no_grid_is_refused_in_words_that_say_where(grid, words):
    with pytest.raises(Refusal, match=words):
        cells(BASE, grid)


def test_settings_of_a_contender_are_set_together():
    contenders = [
        {"algorithm": "ef14", "compressor": {"name": "top_k", "k": 4}},
        {"compressor.k": 3, "dataset": "diabetes", "objective": "least_squares"},
    ]
    found = cells(BASE, {"contender": contenders, "step.multiple": [1, 2]})
    expected = [
        changed(RunSpec.make(BASE).json(), ["algorithm=ef14", "compressor=top_k", "compressor.k=4"]),
        changed(RunSpec.make(BASE).json(), ["compressor.k=3", "dataset=diabetes", "objective=least_squares"]),
    ]
    assert [cell.spec for cell in found] == [
        RunSpec.make(changed(one, [f"step.multiple={multiple}"])) for one in expected for multiple in (1, 2)
    ]
    assert found[0].varied["contender"] == "algorithm=ef14, compressor=top_k k=4"
    assert found[2].varied["contender"] == "compressor.k=3, dataset=diabetes, objective=least_squares lam=0.1"


@pytest.mark.parametrize("contender", ["top_k", 3, {"repeat": 1}, {"compressor.zz": 1}])
def test_what_is_no_contender_is_refused_in_words(contender):
    with pytest.raises(Refusal, match="contender="):
        cells(BASE, {"contender": [contender]})
