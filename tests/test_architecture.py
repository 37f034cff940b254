"""Imports run one way, and each heavy library is kept behind one door."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted([*(ROOT / "ef21lab").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"])

FAMILIES = {"text", "spec", "registry", "streams", "kept", "compressors", "datasets", "partitions", "problems"}
CORE = FAMILIES | {"metrics", "channel", "theory", "algorithms", "optimize", "trace", "experiment"}
MAY_IMPORT = {
    "numerals": set(),
    "markup": set(),
    "text": {"numerals", "markup"},
    "spec": {"text"},
    "registry": {"text", "spec"},
    "streams": set(),
    "kept": set(),
    "metrics": set(),
    "theory": set(),
    "trace": {"metrics"},
    "compressors": {"text", "spec", "registry", "streams"},
    "datasets": {"text", "spec", "registry", "streams", "kept"},
    "partitions": {"text", "spec", "registry", "streams", "datasets"},
    "problems": {"text", "spec", "registry", "streams", "datasets"},
    "channel": {"text", "streams", "compressors", "metrics"},
    "algorithms": FAMILIES | {"channel", "theory"},
    "optimize": FAMILIES | {"channel", "algorithms", "metrics"},
    "experiment": CORE,
    "guarantees": CORE,
    "survey": CORE,
    "vectors": CORE,
    "microscope": {"text", "spec", "registry", "streams", "compressors", "vectors"},
    "document": CORE,
    "terminal": set(),
    "plots": {"text", "numerals", "markup", "trace", "metrics", "theory", "survey"},
    "jobs": CORE | {"vectors", "microscope", "guarantees", "survey", ""},  # "" is the package itself: its version, its folder
    "live": CORE | {"jobs", "plots", "guarantees"},
    "ui": CORE | {"markup", "jobs", "plots", "live", "document", "vectors", "microscope", "guarantees", "survey", ""},
    "cli": CORE | {"document", "terminal", "jobs"},
    "__main__": {"cli"},
    "__init__": CORE,
}  # a package may always import itself

DOORS = {
    "streamlit": ("ef21lab/ui/", "app.py", "pages/"),
    "starlette": ("ef21lab/live/",),
    "distributed": ("ef21lab/jobs/",),
    "dask": ("ef21lab/jobs/",),
    "plotly": ("ef21lab/plots/", "ef21lab/live/", "ef21lab/ui/", "pages/"),
    "sqlite3": ("ef21lab/jobs/",),
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


def part(module):
    """The part of the package that a dotted name or a path belongs to."""
    return module.split(".")[1] if "." in module else ""


def relative(file):
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", [file for file in FILES if "ef21lab" in file.parts], ids=relative)
def test_imports_inside_the_package_run_one_way(file):
    own = file.relative_to(ROOT / "ef21lab").parts[0].removesuffix(".py")
    allowed = {*MAY_IMPORT[own], own}
    wrong = [f"line {line}: {module}" for line, module in of(file) if module.split(".")[0] == "ef21lab" and part(module) not in allowed]
    assert wrong == []


@pytest.mark.parametrize("file", FILES, ids=relative)
def test_a_heavy_library_is_imported_only_behind_its_door(file):
    wrong = [
        f"line {line}: {module}"
        for line, module in of(file)
        if (door := DOORS.get(module.split(".")[0])) is not None and not relative(file).startswith(door)
    ]
    assert wrong == []


@pytest.mark.parametrize("file", FILES, ids=relative)
def test_what_is_slow_to_import_waits_for_its_first_use(file):
    at_import = [module for _, module in imports(ast.parse(file.read_text()).body) if module.split(".")[0] in BEHIND_FIRST_USE]
    assert at_import == []


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
