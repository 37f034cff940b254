"""Every declared field of every member of every family: what is not allowed is refused in words, in both languages."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.choices.fields import Choice, Integer, Real, Switch, shown
from ef21lab.choices.text import Refusal
from ef21lab.datasets.uploaded import Columns, Target
from ef21lab.runs.spec import FAMILIES, NUMBERS, RunSpec

MEMBERS = [(noun, name) for noun, family in FAMILIES.items() for name in family.members]
FIELDS = [(noun, name, field) for noun, name in MEMBERS for field in FAMILIES[noun].members[name].fields()]

NEVER = (None, math.nan, math.inf, -math.inf, True, {}, {"a": 1}, [], [[]], [None], "\0", 10**400, -(10**400), -1, object)


def never_allowed(field):
    """Values that this field must refuse: those no field takes, and the nearest ones outside its range."""
    outside = {
        Integer: lambda: (field.low - 1, field.high + 1, field.low + 0.5, str(field.low)),
        Real: lambda: (
            math.nextafter(field.low, -math.inf),
            math.nextafter(field.high, math.inf),
            "1",
            *([field.low] if field.above else []),
        ),
        Choice: lambda: ("no such word", next(iter(field.options)) + " "),
        Target: lambda: ("x" * (field.longest + 1), "two\nlines", 1.5),
    }
    outside[Columns] = outside[Target]
    never = (value for value in NEVER if value is not True or not isinstance(field, Switch))
    return (*never, *outside.get(type(field), lambda: ("no/such word", 1.5))())


@pytest.mark.parametrize(("noun", "name", "field"), FIELDS)
def test_what_is_not_allowed_is_refused_and_the_refusal_says_who_what_and_what_is_allowed(noun, name, field):
    family = FAMILIES[noun]
    declared = family.members[name].fields()[field]
    for value in never_allowed(declared):
        with pytest.raises(Refusal) as refusal:
            RunSpec.make({noun: {family.tag: name, field: value}})
        for language in ("en", "ru"):
            words = refusal.value.text(language)
            assert field in words
            assert shown(value) in words
            assert declared.allowed(language) in words
            assert "\n" not in words


@pytest.mark.parametrize(("noun", "name"), MEMBERS)
def test_the_name_alone_is_a_complete_choice_that_survives_json(noun, name):
    family = FAMILIES[noun]
    member = family.make(name)
    assert family.make(family.json(member)) == member
    assert family.make({family.tag: name}) == member
    assert hash(member) == hash(family.make(name))


@pytest.mark.parametrize(("noun", "name"), MEMBERS)
def test_an_unknown_field_is_refused_with_the_known_ones(noun, name):
    family = FAMILIES[noun]
    with pytest.raises(Refusal) as refusal:
        family.make({family.tag: name, "kk": 1})
    assert "'kk'" in str(refusal.value)
    assert all(field in str(refusal.value) for field in family.members[name].fields())


@pytest.mark.parametrize(("noun", "name"), MEMBERS)
def test_every_word_is_there_in_both_languages(noun, name):
    member = FAMILIES[noun].members[name]
    texts = [
        member.label,
        member.about,
        *(text for field in member.fields().values() for text in (field.label, field.about, field.allowed)),
    ]
    assert all(text.en and text.ru for text in texts)
    assert any("а" <= letter <= "я" for letter in member.about.ru.lower()) or member.about.en == member.about.ru


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_of_the_run_itself_is_held_to_its_range(name):
    for value in never_allowed(NUMBERS[name]):
        with pytest.raises(Refusal, match=name):
            RunSpec.make({name: value})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from([name for _, name in MEMBERS]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.sampled_from(["name", "rule", "k", "nodes"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(json_values | st.dictionaries(st.sampled_from([*FAMILIES, *NUMBERS]), json_values, max_size=4))
def test_arbitrary_json_is_a_run_or_a_refusal(document):
    try:
        spec = RunSpec.make(document)
    except Refusal:
        return
    assert RunSpec.make(spec.json()) == spec


@given(st.sampled_from(FIELDS), json_values)
def test_an_arbitrary_value_of_a_field_is_taken_or_refused(place, value):
    noun, name, field = place
    family = FAMILIES[noun]
    try:
        member = family.make({family.tag: name, field: value})
    except Refusal:
        return
    assert family.make(family.json(member)) == member


def test_what_has_no_repr_can_be_shown_in_an_error():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert shown(10**5000) == "<int>"
    assert shown(deep) == "<list>"
    assert len(shown("x" * 1000)) == 80
