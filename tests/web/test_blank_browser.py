"""A picture in which nothing is to be seen says so, in a real browser, and another slice of the same message does not."""

from __future__ import annotations

import numpy as np
import pytest

from ef21lab.channels.snapshot import Snapshot
from tests.web.conftest import row
from tests.web.view import data_of

pytestmark = pytest.mark.browser

SAID = """JSON.stringify([...document.querySelectorAll('.ef21-picture')]
  .map((one) => one.querySelector('.ef21-blank:not([hidden])')?.innerText ?? ''))"""


@pytest.mark.parametrize(("language", "words"), [("en", "nothing arrived here"), ("ru", "сюда ничего не пришло")])
def test_a_slice_in_which_nothing_arrived_is_not_left_without_a_word(open_view, source, language, words):
    wanted = np.arange(1, 13, dtype=np.float32).reshape(1, 12)
    received = np.where(np.arange(12) < 6, np.float32(0), wanted)  # of the first slice of two nothing arrives
    key = source.add({"rounds": 0})
    source.change(key, [row(0, 1, 12)._replace(snapshot=Snapshot(np.arange(1), wanted, received))], "done")
    view = open_view(data_of(key, language=language, view={"contender": 0, "node": 0, "round": 0, "slice": 0}))
    view.until(f'{SAID} === \'["","{words}",""]\'')
    assert words in view("document.querySelector('.ef21-received canvas').getAttribute('aria-label')")
    canvas, said = (view.page.locator(f".ef21-received {part}").bounding_box() for part in ("canvas", ".ef21-blank"))
    assert canvas["y"] <= said["y"]
    assert said["y"] + said["height"] <= canvas["y"] + canvas["height"]
    view.page.get_by_role("slider", name="Slice" if language == "en" else "Срез").fill("1")
    zero = {"en": "all zero here", "ru": "здесь одни нули"}[language]
    view.until(f'{SAID} === \'["","","{zero}"]\'')  # all has arrived: no error is left
