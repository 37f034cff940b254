"""The QR code of a teacher's link says that link: read module by module from what is drawn, not asked of who drew it."""

from __future__ import annotations

import pytest

import ef21lab as lab
from ef21lab.ui.experiment.teaching import code_of
from tests.ui import qr

LINKS = [
    "http://127.0.0.1:8501/",
    "https://lab.example/?view=present&race=ab",
    lab.link({"compressor": {"name": "top_k", "k": 7}, "rounds": 100, "stop_at": 1e-6}),
    lab.link([{"compressor": {"name": "st_hosvd", "ranks": 2}}, {"compressor": {"name": "sign"}}], view={"theory": "on", "lang": "ru"}),
    "https://lab.example/base/?note=%D0%B7%D0%B0%D0%BC%D0%B5%D1%82%D0%BA%D0%B0&" + "a.top_k.k=4&" * 14,
]


@pytest.mark.parametrize("link", LINKS)
def test_the_code_says_the_link(link: str) -> None:
    assert qr.decoded(qr.modules(code_of(link))).decode() == link


def test_a_module_that_is_wrong_is_seen() -> None:
    """So the reader above would not take just any picture for the link."""
    dark = qr.modules(code_of(LINKS[1]))
    dark[-1, -1] ^= True
    with pytest.raises(AssertionError):
        qr.decoded(dark)


def test_a_link_that_no_code_holds_has_none() -> None:
    assert code_of("https://lab.example/?" + "a" * 3000) == ""
