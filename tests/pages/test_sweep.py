"""The page of sweeps without a browser: a grid asked for, paused, gone on with after a reload, looked at, and taken home."""

from __future__ import annotations

import json
import math
import re
import statistics
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import ef21lab as lab_of
from ef21lab.address.links import specs
from ef21lab.choices.numerals import whole
from ef21lab.choices.text import number
from ef21lab.jobs import errands
from ef21lab.jobs.lab import Lab, the_lab
from ef21lab.problems.networks.base import absence
from ef21lab.runs.spec import RunSpec
from ef21lab.sweeps.grid import cells
from ef21lab.ui.kit import visitor
from ef21lab.ui.sweep import looking, running, take_away
from tests.pages.apps import address, opened, until
from tests.pages.conftest import wait_until

with_torch = pytest.mark.skipif(absence() is not None, reason="PyTorch is not installed")
pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("lab")]

SMALL = {
    "dataset": "breast_cancer",
    "partition.contiguous.nodes": "4",
    "rounds": "40",
    "race": "ac",
    "octaves": "3",
    "strengths": "2",
    "starts": "2",
    "a.top_k.k": "2",
    "rule.theory.multiple": "4",
}
RUNS = 4 * 2 * (2 + 1)  # steps × starts × (two strengths and one)


def page(**query: str) -> AppTest:
    return opened("sweep", query)


def has(app: AppTest, key: str) -> bool:
    return any(button.key == key for button in app.button)


def over(app: AppTest) -> bool:
    return not has(app, "sweep-pause") and not has(app, "sweep-start")


def table(app: AppTest, column: str) -> list[dict[str, str]]:
    """The table that has this column."""
    (found,) = [one.value for one in app.markdown if one.value.startswith("| ") and column in one.value]
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in found.splitlines()]
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def done(lab: Lab) -> AppTest:
    """The small grid, computed."""
    app = until(page(**SMALL), "ready to start", lambda app: has(app, "sweep-start"))  # a busy worker may let its constants wait
    assert f"**{RUNS} runs**" in app.markdown[1].value
    assert [one.value for one in app.info] == [app.info[0].value]  # what to do
    app.button(key="sweep-start").click().run()
    return until(app, "computed", over)


@pytest.fixture(scope="module")
def expected() -> lab_of.Sweep:
    """The same grid by the library, in this process."""
    base = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 4}, "rounds": 40}
    grid = {
        "compressor": [{"name": "top_k", "k": 2}, {"name": "top_k", "k": 4}, "identity"],
        "step.multiple": [4, 8, 16, 32],
        "repeat": [0, 1],
    }
    return lab_of.sweep(base, grid)


def test_the_runs_are_those_of_the_library_under_the_same_keys(done: AppTest, expected: lab_of.Sweep) -> None:
    for spec, trace in zip(expected.specs, expected.traces, strict=True):
        assert the_lab().status(spec.key).state == "done"
        assert the_lab().trace(spec.key)["grad_norm_sq"].tolist() == trace["grad_norm_sq"].tolist()


