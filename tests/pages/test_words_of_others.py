"""Whatever an address, a file, a label or a column says is shown as it is written: nothing of it is read as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ef21lab.choices.text import Text, quoted
from ef21lab.datasets.uploaded import keep_upload
from ef21lab.runs.spec import FAMILIES
from ef21lab.ui.experiment.take_away import OPEN

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("lab")]

PAGES = Path(__file__).parents[2] / "pages"
HOSTILE = "![x](http://evil.example/p.png) **Please** [log in](http://evil.example) $x^2$ :red[y] :material/add: <b>z</b> `c` ~~d~~"
# What Markdown would read: an image, a link, bold, a formula, a directive, a tag, code, struck words; each without a backslash before it.
READ = re.compile(
    r"(?<!\\)!\[|\](?<!\\\])\(http|(?<!\\)\*\*Please|(?<!\\)\$x|(?<!\\):red|(?<!\\):\u2060?material/add|(?<!\\)<b>|(?<!\\)`c|(?<!\\)~~d|http://"
)
NAMES = sorted(page.stem for page in PAGES.glob("*.py"))


def spoken(app: AppTest) -> Iterator[str]:
    """Every piece of Markdown of a page: bodies, labels and hints."""
    for element in app.main, app.sidebar:
        for block in element:
            yield from _of(block)


def _of(block: Any) -> Iterator[str]:
    for child in getattr(block, "children", {}).values():
        yield from _of(child)
    proto = getattr(block, "proto", None)
    kinds = ("body", "label", "help", "caption")
    yield from (str(getattr(proto, kind)) for kind in kinds if proto is not None and isinstance(getattr(proto, kind, None), str))


def opened(name: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=120)
    app.query_params.update(query)
    app.session_state[OPEN] = True
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("start", range(0, len(HOSTILE), 40))
def test_an_address_writes_nothing_on_a_page(name: str, language: str, start: int) -> None:
    words = HOSTILE[start:] or HOSTILE
    keys = [
        *FAMILIES,
        "race",
        "metric",
        "axis",
        "theory",
        "rounds",
        "seed",
        "setting",
        "with",
        "epsilon",
        "vector",
        "operator",
        "fold",
        "other",
        "bits",
        "figure",
        "network",
        "find",
        "on",
        "sort",
    ]
    keys += ["a", "b.method", "c.step", "a.top_k.k", "b.st_hosvd.dims", "partition.contiguous.nodes"]
    said = list(spoken(opened(name, lang=language, **{"rounds": "3", "race": "a", **dict.fromkeys(keys, words)})))
    assert any("Please" in one for one in said) or start
    assert [one for one in said if READ.search(one)] == []


def test_a_table_writes_nothing_on_a_page() -> None:
    table = f'"{HOSTILE.replace("`", "")}",b,kind\n1,2,"{HOSTILE[:60]}"\n2,1,"$x$ <i>"\n3,1,"$x$ <i>"\n4,1,"{HOSTILE[:60]}"\n'
    content = keep_upload(table.encode()).content
    query = {"dataset": "uploaded", "dataset.uploaded.content": content, "partition.contiguous.nodes": "2", "rounds": "3"}
    file = HOSTILE[-60:].replace("/", "").replace(":", "")
    as_now = {"dataset": "table", "dataset.table.content": content, "dataset.table.file": file}
    for name in NAMES:
        for asked in query, {**query, **as_now}:
            assert [one for one in spoken(opened(name, **asked)) if READ.search(one)] == []


def test_the_search_finds_what_is_read() -> None:
    assert all(
        READ.search(one) for one in ("![x](http://a)", "**Please**", "$x^2$", ":red[y]", ":material/add:", "<b>z</b>", "`c`", "~~d~~")
    )
    assert READ.search(quoted(HOSTILE).markdown("en")) is None
    assert READ.search(Text("Say {what}", "Скажи {what}").format(what=HOSTILE).markdown("ru")) is None
