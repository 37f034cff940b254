"""The pages of experiments and figures where PyTorch is not installed: they offer networks, and say what to install."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ef21lab.jobs.lab import Lab, the_lab
from tests.jobs.conftest import until

pytestmark = [pytest.mark.engine]

PAGE = str(Path(__file__).parents[2] / "pages" / "experiment.py")
FIGURES = str(Path(__file__).parents[2] / "pages" / "figures.py")
HIDDEN = 'import sys\nsys.modules["torch"] = None\n'  # run by Python itself, in every process that is told of the folder


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("without")
    (folder / "sitecustomize.py").write_text(HIDDEN)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EF21LAB_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]))
        patch.setitem(sys.modules, "torch", None)
        the_lab.cache_clear()
        opened = the_lab()
        opened.start()
        until(lambda: opened.engine.alive)
        yield opened
        opened.close()
        the_lab.cache_clear()


@pytest.mark.parametrize(("language", "words"), [("en", "networks need PyTorch"), ("ru", "сетям нужен PyTorch")])
def test_the_form_says_what_to_install(lab: Lab, language: str, words: str) -> None:
    app = AppTest.from_file(PAGE, default_timeout=120)
    app.query_params.update({"dataset": "digits", "lang": language, "race": "a", "objective.softmax": "network"})
    app.run()
    assert not app.exception
    assert [words in error.value for error in app.error] == [True]
    menu = next(each for each in app.selectbox if str(each.key).split("@")[0] == "objective.softmax")
    menu.set_value("softmax").run()
    assert not app.error
    assert not app.exception


@pytest.mark.parametrize(("language", "words"), [("en", "networks need PyTorch"), ("ru", "сетям нужен PyTorch")])
def test_the_figure_of_networks_says_it_too_and_begins_nothing(lab: Lab, language: str, words: str) -> None:
    app = AppTest.from_file(FIGURES, default_timeout=120)
    app.query_params.update({"figure": "networks", "lang": language})
    app.run()
    assert not app.exception
    assert [words in error.value for error in app.error] == [True]
    assert not [button for button in app.button if button.key == "figure-compute"]
