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
    tab.rest()
    said = tab.page.locator("[data-testid=stAlert]").first
    assert words in said.inner_text().replace("\u2060", "")
    assert said.locator("a, p img, b, strong, code, del, .katex, p [data-testid=stIconMaterial]").count() == 0
    assert [url for url in asked if "evil" in url.partition("?")[0]] == []


READ = "a[href*=evil], img[src*=evil], .katex, b, strong, code, del, p [data-testid=stIconMaterial], span[style*=color]"


def read_as_markdown(tab: Any) -> list[str]:
    """What the page has made of the hostile words."""
    return [
        words
        for words in tab.page.locator("[data-testid=stMain]").locator(READ).all_inner_texts()
        if re.search("Please|evil|log in|^[zcdxy]2?$|^add$", words)
    ]


def quoted_cell(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'


GOOD_ROWS = [f"{row},{row % 7},{quoted_cell(HOSTILE[row % 3])}\n" for row in range(60)]


def test_a_table_makes_no_picture_no_link_and_no_request(visit: Any, server: Any) -> None:
    """Labels of its classes, the names of its columns where one of them is refused, and the name of the file itself."""
    tab = visit(f"{server.url}/data?dataset=table&lang=en")
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    file = tab.page.locator("[data-testid=stFileUploader] input")
    bad, good = (f"length,{quoted_cell(HOSTILE[1])},kind\n" + "".join(rows) for rows in (["1,2,a\n2,3,b\n1,4,a\n1,oops,a\n"], GOOD_ROWS))
    file.set_input_files({"name": HOSTILE[2].replace("/", "_") + ".csv", "mimeType": "text/csv", "buffer": bad.encode()})
    tab.wait("() => document.querySelector('[data-testid=stAlert]')?.textContent.includes('oops')")
    said = tab.page.locator("[data-testid=stAlert]").first
    assert HOSTILE[1] in said.inner_text().replace("\u2060", "")
    assert read_as_markdown(tab) == []
    file.set_input_files({"name": "good.csv", "mimeType": "text/csv", "buffer": good.encode()})
    tab.wait("() => document.querySelectorAll('.js-plotly-plot').length >= 5")
    tab.rest()
    cells = " ".join(tab.page.locator("[data-testid=stMarkdownContainer] td").all_inner_texts()).replace("\u2060", "")
    assert all(words in cells for words in HOSTILE)
    assert read_as_markdown(tab) == []
    assert [url for url in asked if "evil" in url.partition("?")[0]] == []
    tab.errors.clear()  # Chromium's word of a page that was looked for under /data first


def test_numbers_of_a_russian_page_have_no_decimal_point(visit: Any) -> None:
    tab = visit("rounds=300&lang=ru&theory=on")
    tab.wait_for_curves(3)
    tab.wait("() => [...document.querySelectorAll('.ef21-card')].every((card) => card.dataset.state === 'done')")
    tab.rest()
    shown = tab.page.inner_text("[data-testid=stApp]")
    assert re.findall(r"\d\.\d", re.sub(r"\.(csv|json|npy)", "", shown)) == []
    assert "300\u00a0раундов" in shown
    assert re.search("[1-9]\u00a0числа", shown) or "чисел" in shown
    ticks = tab.page.evaluate(
        "() => [...document.querySelectorAll('.ef21-plot .xtick, .ef21-plot .ytick')].map((tick) => tick.textContent)"
    )
    assert ticks
    assert [tick for tick in ticks if re.search(r"\d[kMB.]", tick)] == []


EVERYWHERE = """() => {
  const app = document.querySelector("[data-testid=stApp]");
  const values = [...app.querySelectorAll("input, output")].map((one) => one.value);
  const said = [...app.querySelectorAll("[aria-valuetext]")].map((one) => one.getAttribute("aria-valuetext"));
  const drawn = [...app.querySelectorAll("svg text")].map((one) => one.textContent);
  const told = [...app.querySelectorAll("[title]")].map((one) => one.title);
  return [app.innerText, ...values, ...said, ...drawn, ...told].join("\\n");
}"""
NOT_NUMBERS = re.compile(r"CC BY 4\.0|лемма \d\.\d|arXiv:\d{4}\.\d{5}|\.(csv|json|npy|gz)|v\d+\.\d+")
PAGES = {  # with every kind of number that may stand in a control
    "": "race=ab&a.step=fixed&a.step.fixed.gamma=0.03&b=qsgd&partition=unequal&partition.unequal.power=1.5&rounds=50&theory=on&metric=mean",
    "data": "partition=unequal&partition.unequal.power=0.25&objective.logistic_nonconvex.lam=0.125",
    "theory": "race=ab&a.step=fixed&a.step.fixed.gamma=0.03&epsilon=0.05&rounds=50",
    "sweep": "dataset=breast_cancer&partition.contiguous.nodes=4&rounds=30&race=a&octaves=1&rule.theory.multiple=1.5&strengths=1&starts=1",
    "microscope": "vector=low_rank&vector.low_rank.noise=0.25&operator=qsgd",
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page or "experiment")
def test_no_number_of_any_russian_page_has_a_decimal_point(visit: Any, server: Any, page: str) -> None:
    tab = visit(f"{server.url}/{page}?lang=ru&{PAGES[page]}", locale="en-US")  # the page's language counts, not the browser's
    if page == "sweep":
        tab.page.get_by_role("button", name="Начать", exact=True).click()
    tab.wait("() => document.querySelectorAll('.js-plotly-plot').length >= 1")
    tab.rest()
    said = NOT_NUMBERS.sub("", tab.page.evaluate(EVERYWHERE))
    assert re.search(r"\d,\d", said)
    assert re.findall(r".{0,30}\d\.\d.{0,10}", said) == []
    tab.errors.clear()  # Chromium's word of a page that was looked for under its own address first
