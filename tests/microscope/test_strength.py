"""The strengths of an operator: from declared fields alone, weakest first."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from ef21lab.choices import spec
from ef21lab.choices.fields import Integer
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.microscope.strength import RUNGS, ladder, scale, spread

WORDS = (same("x"), same("x"))


@dataclass(frozen=True)
class Toy(Compressor):
    """Costs what a formula says; the rest of an operator is of no interest here."""

    name = "toy"
    label = about = source = same("toy")

    seed: int = spec.integer(0, 0, 9, *WORDS)
    tolerance: float = spec.real(0.5, 0.0, 1.0, *WORDS)
    levels: int = spec.integer(2, 1, 100, *WORDS)

    def cost(self, d):
        return self.bits, 0

    @property
    def bits(self):
        return 10 * self.levels

    compress = encode = decode = None

    def alpha(self, d):
        return None


@dataclass(frozen=True)
class Tolerant(Toy):
    @property
    def bits(self):
        return round(1000 * (1 - self.tolerance))


@dataclass(frozen=True)
class Fixed(Toy):
    bits = 7


@dataclass(frozen=True)
class Wrapped(Toy):
    inner: Compressor = field(default=Toy(), metadata={"field": Integer(*WORDS, 0, 0)})

    def __post_init__(self):
        pass

    @property
    def bits(self):
        return self.inner.bits + 1


for toy in (Toy, Tolerant, Fixed, Wrapped):
    toy.__abstractmethods__ = frozenset()


@pytest.mark.parametrize("d", [1, 2, 13, 120, 640])
@pytest.mark.parametrize("name", compressors.members)
def test_a_ladder_rises_in_cost_is_short_and_can_be_climbed(name, d):
    rungs = ladder(name, d)
    costs = [rung.cost(d)[0] for rung in rungs]
    assert 1 <= len(rungs) <= RUNGS
    assert all(rung.refusal(d) is None for rung in rungs)
    assert all(cheap < dear for cheap, dear in zip(costs, costs[1:], strict=False))


def test_a_count_of_coordinates_climbs_from_its_lowest_to_d():
    ks = [rung.k for rung in ladder("top_k", 4096)]
    assert (ks[0], ks[-1]) == (1, 4096)
    assert max(b / a for a, b in zip(ks, ks[1:], strict=False) if a > 10) < 1.3


@pytest.mark.parametrize("name", ["st_hosvd", "hosvd"])
def test_ranks_climb_from_one_to_the_longest_side_of_use(name):
    rungs = ladder(name, 112, ((4, 4, 7),))
    assert [rung.ranks for rung in rungs][0] == 1
    assert rungs[-1].compress(np.arange(112.0)).values == pytest.approx(np.arange(112.0), rel=1e-5)


def test_the_field_is_found_by_what_it_costs():
    assert scale(Toy(), 1000).field == "levels"
    levels = [rung.levels for rung in ladder(Toy(), 1000)]
    assert (levels[0], levels[-1]) == (1, 100)


def test_a_real_setting_that_makes_messages_shorter_is_climbed_downwards():
    tolerances = [rung.tolerance for rung in ladder(Tolerant(), 1000)]
    assert tolerances[0] > tolerances[-1] == pytest.approx(0.001, abs=0.001)
    assert tolerances == sorted(tolerances, reverse=True)


def test_a_message_longer_than_the_vector_itself_is_no_rung():
    assert [rung.levels for rung in ladder(Toy(), 2)] == [1, 2, 3, 4, 5, 6, 7]
    assert [rung.k for rung in ladder("top_k", 1)] == [1]


def test_an_operator_without_a_strength_is_its_only_rung():
    assert ladder(Fixed(), 5) == (Fixed(),)


def test_a_composition_is_as_strong_as_the_operator_inside():
    rungs = ladder(Wrapped(), 1000)
    assert [rung.inner for rung in rungs] == list(ladder(Toy(), 1000))


def test_a_strength_that_is_refused_is_no_rung():
    assert ladder(compressors.make({"name": "st_hosvd", "dims": [2, 2], "ranks": 1}), 100) == ()


@pytest.mark.parametrize(("count", "most"), [(1, 40), (2, 40), (40, 40), (41, 40), (4096, 40), (7, 3), (5, 1)])
def test_places_are_spread_between_both_ends(count, most):
    places = spread(count, most)
    assert len(places) <= most
    assert places[0] == 0
    assert places == sorted(set(places))
    assert places[-1] == (count - 1 if most > 1 else 0)


def test_no_places_among_none():
    assert spread(0, 40) == []
    assert isinstance(Toy.label, Text)
