"""Theory on the experiment page in a real browser: a press of the toggle draws the lines and says why others are missing."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser

LINES = "document.querySelector('.ef21-plot').data.filter(({ line }) => line?.dash === '2px,3px')"
SAYS = "(words) => document.querySelector('.ef21-theory').innerText.replaceAll('\\u00a0', ' ').includes(words)"
OVERFLOW = "() => Math.max(...[...document.querySelectorAll('[data-testid=stMain], body')].map((e) => e.scrollWidth - e.clientWidth))"


def test_the_toggle_draws_the_line_of_the_run_that_has_one_and_gives_the_reason_of_the_other(visit: Any) -> None:
    tab = visit("race=ac&rounds=60&metric=mean")
    tab.wait_for_curves(2)
    tab.page.get_by_text("Theory", exact=True).last.click()
    tab.wait(f"() => {LINES}.length === 1")
    tab.wait(SAYS, "upper bound from the theorem")
    tab.wait(SAYS, "Top-k k=4 ×32: no guarantee, the step is 32 times the longest that the theorem allows")
    tab.wait("() => new URL(location).searchParams.get('theory') === 'on'")


def test_the_exact_rate_is_drawn_with_its_line_and_has_its_reason_elsewhere(visit: Any) -> None:
    query = "race=ca&rounds=60&metric=tight&objective=logistic_ridge&theory=on&c.step=theory_tight&a=rand_k"
    tab = visit(query)
    tab.wait_for_curves(1)
    tab.wait(f"() => {LINES}.length === 1")
    tab.wait(SAYS, "upper bound from the theorem")
    tab.wait(SAYS, "the exact rate is about deterministic compressors, and “Rand-k” draws at random")


def test_a_link_with_theory_opens_on_a_phone_in_russian(visit: Any) -> None:
    tab = visit("race=c&rounds=60&metric=psi&objective=logistic_ridge&theory=on", locale="ru-RU", theme="dark", size=(390, 844))
    tab.wait_for_curves(1)
    tab.wait(f"() => {LINES}.length === 1")
    tab.wait(SAYS, "верхняя оценка из теоремы")
    tab.rest()
    assert tab.page.evaluate(OVERFLOW) <= 0
