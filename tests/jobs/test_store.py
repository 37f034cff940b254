"""The store gives back what it was given, whole; what cannot be read is moved aside or computed anew, never passed on."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal, Text
from ef21lab.jobs import blobs
from ef21lab.jobs._database import Database
from ef21lab.jobs.engine import Chunk, execute
from ef21lab.jobs.lab import _store
from ef21lab.jobs.records import Records
from ef21lab.jobs.schema import MIGRATIONS, VERSION
from ef21lab.jobs.store import Store
from ef21lab.metrics.base import metrics
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace, joined

from .conftest import assert_same_numbers, computed_here, spec


def chunks_of(asked: RunSpec, records: int) -> list[Chunk]:
    """The whole run in chunks of this many records."""
    made = [execute(asked.json(), None, 10.0, records)]
    while not made[-1].finished:
        made.append(execute(asked.json(), made[-1].checkpoint, 10.0, records))
    return made


def keep(store: Store, asked: RunSpec, chunks: list[Chunk]) -> None:
    store.enter(asked)
    keep_on(store, asked, chunks, before=-1)


def keep_on(store: Store, asked: RunSpec, chunks: list[Chunk], before: int) -> None:
    for chunk in chunks:
        assert store.append(asked.key, before, *chunk)
        before = chunk.checkpoint.round


@pytest.fixture(scope="module")
def whole() -> list[Chunk]:
    return chunks_of(spec(), 7)


def test_a_finished_run_is_read_back_to_the_last_bit(store: Store, whole: list[Chunk]) -> None:
    keep(store, spec(), whole)
    expected = computed_here(spec())
    assert_same_numbers(store.trace(spec().key), expected)
    assert store.trace(spec().key)["round"].dtype == expected["round"].dtype
    assert store.snapshot_rounds(spec().key) == list(expected.snapshots)
    for round, shot in expected.snapshots.items():
        for kept, made in zip(store.snapshot(spec().key, round), shot, strict=True):
            np.testing.assert_array_equal(kept, made)


def test_x_is_kept_with_the_last_chunk_and_until_then_is_where_the_run_goes_on_from(store: Store, whole: list[Chunk]) -> None:
    store.enter(spec())
    assert store.point(spec().key) is None
    keep(store, spec(), whole[:3])
    problem, records = problem_of(spec()), computed_here(spec())
    assert problem.loss(store.point(spec().key)[None, :]) == records["loss"][20]
    keep_on(store, spec(), whole[3:], before=20)
    np.testing.assert_array_equal(store.point(spec().key), records.x)
    assert problem.loss(store.point(spec().key)[None, :]) == records["loss"][-1]


def test_x_leaves_with_its_run(store: Store, whole: list[Chunk]) -> None:
    keep(store, spec(), whole)
    store.reset(spec().key)
    assert store.file.one("SELECT COUNT(*) FROM points") == (0,)
    keep(store, spec(), whole)
    store.forget([spec().key])
    assert store.file.one("SELECT COUNT(*) FROM points") == (0,)


def test_an_x_that_is_damaged_sends_its_run_back_to_its_beginning(store: Store, whole: list[Chunk]) -> None:
    keep(store, spec(), whole)
    lost: list[str] = []
    store.on_loss = lost.append
    (blob,) = store.file.one("SELECT blob FROM points")
    store.file.connection.execute("UPDATE points SET blob = ?", (blob[:200] + bytes([blob[200] ^ 1]) + blob[201:],))
    assert store.point(spec().key) is None
    assert lost == [spec().key]
    assert store.status(spec().key).state == "cancelled"


@pytest.mark.parametrize("after", [-1, 0, 5, 6, 7, 20, 27, 28])
def test_an_unfinished_run_is_read_from_any_round_on(store: Store, whole: list[Chunk], after: int) -> None:
    keep(store, spec(), whole[:4])  # 28 records: rounds 0..27
    assert store.trace(spec().key, after)["round"].tolist() == list(range(after + 1, 28))
    assert store.status(spec().key)[:5] == (spec().key, "running", 27, 60, None)


def test_a_checkpoint_goes_on_to_the_same_numbers_and_leaves_with_the_last_chunk(store: Store, whole: list[Chunk]) -> None:
    keep(store, spec(), whole[:2])
    rest = execute(spec().json(), store.checkpoint(spec().key), 10.0)
    assert store.append(spec().key, 13, *rest)
    assert_same_numbers(store.trace(spec().key), computed_here(spec()))
    assert store.checkpoint(spec().key) is None


def test_a_chunk_that_does_not_follow_is_not_kept(store: Store, whole: list[Chunk]) -> None:
    keep(store, spec(), whole[:2])
    assert not store.append(spec().key, 6, *whole[1])
    assert not store.append(spec().key, 20, *whole[3])
    assert store.trace(spec().key)["round"].tolist() == list(range(14))


def test_a_chunk_is_kept_whole_or_not_at_all(store: Store, whole: list[Chunk], monkeypatch: pytest.MonkeyPatch) -> None:
    keep(store, spec(), whole[:1])
    store.file.connection.execute("CREATE TRIGGER full BEFORE INSERT ON snapshots BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    with pytest.raises(sqlite3.IntegrityError, match="full"):  # the last thing that is written
        store.append(spec().key, 6, *whole[1])
    assert store.status(spec().key).round == 6
    assert len(store.trace(spec().key)) == 7


def test_the_reason_and_the_spec_are_kept_in_both_languages(tmp_path: Path) -> None:
    first = Store(tmp_path / "runs.db")
    first.enter(spec())
    first.mark(spec().key, "failed", Text("why", "почему"))
    first.close()
    second = Store(tmp_path / "runs.db")
    assert second.status(spec().key)[:5] == (spec().key, "failed", -1, 60, Text("why", "почему"))
    assert second.spec(spec().key) == spec()
    assert second.notice is None
    second.close()


def test_what_is_done_stays_done(store: Store, whole: list[Chunk]) -> None:
    keep(store, spec(), whole)
    store.mark(spec().key, "cancelled")
    assert store.enter(spec()).state == "done"
    assert len(store.trace(spec().key)) == 61


def test_runs_that_a_dead_server_left_are_said_to_be_interrupted(tmp_path: Path, whole: list[Chunk]) -> None:
    first = Store(tmp_path / "runs.db")
    keep(first, spec(), whole[:3])
    second = Store(tmp_path / "runs.db")  # the first was never closed
    assert second.status(spec().key).state == "cancelled"
    assert "interrupted" in second.status(spec().key).reason.en
    assert second.enter(spec()).state == "queued"
    first.close()
    second.close()


def test_who_opens_a_store_beside_a_server_interrupts_nothing(store: Store) -> None:
    store.enter(spec())
    beside = Store(store.path, alone=False)
    assert beside.status(spec().key).state == store.status(spec().key).state == "queued"
    beside.close()


def test_facts_are_read_back(store: Store) -> None:
    asked = spec(objective={"name": "logistic_ridge"})
    facts = problem_of(asked).facts
    store.keep_facts("some", facts)
    store.keep_facts("convex", facts._replace(mu=None, layout=((10, 8, 8), (10,))))
    kept = store.facts("some")
    np.testing.assert_array_equal(kept.node_smoothness, facts.node_smoothness)
    np.testing.assert_array_equal(kept.node_rows, facts.node_rows)
    np.testing.assert_array_equal(kept.node_mu, facts.node_mu)
    without_arrays = {"node_smoothness": None, "node_rows": None, "node_mu": None}
    assert kept._replace(**without_arrays) == facts._replace(**without_arrays)
    assert store.facts("convex").mu is None
    assert store.facts("convex").layout == ((10, 8, 8), (10,))
    assert store.facts("unknown") is None


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.9999])
def test_a_truncated_file_is_moved_aside_and_said_so(tmp_path: Path, whole: list[Chunk], share: float) -> None:
    path = tmp_path / "runs.db"
    before = Store(path)
    keep(before, spec(), whole)
    before.close()
    cut = path.read_bytes()[: int(share * path.stat().st_size)]
    path.write_bytes(cut)
    store = Store(path)
    assert "runs.db.damaged-1" in store.notice.en
    assert "runs.db.damaged-1" in store.notice.ru
    assert (tmp_path / "runs.db.damaged-1").read_bytes() == cut
    keep(store, spec(), whole)
    assert_same_numbers(store.trace(spec().key), computed_here(spec()))
    store.close()


def test_a_second_damaged_file_does_not_replace_the_first(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    for number in (1, 2):
        path.write_bytes(b"not a database " * 100 * number)
        Store(path).close()
        assert (tmp_path / f"runs.db.damaged-{number}").stat().st_size == 1500 * number


def altered(path: Path, *statements: str) -> None:
    """What somebody else does to the file."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_file_of_a_newer_version_is_kept_and_said_to_be_one(tmp_path: Path) -> None:
    Store(tmp_path / "runs.db").close()
    altered(tmp_path / "runs.db", "PRAGMA user_version = 7")
    store = Store(tmp_path / "runs.db")
    assert "newer version of the lab: 7" in store.notice.en
    assert (tmp_path / "runs.db.damaged-1").exists()
    store.close()


