"""Imports run one way, and each heavy library is kept behind one door."""

import ast
import re
from functools import lru_cache
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted([*(ROOT / "ef21lab").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"])

FAMILIES = {"choices", "streams", "kept", "compressors", "datasets", "partitions", "problems"}
CORE = FAMILIES | {"metrics", "channels", "theory", "algorithms", "steps", "starts", "handmade", "runs"}
MAY_IMPORT = {
    "choices": set(),
    "streams": set(),
    "kept": set(),
    "metrics": {"choices", "channels", "algorithms", "problems"},
    "theory": set(),
    "served": set(),
    "compressors": {"choices", "streams"},
    "datasets": {"choices", "streams", "kept"},
    "partitions": {"choices", "streams", "datasets"},
    "problems": {"choices", "streams", "datasets", "theory"},
    "channels": {"choices", "streams", "compressors"},
    "algorithms": FAMILIES | {"channels", "theory"},
    "steps": {"choices", "compressors", "problems", "algorithms"},
    "starts": {"choices", "streams", "datasets", "problems"},
    "handmade": FAMILIES | {"starts"},
    "runs": CORE | {""},
    "vectors": CORE,
    "clocks": {"choices", "runs"},
    "figures": CORE | {"microscope", "plots"},
    "plugins": CORE | {"vectors", "clocks", "figures"},
    "address": CORE | {"vectors", "clocks", "figures"},
    "microscope": {"choices", "streams", "compressors", "vectors"},
    "reports": CORE | {"address", "plots", ""},
    "sweeps": CORE | {"microscope", "plots", "jobs", "figures"},
    "searches": CORE | {"microscope", "clocks", "jobs", "sweeps"},
    "plots": {"choices", "theory", "runs.trace", "runs.survey"},
    "jobs": CORE | {"vectors", "microscope", ""},  # "" is the package itself: its version, its folder
    "web": CORE | {"address", "jobs", "plots"},
    "ui": CORE
    | {
        "jobs",
        "sweeps",
        "searches",
        "reports",
        "plots",
        "web",
        "vectors",
        "microscope",
        "address",
        "clocks",
        "figures",
        "plugins",
        "served",
        "",
    },
    "cli": CORE | {"jobs", "plugins", "reports", "address", "clocks", "figures", "sweeps", "searches", "served", ""},
    "torch": {"choices", "streams", "compressors", "channels", "algorithms"},
    "__main__": {"cli"},
    "__init__": CORE | {"address", "jobs", "clocks", "figures", "sweeps", "searches", "reports", "cli"},
}  # a room may always import itself; "runs.trace" is one module of a room

DOORS = {
    "streamlit": ("ef21lab/ui/", "app.py", "pages/"),
    "starlette": ("ef21lab/web/",),
    "distributed": ("ef21lab/jobs/",),
    "dask": ("ef21lab/jobs/",),
    "plotly": ("ef21lab/plots/", "ef21lab/web/", "ef21lab/ui/", "pages/"),
    "sqlite3": ("ef21lab/jobs/",),
    "torch": ("ef21lab/channels/network.py", "ef21lab/problems/networks/", "ef21lab/torch/"),
}
BEHIND_FIRST_USE = ("torch", "sklearn", "pandas", "tensorly", "pooch")


def imports(nodes):
    """(line, module) of every import among these syntax nodes."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def of(file):
    return imports(ast.walk(ast.parse(file.read_text())))


def names(module):
    """The room of the package that a dotted name belongs to, and its module in that room."""
    room, *inside = module.split(".")[1:3] or [""]
    return {room, *(f"{room}.{each}" for each in inside)}


def relative(file):
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", [file for file in FILES if "ef21lab" in file.parts], ids=relative)
def test_imports_inside_the_package_run_one_way(file):
    own = file.relative_to(ROOT / "ef21lab").parts[0].removesuffix(".py")
    allowed = {*MAY_IMPORT[own], own}
    wrong = [f"line {line}: {module}" for line, module in of(file) if module.split(".")[0] == "ef21lab" and not names(module) & allowed]
    assert wrong == []


@pytest.mark.parametrize("file", FILES, ids=relative)
def test_a_heavy_library_is_imported_only_behind_its_door(file):
    wrong = [
        f"line {line}: {module}"
        for line, module in of(file)
        if (door := DOORS.get(module.split(".")[0])) is not None and not relative(file).startswith(door)
    ]
    assert wrong == []


def test_query_strings_are_written_and_read_in_two_places():
    """Addresses of pages and those of the server's own answers; whoever needs one asks there."""
    parsers = {"urllib.parse.urlencode", "urllib.parse.parse_qs", "urllib.parse.parse_qsl", "urllib.parse.quote", "urllib.parse.unquote"}
    found = {relative(file) for file in FILES if parsers & {module for _, module in of(file)}}
    assert found == {"ef21lab/address/links.py", "ef21lab/web/server/paths.py"}


@pytest.mark.parametrize("file", FILES, ids=relative)
def test_what_is_slow_to_import_waits_for_its_first_use(file):
    asked_for = {"torch"} if relative(file).startswith("ef21lab/torch/") else set()  # its readers have PyTorch at hand
    slow = {*BEHIND_FIRST_USE} - asked_for
    at_import = [module for _, module in imports(ast.parse(file.read_text()).body) if module.split(".")[0] in slow]
    assert at_import == []


@pytest.mark.parametrize("file", FILES, ids=relative)
def test_a_private_module_is_imported_only_inside_its_room(file):
    own = ".".join(file.relative_to(ROOT).with_suffix("").parts[:2])
    wrong = [
        f"line {line}: {module}"
        for line, module in of(file)
        if module.split(".")[0] == "ef21lab"
        and any(name.startswith("_") and not name.startswith("__") for name in module.split("."))
        and ".".join(module.split(".")[:2]) != own
    ]
    assert wrong == []


def test_nothing_is_imported_relatively():
    wrong = [
        relative(file)
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert wrong == []


def test_every_part_of_the_package_has_its_rule():
    parts = {file.relative_to(ROOT / "ef21lab").parts[0].removesuffix(".py") for file in FILES if "ef21lab" in file.parts}
    assert parts <= set(MAY_IMPORT)


REDUCTIONS = {"mean", "average", "nanmean", "median", "sum", "nansum", "reduce", "trace"}  # of NumPy or of an array


def over_other_axes(tree):
    """(line, name) of every sum or mean that is not plainly over the coordinates: axis=-1, or an axis that is left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in REDUCTIONS:
            named = [ast.unparse(keyword.value) for keyword in node.keywords if keyword.arg == "axis"]
            if named != ["-1"] and not is_of_the_channel(node.func):
                yield node.lineno, node.func.attr


def is_of_the_channel(function):
    """channel.mean(…), which is the one way."""
    return isinstance(function.value, ast.Name) and function.value.id == "channel"


@pytest.mark.parametrize("file", [*sorted((ROOT / "ef21lab/algorithms").glob("*.py")), ROOT / "ef21lab/runs/loop.py"], ids=relative)
def test_no_method_averages_over_nodes(file):
    """Its nodes may be anywhere: `channel.send(…).mean` and `channel.mean(…)` know where."""
    assert list(over_other_axes(ast.parse(file.read_text()))) == []


@pytest.mark.parametrize(
    "line", ["g.mean(axis=-2)", "np.mean(g, axis=1)", "g.sum(axis=-2) / n", "np.add.reduce(g, axis=1)", "g.mean(1)", "g.mean()"]
)
def test_that_is_seen(line):
    assert list(over_other_axes(ast.parse(line)))


def test_the_figure_for_contributors_agrees_with_the_folders_and_the_rules():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    lines = [
        line.split(" · ")
        for line in re.findall(r"^    (.+)$", text.split("says for every room which ones:")[1].split("##")[0], re.MULTILINE)
    ]
    rooms = {file.relative_to(ROOT / "ef21lab").parts[0].removesuffix(".py") for file in FILES if "ef21lab" in file.parts}
    assert sorted(room for line in lines for room in line) == sorted(rooms - {"__init__", "__main__"})
    above = set()
    for line in lines:
        wrong = {room: beside for room in line if (beside := {each.split(".")[0] for each in MAY_IMPORT[room]} - above - {""})}
        assert wrong == {room: {room} for room in wrong}
        above |= set(line)


HOMES = {
    "compressors",
    "algorithms",
    "datasets",
    "partitions",
    "problems",
    "networks",
    "steps",
    "starts",
    "vectors",
    "clocks",
    "figures",
}  # where members live
WORDS = {
    "natural",
    "theory",
    "fixed",
    "svd",
    "libsvm",
    "zeros",
    "ones",
    "normal",
    "stall",
    "star",
    "network",
    "table",
}  # which are words of other things too
KNOWN_OUTSIDE = {  # who may name a member, and why
    "ef21lab/runs/spec.py": "the defaults of a run",
    "ef21lab/address/presets.py": "ready-made experiments",
    "ef21lab/address/network_presets.py": "those with networks",
    "ef21lab/clocks/presets.py": "networks that people have",
    "ef21lab/address/controls.py": "the contenders, the vector and the operator of the first visit",
    "ef21lab/ui/experiment/contenders.py": "a cost is compared with no compression",
    "ef21lab/microscope/question.py": "the defaults of a question",
    "pages/microscope.py": "the operator of the first visit",
    "ef21lab/channels/base.py": "no compression is what a dense message is",
    "ef21lab/torch/state.py": "the method of a hook that is not told another",
    "ef21lab/torch/operators.py": "a hook works layer by layer, and a dense message is no compression",
    "ef21lab/handmade/operators.py": "no compression is what a dense message is",
    "ef21lab/handmade/objectives.py": "the nodes of a problem stand in one order",
    "ef21lab/plugins/of_methods.py": "what a method and a step are tried with",
    "ef21lab/plugins/of_problems.py": "what a start and a metric are tried with",
    "ef21lab/jobs/uploads.py": "files that are uploaded are one member's",
    "ef21lab/ui/data/upload_table.py": "files that are uploaded are one member's",
    "ef21lab/ui/data/recipe.py": "files that are uploaded are one member's",
    "ef21lab/address/versions.py": "what an address meant under earlier defaults",
    "ef21lab/ui/microscope/from_experiment.py": "the problem's own controls stand for one member's fields",
    "ef21lab/ui/microscope/upload_vector.py": "files that are uploaded are one member's",
}


@lru_cache
def members():
    """The modules of the families' members, and the names that they declare."""
    found = {}
    for file in FILES:
        home, module = file.parent.name, ".".join(file.relative_to(ROOT).with_suffix("").parts)
        if home in HOMES and file.stem != "base" and not file.stem.startswith("_"):
            found |= dict.fromkeys(declared(ast.parse(file.read_text())), module)
    return found


def declared(tree):
    """`name = "…"` in the classes of a file."""
    for node in (statement for each in tree.body if isinstance(each, ast.ClassDef) for statement in each.body):
        if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["name"]:
            yield node.value.value


def strings(tree):
    """(line, string) of every string but docstrings."""
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return ((node.lineno, node.value) for node in found if id(node) not in told)


@pytest.mark.parametrize(
    "file", [file for file in FILES if not HOMES & {*file.parts} and relative(file) not in KNOWN_OUTSIDE], ids=relative
)
def test_nobody_outside_a_family_knows_the_name_of_a_member(file):
    """What is peculiar to a member, its line, its lemma, is declared by the member: one more needs no other file."""
    modules, called = {*members().values()}, {*members()}
    tree = ast.parse(file.read_text())
    named = [f"line {line}: {name!r}" for line, name in strings(tree) if name in called - WORDS]
    assert [*named, *(f"line {line}: {module}" for line, module in of(file) if module.rpartition(".")[0] in modules)] == []


def test_the_members_that_are_kept_to_themselves_are_all_of_them():
    assert {"top_k", "ef21", "mushrooms", "contiguous", "softmax", "theory", "normal", "difference"} <= {*members()}


@pytest.mark.parametrize("file", KNOWN_OUTSIDE)
def test_who_may_name_a_member_still_does(file):
    modules, called = {*members().values()}, {*members()}
    text = ROOT / file
    assert {name for _, name in strings(ast.parse(text.read_text()))} & called or any(
        module.rpartition(".")[0] in modules for _, module in of(text)
    )


def test_no_two_classes_share_a_name():
    """A name that is read in two rooms would mean two things."""
    places = {}
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(f"{relative(file)}:{node.lineno}")
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_files_are_small():
    sizes = {relative(file): len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert median(sizes.values()) < 90
    assert {file: lines for file, lines in sizes.items() if lines > 350} == {}
