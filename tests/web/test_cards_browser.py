"""The cards above the chart in a real browser: what their letters mean, and whether what this page wished is what happens."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.web.conftest import added
from tests.web.view import data_of

pytestmark = pytest.mark.browser

LETTERS = {"γ": "γ is the step", "Ψ": "Ψ is the potential", "G": "G is the distortion"}
TIP = "(document.querySelector('.ef21-cards .ef21-tip:not([hidden])')?.innerText ?? '')"
STATE = "document.querySelector('.ef21-card small')?.textContent"
BUTTONS = """[...document.querySelectorAll('.ef21-toolbar > div:first-child button')]
  .filter((button) => !button.hidden && !button.disabled).map((button) => button.textContent)"""


def with_letters(*keys, **more):
    data = data_of(*keys, letters=LETTERS, **more)
    data["runs"][0]["label"] = "Top-k k=1 γ = 0.03"
    return data


def test_a_letter_of_a_card_says_on_hover_what_it_is(open_view, source):
    view = open_view(with_letters(added(source, 0, 20, "done")))
    view.until("document.querySelector('.ef21-card b')?.textContent === 'Top-k k=1 γ = 0.03'")
    assert view("[...document.querySelectorAll('.ef21-card abbr')].map((one) => [one.textContent, one.title])") == [["γ", "γ is the step"]]
    assert view("getComputedStyle(document.querySelector('.ef21-card abbr')).textDecorationStyle") == "dotted"


def test_the_letter_of_what_is_drawn_is_defined_at_its_value_and_changes_with_it(open_view, source):
    key = added(source, 0, 20, "done")
    view = open_view(with_letters(key, metric="distortion"))
    view.until("document.querySelector('.ef21-value')?.title.includes('G is the distortion')")
    view.page.evaluate("(data) => show(data)", with_letters(key, metric="grad_norm_sq"))
    view.until("document.querySelector('.ef21-value').title === '‖∇f(x)‖²'")
    assert "G is" not in view("document.querySelector('.ef21-card').title")


def test_who_comes_by_keys_reads_the_definitions_and_a_reader_of_the_screen_hears_them(open_view, source):
    view = open_view(with_letters(added(source, 0, 20, "done"), metric="psi"))
    view.until("document.querySelector('.ef21-card')?.title.includes('potential')")
    assert view(TIP) == ""
    view.page.keyboard.press("Tab")
    view.until(f"{TIP} !== ''")
    assert view(TIP).split("\n") == ["γ is the step", "Ψ is the potential", "G is the distortion"]
    expect(view.page.locator(".ef21-card")).to_have_accessible_description(re.compile("γ is the step"))
    view.page.keyboard.press("Escape")
    view.until(f"{TIP} === ''")
    view.page.locator(".ef21-card").click()
    assert view(TIP) == ""


def test_letters_of_what_theory_says_are_defined_too(open_view, source):
    view = open_view(with_letters(added(source, 0, 20, "done"), theory=True))
    view.until("document.querySelector('.ef21-theory abbr')?.title === 'Ψ is the potential'")


def test_a_pause_that_another_tab_overrides_is_said_and_can_be_taken_back(open_view, source):
    key = added(source, 0, 5)
    source.change(key, wanted=1)
    data = data_of(key)
    view = open_view({**data, "runs": [{**data["runs"][0], "wish": "pause"}]})
    view.until(f"{STATE} === 'round 5 of 200: paused here, but another tab has it go on'")
    assert view(BUTTONS) == ["Resume", "Stop"]
    source.change(key, state="paused", wanted=0)
    view.until(f"{STATE} === 'paused at 5 of 200'")
    assert view(BUTTONS) == ["Resume", "One round", "Stop"]