Old = tuple[Path, Store, dict[str, dict[str, Json]]]


@pytest.fixture(params=["store_0_1_0", "store_2", "store_3"])
def old(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Old]:
    """A store that version 0.1.0, or one with tables of version 2 or 3, has written, and what it holds by its own account."""
    written = Path(__file__).parent / request.param
    shutil.copy(written / "runs.db", tmp_path / "runs.db")
    store = Store(tmp_path / "runs.db")
    yield written, store, json.loads((written / "keys.json").read_text())
    store.close()


@pytest.mark.parametrize(("name", "state", "reached"), [("done", "done", 12), ("half", "cancelled", 5), ("failed", "failed", -1)])
def test_a_store_of_an_earlier_version_opens_and_loses_nothing(old: Old, name: str, state: str, reached: int) -> None:
    written, store, known = old
    key = known["keys"][name]
    assert store.notice is None
    assert store.status(key)[1:4] == (state, reached, 12)
    assert store.spec(key).json() == RunSpec.make(known["specs"][name]).json()
    if name == "failed":
        assert store.status(key).reason == Text("no memory", "нет памяти")
        return
    assert store.trace(key).to_csv() == (written / f"{name}.csv").read_text()
    assert store.snapshot_rounds(key) == known["snapshot_rounds"][: reached + 1]
    assert all(np.isfinite(store.snapshot(key, round).received).all() for round in store.snapshot_rounds(key))
    assert (store.checkpoint(key) is None) == (name == "done")
    kept_then = written.name == "store_3"  # before, x was not; where the run goes on from is known
    assert (store.point(key) is None) == (name == "done" and not kept_then)


