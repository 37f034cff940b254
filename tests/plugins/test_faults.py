"""Plugins whose code raises, answers what is no answer, or never answers: who asks is told who it was, and nothing else ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

FAULTY = """
import time
import numpy as np
from ef21lab import Compressed, Text
from {module} import {base}
class Faulty({base}):
    name = "{name}"
    label = about = origin = Text("Faulty", "Сбойный")
    def {method}(self, *asked):
        {body}
"""
BASES = {  # group → where a member of the lab is that is whole but for what it does wrong, its class, and the part of a run that it is
    "datasets": ("ef21lab.datasets.breast_cancer", "BreastCancer", "dataset"),
    "partitions": ("ef21lab.partitions.contiguous", "Contiguous", "partition"),
    "problems": ("ef21lab.problems.logistic_nonconvex", "LogisticNonconvex", "objective"),
    "algorithms": ("ef21lab.algorithms.ef21", "EF21", "algorithm"),
    "compressors": ("ef21lab.compressors.top_k", "TopK", "compressor"),
    "steps": ("ef21lab.steps.theory", "TheoryStep", "step"),
    "starts": ("ef21lab.starts.zeros", "ZerosStart", "start"),
    "metrics": ("ef21lab.metrics.moved", "Moved", None),
    "clocks": ("ef21lab.clocks.star", "Star", None),
    "vectors": ("ef21lab.vectors.gaussian", "Gaussian", None),
}
CALLED = {  # what a run, a clock or a look asks of a member of each group, and something that is no answer to it
    "datasets": {"load": "(1, 2)", "facts": "(1, 2, 3)"},
    "partitions": {"assign": "np.zeros(569, int)"},
    "problems": {"on": "'a problem'"},
    "algorithms": {"start": "None", "step": "asked[0]._replace(x=asked[0].x[:, :-1])", "estimates": "np.zeros(3)", "step_size": "0.1"},
    "compressors": {"compress": "Compressed(np.full(asked[0].shape, np.nan), 1, 1)", "alpha": "2.0", "cost": "None", "fitted": "self.k"},
    "steps": {"size": "float('nan')", "allowed": "0.5", "in_short": "'a step'"},
    "starts": {"point": "np.full(asked[0].d, np.inf)"},
    "metrics": {"measure": "np.zeros(7)"},
    "clocks": {"clock": "(0, 1, 2, 3)"},
    "vectors": {"sample": "np.zeros(5)"},
}
RAISES = "raise ValueError('no', 'more')"
FAULTS = {
    f"{group}_{method}_{kind}": (group, method, body)
    for group, methods in CALLED.items()
    for method, answer in methods.items()
    for kind, body in (("raises", RAISES), ("answers", f"return {answer}"))
}
SMALL = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 3}, "rounds": 3}


def planted(folder: Path, faults: dict[str, tuple[str, str, str]]) -> Path:
    for name, (group, method, body) in faults.items():
        module, base, _ = BASES[group]
        path = folder / group / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(FAULTY.format(module=module, base=base, name=name, method=method, body=body), encoding="utf-8")
    return folder


def told(folder: Path, program: str, *arguments: str) -> dict[str, list[str]]:
    """What the program prints as JSON, where these plugins are."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "EF21LAB_PLUGINS": str(folder),
        "EF21LAB_HOME": str(folder / "home"),
        "LC_ALL": "C",
    }
    command = [sys.executable, "-W", "ignore", "-c", program, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280, cwd=ROOT)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


def is_said_of(words: str, name: str) -> bool:
    """One sentence with the plugin, the member and what it did."""
    _, method, body = FAULTS[name]
    did = "raised ValueError: ('no', 'more')" if body == RAISES else "must return"
    did = "alpha(30) must be a number in (0, 1]" if name == "compressors_alpha_answers" else did  # as of any member
    did = "cost(30) must be a pair" if name == "compressors_cost_answers" else did
    return name in words and method in words and did in words and "\n" not in words and "Traceback" not in words


def test_whatever_a_member_of_a_plugin_does_wrong_is_said_in_a_sentence_that_names_it(tmp_path: Path) -> None:
    """By a run of the library, by the command line, by the functions that a worker calls, by `check`; the same fault, the same words."""
    parts = {name: BASES[group][2] for name, (group, _, _) in FAULTS.items()}
    found = told(planted(tmp_path, FAULTS), DOORS, json.dumps(parts), json.dumps(SMALL))
    for name, sentences in found.items():
        for words in sentences:
            assert is_said_of(words, name), (name, words)
    assert {*found} == {*FAULTS}


