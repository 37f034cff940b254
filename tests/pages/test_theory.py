"""The theory page without a browser: the contenders of the experiment, every compressor and method, ε from one end to the other."""

from __future__ import annotations

import contextlib
import math
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ef21lab import theory
from ef21lab.address.controls import START
from ef21lab.algorithms.base import algorithms
from ef21lab.choices.text import Refusal
from ef21lab.compressors.base import compressors
from ef21lab.jobs.lab import Lab, the_lab
from ef21lab.runs.experiment import describe, run
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("lab")]

PAGES = Path(__file__).parents[2] / "pages"
QUICK = {"rounds": "30"}
SPEC = {"rounds": 30}


def page(name: str = "theory", **query: str) -> AppTest:
    """The page at this address, run once."""
    app = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=120)
    app.query_params.update(query)
    app.run()
    assert not app.exception
    return app


def settled(**query: str) -> AppTest:
    """The page once its runs are over."""
    app = page(**query)
    for _ in range(1200):
        keys = shown_keys(app)
        if all(the_lab().status(key).state == "done" for key in keys):
            app.run()
            assert not app.exception
            return app
        time.sleep(0.1)
    raise AssertionError("the runs do not end")


def shown_keys(app: AppTest) -> list[str]:
    return sorted(the_lab()._wishes.visitors[app.session_state["_visitor"]].shown or ())


def table(app: AppTest, first: str) -> list[list[str]]:
    """The rows of the table whose first column is headed so."""
    [block] = [one.value for one in app.markdown if one.value.startswith(f"| {first} |")]
    return [[cell.strip() for cell in line.replace("\\|", "¦")[2:-2].split(" | ")] for line in block.split("\n")[2:]]


def spec_of(letter: str, **given: object) -> RunSpec:
    return RunSpec.make({**START[letter], "step": "theory", **SPEC, **given})


def other_theorems(spec: RunSpec) -> list[tuple[str, str]]:
    """Every method and rule beside the method's own theorem for which there is a step with this contender's compressor."""
    found = []
    for name in algorithms.members:
        for rule in ("theory_2024", "theory_pl", "theory_tight"):
            with contextlib.suppress(Refusal):
                describe({**spec.json(), "algorithm": name, "step": rule})
                found.append((name, rule))
    return found


@pytest.mark.parametrize(("language", "words"), [("en", "exact rate"), ("ru", "точная скорость")])
def test_every_rule_that_has_a_step_for_a_method_has_a_row_with_it(language: str, words: str) -> None:
    given = {"objective": {"name": "logistic_ridge", "lam": 0.1}}
    query = {"objective": "logistic_ridge", "objective.logistic_ridge.lam": "0.1"}
    rows = {row[0]: row for row in table(page(lang=language, race="a", **query, **QUICK), {"en": "method", "ru": "метод"}[language])}
    exact = {label.strip("*").split(",")[0]: row for label, row in rows.items() if words in label}
    assert exact.keys() == {"EF21", "EF21+"}
    gamma = describe(spec_of("a", **given, step="theory_tight"))["gamma"]
    assert read(exact["EF21"][1].replace(",", "." if language == "ru" else "")) == pytest.approx(gamma, rel=0.01)
    assert len(rows) == len(algorithms.members) + len(other_theorems(spec_of("a", **given)))


def plain(cell: str) -> float:
    return float(cell.replace(",", ""))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_compressor_and_every_method_has_its_row_in_both_languages(language: str) -> None:
    app = page(lang=language, race="abcd", **QUICK)
    heads = {"en": ("compressor", "method", "contender"), "ru": ("компрессор", "метод", "участник")}[language]
    certificates, methods, rounds = (table(app, head) for head in heads)
    assert len(certificates) == len(compressors.members)
    assert len(methods) == len(algorithms.members) + len(other_theorems(spec_of("a"))) + 2  # of EF21, which races: two that need μ, and why
    assert len(rounds) == 4
    assert not app.error
    assert not app.warning


def test_a_certificate_is_what_describe_says_of_the_contender() -> None:
    rows = {row[0]: row for row in table(page(race="ab", **QUICK), "compressor")}
    for letter, label in (("a", "**Top-k k=4**"), ("b", "**ST-HOSVD 4×4×7 r 2·2·2**")):
        described = describe(spec_of(letter))
        assert float(rows[label][1]) == pytest.approx(described["alpha"], rel=0.01)
        assert plain(rows[label][3]) == described["bits_per_round"]
        assert plain(rows[label][4]) == described["floats_per_round"]


def test_two_contenders_of_one_compressor_have_a_row_each() -> None:
    rows = [row[0] for row in table(page(race="ae", **QUICK), "compressor") if "Top-k k=" in row[0] and "**" in row[0]]
    assert rows == ["**Top-k k=4**", "**Top-k k=38**"]


def test_a_missing_certificate_comes_with_its_reason_everywhere() -> None:
    app = settled(race="ad", **QUICK)
    [row] = [row for row in table(app, "compressor") if "HOSVD (classical)" in row[0]]
    assert row[1] == "none"
    assert row[5].startswith("No certificate")
    assert any("HOSVD (classical)" in caption.value and "not certified" in caption.value for caption in app.caption)
    [told] = [row for row in table(app, "contender") if "HOSVD" in row[0]]
    assert told[1:3] == ["—", "—"]
    assert "no certificate" in told[6]


