"""One more compressor, dataset, partition, objective, method, step rule, start, metric and page: a file each, from a folder of one's own.

The objective has no L and an x of two tensors, the compressor no α, the start asks the problem: what theory cannot say is said in words.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ef21lab.ui.kit import router

ROOT = Path(__file__).resolve().parents[1]
MEMBERS = {
    "dataset": "circle",
    "partition": "dealt",
    "objective": "two_layers",
    "algorithm": "damped",
    "compressor": "even_places",
    "start": "balanced",
}
SPEC = {**MEMBERS, "partition": {"name": "dealt", "nodes": 3}, "step": {"rule": "fixed", "gamma": 0.5}, "rounds": 300}
NEW = "import one_more\nimport json\nimport ef21lab as lab\nfrom ef21lab.choices.text import Refusal\n"
ADDED = """
import importlib
from pathlib import Path

for folder in Path(__file__).parent.iterdir():
    if folder.is_dir() and folder.name not in ("pages", "__pycache__"):
        importlib.import_module(f"ef21lab.{folder.name}").__path__.append(str(folder))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one file for each kind, and a module that adds them to their families."""
    shutil.copytree(ROOT / "tests" / "one_more", tmp_path, dirs_exist_ok=True)
    (tmp_path / "one_more.py").write_text(ADDED, encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> str:
    """What Python prints where the folder's members are at hand."""
    path = os.pathsep.join([str(folder), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    return done.stdout


def test_every_family_holds_them_to_its_promises(folder: Path) -> None:
    tests = ["compressors/test_family.py", "datasets/test_datasets.py", "partitions/test_partitions.py", "problems/test_family.py"]
    files = [f"tests/{name}" for name in (*tests, "algorithms/test_family.py")]
    chosen = " or ".join((*MEMBERS.values(), "by_rows"))
    said = run(folder, "-m", "pytest", "-p", "one_more", "-p", "no:cacheprovider", *files, "-k", f"({chosen})")
    assert " failed" not in said
    assert int(said.split(" passed")[0].split()[-1]) > 120


def test_the_command_line_lists_and_runs_them(folder: Path) -> None:
    command = "import one_more; from ef21lab.cli import main; raise SystemExit(main())"
    listed = run(folder, "-c", command, "list")
    assert [name for name in (*MEMBERS.values(), "by_rows", "largest") if f"\n  {name} — " not in listed] == []
    (folder / "spec.json").write_text(json.dumps(SPEC), encoding="utf-8")
    csv = run(folder, "-c", command, "run", str(folder / "spec.json")).splitlines()
    assert (len(csv), csv[0].split(",")[-2:]) == (302, ["seconds", "largest"])


def test_a_run_that_theory_says_nothing_of_comes_down_and_says_so(folder: Path) -> None:
    said = json.loads(run(folder, "-c", NEW + RUN.format(spec=SPEC)))
    assert said["loss"][-1] < said["loss"][0] / 2
    assert said["constants"]["gamma"] == 0.5
    unknown = ("L", "node_L", "L_tilde", "mu", "alpha", "alpha_received", "theta", "beta")
    assert [said["constants"][name] for name in unknown] == [None] * 8
    assert said["constants"]["bits_per_round"] == 1 + 32 * 4  # of d = 2·3 + 2 coordinates
    assert set(said["missing"]) == {"mean", "psi", "tight", "distortion", "contraction"}
    assert "choose a fixed γ" in said["refused"]
    assert "L неизвестна" in said["whole"]  # the operator has its α, the problem still no L
    assert said["line"] == "1/(10 + N)"
    rng = np.random.default_rng(0)
    expected = [*rng.normal(size=6) / np.sqrt(3), *rng.normal(size=2) / np.sqrt(2)]
    assert said["start"] == pytest.approx(expected, rel=1e-15)
    assert said["kept"] == [None, None, [[2, 3], [2]]]
    assert said["largest"][0] == max(map(abs, said["start"]))
    assert said["largest"][-1] == max(map(abs, said["x"]))
    assert said["stored"] == said["told"] == said["largest"]


RUN = """
from ef21lab.jobs.blobs import facts_blob, facts_from
from ef21lab.runs.guarantees import guarantees
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.survey import survey

from ef21lab.jobs.blobs import trace_blob, trace_from
from ef21lab.web.server.frames import Feed, News, Place
import base64
import numpy as np

spec = RunSpec.make({spec})
assert RunSpec.make(spec.json()) == spec
problem = problem_of(spec)
facts = problem.facts
by_theory = plan(RunSpec.make({{**spec.json(), "step": "theory"}}), facts)
whole = plan(RunSpec.make({{**spec.json(), "step": "theory", "compressor": {{"name": "svd", "dims": "natural", "ranks": 1}}}}), facts)
by_rows = plan(RunSpec.make({{**spec.json(), "step": "by_rows"}}), facts)
assert by_rows.gamma == 1 / 50
assert survey(spec).slopes.levels is None
kept = facts_from(facts_blob(facts))
trace, feed = lab.run(spec), Feed("key")
feed.take(News(0, None, trace, ()))
feed.set_guarantees(guarantees(plan(spec, facts)))
told = feed.payload(Place(more=-1))["more"]["columns"]["largest"]
print(json.dumps({{
    "loss": trace["loss"].tolist(),
    "largest": trace["largest"].tolist(),
    "stored": trace_from(trace_blob(trace))["largest"].tolist(),
    "told": np.frombuffer(base64.b64decode(told)).tolist(),
    "x": trace.x.tolist(),
    "constants": lab.describe(spec),
    "missing": {{name: why.en for name, why in guarantees(plan(spec, facts)).missing.items()}},
    "refused": by_theory.reason.en,
    "whole": whole.reason.ru,
    "line": by_rows.spec.step.in_short().en,
    "start": spec.start.point(problem).tolist(),
    "kept": [kept.smoothness, kept.node_smoothness, kept.layout],
}}))
"""


def test_the_forms_and_the_words_of_the_pages_live_with_them(folder: Path) -> None:
    (folder / "page.py").write_text(PAGE, encoding="utf-8")
    (folder / "form.py").write_text(FORM, encoding="utf-8")
    run(folder, str(folder / "form.py"))


PAGE = """
import streamlit as st

from ef21lab.runs.posed import problem_of
from ef21lab.runs.survey import survey
from ef21lab.ui.data import panel as data_panel
from ef21lab.ui.experiment import contenders, live_panel, problem
from ef21lab.ui.kit.link import Link
from ef21lab.ui.theory import panel as theory_panel

link = Link()
posed = problem.controls(link)
facts = problem_of(posed).facts
racing = contenders.race(posed, facts, link)
able = [contender for contender in racing if contender.can_race]
contenders.name_panels(racing, able)
theory_panel.curves(racing, facts)
theory_panel.certificates(racing, facts)
theory_panel.methods(racing[0], facts)
data_panel.of_objective(posed.objective, survey(posed).slopes)
st.session_state["shown"] = live_panel.controls(posed, link).metric
st.session_state["asked"] = [posed.dataset.name, posed.partition.name, posed.objective.name, posed.start.name]
st.session_state["race"] = [(one.spec.algorithm.name, one.spec.compressor.name, one.spec.step.name, one.can_race) for one in racing]
"""

FORM = """
import one_more
from streamlit.testing.v1 import AppTest

asked = {
    "dataset": "circle", "partition": "dealt", "partition.dealt.nodes": "3", "objective.least_squares": "two_layers", "start": "balanced",
    "race": "ab", "a": "even_places", "a.method": "damped", "a.step": "fixed", "a.step.fixed.gamma": "0.03",
    "b": "even_places", "b.step": "theory", "metric": "largest",
}
SAID = {
    "en": ("no certificate", "choose a fixed γ", "No L is known"),
    "ru": ("гарантии нет", "фиксированный γ", "L неизвестна"),
}
for lang in SAID:
    page = AppTest.from_file("page.py", default_timeout=120)
    page.query_params.update({**asked, "lang": lang})
    page.run()
    assert not page.exception, page.exception
    assert page.session_state["asked"] == ["circle", "dealt", "two_layers", "balanced"], page.session_state["asked"]
    assert page.session_state["shown"] == "largest"
    race = page.session_state["race"]
    assert race == [("damped", "even_places", "fixed", True), ("ef21", "even_places", "theory", False)], race
    words = " ".join(str(one.value) for kind in (page.caption, page.warning, page.info, page.markdown) for one in kind)
    for said in SAID[lang]:
        assert said in words, (said, words)
    assert any("by rows" in one.options or "по числу строк" in one.options for one in page.selectbox)
"""


def test_a_page_is_one_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(router.PAGES, folder / "pages", dirs_exist_ok=True)
    monkeypatch.setattr(router, "PAGES", folder / "pages")
    router.page_files.cache_clear()
    assert [page.path.stem for page in router.page_files()][-1] == "hello"
    router.page_files.cache_clear()
    app = AppTest.from_file(str(folder / "pages" / "hello.py"), default_timeout=120).run()
    assert app.markdown[0].value == "Hello"
