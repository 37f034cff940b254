"""A report gives back the runs that went into it, whole; what is not what was written is refused in words; nothing in it acts."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

import ef21lab
from ef21lab.choices.line import Line
from ef21lab.choices.text import Refusal
from ef21lab.datasets.readers import places
from ef21lab.plots.figures import convergence
from ef21lab.plots.offline import drawing
from ef21lab.reports.data import FORMATS, Reported
from ef21lab.reports.page import report
from ef21lab.reports.read import BEGINS, ENDS, runs_in
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace

SPECS = [
    RunSpec.make({"rounds": 30, "partition": {"name": "contiguous", "nodes": 3}, **changes})
    for changes in (
        {"compressor": {"name": "top_k", "k": 3}},
        {"compressor": {"name": "st_hosvd", "ranks": 2}, "step": {"rule": "theory", "multiple": 8}},
        {"dataset": "diabetes", "objective": "least_squares", "step": {"rule": "fixed", "gamma": 1e6}, "rounds": 400},  # diverges
        {"record_every": 7, "algorithm": "dcgd", "compressor": {"name": "then"}},
    )
]


@pytest.fixture(scope="module")
def runs() -> list[Reported]:
    return [Reported(spec, ef21lab.run(spec)) for spec in SPECS]


def assert_same(found: Trace, expected: Trace) -> None:
    assert found.columns.keys() == expected.columns.keys()
    for name, column in expected.columns.items():
        np.testing.assert_array_equal(found[name], column, err_msg=name)
        assert found[name].dtype == column.dtype
    np.testing.assert_array_equal(found.contraction, expected.contraction)
    np.testing.assert_array_equal(found.x, expected.x)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_a_report_holds_is_read_back_to_the_last_bit(runs: list[Reported], language: Any) -> None:
    assert runs[2].trace.diverged
    found = runs_in(report(runs, language))
    assert [run.spec.key for run in found] == [spec.key for spec in SPECS]
    for one, other in zip(found, runs, strict=True):
        assert_same(one.trace, other.trace)


def test_the_table_says_what_the_definition_says(runs: list[Reported]) -> None:
    rows = re.findall(r"<tr><td>(.*?)</td></tr>", report(runs))
    for row, run in zip(rows, runs, strict=True):
        cells = row.split("</td><td>")
        bits = run.trace["bits_up"]
        assert cells[3] == f"{bits[-1]:,.0f}"
        for cell, epsilon in zip(cells[4:], (1e-2, 1e-4, 1e-6, 1e-8), strict=True):
            stays = [place for place in range(len(bits)) if (run.trace["grad_norm_sq"][place:] <= epsilon).all()]
            assert cell == (f"{bits[stays[0]]:,.0f}" if stays else "—")


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the text of every script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\" onmouseover='alert(3)"


def test_nothing_that_a_name_says_acts(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EF21LAB_DATA", str(tmp_path))
    name = "<img src=x onerror=alert(2)>&\"'.svm"
    (tmp_path / name).write_text("1 1:2 2:3\n-1 1:1\n1 2:1\n-1 2:4\n")
    assert places.find(name)
    spec = RunSpec.make({"dataset": {"name": "libsvm", "file": name}, "partition": {"name": "contiguous", "nodes": 2}, "rounds": 4})
    page = report([Reported(spec, ef21lab.run(spec))], made=HOSTILE)
    found = Elements(page).found
    assert [tag for tag, _ in found if tag == "script"] == ["script"] * 3  # plotly, the drawings, the data
    assert not [tag for tag, _ in found if tag in ("img", "iframe", "link", "a", "form")]
    assert not [key for _, attributes in found for key in attributes if key.startswith("on") or key in ("src", "href")]
    assert "&lt;img src=x onerror=alert(2)&gt;" in page
    assert runs_in(page)[0].spec == spec


def test_a_report_asks_no_network(runs: list[Reported]) -> None:
    page = report(runs[:1])
    assert "default-src 'none'" in page
    ours = page.replace(re.search(r"<script>(/\*\*.*?)</script>", page, re.DOTALL)[1], "")  # plotly's bundle names its sources
    assert not re.search(r"https?://(?!127\.0\.0\.1)", ours)


# What is no report


def content_of(page: str) -> tuple[dict[str, Any], dict[str, Any]]:
    outside = json.loads(page.partition(BEGINS)[2].partition(ENDS)[0])
    return outside, json.loads(zlib.decompress(base64.b64decode(outside["content"])))


def forged(page: str, change: Callable[[dict[str, Any]], Any]) -> str:
    """A report whose content was changed by somebody who knows how to make its hash again."""
    outside, inside = content_of(page)
    changed = change(inside)
    inside = inside if changed is None else changed
    content = base64.b64encode(zlib.compress(json.dumps(inside).encode())).decode()
    outside |= {"content": content, "sha256": hashlib.sha256(content.encode()).hexdigest()}
    return f"{BEGINS}{json.dumps(outside)}{ENDS}"


def test_a_changed_byte_is_told(runs: list[Reported]) -> None:
    page = report(runs[:1])
    at = page.index('"content": "') + 200
    changed = page[:at] + ("A" if page[at] != "A" else "B") + page[at + 1 :]
    with pytest.raises(Refusal, match="damaged or were changed"):
        runs_in(changed)


def test_data_that_are_not_those_of_their_hash_are_told(runs: list[Reported]) -> None:
    outside, inside = content_of(report(runs[:1]))
    inside["runs"][0]["spec"]["seed"] = 0
    other = base64.b64encode(zlib.compress(json.dumps(inside).encode(), 1)).decode()  # sound in itself
    with pytest.raises(Refusal, match="damaged or were changed"):
        runs_in(f"{BEGINS}{json.dumps({**outside, 'content': other})}{ENDS}")


def test_what_a_figure_is_called_does_not_end_its_script(runs: list[Reported]) -> None:
    figure = convergence([runs[0].trace], ["</script><script>alert(1)"], [Line("#000000", "solid")])
    assert "<" not in drawing("here", figure, "en")


@pytest.mark.parametrize("page", ["", "<html></html>", BEGINS, f"{BEGINS}{{}}{ENDS}", f"{BEGINS}[1]{ENDS}"])
def test_a_foreign_page_is_told(page: str) -> None:
    with pytest.raises(Refusal, match="no report of a lab"):
        runs_in(page)


def shorter(document: dict[str, Any]) -> None:
    run = document["runs"][0]
    said = run["besides"]["contraction"]
    records, nodes = said["shape"]
    table = np.frombuffer(base64.b64decode(run["table"])).reshape(len(run["names"]), records)[:, :-1]
    errors = np.frombuffer(base64.b64decode(said["numbers"])).reshape(records, nodes)[:-1]
    run["table"] = base64.b64encode(table.tobytes()).decode()
    said |= {"shape": [records - 1, nodes], "numbers": base64.b64encode(errors.tobytes()).decode()}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda document: document.update(salt="ef21lab 0"), "must be computed anew"),
        (lambda document: document.update(runs=[]), "damaged"),
        (lambda document: document["runs"].append(7), "damaged"),
        (lambda document: [], "damaged"),
        (lambda document: document["runs"][0]["spec"].update(seed=1), "not the key"),
        (lambda document: document["runs"][0]["spec"]["compressor"].update(k=0), "k must be"),
        (lambda document: document["runs"][0].update(table="!!"), "no whole run"),
        (lambda document: document["runs"][0]["besides"]["contraction"].update(shape=[10**9, 3]), "no whole run"),
        (lambda document: document["runs"][0].update(names=["round"]), "no whole run"),
        (shorter, "no whole run"),
    ],
)
def test_a_forged_report_is_refused_in_words(runs: list[Reported], change: Callable[[dict[str, Any]], Any], words: str) -> None:
    page = report(runs[:1])
    assert runs_in(forged(page, lambda document: None))
    with pytest.raises(Refusal, match=words):
        runs_in(forged(page, change))


def test_a_report_of_a_newer_format_and_one_that_unpacks_without_end_are_told(runs: list[Reported]) -> None:
    outside, _ = content_of(report(runs[:1]))
    with pytest.raises(Refusal, match="a newer lab has made it"):
        runs_in(f"{BEGINS}{json.dumps({**outside, 'ef21lab': FORMATS[-1] + 1})}{ENDS}")
    bomb = zlib.compressobj(9)
    content = base64.b64encode(b"".join(bomb.compress(bytes(2**20)) for _ in range(600)) + bomb.flush()).decode()
    outside |= {"content": content, "sha256": hashlib.sha256(content.encode()).hexdigest()}
    with pytest.raises(Refusal, match="unpacks to more than 512 MB"):
        runs_in(f"{BEGINS}{json.dumps(outside)}{ENDS}")
