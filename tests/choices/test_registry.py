"""A family finds its members by itself and says what is wrong with a name."""

import sys

import pytest

from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal, same
from ef21lab.runs.spec import FAMILIES

MEMBER = """
from dataclasses import dataclass
from ef21lab.choices.spec import Spec, integer
from ef21lab.choices.text import same
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


def refused_words(package):
    with pytest.raises(Refusal) as refused:
        Family(Spec, same("shape"), package=package).members  # noqa: B018
    return refused.value.text


def test_two_members_of_one_name_are_an_error_that_names_both(family, tmp_path):
    double = MEMBER.format(title="bent", order=7).replace("class bent(", "class Bend(")
    (tmp_path / "shapes_of_a_test" / "twice.py").write_text(double)
    for words in (refused_words("shapes_of_a_test").en, refused_words("shapes_of_a_test").ru):
        assert "shapes_of_a_test.bent.bent" in words
        assert "shapes_of_a_test.twice.Bend" in words


def test_two_members_of_one_name_in_one_file_are_too(family, tmp_path):
    file = tmp_path / "shapes_of_a_test" / "flat.py"
    file.write_text(file.read_text() + MEMBER.format(title="flat", order=0).replace("class flat(", "class Flatter("))
    assert "shapes_of_a_test.flat.Flatter and by shapes_of_a_test.flat.flat" in refused_words("shapes_of_a_test").en


def test_a_file_that_hides_another_of_its_name_is_an_error_that_names_both_places(family, tmp_path):
    (tmp_path / "shapes_of_a_test" / "__init__.py").write_text(f"__path__.append({str(tmp_path / 'more')!r})")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "tall.py").write_text(MEMBER.format(title="tall", order=0))
    assert "tall" in Family(Spec, same("shape"), package="shapes_of_a_test").members
    (tmp_path / "more" / "flat.py").write_text(MEMBER.format(title="level", order=0))
    words = refused_words("shapes_of_a_test").en
    assert f"by {tmp_path / 'shapes_of_a_test'} and by {tmp_path / 'more'}" in words


def test_a_setting_called_like_the_tag_would_hide_the_name_and_is_an_error(family):
    with pytest.raises(Refusal, match=r"the key size is taken twice, by Spec and by shapes_of_a_test.flat.flat.size"):
        Family(Spec, same("shape"), package="shapes_of_a_test", tag="size").members  # noqa: B018


UNWRITTEN = """
from abc import abstractmethod
class Measured(Spec):
    @abstractmethod
    def area(self):
        ...
"""


def test_a_member_without_a_method_that_its_base_asks_for_is_an_error_that_names_both(family, tmp_path):
    file = tmp_path / "shapes_of_a_test" / "flat.py"
    head, class_ = MEMBER.format(title="flat", order=0).split("@dataclass")
    file.write_text(head + UNWRITTEN + "@dataclass" + class_.replace("(Spec)", "(Measured)"))
    assert "flat lacks area()" in refused_words("shapes_of_a_test").en
    assert "flat: не хватает area()" in refused_words("shapes_of_a_test").ru


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