def test_the_best_of_each_is_that_of_an_independent_reckoning(done: AppTest, expected: lab_of.Sweep) -> None:
    """At every ε of the slider that is tried, and moving it computes no run."""
    before = the_lab().store.catalogue.count(lab_of.jobs.catalogue.Query())
    app = page(**{**address(done), "reach": "0.03"})
    for epsilon in (0.03, 0.3):
        app.select_slider(key="reach.0").set_value(epsilon).run()
        costs = {"Top-k": {}, "No compression": {}}
        for place in range(0, RUNS, 2):
            spec = expected.specs[place]
            both = [trace.bits_to(epsilon) for trace in expected.traces[place : place + 2]]
            name = "Top-k" if spec.compressor.name == "top_k" else "No compression"
            costs[name][spec] = statistics.median(both)
        shown = table(app, "Bits to ε")
        order = sorted(costs, key=lambda name: min(costs[name].values()))
        assert [next(name for name in costs if name in row["Contender"]) for row in shown] == order
        for row, name in zip(shown, order, strict=True):
            winner = min(costs[name], key=costs[name].__getitem__)
            assert row["Bits to ε"] == whole(costs[name][winner], "en")
            assert row["Step"] == f"×{winner.step.multiple:g}"
            if name == "Top-k":
                assert row["Contender"] == f"Top-k k={winner.compressor.k}"
        (verdict,) = [one.value for one in app.markdown if f"At ε = {epsilon:g}" in one.value]
        first, second = (min(costs[name].values()) for name in order)
        assert f"{shown[0]['Contender']} {shown[0]['Step']} wins: {whole(first, 'en')} bits a node" in verdict
        assert f"{second / first:.3g} times less than {shown[1]['Contender']} {shown[1]['Step']}" in verdict
        assert "2 starts only, which decides nothing yet" in verdict
        winners = [min(costs[name], key=costs[name].__getitem__) for name in order]
        lost = [statistics.mean(_messages(expected, winner)) for winner in winners]
        steps = [lab_of.describe(one)["gamma"] for one in winners]
        why = re.search(
            r"a message loses (.+) of its squared length with .*, (.+) with .*; the steps are γ = (.+) and (.+?)\.( |$)", verdict
        )
        assert why is not None
        assert why.groups()[:4] == tuple(number(float(f"{value:.3g}")).en for value in (*lost, *steps))
    assert the_lab().store.catalogue.count(lab_of.jobs.catalogue.Query()) == before


def _messages(found: lab_of.Sweep, first: RunSpec) -> list[float]:
    """What every message of two repeats lost."""
    at = found.specs.index(first)
    return [float(lost) for trace in found.traces[at : at + 2] for lost in trace.contraction.ravel()]


def test_a_picked_cell_leads_to_its_runs_on_the_experiment_page(done: AppTest, expected: lab_of.Sweep) -> None:
    app = page(**{**address(done), "cell": "a1.2"})
    links = [one.proto.url for one in app.get("link_button")]
    wanted = [spec for spec in expected.specs if spec.compressor == expected.specs[8].compressor and spec.step.multiple == 16]
    assert [[run.key for run in specs(link)] for link in links] == [[spec.key] for spec in wanted]


