"""What a visitor reads in a browser: Russian numbers in Russian."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_numbers_of_a_russian_page_have_no_decimal_point(visit: Any) -> None:
    tab = visit("rounds=300&lang=ru&theory=on")
    tab.wait_for_curves(3)
    tab.wait("() => [...document.querySelectorAll('.ef21-card')].every((card) => card.dataset.state === 'done')")
    shown = tab.page.inner_text("[data-testid=stApp]")
    assert re.findall(r"\d\.\d", re.sub(r"\.(csv|json|npy)", "", shown)) == []
    assert "300\u00a0раундов" in shown
    assert re.search("[1-9]\u00a0числа", shown) or "чисел" in shown
    ticks = tab.page.evaluate(
        "() => [...document.querySelectorAll('.ef21-plot .xtick, .ef21-plot .ytick')].map((tick) => tick.textContent)"
    )
    assert ticks
    assert [tick for tick in ticks if re.search(r"\d[kMB.]", tick)] == []
