"""What is kept as bytes is an npz archive like any other: NumPy and zipfile read it."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from ef21lab.channels.snapshot import Snapshot
from ef21lab.jobs import blobs
from ef21lab.runs.checkpoint import Checkpoint

ODD = {
    "turned": np.arange(6.0).reshape(2, 3).T,
    "every second": np.arange(9)[::2],
    "other end first": np.array([1.5, -0.0, np.nan, np.inf], dtype=">f8"),
    "empty": np.empty((0, 7)),
    "one": np.array(3, dtype=np.uint8),
    "marks": np.array([True, False]),
    "слова": np.array(["round", "ψ"]),
}


def test_a_zip_reader_and_numpy_find_every_array_as_it_was() -> None:
    checkpoint = Checkpoint(7, 0.5, np.arange(1), np.ones(1, dtype=bool), ODD, {})
    blob = blobs.checkpoint_blob(checkpoint)
    with zipfile.ZipFile(io.BytesIO(blob)) as archive:
        assert archive.testzip() is None
        assert [info.date_time for info in archive.infolist()] == [(1980, 1, 1, 0, 0, 0)] * (3 + len(ODD))
    with np.load(io.BytesIO(blob), allow_pickle=False) as found:
        for name, array in ODD.items():
            assert found[f"state.{name}"].dtype == array.dtype
            np.testing.assert_array_equal(found[f"state.{name}"], array)
    assert blobs.checkpoint_from(blob).state.keys() == ODD.keys()


def test_what_would_have_to_be_pickled_is_refused() -> None:
    with pytest.raises(ValueError, match="pickled"):
        blobs.point_blob(np.array([{}], dtype=object))


def test_an_archive_of_numpy_s_own_is_read_too() -> None:
    """Earlier versions wrote these."""
    shot = Snapshot(np.arange(2), np.ones((2, 5), np.float32), np.zeros((2, 5), np.float32))
    out = io.BytesIO()
    np.savez(out, **shot._asdict())
    np.testing.assert_array_equal(blobs.snapshot_from(out.getvalue()).wanted, shot.wanted)