def test_a_run_that_an_earlier_version_began_comes_to_its_end_from_where_it_was_or_else_anew(old: Old) -> None:
    """Its checkpoint may lack an array that the method's state has now: then it is worth nothing, and the run begins again."""
    _, store, known = old
    spec = store.spec(known["keys"]["half"])
    records = Records(store)
    status, checkpoint = records.open(spec)
    rest = execute(spec.json(), checkpoint, 10.0)
    assert records.append(spec.key, -1 if checkpoint is None else status.round, rest)
    assert_same_numbers(store.trace(spec.key), computed_here(spec))
    np.testing.assert_array_equal(store.point(spec.key), computed_here(spec).x)


def test_a_checkpoint_of_a_state_that_the_method_has_no_more_is_not_gone_on_from(store: Store, whole: list[Chunk]) -> None:
    """Planted: one array too few, and one too many."""
    started = whole[0].checkpoint
    for state in ({"x": started.state["x"]}, {**started.state, "momentum": started.state["x"]}):
        keep(store, spec(), [whole[0]._replace(checkpoint=started._replace(state=state))])
        assert Records(store).open(spec())[1] is None
        assert store.status(spec().key).round == -1
    keep(store, spec(), whole[:1])
    assert Records(store).open(spec())[1].round == 6


def test_the_old_file_is_of_todays_version_afterwards_and_opens_again(old: Old) -> None:
    written, store, known = old
    again = Store(store.path)
    assert again.trace(known["keys"]["done"]).to_csv() == (written / "done.csv").read_text()
    assert again.file.one("PRAGMA user_version") == (VERSION,)
    again.close()


