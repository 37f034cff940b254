"""Members that other packages add: found by everybody, in the key of their runs, and left out by name where they are broken."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ONE_MORE = ROOT / "tests" / "one_more"
SPEC = {"dataset": "two_moons", "compressor": {"name": "block_sign", "blocks": 3}, "rounds": 5}


def python(*arguments: str, path: Path | None = None, folders: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """What Python prints where a package is on the path, or folders of plugins are named."""
    places = os.pathsep.join(str(place) for place in (path, ROOT) if place is not None)
    environment = {**os.environ, "PYTHONPATH": places, "EF21LAB_PLUGINS": folders, **more}
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=280, cwd=ROOT)


def said(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example of the repository, installed into a folder of its own as pip installs it."""
    home = tmp_path_factory.mktemp("plugin")
    shutil.copytree(ROOT / "examples" / "plugin", home / "source")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--target", str(home / "site")]
    said(python("-m", "pip", "install", "-q", *options, str(home / "source")))
    return home / "site"


def test_an_installed_package_is_listed_runs_and_keeps_the_promises(site: Path) -> None:
    listed = said(python("-c", IN_TURN, path=site))
    assert "ef21lab-blocks 0.1.0: ef21lab.compressors block_sign" in listed
    assert "  two_moons — Two half circles" in listed
    checked = [line for line in listed.splitlines() if line.startswith("ef21lab.")]  # the package, then one member by its name
    assert sorted(checked) == ["ef21lab.compressors block_sign", "ef21lab.datasets two_moons", "ef21lab.datasets two_moons"]
    assert listed.count("✓") > 15
    assert "✗" not in listed
    assert listed.splitlines()[-1].startswith("5,")  # the last round of the run


IN_TURN = f"""
import io, json, sys
from ef21lab.cli import main
for command in (["plugins"], ["list", "datasets"], ["check", "ef21lab-blocks"], ["check", "two_moons"]):
    assert main(command) == 0, command
sys.stdin = io.TextIOWrapper(io.BytesIO(json.dumps({SPEC}).encode()))
assert main(["run", "-"]) == 0
"""


def test_the_key_is_that_of_the_run_with_the_plugins_version(site: Path) -> None:
    """By hand: SHA-256 of the canonical JSON, to which {"plugins": {name: version}} is added, and nothing where no plugin takes part."""
    told = json.loads(said(python("-c", KEYS, path=site)))
    for one, plugins in zip(told, ({"ef21lab-blocks": "0.1.0"}, {"ef21lab-blocks": "0.1.0"}, None), strict=True):
        assert one["json"].get("plugins") == plugins
        canonical = json.dumps([one["salt"], one["json"]], sort_keys=True, separators=(",", ":"))
        assert one["key"] == hashlib.sha256(canonical.encode()).hexdigest()[:24]
    assert "made with ef21lab-blocks '0.2.0', and here is 0.1.0" in said(python("-c", OTHER, path=site))


KEYS = f"""
import json
from ef21lab.runs.spec import KEY_SALT, RunSpec
inside = {{"compressor": {{"name": "residual", "first": "top_k", "second": "block_sign"}}}}
specs = [RunSpec.make(one) for one in ({SPEC}, inside, {{}})]
assert all(RunSpec.make(json.loads(json.dumps(one.json()))) == one for one in specs)
assert RunSpec.make({{"compressor": "top_k", "plugins": {{"ef21lab-blocks": "0.2.0"}}}}) == RunSpec.make({{}})  # none of it is used
print(json.dumps([{{"salt": KEY_SALT, "json": one.json(), "key": one.key}} for one in specs]))
"""
OTHER = f"""
from ef21lab.choices.text import Refusal
from ef21lab.runs.spec import RunSpec
try:
    RunSpec.make({{**{SPEC}, "plugins": {{"ef21lab-blocks": "0.2.0"}}}})
except Refusal as refusal:
    print(refusal)
"""


@pytest.mark.engine
def test_the_engines_workers_have_it_and_its_run_outlives_its_absence(site: Path, tmp_path: Path) -> None:
    """Without the plugin the run cannot be read, and is neither lost nor set aside: with it, it is there again."""
    key = said(python("-c", ENGINE, str(tmp_path), path=site)).split()[-1]
    assert said(python("-c", LOOKED_AT, str(tmp_path), key)).split() == ["None", "done"]
    assert said(python("-c", LOOKED_AT, str(tmp_path), key, path=site)).split() == ["block_sign", "done"]


