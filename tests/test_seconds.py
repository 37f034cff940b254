"""The table by which files of tests are put in order is what a report of pytest says of them."""

from __future__ import annotations

from pathlib import Path

from tests import seconds

REPORT = """<testsuites><testsuite>
<testcase classname="tests.test_seconds" name="one" time="1.5" />
<testcase classname="tests.web.test_hub.Group" name="two[a]" time="20" />
<testcase classname="tests.test_seconds" name="three" time="0.25" />
</testsuite></testsuites>"""


def test_a_report_gives_the_table_that_is_read_the_longest_file_first(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(REPORT, encoding="utf-8")
    (tmp_path / "seconds.txt").write_text(seconds.written(seconds.measured(tmp_path / "report.xml")), encoding="utf-8")
    assert list(seconds.kept(tmp_path / "seconds.txt").items()) == [("tests/web/test_hub.py", 20.0), ("tests/test_seconds.py", 1.8)]


def test_long_files_come_before_short_ones_and_a_new_one_is_not_the_last() -> None:
    known = {"a.py": 200.0, "b.py": 0.4}
    tests = ["b.py::one", "new.py::two[a::b]", "a.py::Group::three"]
    assert sorted(tests, key=lambda test: -seconds.of(test, known)) == ["a.py::Group::three", "new.py::two[a::b]", "b.py::one"]
