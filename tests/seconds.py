"""How long every file of tests takes, as seconds.txt keeps it, the longest first: so they are handed to the processes that share them.

It is made of what pytest has measured, and wants to be made again once files have become much longer or shorter than they were:

    PYTEST_ADDOPTS=--junitxml=build/tests.xml make tests
    .venv/bin/python tests/seconds.py build/tests.xml
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
KEPT = Path(__file__).with_suffix(".txt")
UNKNOWN = 30.0  # of a file that has not been measured: early, since one that comes last keeps the other processes waiting


def kept(table: Path = KEPT) -> dict[str, float]:
    """Seconds by the file's path from the root."""
    rows = (line.split() for line in table.read_text(encoding="utf-8").splitlines())
    return {file: float(seconds) for seconds, file in rows}


def of(test: str, known: dict[str, float]) -> float:
    """What the file of a test takes."""
    return known.get(test.partition("::")[0], UNKNOWN)


def measured(report: Path) -> Counter[str]:
    """Seconds by file of a junit report, with what its fixtures took."""
    found: Counter[str] = Counter()
    for test in ElementTree.parse(report).iter("testcase"):
        found[file_of(test.attrib["classname"])] += float(test.attrib["time"])
    return found


def file_of(name: str) -> str:
    """The file of a dotted name, which may go on with a class."""
    parts = name.split(".")
    places = ("/".join(parts[:count]) + ".py" for count in range(len(parts), 0, -1))
    return next((place for place in places if (ROOT / place).is_file()), "/".join(parts) + ".py")


def written(seconds: Counter[str]) -> str:
    return "".join(f"{time:6.1f} {file}\n" for file, time in sorted(seconds.items(), key=lambda item: (-round(item[1], 1), item[0])))


if __name__ == "__main__":
    KEPT.write_text(written(measured(Path(sys.argv[1]))), encoding="utf-8")
