"""A family finds its members by itself and says what is wrong with a name."""

import sys

import pytest

from ef21lab.experiment import FAMILIES
from ef21lab.registry import Family
from ef21lab.spec import Spec
from ef21lab.text import Refusal, same

MEMBER = """
from dataclasses import dataclass
from ef21lab.spec import Spec, integer
from ef21lab.text import same
@dataclass(frozen=True)
class {title}(Spec):
    name = "{title}"
    label = about = same("{title}")
    order = {order}
    size: int = integer(1, 1, 9, same("size"), same("size"))
"""


@pytest.fixture
def family(tmp_path, monkeypatch):
    package = tmp_path / "shapes_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("")
    for title, order in (("round", 2), ("flat", 1), ("bent", 2)):
        (package / f"{title}.py").write_text(MEMBER.format(title=title, order=order))
    (package / "_hidden.py").write_text(MEMBER.format(title="hidden", order=0))
    (package / "importer.py").write_text("from shapes_of_a_test.flat import flat\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield Family(Spec, same("shape"), package="shapes_of_a_test")
    for name in [name for name in sys.modules if name.startswith("shapes_of_a_test")]:
        del sys.modules[name]


def test_one_more_file_is_one_more_member_in_menu_order(family):
    assert list(family.members) == ["flat", "bent", "round"]


def test_a_member_is_made_from_its_name_a_mapping_or_itself(family):
    assert family.make("flat") == family.make({"name": "flat", "size": 1}) == family.make(family.make("flat"))
    assert family.json(family.make({"name": "flat", "size": 3})) == {"name": "flat", "size": 3}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("flot", "did you mean flat"),
        ({"name": 7}, "shape 7 is unknown; one of flat, bent, round"),
        ({"size": 1}, '"name" is missing'),
        (3, "expected an object"),
        ({"name": None}, "is unknown"),
        (None, "expected an object"),
        ({"name": ["flat"]}, "is unknown"),
    ],
)
def test_what_is_not_a_member_is_refused_in_words(family, given, words):
    with pytest.raises(Refusal, match=words):
        family.make(given)


def test_an_integer_too_long_to_be_written_is_refused_too(family):
    for given in (10**5000, {"name": 10**5000}, {"name": "flat", "size": 10**5000}):
        with pytest.raises(Refusal, match="<int>"):
            family.make(given)


@pytest.mark.parametrize("noun", FAMILIES)
def test_names_are_unique_and_every_family_has_members(noun):
    members = FAMILIES[noun].members
    assert members
    assert all(member.name == name for name, member in members.items())
