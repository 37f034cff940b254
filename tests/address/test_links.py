"""A link opens the runs it was made of, and is refused in words where a page would complain."""

from __future__ import annotations

import doctest
import random
from urllib.parse import urlsplit

import pytest

import ef21lab as lab
from ef21lab.address import links, opening, writing
from ef21lab.address.opening import specs_of
from ef21lab.choices.text import Refusal
from ef21lab.choices.written import written
from ef21lab.runs import document
from ef21lab.runs.spec import FAMILIES, RunSpec
from tests import draws

SMALL = {"dataset": "breast_cancer", "rounds": 3, "compressor": {"name": "st_hosvd", "dims": [5, 6], "ranks": [3, 2]}}


@pytest.mark.parametrize("module", [links, opening, writing, document])
def test_the_examples_say_what_comes(module: object) -> None:
    found = doctest.testmod(module)  # type: ignore[arg-type]
    assert found.attempted
    assert not found.failed


def test_a_link_opens_the_runs_it_was_made_of() -> None:
    given = [{**SMALL, "algorithm": name} for name in ("ef21", "ef14", "dcgd", "ef21_hb")]
    assert lab.specs(lab.link(given)) == [RunSpec.make(spec) for spec in given]
    assert lab.specs(lab.link(SMALL)) == [RunSpec.make(SMALL)]


def test_a_link_leads_where_the_lab_is_served() -> None:
    assert lab.link(SMALL, base="https://uni.example/lab").startswith("https://uni.example/lab/?dataset=breast_cancer&")
    assert lab.link(lab.specs("?")) == "http://127.0.0.1:8501/"


def test_letters_of_any_alphabet_travel_in_a_link() -> None:
    spec = {"dataset": {"name": "libsvm", "file": "Ж & =+#?.txt"}}
    link = lab.link(spec)
    assert link.isascii()
    assert lab.specs(link)[0].dataset.settings() == {"file": "Ж & =+#?.txt"}


def test_a_link_of_earlier_defaults_means_what_it_meant() -> None:
    old, new = (lab.specs(f"?race=a&a.method=ef21_bc{mark}")[0] for mark in ("", "&v=2"))
    assert old.algorithm.settings()["downlink_init"] == "compressed"
    assert new.algorithm == lab.algorithm("ef21_bc")
    assert lab.specs(lab.link([old])) == [old]


def test_a_ready_made_setting_by_itself_is_all_it_sets() -> None:
    assert [spec.compressor.name for spec in lab.specs("http://x/?setting=stall")] == ["hosvd", "st_hosvd", "tensor_train"]


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("spec.json", "is no link"),
        ("?rounds=many", "“Rounds” to 'many'; it must be an integer"),
        ("?a.top_k.kk=3", "controls that do not exist: 'a.top_k.kk'"),
        ("?race=xy", "they are the letters a to f"),
        ("?rounds=3&v=9", "v is a whole number from 1 to"),
        ("?rounds=3&rounds=5", "The link sets “rounds” several times."),
        ("?race=a&a.top_k.k=3&v=2&a.top_k.k=5", "The link sets “a.top_k.k” several times."),
        ("?v=1&rounds=3&v=2", "The link sets “v” several times."),
        ('?a={"name":"top_k","kk":3}', "top_k has no field 'kk'"),
    ],
)
def test_what_a_page_would_complain_of_is_refused(link: str, words: str) -> None:
    with pytest.raises(Refusal, match=words.replace("?", r"\?")) as refused:
        lab.specs(link)
    assert "Взято" not in refused.value.text.ru


@pytest.mark.parametrize(
    ("specs", "view", "words"),
    [
        ([], {}, "1 to 6 runs, and here are 0"),
        ([SMALL] * 7, {}, "here are 7"),
        ([SMALL, {**SMALL, "seed": 1}], {}, "these differ in seed"),
        ([SMALL, {**SMALL, "dataset": "mushrooms"}], {}, "these differ in dataset"),
        ({**SMALL, "rounds": 0}, {}, "rounds must be an integer in 1"),
        ({**SMALL, "dataset": "diabetes"}, {}, "takes the labels of diabetes"),
        (SMALL, {"race": "ab"}, "as many letters"),
        (SMALL, {"axis": "weeks"}, "axis must be one of"),
        (SMALL, {"lang": "xx"}, "lang='xx'.: lang must be one of en, ru"),
        (SMALL, {"lang": None}, "lang must be one of en, ru"),
        (SMALL, {"lang": ["en"]}, "lang must be one of en, ru"),
        (SMALL, {"colour": "red"}, "no page has a control 'colour'"),
    ],
)
def test_what_no_page_shows_is_refused(specs: object, view: dict[str, str], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        lab.link(specs, view=view)  # type: ignore[arg-type]


def test_a_view_comes_back_as_it_was_given() -> None:
    view = {
        "axis": "floats_up",
        "goal": 1e-6,
        "theory": "on",
        "epsilon": 0.01,
        "round": 7,
        "lang": "ru",
        "vector": {"name": "gaussian", "d": 64, "seed": 3},
    }
    query = dict(part.split("=") for part in urlsplit(lab.link(SMALL, view=view)).query.split("&"))
    assert specs_of(query).view == view


def test_what_is_set_twice_alike_is_set_once() -> None:
    assert lab.specs("?rounds=3&rounds=3")[0].rounds == 3


def test_members_as_json_objects_are_read_as_their_controls() -> None:
    rng = random.Random(0)
    for _ in range(50):
        given = draws.member(FAMILIES["compressor"], rng)
        try:
            member = lab.compressor(given)
        except Refusal:
            continue
        assert specs_of({"a": written(given), "race": "a"}).specs[0].compressor == member


@pytest.mark.parametrize(
    "link", ["http://[::1", "http://", "https://?race=a", "ftp://a/?race=a", "http://a b/?race=a", "", None, 3, b"http://a/"]
)
def test_what_is_no_link_is_refused_in_words(link: object) -> None:
    with pytest.raises(Refusal, match="is no link"):
        lab.specs(link)  # type: ignore[arg-type]


@pytest.mark.parametrize("base", ["http://[", "x", "", "//a", "javascript:alert(1)", "http://a/?q=1", "http://a#f", "http://a\nb", None])
def test_what_is_no_address_of_a_lab_is_refused_in_words(base: object) -> None:
    with pytest.raises(Refusal, match="no address of a lab"):
        lab.link(SMALL, base=base)  # type: ignore[arg-type]


@pytest.mark.parametrize("runs", [None, 3, "top_k"])
def test_what_is_no_run_is_refused_in_words(runs: object) -> None:
    with pytest.raises(Refusal, match="one run or a list of runs"):
        lab.link(runs)  # type: ignore[arg-type]


def test_a_lab_behind_a_path_has_links_too() -> None:
    assert lab.specs(lab.link(SMALL, base="https://lab.example/ef21/")) == lab.specs(lab.link(SMALL))
