"""The documents do what they say: the README's Python runs, and the guide's compressor is found everywhere and keeps every promise."""

from __future__ import annotations

import ast
import doctest
import importlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import ef21lab
from ef21lab.cli import main

ROOT = Path(__file__).resolve().parents[1]
NAME = "heaviest_block"
PUBLIC = (
    "ef21lab",
    "ef21lab.runs.asked",
    "ef21lab.runs.repeats",
    "ef21lab.runs.trace",
    "ef21lab.datasets.readers.handed",
    "ef21lab.handmade.operators",
    "ef21lab.handmade.objectives",
    "ef21lab.jobs.recorded",
    "ef21lab.sweeps.grid",
    "ef21lab.sweeps.sweep",
    "ef21lab.sweeps.affordable",
    "ef21lab.sweeps.figured",
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


NOT_RUN = {  # commands of the documents by their beginning, and why no test of documents runs them
    "make ": "it makes another environment, or runs these tests",
    ".venv/bin/streamlit run": "a server: tests of pages and tests/cli/test_opening.py",
    "ef21lab open": "a server: tests/cli/test_opening.py",
    "docker ": "no container engine here: tests/test_container.py",
    "EF21LAB_SCHEDULER=": "no container engine here: tests/test_container.py",
    "python -m ef21lab run spec.json --processes": "PyTorch and four processes: tests/cli/test_processes.py",
    "ef21lab check ef21lab-blocks": "it is to be installed first: tests/plugins",
}


def commands(document: str) -> list[str]:
    """The lines of its indented blocks that a shell would run, without what is said beside them."""
    text = re.sub("```.*?```", "", (ROOT / document).read_text(encoding="utf-8"), flags=re.DOTALL)
    lines = [re.split(r"\s{2,}#", line)[0].strip() for line in re.findall(r"^    (\S.*)$", text, re.MULTILINE)]
    return [line for line in lines if re.match(r"(ef21lab|python -m|make|docker|\.venv/bin/\S+|EF21LAB_\w+=\S+) ", line)]


def test_the_documents_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("EF21LAB_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    spec = {"dataset": "breast_cancer", "rounds": 5, "compressor": {"name": "top_k", "k": 4}}
    key = ef21lab.run(spec, store=True).spec.key
    (tmp_path / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
    rows = "".join(f"{row % 7},{3 + row % 4},{row % 11}\n" for row in range(60))
    (tmp_path / "wine.csv").write_text(f"acid,quality,sugar\n{rows}", encoding="utf-8")
    told = [line for document in ("README.md", "CONTRIBUTING.md") for line in commands(document)]
    assert [beginning for beginning in NOT_RUN if not any(line.startswith(beginning) for line in told)] == []
    run = [line for line in told if not line.startswith((*NOT_RUN,))]
    assert len(run) >= 7
    for line in run:
        words = [key if word == "KEY" else word for word in shlex.split(line.removeprefix("python -m "))]
        assert words[0] == "ef21lab", line
        assert main(words[1:]) == 0, (line, capsys.readouterr().err)
    assert (tmp_path / "run.csv").read_text(encoding="utf-8").count("\n") == 7


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

page = AppTest.from_file("page.py", default_timeout=120).run()
assert not page.exception, page.exception
assert "{NAME}" in page.selectbox[0].options or "Heaviest block" in page.selectbox[0].options
page.number_input[0].set_value(8).run()
assert page.markdown[0].value == "{NAME}(blocks=8)", page.markdown[0].value
"""
