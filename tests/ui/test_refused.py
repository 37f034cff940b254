"""What a page says of what is not there: that it is wrong, or that it comes; then it is drawn anew by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ef21lab.choices.text import Refusal, Text
from ef21lab.jobs.knowledge import NotReady
from ef21lab.ui.kit import refused

WHY = Text("it is not there", "этого нет")


def page(refusal, words):  # type: ignore[no-untyped-def]  # a script of its own
    from ef21lab.ui.kit import refused

    refused.tell(refusal, words)


def told(refusal: Refusal, words: str = "") -> tuple[list[str], list[str]]:
    app = AppTest.from_function(page, args=(refusal, words), default_timeout=120).run()
    assert not app.exception
    return [one.value for one in app.error], [one.value for one in app.info]


def test_what_is_wrong_is_an_error_and_what_comes_late_is_none() -> None:
    assert told(Refusal(WHY)) == ([WHY.en], [])
    assert told(Refusal(WHY), "A: no") == (["A: no"], [])
    assert told(NotReady(WHY)) == ([], [WHY.en])


@pytest.mark.parametrize(("refusal", "times"), [(Refusal(WHY), []), (NotReady(WHY), [refused.AGAIN])])
def test_a_page_is_drawn_anew_for_what_comes_late_and_for_nothing_else(
    refusal: Refusal, times: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The timer is Streamlit's: here it is told what to call, and when."""
    timers, drawn = list[tuple[float, Callable[[], None]]](), list[int]()

    def fragment(*, run_every: float) -> Any:
        return lambda function: timers.append((run_every, function)) or function

    monkeypatch.setattr(refused.st, "fragment", fragment)
    monkeypatch.setattr(refused.st, "rerun", lambda: drawn.append(1))
    refused.tell(refusal)
    assert [every for every, _ in timers] == times
    assert drawn == []  # not while the page itself is being drawn
    for _, function in timers:
        function()
    assert len(drawn) == len(times)
