"""A shelf on a disk that is full, and in a place where there can be none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ef21lab.choices.text import Refusal
from ef21lab.datasets.readers.shelf import Shelf

FULL = """
import resource, signal, sys
from pathlib import Path
from ef21lab.choices.text import Refusal
from ef21lab.datasets.readers.shelf import Shelf
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
shelf = Shelf(Path(sys.argv[1]), ".table")
small = shelf.keep(b"small", 3)
resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
try:
    shelf.keep(b"x" * 100_000, 3)
except Refusal as refusal:
    print(refusal.text.en)
print(sorted(path.name for path in shelf.folder.iterdir()) == [f"{small}.table"])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a limit of POSIX")
def test_a_file_that_there_is_no_room_for_is_refused_in_words_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path / "shelf")], capture_output=True, text=True, timeout=100)
    words, alone = done.stdout.splitlines()
    assert words == f"the file cannot be kept in {tmp_path / 'shelf'}: File too large"
    assert alone == "True"


def test_a_shelf_in_the_place_of_a_file_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Refusal, match="cannot be kept in"):
        Shelf(tmp_path / "file" / "shelf", ".table").keep(b"rows", 3)
