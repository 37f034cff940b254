"""All contenders in one table: read by another library, its numbers are those of the runs."""

import io

import numpy as np
import pandas
import pytest

from ef21lab.runs.experiment import run, start_run
from ef21lab.runs.tidy import IDENTITY, member_in_words
from tests.web.test_routes import NOBODY, Client

SPECS = [
    {"rounds": 6, "compressor": {"name": "top_k", "k": 3}, "algorithm": {"name": "ef21_hb", "eta": 0.5}},
    {"rounds": 9, "compressor": {"name": "st_hosvd", "dims": [4, 4, 7], "ranks": 2}, "seed": 5},
    {
        "rounds": 300,
        "dataset": {"name": "divergence"},
        "partition": {"name": "contiguous", "nodes": 3},
        "objective": {"name": "least_squares"},
    }
    | {"algorithm": {"name": "dcgd"}, "compressor": {"name": "top_k", "k": 1}, "step": {"rule": "fixed", "gamma": 1e9}},
]


@pytest.fixture
def keys(source):
    added = [source.add(spec) for spec in SPECS]
    for key, spec in zip(added, SPECS, strict=True):
        source.change(key, list(start_run(spec)), "done")
    return added


def as_written(answer):
    """A CSV with every cell as it stands there."""
    return pandas.read_csv(io.StringIO(answer.text), dtype=str, keep_default_na=False)


def test_the_table_has_every_record_of_every_contender_with_its_very_numbers(source, keys):
    client = Client(source)
    answer = client.get(f"/api/traces.csv?runs={','.join(keys)}")
    assert answer.headers["content-disposition"].startswith('attachment; filename="mushrooms-3-runs-')
    table = as_written(answer)
    assert list(table["contender"].unique()) == ["1", "2", "3"]
    for number, (key, spec) in enumerate(zip(keys, SPECS, strict=True), start=1):
        own = as_written(client.get(f"/api/runs/{key}/trace.csv"))
        rows = table[table["contender"] == str(number)].reset_index(drop=True)
        pandas.testing.assert_frame_equal(rows.drop(columns=list(IDENTITY)), own)
        assert set(rows["key"]) == {key}
        if spec["rounds"] < 300:
            np.testing.assert_array_equal(rows["grad_norm_sq"].map(float), run(spec)["grad_norm_sq"])
    assert not np.isfinite(float(table["grad_norm_sq"].iloc[-1])), "what overflowed is in the table too"


def test_every_row_says_which_contender_it_is_of_with_all_settings(source, keys):
    table = pandas.read_csv(io.StringIO(Client(source).get(f"/api/traces.csv?runs={','.join(keys)}").text))
    first = table.groupby("contender").first()
    assert list(first["method"].str.split().str[0]) == ["ef21_hb", "ef21", "dcgd"]
    assert "eta=0.5" in first["method"][1]
    assert list(first["compressor"].str.split().str[0]) == ["top_k", "st_hosvd", "top_k"]
    assert "dims=4x4x7" in first["compressor"][2]
    assert list(first["seed"]) == [0, 5, 0]
    assert "gamma=1000000000.0" in first["step"][3]


def test_one_member_inside_another_stands_in_brackets():
    nested = {"name": "then", "first": {"name": "top_k", "k": 4}, "second": {"name": "natural"}}
    assert member_in_words(nested) == "then first=(top_k k=4) second=(natural)"


def test_unknown_keys_are_refused(source, keys):
    client = Client(source)
    assert client.get(f"/api/traces.csv?runs={keys[0]},{NOBODY}").status_code == 404
    assert client.get("/api/traces.csv").status_code == 400
