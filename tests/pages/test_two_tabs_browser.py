"""Two tabs that show one run: what each of them is told of the other's wishes, and what the letters on its card mean."""

from __future__ import annotations

from typing import Any

import pytest

from ef21lab.ui.kit.glossary import LETTERS

pytestmark = pytest.mark.browser

LONG = "race=a&rounds=300000&partition.contiguous.nodes=100&seed=77001&a.step=fixed"
SAYS = "(words) => document.querySelector('.ef21-card small')?.textContent.includes(words)"
ABBREVIATED = "() => Object.fromEntries([...document.querySelectorAll('.ef21-card abbr')].map((one) => [one.textContent, one.title]))"


def test_a_pause_that_another_tab_overrides_is_said_until_it_is_none(visit: Any) -> None:
    ann, bob = visit(LONG), visit(LONG + "&lang=ru")
    for tab in ann, bob:
        tab.wait_for_head(300)
        tab.wait_for_state("running")
    ann.press("Pause")
    ann.wait(SAYS, "paused here, but another tab has it go on")
    head = ann.head
    ann.wait_for_head(head + 100)
    ann.wait(SAYS, "another tab")
    assert "вкладк" not in bob.page.inner_text(".ef21-cards")
    bob.page.locator(".ef21-toolbar").get_by_role("button", name="Пауза", exact=True).click()
    ann.wait(SAYS, "paused at")
    bob.wait(SAYS, "пауза: раунд")
    bob.page.locator(".ef21-toolbar").get_by_role("button", name="Продолжить", exact=True).click()
    ann.wait(SAYS, "another tab")
    ann.press("Resume")
    ann.wait("() => /^round [\\d,]+ of 300,000$/.test(document.querySelector('.ef21-card small').textContent)")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_letters_of_a_card_are_defined_as_everywhere_on_the_page(visit: Any, language: str) -> None:
    tab = visit(f"race=a&rounds=30&a.step=fixed&lang={language}")
    tab.wait_for_curves(1)
    assert tab.page.evaluate(ABBREVIATED) == {"γ": LETTERS["γ"](language)}  # type: ignore[arg-type]
