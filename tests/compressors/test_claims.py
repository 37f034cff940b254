"""What a member of one's own returns that it must not is a Refusal that names the member and what it returned, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import ef21lab as lab
from ef21lab.choices.text import Refusal, same
from ef21lab.compressors.base import Array, Message, Shape, compressors
from ef21lab.compressors.wire import Declared, Floats, Indices, Levels, Part, Parts, Signs

X = np.array([3.0, -1.0, 0.5, -4.0])


def lying(**own: Any) -> Declared:
    """A member that sends all it is given, but for what is said here."""
    honest: dict[str, Any] = {
        "name": "lying",
        "label": same("Lying"),
        "about": same("Of a test"),
        "message": lambda self, d: {"all": Floats(d)},
        "sends": lambda self, x, noise: {"all": x},
        "rebuild": lambda self, sent, d: sent["all"],
    }
    member: Declared = dataclass(frozen=True)(type("Lying", (Declared,), honest | own))()
    return member


def refused(words: str, *calls: Callable[[], object]) -> None:
    for call in calls:
        with pytest.raises(Refusal, match=words) as refusal:
            call()
        assert refusal.value.text.ru != refusal.value.text.en


def test_without_a_lie_it_is_the_identity() -> None:
    assert lying().compress(X).values.tolist() == X.tolist()
    assert lying().encode(X).bits == 1 + 32 * 4


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (None, "got None"),
        (3.0, "got 3.0"),
        ("words", "got 'words'"),
        ([1.0, [2.0]], r"got \[1.0, \[2.0\]\]"),
        (X + 1j, "got array"),
        ([None] * 4, "got .None, None"),
        (X[:3], r"must give the shape \(4,\), got \(3,\)"),
        (X[None, :], r"must give the shape \(4,\), got \(1, 4\)"),
        (X * np.nan, "finite numbers for whatever sends.. gives, got array.*nan"),
        (X * np.inf, "finite numbers for whatever sends.. gives, got array.*inf"),
    ],
)
def test_what_rebuild_gives_is_a_finite_vector(returned: object, words: str) -> None:
    member, message = lying(rebuild=lambda self, sent, d: returned), lying().encode(X)
    shape = words if words.startswith("must") else rf"must give .*{words}"
    if words.startswith("got 3.0"):
        shape = r"must give the shape \(4,\), got \(\)"
    refused(rf"^lying: rebuild\(\) {shape}", lambda: member.compress(X), lambda: member.compress(np.stack([X, X])))
    refused("lying: rebuild|malformed message", lambda: member.decode(message, 4))


def test_what_overflows_as_it_is_scaled_back_is_no_finite_vector() -> None:
    member = lying(rebuild=lambda self, sent, d: np.full(d, 1e200))
    assert member.compress(X).values.tolist() == [1e200] * 4
    refused(r"lying: rebuild\(\) must give finite numbers", lambda: member.compress(np.stack([X, X * 2.0**900])))


@pytest.mark.parametrize("returned", [None, X, "words", 3, [("all", X)]], ids=str)
def test_what_is_sent_has_names(returned: object) -> None:
    member = lying(sends=lambda self, x, noise: returned)
    words = r"^lying: sends\(\) must return the numbers of every part by its name, got "
    refused(words, lambda: member.compress(X), lambda: member.encode(X))


@pytest.mark.parametrize("numbers", [None, "1234", ["1", "2", "3", "4"], X * 1j, [1, [2, 3], 4, 5], {1, 2, 3, 4}, [10**400] * 4], ids=str)
def test_what_is_sent_consists_of_real_numbers(numbers: object) -> None:
    member = lying(sends=lambda self, x, noise: {"all": numbers})
    refused(r"^lying: part all must be 4\snumbers, finite .*; sends\(\) gives ", lambda: member.compress(X), lambda: member.encode(X))


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (lambda d: None, r"must return the parts of a message by their names, got None"),
        (lambda d: [Floats(d)], "must return the parts"),
        (lambda d: {"all": d}, "each is Floats, Indices, Levels or Signs; got 'all': 4"),
        (lambda d: {"all": Floats}, "got 'all': <class"),
        (lambda d: {1: Floats(d)}, r"names its parts by words, .* got 1: Floats"),
        (lambda d: {"all": Floats("others")}, "part “all” the count of 'others', and no part before it is called so"),
        (lambda d: {"all": Floats("all")}, "the count of 'all'"),
        (lambda d: {"all": Floats("late"), "late": Floats(d)}, "the count of 'late'"),
        (lambda d: {"all": Floats(None)}, r"declares no message: Floats\(count=None\): count must be an integer in 0.*earlier part"),
        (lambda d: {"all": Signs(None)}, r"Signs\(count=None\)"),
        (lambda d: {"all": Levels(None, 1)}, r"Levels\(count=None\)"),
        (lambda d: {"all": Floats(-1)}, r"Floats\(count=-1\)"),
        (lambda d: {"all": Floats(2.5)}, r"Floats\(count=2.5\)"),
        (lambda d: {"all": Floats(True)}, r"Floats\(count=True\)"),
        (lambda d: {"all": Floats(np.inf)}, r"Floats\(count=inf\)"),
        (lambda d: {"all": Levels(d, 2**63)}, r"Levels\(most=9223372036854775808\): most must be an integer in 0..2\^53"),
        (lambda d: {"all": Levels(d, "7")}, r"Levels\(most='7'\)"),
        (lambda d: {"all": Levels(d, -1)}, r"Levels\(most=-1\)"),
        (
            lambda d: {"all": Indices(d + 1, among=d)},
            r"Indices\(count=5\): count must be an integer in 0..4, the name of an earlier part, or None",
        ),
        (lambda d: {"all": Indices(1, among=0)}, r"Indices\(among=0\)"),
        (lambda d: {"all": Indices(1, among=2**60)}, r"Indices\(among="),
        (lambda d: {"all": Indices(None, among=2**40)}, r"Indices\(among=1099511627776\): among must be an integer in 1..2,147,483,647"),
    ],
)
def test_a_message_is_declared_of_parts_that_can_be(returned: Callable[[int], object], words: str) -> None:
    member = lying(message=lambda self, d: returned(d))
    calls = (lambda: member.compress(X), lambda: member.encode(X), lambda: member.decode(Message(b"\0", 8), 4), lambda: member.cost(4))
    refused(rf"^lying: message\(4\) .*{words}", *calls)


def test_numbers_of_any_library_count_parts() -> None:
    assert Floats(np.int64(3)) == Floats(3.0) == Floats(3)  # type: ignore[arg-type]
    assert lying(message=lambda self, d: {"all": Floats(np.int64(d))}).cost(4) == (1 + 32 * 4, 4)


@pytest.mark.parametrize("most", [0, 1, 2**52, 2**53])
def test_levels_of_any_size_arrive_as_they_were_sent(most: int) -> None:
    sent = [most, -most, 0]
    member = lying(
        message=lambda self, d: {"levels": Levels(d, most)},
        sends=lambda self, x, noise: {"levels": sent},
        rebuild=lambda self, arrived, d: arrived["levels"],
    )
    x = np.ones(3)
    message = member.encode(x)
    assert member.decode(message, 3).tolist() == member.compress(x).values.tolist() == [float(level) for level in sent]
    assert message.bits == 1 + 3 * (2 * most).bit_length()


@dataclass(frozen=True)
class Careless(Declared):
    """Works in place: on what it is given, on its noise, and on what arrives."""

    name, label, about = "careless", same("Careless"), same("Of a test")

    def draw(self, rng: np.random.Generator, shape: Shape) -> Array:
        return rng.random(shape)

    def message(self, d: int) -> Mapping[str, Part]:
        return {"places": Indices(None, among=d), "values": Floats("places")}

    def sends(self, x: Array, noise: Array | None) -> Mapping[str, Array]:
        assert noise is not None
        noise *= 2
        kept = np.flatnonzero(noise < 1)
        x[noise >= 1] = 0
        return {"places": kept, "values": x[kept]}

    def rebuild(self, sent: Parts, d: int) -> Array:
        values = np.zeros(d)
        values[sent["places"]] = sent["values"]
        sent["places"][:] = 0
        sent["values"][:] = np.nan
        return values


def test_a_member_that_works_in_place_changes_nothing_of_its_callers() -> None:
    x, noise = X.copy(), np.array([0.1, 0.9, 0.2, 0.7])
    first, message = Careless().compress(x, noise), Careless().encode(x, noise)
    assert x.tolist() == X.tolist()
    assert noise.tolist() == [0.1, 0.9, 0.2, 0.7]
    assert first.values.tolist() == Careless().decode(message, 4).tolist() == [3.0, 0, 0.5, 0]


def test_a_member_that_spoils_what_arrived_pays_for_what_was_sent() -> None:
    x, noise = np.arange(1.0, 65.0), np.where(np.arange(64) % 20 == 13, 0.1, 0.9)
    message = Careless().encode(x, noise)
    assert int(Careless().compress(x, noise).bits) == message.bits == sum(bits for _, bits in Careless().parts(message, 64))


def test_a_stack_whose_vectors_are_one_memory_is_read_as_it_came() -> None:
    noise = np.array([[0.1, 0.9, 0.2, 0.7], [0.9, 0.1, 0.7, 0.2]])
    assert Careless().compress(np.broadcast_to(X, (2, 4)), noise).values.tolist() == [[3.0, 0, 0.5, 0], [0, -1.0, 0, -4.0]]


@pytest.mark.parametrize("drawn", [3, "noise", [0.5] * 4], ids=str)
def test_what_is_drawn_is_an_array(drawn: object) -> None:
    member = lying(draw=lambda self, rng, shape: drawn)
    refused(r"^lying: draw\(\) must return an array of random numbers, or None, got ", lambda: member.compress(X, X))


def test_noise_that_is_no_array_is_refused() -> None:
    refused(r"careless: noise from draw\(\) has the shape \(4,\) .*got list", lambda: Careless().compress(X, [0.5] * 4))


CLAIMS = [
    *(("alpha", alpha, r"a number in \(0, 1\]") for alpha in (np.nan, 2.0, 0.0, -1.0, "half", [0.5], True)),
    *(("omega", omega, "a number of at least 0") for omega in (np.nan, -0.5, "none")),
    *(("cost", cost, "a pair of numbers") for cost in (None, 3, (1,), ("a", "b"), (np.nan, 1.0), (-1.0, 1.0), (np.inf, 1.0))),
]


@pytest.mark.parametrize(("method", "claimed", "allowed"), CLAIMS, ids=str)
def test_no_run_is_planned_on_a_claim_that_holds_for_no_operator(
    method: str, claimed: object, allowed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = type(lying(**{method: lambda self, d: claimed}))
    monkeypatch.setitem(compressors.members, "lying", kind)  # type: ignore[arg-type]
    spec = {"dataset": "digits", "objective": "softmax", "compressor": "lying", "rounds": 2, "step": {"rule": "fixed", "gamma": 0.1}}
    words = rf"^lying: {method}\(\d+\) must be {allowed}.*, got "
    refused(words, lambda: lab.run(spec), lambda: lab.describe(spec), lambda: lab.run_many([spec]))
    refused(words, lambda: lab.run({**spec, "step": "theory"}))
