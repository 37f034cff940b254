"""The browser's modules: which folder may import which, and that everything they name is served beside them."""

from __future__ import annotations

import importlib.resources
import posixpath
import re

import pytest

from ef21lab.web.server import assets

MODULES = sorted(name for name in assets.names() if name.endswith(".js") and name != assets.PLOTLY)
MAY_IMPORT = {
    "shared": {"shared"},
    "chart": {"shared", "chart"},
    "heatmap": {"shared", "heatmap"},
    "microscope": {"shared", "chart", "microscope"},
    "live": {"shared", "chart", "heatmap", "microscope", "live"},
    "share": {"shared", "share"},
}
NAMED = re.compile(r'^(?:import [^"\n]*|export [^"\n]*from |.*new URL\()"([^"]+)"', re.MULTILINE)  # what comments import are types


def named(module: str) -> list[str]:
    """The files that a module imports or fetches, as they are written."""
    return NAMED.findall(assets.asset(module).body.decode())


@pytest.mark.parametrize("module", MODULES)
def test_a_module_names_other_files_by_their_place_beside_it(module: str) -> None:
    """So that all are of one version, wherever the server is mounted."""
    assert [place for place in named(module) if not place.startswith(("./", "../"))] == []
    found = {posixpath.normpath(posixpath.join(posixpath.dirname(module), place)) for place in named(module)}
    assert found <= assets.names()


@pytest.mark.parametrize("module", MODULES)
def test_folders_import_one_way(module: str) -> None:
    folder = module.partition("/")[0]
    places = [posixpath.normpath(posixpath.join(folder, place)) for place in named(module) if place.endswith(".js")]
    assert {place.partition("/")[0] for place in places if place != assets.PLOTLY} <= MAY_IMPORT[folder]


def test_what_a_page_mounts_is_served() -> None:
    assert {assets.LIVE, assets.MICROSCOPE, assets.SHARE} <= assets.names()
    assert set(MAY_IMPORT) == {name.partition("/")[0] for name in assets.names() - {assets.PLOTLY}}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_one_idea_of_under_two_hundred_lines(module: str) -> None:
    assert assets.asset(module).body.count(b"\n") < 200


def test_plotly_asks_to_be_compiled_whole_and_is_otherwise_as_it_comes() -> None:
    first, _, rest = assets.asset(assets.PLOTLY).body.partition(b"\n")
    assert first == b"//# allFunctionsCalledOnLoad"
    assert rest == (importlib.resources.files("plotly") / "package_data" / "plotly.min.js").read_bytes()
