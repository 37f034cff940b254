"""What visitors bring is read by a worker: rightly, in words where it cannot be, and never in the server."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest

from ef21lab.choices.text import Refusal
from ef21lab.datasets.table import keep
from ef21lab.datasets.uploaded import keep_upload
from ef21lab.jobs.questions import Questions
from ef21lab.jobs.uploads import Uploads

from .conftest import embedded

pytestmark = pytest.mark.engine


@pytest.fixture
def uploads(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Uploads]:
    """With an engine that shares their home."""
    monkeypatch.setenv("EF21LAB_HOME", str(tmp_path))
    with embedded(1) as own:
        yield Uploads(Questions(own.engine))


def test_a_table_and_a_vector_are_read_by_a_worker_and_refusals_come_back_in_words(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_here(*what: object) -> None:
        raise AssertionError("read in the server's process")

    for name in (
        "ef21lab.datasets.table.understood",
        "ef21lab.datasets.uploaded.read_csv",
        "ef21lab.datasets.uploaded.parse_libsvm",
        "ef21lab.vectors._uploads.parsed",
    ):
        monkeypatch.setattr(name, not_here)
    table = uploads.inspect(keep_upload(b"0,1,2,grade\n5,6,7,high\n8,9,10,low\n1,1,2,low\n"), "ann")
    assert table[:3] == (3, 3, 2)
    assert "counts the columns" in table.guesses[0].en
    mine = uploads.inspect(keep("рост;вид\n1,5;кот\n2,5;пёс\n3,5;кот\n".encode("cp1251"), "звери.csv"), "ann")
    assert mine[:3] == (3, 1, 2)
    assert mine.found["encoding"] == "cp1251"
    assert [column.name for column in mine.of_file] == ["рост", "вид"]
    with pytest.raises(Refusal, match="line 2, column 1"):
        uploads.inspect(keep_upload(b"1,2\nx,3\n"), "ann")
    file = io.BytesIO()
    np.save(file, np.arange(6.0).reshape(2, 3))
    assert uploads.take_vector("v.npy", file.getvalue(), "ann").sample().values.tolist() == [0, 1, 2, 3, 4, 5]
    with pytest.raises(Refusal, match="not an array"):
        uploads.take_vector("v.npy", b"junk", "ann")
    with pytest.raises(Refusal, match="must end in"):
        uploads.take_vector("v.exe", b"1 2 3", "ann")
