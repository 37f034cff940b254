"""The documents do what they say: the README's Python runs, and the guide's compressor is found everywhere and keeps every promise."""

from __future__ import annotations

import ast
import doctest
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ef21lab

ROOT = Path(__file__).resolve().parents[1]
NAME = "heaviest_block"
PUBLIC = (
    "ef21lab",
    "ef21lab.runs.asked",
    "ef21lab.runs.repeats",
    "ef21lab.jobs.recorded",
    "ef21lab.sweeps.grid",
    "ef21lab.sweeps.sweep",
    "ef21lab.sweeps.affordable",
    "ef21lab.searches.search",
    "ef21lab.choices.text",
    "ef21lab.choices.spec",
    "ef21lab.compressors.base",
    "ef21lab.compressors.wire.declared",
    "ef21lab.compressors.low_rank.fold",
)
PLUGIN = "import ef21lab.compressors as package\npackage.__path__.append({folder!r})\n"


def python_blocks(document: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    """A folder with the guide's compressor as a file of the family, and a module that adds it to the package."""
    members = tmp_path / "members"
    members.mkdir()
    (members / f"{NAME}.py").write_text(python_blocks("CONTRIBUTING.md")[0], encoding="utf-8")
    (tmp_path / "one_more.py").write_text(PLUGIN.format(folder=str(members)), encoding="utf-8")
    return tmp_path


def run(guide: Path, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(guide), str(ROOT)])
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        input=text,
        timeout=240,
    )


def test_the_readmes_python_runs() -> None:
    for block in python_blocks("README.md"):
        exec(compile(block, "README.md", "exec"), {})


@pytest.mark.parametrize("module", PUBLIC)
def test_the_examples_in_the_docstrings_of_the_public_face_run(module: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(module))
    assert failed == 0
    assert tried > 0


@pytest.mark.parametrize("room", ["compressors", "choices"])
def test_a_public_docstring_says_what_is_raised(room: str) -> None:
    """One that is left out is its base's."""
    silent = [
        f"{file.name}: {node.name}"
        for file in (ROOT / "ef21lab" / room).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and (told := ast.get_docstring(node))
        if any(isinstance(inside, ast.Raise) for inside in ast.walk(node)) and not re.search("[Rr]aises|Refusal", told)
    ]
    assert silent == []


def test_every_public_name_is_there() -> None:
    assert all(getattr(ef21lab, name).__doc__ for name in ef21lab.__all__)


def test_the_guides_compressor_imports_nothing_private() -> None:
    modules = re.findall(r"^(?:from|import) (\S+)(?: import (.*))?$", python_blocks("CONTRIBUTING.md")[0], re.MULTILINE)
    assert len(modules) > 5
    assert not [module for module in modules if re.search(r"\b_(?!_future__)", " ".join(module))]


def test_one_more_file_keeps_the_familys_promises(guide: Path) -> None:
    done = run(guide, "-m", "pytest", "-p", "one_more", "-p", "no:cacheprovider", "tests/compressors/test_family.py", "-k", NAME)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 passed" not in done.stdout


def test_one_more_file_is_found_by_the_command_line(guide: Path) -> None:
    command = "import sys, one_more; from ef21lab.cli import main; sys.exit(main(sys.argv[1:]))"
    listed = run(guide, "-c", command, "list", "compressors")
    assert NAME in listed.stdout
    spec = f'{{"compressor": {{"name": "{NAME}", "blocks": 8}}, "rounds": 3}}'
    csv = run(guide, "-c", command, "run", "-", text=spec)
    assert csv.returncode == 0, csv.stderr
    assert len(csv.stdout.splitlines()) == 5


def test_one_more_file_is_found_by_the_form(guide: Path) -> None:
    (guide / "page.py").write_text(PAGE, encoding="utf-8")
    (guide / "form.py").write_text(FORM, encoding="utf-8")
    done = run(guide, str(guide / "form.py"))
    assert done.returncode == 0, done.stderr[-3000:]


PAGE = f"""
import streamlit as st

from ef21lab.compressors.base import compressors
from ef21lab.ui.kit import forms
from ef21lab.ui.kit.link import Link

st.write(str(forms.member(compressors, "a", compressors.make("{NAME}"), forms.Context(Link(), 112))))
"""

FORM = f"""
import one_more
from streamlit.testing.v1 import AppTest

page = AppTest.from_file("page.py", default_timeout=60).run()
assert not page.exception, page.exception
assert "{NAME}" in page.selectbox[0].options or "Heaviest block" in page.selectbox[0].options
page.number_input[0].set_value(8).run()
assert page.markdown[0].value == "{NAME}(blocks=8)", page.markdown[0].value
"""
