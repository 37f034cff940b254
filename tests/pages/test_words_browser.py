"""What a visitor reads in a browser: words of others as they are written, and Russian numbers in Russian."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest

pytestmark = pytest.mark.browser

HOSTILE = (  # each in full where it is repeated
    "![x](http://evil.example/p.png) **Please** [log in](http://evil.example)",
    "Please www.evil.example a@evil.example $x^2$ :red[y] :material/add: :smile:",
    "Please <b>z</b> `c` ~~d~~ a -> b -- c <img src=http://evil.example/q>",
)


@pytest.mark.parametrize("words", HOSTILE)
def test_an_address_makes_no_picture_no_link_and_no_request(visit: Any, words: str) -> None:
    tab = visit(f"rounds=3&race=a&dataset={quote(words)}&metric={quote(words)}")
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    tab.wait("() => document.querySelector('[data-testid=stAlert]')?.textContent.includes('Please')")
    tab.page.wait_for_timeout(500)
    said = tab.page.locator("[data-testid=stAlert]").first
    assert words in said.inner_text().replace("\u2060", "")
    assert said.locator("a, p img, b, strong, code, del, .katex, p [data-testid=stIconMaterial]").count() == 0
    assert [url for url in asked if "evil" in url.partition("?")[0]] == []


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