DOORS = """
import contextlib, io, json, sys
import ef21lab as lab
from ef21lab.choices import answers
from ef21lab.choices.text import Refusal
from ef21lab.cli import main
from ef21lab.jobs.engine import Failure, execute, guarded
from ef21lab.microscope import answer
from ef21lab.plugins.families import left_out
from ef21lab.runs.spec import RunSpec

assert not left_out(), left_out()
parts, small = json.loads(sys.argv[1]), json.loads(sys.argv[2])

def refused(call, *asked, **named):
    try:
        return f"nothing was wrong: {call(*asked, **named)}"
    except Refusal as refusal:
        return refusal.text.en

def failure(task, *asked):
    outcome = guarded(task, *asked)
    return outcome.reason.en if isinstance(outcome, Failure) else "nothing was wrong"

def command(*arguments, given=""):
    out, err = io.StringIO(), io.StringIO()
    sys.stdin = io.TextIOWrapper(io.BytesIO(given.encode()))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    lines = [line for line in err.getvalue().splitlines() if "in some records" not in line]  # of the metrics, which every run has
    return "\\n".join(lines) if code == 2 else f"code {code}: {out.getvalue()}"

said = {}
for name, part in parts.items():
    method = name.split("_", 1)[1].rsplit("_", 1)[0]
    if part is None:
        continue
    spec = {**small, part: {lab.FAMILIES[part].tag: name}}
    asked = lab.RunSpec.make(spec)
    if method in ("facts", "in_short"):  # asked by pages only, and nothing else waits for it
        getattr(getattr(asked, part), method)()
        found = [answers.notes()[f"{name}.{method}()"].en]
    else:
        run = asked.json()
        found = [refused(lab.run, spec), failure(execute, run, None, 10.0), command("run", "-", given=json.dumps(run))]
    said[name] = found
for name in [name for name in parts if name.startswith("clocks_")]:
    said[name] = [refused(lab.network(name).clock, 3, True)]
for name in [name for name in parts if name.startswith("vectors_")]:
    look = {"ask": "vector", "vector": {"name": name}}
    said[name] = [refused(answer, look), failure(answer, look)]
whole = lab.run(small)
for name in [name for name in parts if name.startswith("metrics_")]:
    assert all(value != value for value in whole[name]), whole[name]
    said[name] = [answers.notes()[f"metric {name}"].en]
look = {"vector": {"name": "gaussian", "d": 8}, "bits": 300}
rows = {row["name"]: row for row in answer({"ask": "budget", **look})["rows"]}
assert rows["top_k"]["compressor"] and rows["sign"]["compressor"], rows
for name in ("compressors_compress_raises", "compressors_fitted_raises"):
    said[name].append(rows[name]["reason"]["en"])
print(json.dumps(said))
"""


WAITS = "time.sleep(1e6)"
ON_PAGES = {  # page, address, and who does what; `_waits` in the server, which has others to see to
    "datasets_facts_raises": ("theory", "dataset", RAISES),
    "datasets_load_raises": ("data", "dataset", RAISES),
    "datasets_facts_waits": ("experiment", "dataset", WAITS),
    "datasets_absence_answers": ("sweep", "", "return 5 if hasattr(type(self), 'plugin') and self.plugin else None"),
    "compressors_effort_raises": ("experiment", "a", RAISES),
    "compressors_alpha_raises": ("theory", "", RAISES),
    "algorithms_cost_raises": ("experiment", "a.method", RAISES),
    "algorithms_step_size_waits": ("theory", "", WAITS),
    "steps_in_short_answers": ("experiment", "a.step", "return 5"),
    "metrics_measure_raises": ("experiment", "", RAISES),
    "pages_odd": ("odd", "", ""),
}


def test_pages_say_what_a_plugin_did_and_are_drawn_as_far_as_they_go(tmp_path: Path) -> None:
    """One at a time is at fault. What every page shows of all members goes on without it, and its own choice says why."""
    folder = planted(
        tmp_path,
        {
            name: (*name.split("_")[:1], name.split("_", 1)[1].rsplit("_", 1)[0], fault[2])
            for name, fault in ON_PAGES.items()
            if name != "pages_odd"
        },
    )
    (folder / "pages").mkdir()
    (folder / "pages" / "odd.py").write_text(PAGE, encoding="utf-8")
    found = told(folder, PAGES, json.dumps(ON_PAGES))
    for name, sentences in found.items():
        said = [words for words in sentences if name.removeprefix("pages_") in words]
        assert said, (name, sentences)
        assert any("дал сбой" in words for words in said), (name, said)
    assert {*found} == {*ON_PAGES}


PAGE = """
from ef21lab import Text
TITLE, ICON, ORDER = Text("Odd", "Странная"), ":material/star:", 99
def render():
    raise KeyError("nothing here")
if __name__ in ("__main__", "__page__"):
    render()
"""
PAGES = """
import json, sys
from pathlib import Path
from ef21lab.choices.patience import wait_at_most
from ef21lab.jobs import lab as labs
from ef21lab.jobs.engine import guarded
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.store import Store
from ef21lab.datasets.readers.places import home

class Here:
    '''An engine that computes at once, in this process.'''
    workers, alive, missing = 1, True, 0
    def start(self): ...
    def close(self): ...
    def submit(self, function, *args, on_done, owner="", seconds=30.0):
        on_done(guarded(function, *args))
        return lambda: None

lab = Lab(Store(home() / "runs.db"), Here())
labs.the_lab = lambda: lab
wait_at_most(1.0)
from streamlit.testing.v1 import AppTest

SCRIPT = '''
import runpy
from ef21lab.ui.kit import router
(page,) = [one for one in router.page_files() if one.path.stem == {page!r}]
router.run(lambda: runpy.run_path(str(page.path), run_name="__page__"), page)
router.tell_of_plugins()
'''
found = {}
for name, (page, place, _) in json.loads(sys.argv[1]).items():
    app = AppTest.from_string(SCRIPT.format(page=page), default_timeout=100)
    app.query_params.update({"lang": "ru", "rounds": "2", **({place: name} if place else {})})
    app.run()
    assert not app.exception, (name, app.exception)
    kinds = (app.error, app.warning, app.caption, app.markdown, app.info)
    found[name] = [str(one.value).replace(chr(92), '') for kind in kinds for one in kind]
print(json.dumps(found))
lab.close()
"""