ENGINE = f"""
import sys, time
from pathlib import Path
from ef21lab.jobs.dask import DaskEngine
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.store import Store
from ef21lab.runs.spec import RunSpec
if __name__ == "__main__":
    spec = RunSpec.make({SPEC})
    lab = Lab(Store(Path(sys.argv[1]) / "runs.db", 2**30), DaskEngine.embedded(1))
    lab.start()
    try:
        while not lab.engine.alive:
            time.sleep(0.05)
        key = lab.submit(spec, "somebody")
        ends = time.monotonic() + 200
        while lab.status(key).state not in ("done", "failed") and time.monotonic() < ends:
            time.sleep(0.05)
        assert lab.status(key).state == "done", lab.status(key)
        print(key)
    finally:
        lab.close()
"""
LOOKED_AT = """
import sys
from pathlib import Path
from ef21lab.jobs.store import Store
store = Store(Path(sys.argv[1]) / "runs.db", 2**30, alone=False)
spec = store.spec(sys.argv[2])
print(None if spec is None else spec.compressor.name, store.status(sys.argv[2]).state)
"""


def test_a_folder_is_enough_and_its_version_is_what_its_files_hold(tmp_path: Path) -> None:
    shutil.copytree(ONE_MORE, tmp_path / "own")
    first = json.loads(said(python("-c", FOLDER, folders=str(tmp_path / "own"))))
    assert {"compressors even_places", "datasets circle", "partitions dealt", "problems two_layers", "algorithms damped"} <= {
        *first["names"]
    }
    assert {"starts balanced", "steps by_rows", "metrics largest"} <= {*first["names"]}
    file = tmp_path / "own" / "compressors" / "even_places.py"
    file.write_text(file.read_text(encoding="utf-8") + "\n# another version\n", encoding="utf-8")
    second = json.loads(said(python("-c", FOLDER, folders=str(tmp_path / "own"))))
    assert second["names"] == first["names"]
    assert second["key"] != first["key"]
    assert second["usual"] == first["usual"]


FOLDER = """
import json
from ef21lab.plugins.families import added, left_out
from ef21lab.runs.spec import RunSpec
assert left_out() == [], left_out()
names = [f"{one.group.removeprefix('ef21lab.')} {one.member.name}" for one in added()]
print(json.dumps({"names": names, "key": RunSpec.make({"compressor": "even_places"}).key, "usual": RunSpec.make({}).key}))
"""

GOOD = """
from dataclasses import dataclass
from ef21lab import Compressor, Compressed, Message, Text, integer
import numpy as np
{before}
@dataclass(frozen=True)
class {title}(Compressor):
    name = "{name}"
    label = Text("{title}", "{title}")
    about = Text("Nothing at all.", "Совсем ничего.")
    {field}
    def compress(self, x, noise=None):
        return Compressed(np.zeros_like(x), 1, 1)
    def encode(self, x, noise=None):
        return Message(b"\\0", 1)
    def decode(self, message, d):
        return np.zeros(d)
    def cost(self, d):
        return 1.0, 1.0
"""
BROKEN = {  # file, what is wrong with it, and what is said
    "absent": ({"before": "import no_such_module_anywhere"}, "ModuleNotFoundError: No module named 'no_such_module_anywhere'"),
    "exits": ({"before": "raise SystemExit(3)"}, "SystemExit: 3"),
    "taken": ({"name": "top_k"}, "the name top_k is taken twice, by ef21lab.compressors.top_k.TopK and by"),
    "unfit": ({"field": 'size: int = integer(50, 1, 9, Text("Size", "Размер"), Text("It.", "Он."))'}, "size must be an integer in 1..9"),
    "shouts": ({"name": "Shouts Loudly"}, "name must be lower-case letters, digits and underscores, got 'Shouts Loudly'"),
    "tagged": ({"field": 'label = "A word"'}, "label must be a Text in both languages"),
    "ordered": ({"field": 'order = "high"'}, "order must be an integer, got 'high'"),
    "chatty": ({"before": "print('hello'); raise RuntimeError('no more')"}, "RuntimeError: no more"),
    "empty": ("", "no class in it is named and a Compressor"),
    "unclosed": ("class (", "SyntaxError"),
}