def test_the_file_stands_for_the_same_runs(done: AppTest, expected: lab_of.Sweep, tmp_path: Path) -> None:
    assert address(done)["go"]
    document = json.loads(json.dumps(_document(done)))
    assert {cell.spec.key for cell in cells(document["spec"], document["grid"])} == {spec.key for spec in expected.specs}
    assert take_away.SHELL in [code.value for code in done.code]
    scope: dict[str, object] = {}
    (tmp_path / take_away.FILE).write_text(json.dumps(document), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        (lines,) = [code.value for code in done.code if "lab.sweep(" in code.value]
        exec(lines.replace("workers=2", "workers=1"), scope)  # noqa: S102
    assert scope["found"].specs == [RunSpec.make(cell.spec) for cell in cells(document["spec"], document["grid"])]  # type: ignore[attr-defined]


def test_a_larger_grid_computes_only_what_is_new(done: AppTest) -> None:
    app = page(**{**address(done), "octaves": "4"})
    assert f"{RUNS} are done" in app.markdown[1].value
    assert f"**{5 * RUNS // 4} runs**" in app.markdown[1].value
    assert has(app, "sweep-start")  # nobody has begun this one


def test_paused_it_stands_still_and_after_a_reload_it_goes_on(lab: Lab) -> None:
    longer = {**SMALL, "rounds": "3000", "race": "a", "strengths": "1", "starts": "3"}
    app = page(**longer)
    app.button(key="sweep-start").click().run()
    until(app, "begun", lambda app: has(app, "sweep-pause"))
    app.button(key="sweep-pause").click().run()
    assert has(app, "sweep-start")
    assert address(app)["paused"] == "on"
    paused = page(**address(app))  # another tab, or the same one reloaded
    assert has(paused, "sweep-start")
    paused.button(key="sweep-start").click().run()
    again = page(**address(paused))
    assert has(again, "sweep-pause") or over(again)
    until(again, "computed", over)
    assert "12 are done" in again.markdown[1].value


def test_closed_it_goes_on_and_by_its_link_it_is_paused(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is looked at twice: when it is begun, and when somebody comes back."""
    monkeypatch.setattr(lab, "limits", replace(lab.limits, running=2))
    monkeypatch.setattr(errands, "ABSENT", 0.2)
    app = page(**{**SMALL, "rounds": "2000", "race": "ac", "strengths": "1", "starts": "3"})
    app.button(key="sweep-start").click().run()
    specs = [spec for document in [_document(app)] for spec in (cell.spec for cell in cells(document["spec"], document["grid"]))]
    lab.leave(app.session_state[visitor.VISITOR])  # the tab is closed

    def done() -> int:
        return sum((status := lab.status(spec.key)) is not None and status.state == "done" for spec in specs)

    wait_until(lambda: done() > 2, "more than the first portion")
    again = page(**address(app))
    assert has(again, "sweep-pause")
    again.button(key="sweep-pause").click().run()
    assert has(again, "sweep-start")
    lab.errands.feed()
    assert not [spec for spec in specs if (status := lab.status(spec.key)) is not None and status.state in ("queued", "running")]
    assert done() < len(specs)


def test_what_is_cancelled_is_left_and_what_is_done_stays(lab: Lab) -> None:
    app = page(**{**SMALL, "rounds": "3001", "race": "a", "strengths": "1", "starts": "3"})
    app.button(key="sweep-start").click().run()
    if has(app, "sweep-cancel"):
        app.button(key="sweep-cancel").click().run()
    assert "go" not in address(app)


def test_a_run_that_can_never_be_does_not_hold_up_the_others(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """One is too large for this server; the rest is computed, and the page says which were not and why."""
    monkeypatch.setattr(lab, "limits", replace(lab.limits, gradient_floats=1000))  # nodes × d, and d is 10
    app = page(**{**SMALL, "dataset": "diabetes", "race": "a", "strengths": "1", "octaves": "0", "counts": "200,5", "case": "1"})
    app.button(key="sweep-start").click().run()
    until(app, "computed", lambda app: not has(app, "sweep-pause"))
    assert "**6 runs** of 3 problems; 4 are done" in app.markdown[1].value.replace("\xa0", " ")
    assert "2 runs cannot be computed: coordinates of all nodes' gradients: 2,000 asked for" in app.warning[0].value.replace("\xa0", " ")
    assert len(table(app, "Bits to ε")) == 1


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("octaves", "many"),
        ("strength", "zz"),
        ("splits", "by_colour"),
        ("also", "nowhere"),
        ("counts", "0"),
        ("reach", "x"),
        ("rule", "tuned"),
    ],
)
def test_a_bad_word_is_answered_in_words_in_both_languages(key: str, word: str) -> None:
    for language in ("en", "ru"):
        app = page(**{**SMALL, key: word, "lang": language})
        said = [one.value for one in app.warning]
        assert any(word.replace("_", "\\_") in one for one in said), said
        assert has(app, "sweep-start") or over(app)


def test_a_grid_that_is_too_large_is_refused_in_words() -> None:
    app = page(**{**SMALL, "octaves": "20", "finer": "8", "starts": "20"})
    assert f"{running.MOST:,}" in app.warning[0].value
    assert not has(app, "sweep-start")


def test_of_another_problem_its_own_results_are_shown(done: AppTest) -> None:
    both = page(**{**address(done), "counts": "2"})
    assert "2 problems" in both.markdown[1].value
    first, second = both.selectbox(key="case").options
    assert ("4 nodes" in first.replace("\xa0", " "), "2 nodes" in second.replace("\xa0", " ")) == (True, True)
    both.selectbox(key="case").set_value(1).run()
    assert not both.exception
    assert both.info  # of this one nothing is computed
    both.selectbox(key="case").set_value(0).run()
    assert table(both, "Bits to ε") == table(done, "Bits to ε")


def test_in_russian_the_same_numbers(done: AppTest) -> None:
    russian = page(**{**address(done), "lang": "ru"})
    assert looking.CASE.ru == "Задача"
    assert [row["Шаг"] for row in table(russian, "Бит до ε")] == [row["Step"] for row in table(done, "Bits to ε")]


NETWORK = {
    "dataset": "digits",
    "objective.softmax": "network",
    "objective.softmax.network.network.mlp.width": "16",
    "partition.contiguous.nodes": "2",
    "held_out": "0.2",
    "rounds": "12",
    "race": "ac",
    "a": "per_layer",
    "octaves": "2",
    "rule.fixed.gamma": "0.3",
    "strengths": "2",
    "starts": "1",
}


@with_torch
def test_a_network_is_swept_over_steps_of_its_own_and_judged_by_what_it_tells_right(lab: Lab) -> None:
    """Where no L is known the shortest step is a γ; strengths of an operator layer by layer are shares of its floats."""
    app = until(page(**NETWORK), "posed", lambda app: not app.error)  # a worker has to import PyTorch first
    assert not app.warning
    assert "3 steps: γ = 0.3 … γ = 1.2" in [one.value.replace("\xa0", " ") for one in app.caption]
    assert "**9 runs**" in app.markdown[1].value  # of the first contender two strengths
    app.button(key="sweep-start").click().run()
    until(app, "computed", over)
    app.selectbox(key="judged").set_value("accuracy").run()
    app.select_slider(key="level.0").set_value(0.2).run()
    document = _document(app)
    traces = {cell.spec: lab.trace(cell.spec.key) for cell in cells(document["spec"], document["grid"])}
    costs: dict[str, list[float]] = {}
    for spec, trace in traces.items():  # from the first record on from which all are at least so much
        stays = [bits for place, bits in enumerate(trace["bits_up"]) if min(trace["accuracy"][place:]) >= 0.2]
        costs.setdefault(spec.compressor.name, []).append(min(stays, default=math.inf))
    shown = {("identity" if "No compression" in row["Contender"] else "per_layer"): row for row in table(app, "Bits to ε")}
    for name, row in shown.items():
        least = min(costs[name])
        assert row["Bits to ε"] == (whole(least, "en") if math.isfinite(least) else "not reached")
    assert any(math.isfinite(least) for each in costs.values() for least in each)
    assert any("comes to 20%" in one.value for one in app.markdown)
    again = page(**address(app))
    assert table(again, "Bits to ε") == table(app, "Bits to ε")
    assert "точность" in " ".join(one.value for one in page(**address(app), lang="ru").markdown)


@with_torch
def test_a_race_of_a_network_takes_steps_around_a_usual_one() -> None:
    app = until(page(**{**NETWORK, "part": "everything"}), "posed", lambda app: not app.error)
    assert any("with 7 steps, γ = 0.0125 … γ = 0.8" in one.value for one in app.caption)
    assert any(button.key == "hunt-start" for button in app.button)


@with_torch
def test_who_chooses_a_network_here_gets_steps_that_it_can_take_and_back() -> None:
    app = page(dataset="digits", race="a", rounds="3", starts="1")
    menu = next(each for each in app.selectbox if str(each.key).split("@")[0] == "objective.softmax")
    menu.set_value("network").run()
    assert not until(app, "posed", lambda app: not app.error).warning
    assert "7 steps: γ = 0.01 … γ = 0.64" in [one.value for one in app.caption]
    menu = next(each for each in app.selectbox if str(each.key).split("@")[0] == "objective.softmax")
    menu.set_value("softmax").run()
    assert "10 steps: ×1 … ×512" in [one.value for one in app.caption]


def _document(app: AppTest) -> dict[str, object]:
    """What the button gives away, from the controls of the page."""
    from ef21lab.ui.sweep.asked import AskedGrid

    found: list[AskedGrid] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(take_away, "offer", lambda asked, epsilon: found.append(asked))
        page(**address(app))
    return found[0].document(0.1)
