"""Finished runs are found by what they are, by what they came to and by what people say of them, whichever way they came into the store."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from ef21lab.choices.text import Refusal
from ef21lab.jobs import marks
from ef21lab.jobs.catalogue import COMMON, ORDERS, Query
from ef21lab.jobs.engine import execute
from ef21lab.jobs.marks import Said, tags_in
from ef21lab.jobs.store import Store
from ef21lab.jobs.upkeep import OLDEST, tidy
from ef21lab.runs.trace import Trace

from .conftest import assert_same_numbers, computed_here, spec

COMPRESSORS = ({"name": "top_k", "k": 1}, {"name": "top_k", "k": 12}, {"name": "st_hosvd", "ranks": 2}, {"name": "identity"})
SPECS = [
    spec(rounds=rounds, algorithm=method, compressor=compressor, dataset=dataset)
    for compressor, method, (dataset, rounds) in product(COMPRESSORS, ("ef21", "dcgd"), (("mushrooms", 5), ("breast_cancer", 8)))
]


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Trace]:
    return {asked.key: execute(asked.json(), None, 60.0).part for asked in SPECS}


@pytest.fixture
def full(tmp_path: Path, traces: dict[str, Trace]) -> Iterator[Store]:
    """All of SPECS, a thousand seconds apart."""
    now = [0.0]
    store = Store(tmp_path / "runs.db", clock=lambda: now[0])
    for asked in SPECS:
        now[0] += 1000.0
        assert store.adopt(asked, traces[asked.key])
    yield store
    store.close()


def keys(store: Store, **asked: object) -> list[str]:
    query = Query(**asked)  # type: ignore[arg-type]
    found = [run.key for run in store.catalogue.find(query)]
    assert len(found) == store.catalogue.count(query)
    return found


def test_a_run_is_in_the_catalogue_with_what_it_came_to_once_its_last_chunk_is_written(store: Store) -> None:
    asked, half = spec(rounds=30), execute(spec(rounds=30).json(), None, 60.0, 10)
    store.enter(asked)
    store.append(asked.key, -1, *half)
    assert store.catalogue.get(asked.key) is None
    store.append(asked.key, 9, *execute(asked.json(), half.checkpoint, 60.0))
    found, whole = store.catalogue.get(asked.key), computed_here(asked)
    assert found[1:4] == ("mushrooms", "ef21", "top_k")
    assert list(found[5:8]) == [whole[name][-1] for name in ("loss", "grad_norm_sq", "bits_up")]
    assert found.rounds == 30


@pytest.mark.parametrize("dataset", [None, "mushrooms"])
@pytest.mark.parametrize("method", [None, "dcgd"])
@pytest.mark.parametrize("compressor", [None, "top_k"])
def test_filters_keep_what_a_look_at_every_spec_keeps(full: Store, dataset: str | None, method: str | None, compressor: str | None) -> None:
    expected = [
        asked.key
        for asked in reversed(SPECS)
        if dataset in (None, asked.dataset.name) and method in (None, asked.algorithm.name) and compressor in (None, asked.compressor.name)
    ]
    assert keys(full, dataset=dataset, method=method, compressor=compressor) == expected


@pytest.mark.parametrize("order", ORDERS[1:])
@pytest.mark.parametrize("descending", [True, False])
def test_orders_are_those_of_the_traces_and_pages_join_to_the_whole(
    full: Store, traces: dict[str, Trace], order: str, descending: bool
) -> None:
    query = Query(order=order, descending=descending)  # type: ignore[arg-type]
    pages = [run for offset in range(0, 20, 3) for run in full.catalogue.find(query, offset, 3)]
    assert sorted(run.key for run in pages) == sorted(traces)
    values = [float(traces[run.key][order][-1]) for run in pages]
    assert values == sorted(values, reverse=descending)


def test_bounds_on_final_values_and_dates(full: Store, traces: dict[str, Trace]) -> None:
    finals = {key: float(trace["grad_norm_sq"][-1]) for key, trace in traces.items()}
    bound = float(np.median(list(finals.values())))
    assert set(keys(full, grad_norm_sq=bound)) == {key for key, value in finals.items() if value <= bound}
    spent = {key: float(trace["bits_up"][-1]) for key, trace in traces.items()}
    assert set(keys(full, bits_up=1000.0)) == {key for key, bits in spent.items() if bits <= 1000} != set()
    assert keys(full, since=2000.0, before=4000.0) == [SPECS[2].key, SPECS[1].key]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("top_k", {"top_k"}),
        ("Top-k", {"top_k"}),
        ("hosvd", {"st_hosvd"}),
        ("st-hosvd mushrooms", {"st_hosvd"}),
        ("ranks=2", {"st_hosvd"}),
        ("без сжатия", {"identity"}),
        ("БЕЗ", {"identity"}),
        ("ef21 k=1", {"top_k"}),
        ("nowhere", set()),
        ('"; DROP TABLE runs; --', set()),
        ("top_k NOT identity", set()),
        ("* ( ) ∇ ''", {"top_k", "st_hosvd", "identity"}),
    ],
)
def test_words_are_found_in_names_labels_and_settings(full: Store, text: str, expected: set[str]) -> None:
    assert {run.compressor for run in full.catalogue.find(Query(text=text))} == expected


def test_a_setting_is_looked_for_as_a_whole_and_a_key_by_its_beginning(full: Store) -> None:
    assert {full.spec(key).compressor.k for key in keys(full, text="k=1")} == {1}
    assert keys(full, text=SPECS[5].key[:9]) == [SPECS[5].key]
    assert full.catalogue.keys(SPECS[5].key[:9]) == [SPECS[5].key]


def test_a_run_that_diverged_is_listed_with_infinity(store: Store) -> None:
    asked = spec(dataset="diabetes", objective="least_squares", step={"rule": "fixed", "gamma": 1e6}, rounds=400)
    trace = computed_here(asked)
    assert trace.diverged
    store.adopt(asked, trace)
    assert store.catalogue.get(asked.key).grad_norm_sq == np.inf


def test_what_leaves_the_store_leaves_the_catalogue_and_the_words(full: Store) -> None:
    full.forget([SPECS[0].key])
    full.reset(SPECS[1].key)
    left = {asked.key for asked in SPECS[2:]}
    assert set(keys(full)) == set(keys(full, text="contiguous")) == left
    assert full.file.one("SELECT COUNT(*) FROM search") == (len(left),)


def test_an_adopted_run_is_the_run_and_what_was_done_here_stays(store: Store) -> None:
    asked, whole = spec(rounds=30), computed_here(spec(rounds=30))
    assert store.adopt(asked, whole)
    assert_same_numbers(store.trace(asked.key), whole)
    np.testing.assert_array_equal(store.point(asked.key), whole.x)
    assert store.snapshot_rounds(asked.key) == list(whole.snapshots)
    assert not store.adopt(asked, Trace({**whole.columns, "loss": whole["loss"] + 1}, whole.contraction))
    assert_same_numbers(store.trace(asked.key), whole)


@pytest.mark.parametrize("version", ["store_0_1_0", "store_2", "store_3"])
def test_runs_of_earlier_versions_enter_the_catalogue_a_slice_at_a_time(tmp_path: Path, version: str) -> None:
    written = Path(__file__).parent / version
    shutil.copy(written / "runs.db", tmp_path / "runs.db")
    store, key = Store(tmp_path / "runs.db"), json.loads((written / "keys.json").read_text())["keys"]["done"]
    assert store.catalogue.get(key) is None
    assert tidy(store, seconds=-1.0)  # no time at all, and something is left
    assert not tidy(store)
    last = (written / "done.csv").read_text().splitlines()[-1].split(",")
    found = store.catalogue.get(key)
    assert (found.grad_norm_sq, found.bits_up) == (float(last[2]), float(last[4]))
    assert keys(store, text=key) == keys(store) == [key]
    store.close()


# Marks


def test_a_list_is_its_owners_and_that_of_the_record_is_everybodys(full: Store) -> None:
    full.marks.put("anna", {SPECS[0].key: Said(("mine", "для лекции"), "Заметка", pinned=True)})
    full.marks.put(COMMON, {SPECS[1].key: Said(("ours",))})
    assert keys(full, owner="anna", tag="mine") == keys(full, owner="anna", pinned=True) == [SPECS[0].key]
    assert keys(full, owner="anna", text="ЗАМЕТКА") == keys(full, owner="anna", text="лекции") == [SPECS[0].key]
    assert keys(full, owner="boris", tag="mine") == keys(full, owner="boris", text="заметка") == []
    assert keys(full, owner="boris", tag="ours") == keys(full, owner="anna", text="ours") == [SPECS[1].key]
    assert (full.marks.tags("anna"), full.marks.tags("boris")) == (["mine", "ours", "для лекции"], ["ours"])
    full.marks.put("anna", {SPECS[0].key: marks.NONE})
    assert full.marks.of("anna", [SPECS[0].key]) == {}


def test_what_a_list_puts_away_is_out_of_that_list_alone(full: Store) -> None:
    full.marks.put("anna", {SPECS[0].key: Said(hidden=True)})
    assert len(keys(full, owner="anna")) == len(SPECS) - 1
    assert len(keys(full, owner="boris")) == len(keys(full)) == len(SPECS)
    assert keys(full, owner="anna", hidden=True) == [SPECS[0].key]


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        (Said(tuple(map(str, range(13)))), "13 tags"),
        (Said(("x" * 41,)), "at most 40"),
        (Said(note="x" * 2001), "2,001 characters"),
    ],
)
def test_more_than_is_kept_is_refused_in_words_and_nothing_is_changed(full: Store, mark: Said, words: str) -> None:
    with pytest.raises(Refusal, match=re.escape(words)):
        full.marks.put("anna", {SPECS[0].key: mark})
    assert full.marks.of("anna", [SPECS[0].key]) == {}


def test_lists_of_visitors_are_bounded_in_length_and_number(full: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "MOST_RUNS", 2)
    monkeypatch.setattr(marks, "MOST_LISTS", 2)
    pinned = {asked.key: Said(pinned=True) for asked in SPECS[:3]}
    with pytest.raises(Refusal, match="2 runs"):
        full.marks.put("anna", pinned)
    full.marks.put(COMMON, pinned)
    now = iter(range(100))
    full.marks._clock = lambda: float(next(now))  # noqa: SLF001
    for owner in ("anna", "boris", "vera"):
        full.marks.put(owner, {SPECS[0].key: Said(pinned=True)})
    assert [bool(full.marks.of(owner, [SPECS[0].key])) for owner in ("anna", "boris", "vera", COMMON)] == [False, True, True, True]


def test_tags_are_written_between_commas() -> None:
    assert tags_in(" a, b c ,, a,\u202eevil\n") == ("a", "b c", "evil")


# Deleting and evicting


def test_what_another_holds_stays_unless_anything_may_go_and_what_is_going_stays_anyway(full: Store) -> None:
    mine, theirs, free = (SPECS[place].key for place in range(3))
    full.marks.put("anna", {mine: Said(pinned=True)})
    full.marks.put("boris", {theirs: Said(("b",))})
    going = spec(seed=77)
    full.enter(going)
    assert set(full.delete([mine, theirs, free, going.key, "unknown"], "anna")) == {mine, free}
    assert full.status(theirs) is not None
    assert full.delete([theirs, going.key], COMMON, anything=True) == [theirs]
    assert full.status(going.key).state == "queued"


def until_tidy(store: Store) -> None:
    while tidy(store):
        pass


def test_the_store_keeps_to_its_bound_oldest_first_and_what_is_marked_last(full: Store) -> None:
    going = spec(seed=77)
    full.enter(going)
    full.marks.put(COMMON, {SPECS[0].key: Said(("figure",)), SPECS[1].key: Said(note="no tag, no pin")})
    full.marks.put("anna", {SPECS[2].key: Said(pinned=True)})
    whole = full.file.bytes()
    full.largest = whole * 2 // 3
    until_tidy(full)
    left = keys(full)
    assert full.file.bytes() <= full.largest
    assert {SPECS[0].key, SPECS[2].key} <= set(left)
    assert SPECS[1].key not in left
    newest = [key for key in left if key not in (SPECS[0].key, SPECS[2].key)]
    assert newest == [asked.key for asked in reversed(SPECS)][: len(newest)] != []
    full.largest = 0
    until_tidy(full)
    assert keys(full) == [SPECS[0].key]  # what visitors hold goes after all else, what the record holds stays
    assert full.status(going.key).state == "queued"


def test_eviction_takes_slices(full: Store) -> None:
    full.largest = 0
    assert tidy(full, seconds=-1.0)
    assert len(keys(full)) == len(SPECS)


# How it is done: a look at every row of a million would not be ready in time


@pytest.mark.parametrize("order", ["finished", "grad_norm_sq", "bits_up"])
@pytest.mark.parametrize("narrowed", [{}, {"dataset": "w8a", "method": "ef21", "compressor": "top_k"}, {"since": 0.0}, {"pinned": True}])
def test_a_page_is_found_by_an_index_in_its_own_order(store: Store, order: str, narrowed: dict[str, object]) -> None:
    plan = store.catalogue.plan(Query(order=order, **narrowed))  # type: ignore[arg-type]
    assert re.match(r"(SCAN|SEARCH) catalogue USING (COVERING INDEX|INTEGER PRIMARY KEY)", plan), plan
    if not narrowed.keys() & {"since", "pinned"}:  # these may leave so few that they are looked up first
        assert f"COVERING INDEX by_{order}" in plan
        assert "TEMP B-TREE" not in plan


def test_opening_and_evicting_use_their_indices(store: Store) -> None:
    def plan(query: str, **values: object) -> str:
        return "\n".join(row[3] for row in store.file.all(f"EXPLAIN QUERY PLAN {query}", values))

    assert "INDEX going" in plan("SELECT 1 FROM runs WHERE state IN ('queued', 'running', 'paused')")
    evicting = plan(OLDEST, visitors=True, common=COMMON, most=20)
    assert "COVERING INDEX old" in evicting
    assert "INDEX held" in evicting
    assert "TEMP B-TREE" not in evicting
