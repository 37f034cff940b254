"""What is known of an address without a page is what the page makes of it: the runs it asks for, what it writes, what it says."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ef21lab.address import versions
from ef21lab.address.opening import Opened, fitted_to, specs_of
from ef21lab.address.places import room
from ef21lab.address.writing import address_of
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal
from ef21lab.choices.written import NUMBER
from ef21lab.datasets.base import Dataset
from ef21lab.jobs.lab import the_lab
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.repeats import repeats
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.tuned import candidates
from tests import draws

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("lab")]

PAGE = str(Path(__file__).parents[2] / "pages" / "experiment.py")
HERE = ("problem", "race", "repeats", "chart", "pictures", "ready made")  # the rooms of this page


def quick(kind: type[Spec]) -> bool:
    return kind.absence is Dataset.absence and kind.name not in ("mushrooms", "breast_cancer")


def opened(address: Mapping[str, str]) -> AppTest:
    app = AppTest.from_file(PAGE, default_timeout=120)
    app.query_params.update(address)
    app.run()
    assert not app.exception, address
    return app


def written(app: AppTest) -> dict[str, str]:
    return {key: words if isinstance(words, str) else words[0] for key, words in app.query_params.items()}


def here(address: Mapping[str, str]) -> dict[str, str]:
    return {key: words for key, words in address.items() if room(key) in HERE}


def told(address: Mapping[str, str]) -> dict[str, object]:
    """Numbers that a slider of Streamlit cannot tell apart are one."""
    return {key: round(float(words), 12) if re.fullmatch(NUMBER, words) else words for key, words in address.items()}


def fits(meant: Opened) -> tuple[tuple[int, ...], ...] | None:
    """The shapes of x; None where the problem cannot be posed."""
    first = meant.specs[0]
    try:
        return problem_of(first).facts.layout
    except Refusal:
        return None


def runs(spec: RunSpec) -> bool:
    return plan(spec, problem_of(spec).facts).reason is None


def seen(address: Mapping[str, str]) -> bool:
    """Whether Streamlit can tell its numbers from 0 and 1: a slider goes by differences of 10⁻¹²."""
    numbers = [float(words) for words in address.values() if re.fullmatch(NUMBER, words)]
    return not any(0 < abs(number - whole) < 1e-12 for number in numbers for whole in (0, 1))


DRAWN = (draws.address("experiment", random.Random(f"address {number}"), quick) for number in range(80))
ADDRESSES = [address for address in DRAWN if seen(address)]
READY: list[dict[str, str]] = [{}, {"setting": "stall"}, {"setting": "classes", "lang": "ru"}, {"a.method": "ef21_bc", "race": "a"}]
ODD: list[dict[str, str]] = [
    {"a": '{"name":"st_hosvd","dims":[8,14],"ranks":3}', "race": "a", "rounds": "4e0"},
    {"a": '{"name":"st_hosvd","rank":3}', "race": "ba", "lang": "ru"},
    {"dataset": "digits", "race": "bde", "b.st_hosvd.dims": "auto", "d.hosvd.dims": "natural", "e.top_k.k": "5000"},
    {"dataset": "digits", "race": "b", "b": "tensor_train", "b.tensor_train.dims": "32x20", "b.tensor_train.ranks": "3"},
    {"race": "b", "b": "then", "b.then.first": "rand_k", "b.then.first.rand_k.k": "3", "v": "2"},
    {"v": "7", "rounds": "5", "zz": "1"},
    {"repeats": "3", "rounds": "4", "race": "ac", "a.step": "theory", "seed": "99", "v": "3"},
    {"repeats": "3.0", "rounds": "4", "race": "a", "lang": "ru", "v": "3"},
]
EVERY = [*READY, *ODD, *ADDRESSES]


@pytest.mark.parametrize("place", range(len(EVERY)))
def test_the_page_makes_of_an_address_what_is_known_of_it_without_a_page(place: int) -> None:
    address = EVERY[place]
    meant, app = specs_of(address), opened(address)
    if (layout := fits(meant)) is None:
        assert app.error
        return
    specs = [fitted_to(layout, spec) for spec in meant.specs]
    assert told(here(written(app))) == told(here(address_of(specs, meant.view, layout)))
    often = int(str(meant.view.get("repeats", "1")))
    able = [spec for spec in specs if runs(candidates(spec)[0])]
    groups = [{run.key for one in repeats(spec, often) for run in candidates(one)} for spec in able]
    wanted = set().union(*groups)
    shown = set(the_lab()._wishes.visitors[app.session_state["_visitor"]].shown or ())
    accepted = combinations(groups, len(groups) - len(app.error))  # some would be too dear
    assert len(shown) in {len(set().union(*some)) for some in accepted}
    if here(written(app)) == here(address_of(specs, meant.view, layout)):
        assert shown <= wanted
    said = {warning.value for warning in app.warning}
    for key, complaint in meant.complaints.items():
        if room(key) in (*HERE, "", versions.KEY) and key.rpartition(".")[2] not in ("rounds", "nodes"):  # how many is the server's to say
            assert complaint.said.markdown("ru" if address.get("lang") == "ru" else "en") in said