MUTE = """
from ef21lab import Text
from ef21lab.datasets.digits import Digits
class Mute(Digits):
    name = "mute"
    label = about = Text("Mute", "Нем")
    def absence(self):
        raise RuntimeError("no words")
"""


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A folder in which everything is broken but one."""
    home = tmp_path / "compressors"
    home.mkdir()
    for stem, (change, _) in {**BROKEN, "sound": ({}, "")}.items():
        settings = {"before": "", "field": "", "name": stem, "title": stem.title(), **(change if isinstance(change, dict) else {})}
        (home / f"{stem}.py").write_text(
            change if isinstance(change, str) else "" if change is None else GOOD.format(**settings), encoding="utf-8"
        )
    (home / "folder.py").mkdir()
    (home / "gone.py").symlink_to(tmp_path / "nowhere.py")
    (tmp_path / "compresors").mkdir()
    (tmp_path / "compresors" / "lost.py").write_text("")
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "mute.py").write_text(MUTE, encoding="utf-8")
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "theory.py").write_text((ONE_MORE / "pages" / "hello.py").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "pages" / "greeting.py").write_text((ONE_MORE / "pages" / "hello.py").read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def test_what_is_broken_is_named_with_its_reason_and_nothing_else_breaks(broken: Path) -> None:
    folders = os.pathsep.join([str(broken), str(broken / "nowhere"), "~nobody-of-this-name/plugins"])
    done = python("-m", "ef21lab", "plugins", "--json", folders=folders, LC_ALL="C")
    told = json.loads(said(done))
    assert [one["name"] for one in told["members"]] == ["sound"]
    reasons = {Path(one["place"]).stem: one["why"] for one in told["left_out"]}
    for stem, (_, words) in BROKEN.items():
        assert words in reasons[stem], stem
    assert "there is no such folder" in reasons["nowhere"]
    assert "there is no such folder" in reasons["plugins"]
    assert "IsADirectoryError" in reasons["folder"]
    assert "RuntimeError: no words" in reasons["mute"]
    assert "FileNotFoundError" in reasons["gone"]
    assert "there is no such group" in reasons["lost"]
    assert all(f"{stem}.py of ef21lab.compressors" in done.stderr for stem in BROKEN)
    run = python("-m", "ef21lab", "describe", "-", folders=folders, LC_ALL="ru_RU.UTF-8")
    assert run.returncode == 2  # standard input is empty
    asked = python("-c", "import ef21lab as lab; lab.compressor('absent')", folders=folders)
    assert "compressor 'absent' is unknown" in asked.stderr
    assert "no_such_module_anywhere" in asked.stderr


def test_the_pages_of_plugins_stand_in_the_menu_and_what_is_broken_is_on_the_page(broken: Path) -> None:
    said(python("-c", PAGES, folders=str(broken)))


PAGES = """
from streamlit.testing.v1 import AppTest
from ef21lab.ui.kit import router
assert [page.path.stem for page in router.page_files()][-1] == "greeting"
assert [page.path.parent for page in router.page_files() if page.path.stem == "theory"] == [router.PAGES]
app = AppTest.from_string("from ef21lab.ui.kit import router; router.page_files(); router.tell_of_plugins()", default_timeout=120)
app.query_params["lang"] = "ru"
app.run()
assert not app.exception, app.exception
words = " ".join(one.value for one in app.warning)
assert "плагин theory" in words and "такая страница уже есть" in words, words
"""


def test_check_finds_what_is_not_as_promised(broken: Path) -> None:
    """An operator that sends nothing: it refuses no NaN, claims no α, and reads any bytes."""
    done = python("-c", CHECKS, folders=str(broken / "nowhere") + os.pathsep + str(broken), LC_ALL="C")
    lines = said(done).splitlines()
    unkept = [line.split("✗ ")[1] for line in lines if "✗" in line]
    assert unkept == ["NaN and infinity are refused in words", "damaged messages are refused in words"]
    assert lines[-1] == "[1, 2, 2]"
    assert "no plugin is called nobody; there are: sound" in done.stderr
    assert "the name top_k is taken twice" in done.stderr


CHECKS = """
from ef21lab.cli import main
print([main(["check", name]) for name in ("sound", "nobody", "taken")])
"""