def test_there_is_a_way_from_every_version_to_todays() -> None:
    assert sorted(MIGRATIONS) == list(range(1, VERSION))


def test_a_record_that_gains_a_column_reads_what_was_written_without_it(
    store: Store, whole: list[Chunk], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store, spec(), whole)
    written = joined([chunk.part for chunk in whole]).to_csv().splitlines()
    monkeypatch.setitem(metrics.members, "accuracy", metrics.members["moved"])
    read = store.trace(spec().key)
    assert np.isnan(read["accuracy"]).all()
    assert read.to_csv().splitlines() == [f"{written[0]},accuracy", *(f"{line},nan" for line in written[1:])]
    assert store.status(spec().key).state == "done"


BROKEN_ROWS = [
    "UPDATE runs SET spec = '{\"rounds\": '",
    "UPDATE runs SET spec = '[]'",
    "UPDATE runs SET spec = x'00ff'",
    'UPDATE runs SET spec = \'{"dataset": "no such"}\'',
    "UPDATE runs SET state = 'dancing'",
    "UPDATE runs SET round = 'many'",
    "UPDATE runs SET round = 10000",
    "UPDATE runs SET rounds = NULL || 'x'",
]


@pytest.mark.parametrize("statement", BROKEN_ROWS)
def test_a_row_that_is_no_run_is_set_aside_and_the_rest_of_the_record_goes_on(store: Store, whole: list[Chunk], statement: str) -> None:
    keep(store, spec(), whole[:2])
    keep(store, spec(seed=1), whole)
    with contextlib.suppress(sqlite3.IntegrityError):
        store.file.connection.execute(f"{statement} WHERE key = '{spec().key}'")
        assert store.status(spec().key) is None or store.spec(spec().key) is None
        assert store.status(spec().key) is None
        assert len(store.trace(spec().key)) == 0
        assert spec().key in store.notice.en
        assert spec().key in store.notice.ru
        assert store.file.one("SELECT COUNT(*) FROM set_aside") == (1,)
    assert len(store.trace(spec(seed=1).key)) == 61
    store.reset(spec().key)
    if store.status(spec().key) is None:
        keep(store, spec(), whole)
        assert_same_numbers(store.trace(spec().key), computed_here(spec()))


@pytest.mark.parametrize("lost", ["first_round = 0", "first_round = 14", "first_round = 21", "TRUE"])
def test_records_that_are_missing_are_not_passed_on_as_a_shorter_run(store: Store, whole: list[Chunk], lost: str) -> None:
    keep(store, spec(), whole[:4])
    store.file.connection.execute(f"DELETE FROM chunks WHERE {lost}")
    assert len(store.trace(spec().key)) == 0
    assert (store.status(spec().key).state, store.status(spec().key).round) == ("cancelled", -1)
    keep(store, spec(), whole)
    assert_same_numbers(store.trace(spec().key), computed_here(spec()))


