"""The microscope page without a browser: every vector, every operator, both languages, links good and bad, uploads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ef21lab.address import versions
from ef21lab.compressors.base import compressors
from ef21lab.problems.networks.base import absence
from ef21lab.ui.microscope import panel
from ef21lab.vectors.base import vectors
from ef21lab.vectors.uploaded import store_upload

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("lab")]

PAGE = str(Path(__file__).parents[2] / "pages" / "microscope.py")


def page(**query: str) -> AppTest:
    """The page at this address, run once."""
    at = AppTest.from_file(PAGE, default_timeout=120)
    for name, value in query.items():
        at.query_params[name] = value
    return at.run()


def fine(at: AppTest) -> bool:
    return not at.exception and not at.error and not at.warning


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """What the lab has answered of the vectors that pages asked about, the last of them last."""
    found: list[Mapping[str, Any]] = []
    real = panel.ask

    def listened(question: Mapping[str, Any]) -> Mapping[str, Any] | None:
        answer = real(question)
        if question["ask"] == "vector" and answer:
            found.append(answer)
        return answer

    monkeypatch.setattr(panel, "ask", listened)
    return found


@pytest.mark.parametrize("name", [name for name in vectors.members if name != "uploaded"])
def test_every_vector_is_shown_in_both_languages(name: str) -> None:
    for language in ("en", "ru"):
        assert fine(page(vector=name, lang=language))


@pytest.mark.parametrize("name", list(compressors.members))
def test_every_operator_can_be_looked_at(name: str) -> None:
    at = page(vector="stall", operator=name)
    assert fine(at), (at.exception, at.error, at.warning)
    assert at.session_state["operator"] == name


def test_all_operators_at_one_budget_are_in_one_table() -> None:
    at = page(vector="gaussian", bits="4000")
    table = next(block.value for block in at.markdown if block.value.startswith("| operator"))
    named = sum(str(kind.label.en) in table for kind in compressors.members.values())
    assert named == len(compressors.members)


def test_an_address_that_tells_of_an_experiment_shows_a_vector_of_it(looked_at: list[Mapping[str, Any]]) -> None:
    experiment = {"dataset": "breast_cancer", "partition": "by_label", "partition.by_label.nodes": "3", "start": "ones"}
    at = page(**experiment, node="2", v=str(versions.VERSION))
    assert fine(at), (at.exception, at.error, at.warning)
    asked = {**experiment, "partition": {"name": "by_label", "nodes": 3}}
    asked = {name: asked[name] for name in ("dataset", "partition", "start")}
    norm = np.linalg.norm(vectors.make({"name": "from_experiment", **asked, "node": 2}).sample().values)
    assert (at.selectbox(key="vector").value, at.number_input(key="vector.from_experiment.node").value) == ("from_experiment", 2)
    assert looked_at[-1]["norm"] == pytest.approx(norm)
    assert page(v=str(versions.VERSION)).selectbox(key="vector").value == "difference"
    assert page(**experiment, v="3").selectbox(key="vector").value == "difference"  # so it was under earlier defaults
    assert page(**experiment, vector="gaussian", v=str(versions.VERSION)).selectbox(key="vector").value == "gaussian"


@pytest.mark.skipif(absence() is not None, reason="PyTorch is not installed")
def test_of_a_network_the_layer_is_shown_that_was_picked_on_the_experiment_page(looked_at: list[Mapping[str, Any]]) -> None:
    conv = {"dataset": "digits", "objective.softmax": "network", "objective.softmax.network.network": "conv", "start": "initial"}
    conv |= {"objective.softmax.network.network.conv.channels": "2", "partition.contiguous.nodes": "3", "v": str(versions.VERSION)}
    at = page(**conv, layer="2")
    assert fine(at), (at.exception, at.error, at.warning)
    layer = at.selectbox(key="vector.from_experiment.layer")
    assert layer.options == ["1: 2 × 1 × 3 × 3", "2: 2", "3: 4 × 2 × 3 × 3", "4: 4", "5: 10 × 16", "6: 10", "the whole vector"]
    assert (layer.value, looked_at[-1]["layout"]) == (3, [[4, 2, 3, 3]])
    at = layer.set_value(0).run()
    assert looked_at[-1]["d"] == 2 * 9 + 2 + 4 * 18 + 4 + 160 + 10
    again = page(**{key: value[0] if isinstance(value, list) else value for key, value in at.query_params.items()}, lang="ru")
    assert again.selectbox(key="vector.from_experiment.layer").value == 0
    assert "весь вектор" in again.selectbox(key="vector.from_experiment.layer").options


def test_a_bad_link_is_said_in_words_and_nothing_else_is_lost() -> None:
    at = page(vector="gaussian", operator="no_such", fold="0x3", bits="-5", lang="ru")
    assert not at.exception
    said = " ".join(warning.value for warning in at.warning)
    assert all(word in said for word in ("«Оператор»", "«Форма на картинках»", "«Бюджет, бит на сообщение»"))
    assert at.session_state["vector"] == "gaussian"


def test_an_upload_is_looked_at_by_its_hash_and_a_forgotten_one_says_so() -> None:
    kept = store_upload("mine.csv", b"1, 2, 3, 4, 5, 6")
    assert fine(page(vector="uploaded", **{"vector.uploaded.content": kept.content}))
    at = page(vector="uploaded", **{"vector.uploaded.content": "0" * 24})
    assert not at.exception
    assert "upload it again" in at.error[0].value


def test_an_operator_that_is_refused_leaves_the_rest_of_the_page() -> None:
    inside = {"operator.then.first": "st_hosvd", "operator.then.first.st_hosvd.error": "0.5"}
    at = page(vector="stall", operator="then", **inside)
    assert not at.exception
    assert ["inside a composition the ranks must be fixed" in error.value for error in at.error] == [True]
    assert any(block.value.startswith("| operator") for block in at.markdown)


def test_a_residual_of_two_random_operators_can_be_looked_at() -> None:
    parts = {"operator.residual.first": "rand_k", "operator.residual.second": "power_sgd"}
    assert fine(page(vector="stall", operator="residual", **parts))
