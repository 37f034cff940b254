"""Among other tabs of a browser each page is found by its own name, in the language that it speaks."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

TITLES = {"Theory": "Теория", "Data": "Данные", "Microscope": "Микроскоп", "Experiment": "Эксперимент"}  # as a person would say them
IS = "(title) => document.title === title"


def test_each_page_has_a_title_of_its_own_that_follows_the_language(visit):
    tab = visit("rounds=20&race=a")
    tab.wait(IS, "Experiment · ef21lab")
    for english in TITLES:
        tab.page.get_by_role("link", name=english, exact=True).click()
        tab.wait(IS, f"{english} · ef21lab")
    tab.page.get_by_text("Русский", exact=True).click()
    tab.wait(IS, "Эксперимент · ef21lab")
    for russian in TITLES.values():
        tab.page.get_by_role("link", name=russian, exact=True).click()
        tab.wait(IS, f"{russian} · ef21lab")
