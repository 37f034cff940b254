"""A trace in the hands of a program: its records, a frame, a figure, a file; and members by keywords, rows by the name of a column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ef21lab as lab

SPEC = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 4}, "rounds": 6, "record_every": 2, "held_out": 0.2}


@pytest.fixture(scope="module")
def trace() -> lab.Trace:
    return lab.run(SPEC)


def test_a_trace_knows_its_run_and_goes_record_by_record(trace: lab.Trace) -> None:
    assert trace.spec == lab.RunSpec.make(SPEC)
    assert [one.spec for one in lab.run_many([SPEC, {**SPEC, "seed": 1}])] == [trace.spec, lab.RunSpec.make({**SPEC, "seed": 1})]
    records = [*trace]
    assert len(records) == len(trace) == 4
    assert [record["round"] for record in records] == [0, 2, 4, 6]
    for name in trace.names:
        np.testing.assert_array_equal([record[name] for record in records], trace[name])


def test_it_is_one_line_and_in_a_notebook_a_table(trace: lab.Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    said = repr(trace)
    assert "\n" not in said
    assert said.startswith("<Trace: EF21: Top-k k=1 ×1 on Breast cancer, records 4, rounds 6")
    assert trace._repr_html_().startswith("<table>")
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    assert "записей 4" in repr(trace)
    assert "запуск без описания" in repr(lab.Trace(trace.columns, trace.contraction))


def test_a_frame_has_a_row_for_every_record_and_reads_back_as_csv(trace: lab.Trace, tmp_path: Path) -> None:
    frame = trace.frame()
    assert list(frame.columns) == list(trace.names)
    (tmp_path / "trace.csv").write_text(trace.to_csv())
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "trace.csv"), frame.drop(columns="moved"), check_exact=True)


def test_a_figure_has_the_numbers_of_the_trace(trace: lab.Trace) -> None:
    (curve,) = trace.plot().data
    np.testing.assert_array_equal(curve.x, trace["bits_up"])
    np.testing.assert_array_equal(curve.y, trace["grad_norm_sq"])
    both = lab.plot([trace, lab.run(SPEC, compressor="identity")], metric="loss", axis="round", language="ru")
    assert [np.array_equal(one.x, trace["round"]) for one in both.data] == [True, True]
    assert both.layout.xaxis.title.text == "раунды обмена"
    with pytest.raises(lab.Refusal, match="metric='los': one of"):
        trace.plot("los")
    with pytest.raises(lab.Refusal, match="axis='bytes': one of bits_up"):
        trace.plot(axis="bytes")


def test_a_file_holds_all_of_it_to_the_last_bit(trace: lab.Trace, tmp_path: Path) -> None:
    path = trace.save(tmp_path / "trace.any")
    back = lab.load(path)
    assert back.spec == trace.spec
    assert back.names == trace.names
    for name in trace.names:
        assert back[name].tobytes() == trace[name].tobytes()
    assert back.contraction.tobytes() == trace.contraction.tobytes()
    assert back.x.tobytes() == trace.x.tobytes()
    with np.load(path) as archive:  # and NumPy alone reads it
        assert archive["column loss"].tobytes() == trace["loss"].tobytes()


def test_what_is_no_trace_is_refused_in_words(trace: lab.Trace, tmp_path: Path) -> None:
    whole = trace.save(tmp_path / "whole.npz").read_bytes()
    np.savez(tmp_path / "other.npz", x=np.ones(3))
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.npz").write_text("round,loss\n")
    (tmp_path / "empty.npz").write_bytes(b"")
    for name in ("other", "cut", "text", "empty"):
        with pytest.raises(lab.Refusal, match=f"{name}.npz is no trace"):
            lab.load(tmp_path / f"{name}.npz")
    with pytest.raises(lab.Refusal, match="cannot read"):
        lab.load(tmp_path / "none.npz")
    with pytest.raises(lab.Refusal, match="cannot write"):
        trace.save(tmp_path / "none" / "trace.npz")


def test_a_damaged_byte_never_makes_another_trace(trace: lab.Trace, tmp_path: Path) -> None:
    whole = trace.save(tmp_path / "whole.npz").read_bytes()
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(whole), 300):
        hurt = bytearray(whole)
        hurt[place] ^= 1 << int(rng.integers(8))
        (tmp_path / "hurt.npz").write_bytes(hurt)
        try:
            back = lab.load(tmp_path / "hurt.npz")
        except lab.Refusal:
            continue
        assert back.to_csv() == trace.to_csv()  # a bit that nobody reads


@pytest.mark.parametrize("change", ["no round", "short", "words", "two axes", "contraction", "x", "deep"])
def test_arrays_that_make_no_trace_are_refused(trace: lab.Trace, tmp_path: Path, change: str) -> None:
    with np.load(trace.save(tmp_path / "whole.npz")) as found:
        arrays = dict(found)
    loss = arrays["column loss"]
    arrays |= {
        "short": {"column loss": loss[:-1]},
        "words": {"column loss": np.array(["a"] * len(loss))},
        "two axes": {"column loss": np.ones((len(loss), 2))},
        "contraction": {"contraction": arrays["contraction"][:-1]},
        "x": {"x": np.ones((2, 2))},
        "deep": {"about": np.array("[" * 100_000)},
    }.get(change, {})
    if change == "no round":
        del arrays["column round"]
    np.savez(tmp_path / "other.npz", **arrays)
    with pytest.raises(lab.Refusal, match=r"other\.npz is no trace"):
        lab.load(tmp_path / "other.npz")


def test_a_column_that_there_is_not_and_an_accuracy_that_is_no_number_are_refused_by_name(trace: lab.Trace) -> None:
    for ask in (lambda: trace["zz"], lambda: trace.bits_to(1e-3, "zz"), lambda: trace.bits_to(1e9, axis="zz")):
        with pytest.raises(lab.Refusal, match="a trace has no column 'zz'; it has round, loss"):
            ask()
    for epsilon in (np.nan, "small", None, True):
        with pytest.raises(lab.Refusal, match="a number is expected"):
            trace.bits_to(epsilon)


def test_members_are_made_by_keywords() -> None:
    assert lab.compressor("top_k", k=4) == lab.compressor({"name": "top_k", "k": 4}) == lab.compressor(lab.compressor("top_k"), k=4)
    assert lab.step({"rule": "fixed"}, gamma=0.5) == lab.step({"rule": "fixed", "gamma": 0.5})
    for given in ("top_k", lab.compressor("top_k")):
        with pytest.raises(lab.Refusal, match="top_k has no field 'q'; its fields: k"):
            lab.compressor(given, q=4)


def test_the_labels_may_be_a_column_of_the_frame(trace: lab.Trace) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(60, 3)), columns=["a", "b", "c"])
    frame["good"] = np.where(frame["a"] > 0, "yes", "no")
    assert lab.data(frame, "good") == lab.data(frame[["a", "b", "c"]], frame["good"])
    assert lab.run(data=(frame, "good"), rounds=1, partition={"name": "contiguous", "nodes": 3}).spec.dataset == lab.data(frame, "good")
    with pytest.raises(lab.Refusal, match="there is no one column bad; the columns are a, b, c, good"):
        lab.data(frame, "bad")
    with pytest.raises(lab.Refusal, match="features are no DataFrame"):
        lab.data(np.ones((3, 2)), "good")


def test_a_run_from_the_record_knows_itself(trace: lab.Trace, tmp_path: Path) -> None:
    for _ in range(2):  # computed, then read
        assert lab.run(SPEC, store=tmp_path).spec == trace.spec
