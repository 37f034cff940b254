"""A busy machine is no fault of the lab: what tests wait for has two minutes, also where a library would give it three seconds."""

from __future__ import annotations

import ast
from pathlib import Path

HERE = Path(__file__).parent
PATIENCE = 120.0
OPENING = ("from_file", "from_function", "from_string")  # of Streamlit's AppTest


def impatient(source: str) -> list[int]:
    """The lines that open a page without a browser, and do not give it that long."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    opening = [
        call for call in calls if call.func.attr in OPENING and isinstance(call.func.value, ast.Name) and call.func.value.id == "AppTest"
    ]
    given = [{word.arg: word.value for word in call.keywords}.get("default_timeout") for call in opening]
    return [
        call.lineno
        for call, seconds in zip(opening, given, strict=True)
        if not (isinstance(seconds, ast.Constant) and seconds.value >= PATIENCE)
    ]


def test_a_page_without_a_browser_has_two_minutes_to_run() -> None:
    sources = {str(file): file.read_text(encoding="utf-8") for file in HERE.rglob("*.py") if file != Path(__file__)}
    found = {name: impatient(source) for name, source in sources.items() if "AppTest.from_" in source}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_one_that_has_not_is_found() -> None:
    assert impatient("AppTest.from_function(page)\nAppTest.from_file(page, default_timeout=60)") == [1, 2]
    assert impatient("AppTest.from_file(page, default_timeout=120).run()") == []