@pytest.mark.parametrize("every", [1, 7, 60, 100])
def test_a_run_that_records_seldom_is_whole(store: Store, every: int) -> None:
    asked = spec(record_every=every)
    keep(store, asked, chunks_of(asked, 2))
    assert_same_numbers(store.trace(asked.key), computed_here(asked))


@pytest.mark.parametrize("table", ["runs", "chunks", "snapshots", "facts", "set_aside"])
@pytest.mark.parametrize("open_meanwhile", [True, False])
def test_a_table_that_is_missing_is_made_anew_and_what_needed_it_is_computed_anew(
    tmp_path: Path, whole: list[Chunk], table: str, open_meanwhile: bool
) -> None:
    store = Store(tmp_path / "runs.db")
    keep(store, spec(), whole)
    if open_meanwhile:
        store.file.connection.execute(f"DROP TABLE {table}")
    else:
        store.close()
        altered(tmp_path / "runs.db", f"DROP TABLE {table}")
        store = Store(tmp_path / "runs.db")
    assert len(store.trace(spec().key)) == (0 if table in ("runs", "chunks") else 61)
    assert store.facts("none") is None
    store.reset(spec().key)
    keep(store, spec(), whole)
    assert_same_numbers(store.trace(spec().key), computed_here(spec()))
    store.close()


def test_a_table_without_its_columns_is_a_damaged_file(tmp_path: Path) -> None:
    Store(tmp_path / "runs.db").close()
    altered(tmp_path / "runs.db", "DROP TABLE chunks", "CREATE TABLE chunks (a, b)")
    store = Store(tmp_path / "runs.db")
    assert "chunks lacks blob, first_round, key" in store.notice.en
    assert (tmp_path / "runs.db.damaged-1").exists()
    store.close()


def test_a_directory_in_its_place_is_moved_aside_with_all_that_is_in_it(tmp_path: Path, whole: list[Chunk]) -> None:
    (tmp_path / "runs.db").mkdir()
    (tmp_path / "runs.db" / "mine.txt").write_text("mine")
    store = Store(tmp_path / "runs.db")
    assert "directory" in store.notice.en
    assert (tmp_path / "runs.db.damaged-1" / "mine.txt").read_text() == "mine"
    keep(store, spec(), whole)
    assert len(store.trace(spec().key)) == 61
    store.close()


def test_a_file_that_is_deleted_under_a_running_server_is_written_back_whole(tmp_path: Path, whole: list[Chunk]) -> None:
    store = Store(tmp_path / "runs.db")
    keep(store, spec(), whole)
    for file in tmp_path.iterdir():
        file.unlink()
    keep(store, spec(seed=1), whole[:2])
    assert "had been deleted" in store.notice.en
    store.close()
    again = Store(tmp_path / "runs.db")
    assert_same_numbers(again.trace(spec().key), computed_here(spec()))
    assert again.status(spec(seed=1).key).round == 13
    again.close()


def test_a_file_that_is_replaced_under_a_running_server_is_the_one_that_counts(tmp_path: Path, whole: list[Chunk]) -> None:
    other = Store(tmp_path / "other.db")
    keep(other, spec(seed=2), whole)
    other.close()
    store = Store(tmp_path / "runs.db")
    keep(store, spec(), whole)
    store.file.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (tmp_path / "runs.db").rename(tmp_path / "kept.db")
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"runs.db{suffix}").unlink(missing_ok=True)
    (tmp_path / "other.db").rename(tmp_path / "runs.db")
    keep(store, spec(seed=1), whole[:1])
    assert store.status(spec(seed=2).key).state == "done"
    assert store.status(spec().key) is None
    store.close()