def test_an_unbiased_contender_shows_its_variance() -> None:
    app = page(race="a", a="qsgd", **{"a.qsgd.scaling": "unbiased"}, **QUICK)
    [row] = [row for row in table(app, "compressor") if "QSGD" in row[0]]
    assert float(row[2]) == pytest.approx(min(112 / 256, math.sqrt(112) / 8), rel=0.01)


def read(words: str) -> float:
    """0.0123, or 1.23·10⁻³."""
    mantissa, _, power = words.partition("·10")
    return float(f"{mantissa}e{power.translate(str.maketrans('⁻⁰¹²³⁴⁵⁶⁷⁸⁹', '-0123456789')) or 0}")


def test_a_method_is_refused_in_words_or_has_the_step_of_its_plan() -> None:
    rows = {row[0]: row for row in table(page(race="a", **QUICK), "method")}
    assert rows["DIANA"][1] == "not applicable"
    assert "unbiased" in rows["DIANA"][3]
    facts = problem_of(spec_of("a")).facts
    gamma = theory.ef21_step(facts.smoothness, theory.quadratic_mean(facts.node_smoothness), 4 / 112)
    assert read(rows["**EF21**"][1]) == pytest.approx(gamma, rel=0.01)
    assert read(rows["**EF21**"][2]) == pytest.approx(gamma * facts.smoothness, rel=0.01)
    assert "no theorem is implemented" in rows["DCGD"][3]


def test_the_methods_are_tried_with_the_contender_that_is_picked_and_the_link_keeps_it() -> None:
    app = page(race="ab", **QUICK)
    before = table(app, "method")
    app.selectbox(key="with").select("b").run()
    assert table(app, "method") != before
    assert app.query_params["with"] in ("b", ["b"])
    assert table(page(race="ab", **QUICK, **{"with": "b"}), "method") == table(app, "method")


def test_a_contender_that_was_picked_and_removed_gives_way_to_the_first() -> None:
    app = page(race="ab", **QUICK, **{"with": "b"})
    app.button(key="remove.b").click().run()
    assert not app.exception
    assert app.session_state["with"] == "a"


def test_what_was_measured_is_in_the_trace() -> None:
    rows = table(settled(race="c", epsilon="0.5", **QUICK), "contender")
    trace = run(spec_of("c"))
    T = next(T for T in range(1, 31) if sum(trace["grad_norm_sq"][:T]) / T <= 0.5)
    assert plain(rows[0][3]) == T
    assert plain(rows[0][4]) == trace["bits_up"][T - 1]
    assert plain(rows[0][1]) >= T
    assert float(rows[0][5]) == pytest.approx(plain(rows[0][1]) / T, rel=0.01)


@pytest.mark.parametrize(
    ("epsilon", "rounds", "words"), [("10", "1", "both at this theorem's step"), ("1e-6", "—", "not within 30 rounds")]
)
def test_epsilon_at_its_ends_is_reached_in_round_one_or_never(epsilon: str, rounds: str, words: str) -> None:
    [row] = table(settled(race="c", epsilon=epsilon, **QUICK), "contender")
    assert row[3] == rounds
    assert words in row[6]


def test_the_promise_is_of_the_theorems_step_and_says_so_where_the_run_has_another() -> None:
    one, many = (table(settled(race="a", **QUICK, **{"a.step.theory.multiple": multiple}), "contender")[0] for multiple in ("1", "32"))
    assert one[1:3] == many[1:3]
    assert "both at this theorem's step" in one[6]
    assert "32 times" in many[6]


def test_a_run_that_diverged_says_so() -> None:
    query = {"rounds": "3000", "a.step": "fixed", "a.step.fixed.gamma": "1e9", "objective": "logistic_ridge"}
    [row] = table(settled(race="a", epsilon="1e-6", **query), "contender")
    assert "diverged" in row[6]
    assert row[3] == "—"


def test_a_run_that_was_stopped_says_where() -> None:
    app = page(race="a", rounds="20000", epsilon="1e-6", seed="79", **{"partition.contiguous.nodes": "100"})
    [key] = shown_keys(app)
    the_lab().stop(key, app.session_state["_visitor"])
    [row] = table(app.run(), "contender")
    assert "was stopped" in row[6]


def test_the_runs_are_those_of_the_experiment_page() -> None:
    query = {"race": "abc", "seed": "5", **QUICK}
    keys = shown_keys(page("experiment", **query))
    assert len(keys) == 3
    assert shown_keys(page(**query)) == keys


@pytest.mark.parametrize(("language", "words"), [("en", "must be"), ("ru", "а нужно")])
def test_what_a_link_gets_wrong_is_said_and_the_rest_is_kept(language: str, words: str) -> None:
    app = page(lang=language, epsilon="0", race="ab", **{"with": "x"}, **QUICK)
    said = [warning.value for warning in app.warning]
    assert any("ε" in one and words in one for one in said)
    assert any("'x'" in one and words in one for one in said)
    assert app.session_state["epsilon"] == 0.1


def test_an_epsilon_between_two_places_of_the_slider_goes_to_the_nearer() -> None:
    assert page(race="c", epsilon="0.0009", **QUICK).session_state["epsilon"] == 0.001


def test_a_refused_run_shows_why_and_the_rest_of_the_page_stands(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "limits", type(lab.limits)(gradient_floats=10))
    app = page(race="a", seed="78", **QUICK)
    assert "at most 10" in app.error[0].value
    assert len(table(app, "compressor")) == len(compressors.members)


def test_a_problem_that_cannot_be_posed_is_said_and_the_link_kept() -> None:
    app = page(dataset="libsvm", race="a", **QUICK)
    assert app.error
    assert app.query_params["race"] in ("a", ["a"])