def test_a_file_that_is_damaged_while_it_is_open_is_moved_aside(tmp_path: Path, whole: list[Chunk]) -> None:
    store = Store(tmp_path / "runs.db")
    keep(store, spec(), whole)
    store.file.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = store.path.stat().st_size
    with store.path.open("r+b") as file:
        file.write(bytes(size))
    other = Store.__new__(Store)  # a second server that reads the file with nothing cached
    file = Database.__new__(Database)
    connection = sqlite3.connect(store.path, isolation_level=None, check_same_thread=False)
    file.__dict__.update(store.file.__dict__, connection=connection)
    other.__dict__.update(store.__dict__, file=file)
    store.file.connection.close()
    assert other.status(spec().key) is None
    assert "damaged-1" in other.notice.en
    keep(other, spec(), whole)
    other.close()


def test_every_flipped_byte_of_a_blob_is_noticed_or_harmless(whole: list[Chunk]) -> None:
    blob = blobs.trace_blob(whole[0].part)
    rng = np.random.default_rng(0)
    for place in rng.choice(len(blob), 300, replace=False):
        damaged = bytearray(blob)
        damaged[place] ^= 0x55
        try:
            read = blobs.trace_from(bytes(damaged))
        except blobs.Unreadable:
            continue
        assert_same_numbers(read, whole[0].part)


@pytest.mark.parametrize("table", ["chunks", "snapshots", "runs"])
def test_a_run_with_damaged_bytes_goes_back_to_its_beginning(store: Store, whole: list[Chunk], table: str) -> None:
    keep(store, spec(), whole[:3])
    lost: list[str] = []
    store.on_loss = lost.append
    store.file.connection.execute(f"UPDATE {table} SET {'checkpoint' if table == 'runs' else 'blob'} = x'504b0304'")
    read = {"chunks": lambda: store.trace(spec().key), "snapshots": lambda: store.snapshot(spec().key, 0)}
    assert not read.get(table, lambda: store.checkpoint(spec().key))()
    assert lost == [spec().key]
    status = store.status(spec().key)
    assert (status.state, status.round) == ("cancelled", -1)
    assert "damaged" in status.reason.en
    keep(store, spec(), whole)
    assert_same_numbers(store.trace(spec().key), computed_here(spec()))


def test_many_that_open_a_store_that_is_not_there_yet_open_one(tmp_path: Path) -> None:
    """A file in the making is not a damaged one."""
    stores: list[Store] = []
    begin = threading.Barrier(8)

    def opens() -> None:
        begin.wait()
        stores.append(Store(tmp_path / "runs.db"))

    threads = [threading.Thread(target=opens) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [store.notice for store in stores] == [None] * 8
    stores[0].enter(spec())
    assert all(store.status(spec().key) is not None for store in stores)
    for store in stores:
        store.close()
    assert [path.name for path in tmp_path.iterdir()] == ["runs.db"]


def test_a_store_is_begun_where_a_file_system_knows_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*what: object) -> None:
        raise PermissionError("not supported")

    monkeypatch.setattr("os.link", no_links)
    store = Store(tmp_path / "runs.db")
    assert store.enter(spec()).state == "queued"
    store.close()


def test_a_place_that_cannot_be_written_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Refusal, match=r"cannot be kept in .*file"):
        Store(tmp_path / "file" / "runs.db")


@pytest.mark.parametrize(
    ("home", "words"), [("file", "cannot be kept"), ("~nobody-of-this-name/lab", "a user whom this system does not know")]
)
def test_a_server_that_can_keep_nothing_says_so_and_works(
    tmp_path: Path, whole: list[Chunk], monkeypatch: pytest.MonkeyPatch, home: str, words: str
) -> None:
    """Its home is a file, or that of nobody."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("EF21LAB_HOME", home if home.startswith("~") else str(tmp_path / home))
    store = _store()
    assert store.notice is not None
    assert words in store.notice.en
    assert "forgotten when the server ends" in store.notice.en
    keep(store, spec(), whole)
    assert len(store.trace(spec().key)) == 61
    store.close()


def test_an_empty_trace_has_no_rows(store: Store) -> None:
    assert len(store.trace("never asked for")) == 0
    assert isinstance(store.trace("never asked for"), Trace)
    assert store.status("never asked for") is None
