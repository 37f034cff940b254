"""What a budget for a round buys: the strongest setting that fits it, by the bits of real messages."""

import pytest

import ef21lab as lab
from ef21lab.choices.text import Refusal

ON = {"dataset": "breast_cancer"}


@pytest.mark.parametrize("bits", [40, 100, 333, 10_000])
def test_top_k_takes_the_largest_k_whose_round_fits(bits):
    fitting = [k for k in range(1, 31) if lab.describe({**ON, "compressor": {"name": "top_k", "k": k}})["bits_per_round"] <= bits]
    assert lab.affordable("top_k", bits, on=ON).k == max(fitting)


@pytest.mark.parametrize("algorithm", ["ef21", "ef21_plus"])
@pytest.mark.parametrize("compressor", ["top_k", "st_hosvd", "qsgd"])
def test_a_round_of_the_method_takes_no_more_than_that(compressor, algorithm):
    spec = {**ON, "algorithm": algorithm}
    found = lab.affordable(compressor, 300, on=spec)
    assert lab.describe({**spec, "compressor": found})["bits_per_round"] <= 300


def test_the_bit_that_says_which_of_two_messages_it_is_may_cost_a_coordinate():
    bits = int(lab.describe({**ON, "compressor": {"name": "top_k", "k": 5}})["bits_per_round"])
    assert lab.affordable("top_k", bits, on=ON).k == 5
    assert lab.affordable("top_k", bits, on={**ON, "algorithm": "ef21_plus"}).k == 4


@pytest.mark.parametrize("bits", [1, float("nan"), "300", True, -5])
def test_what_buys_nothing_is_refused_in_words(bits):
    with pytest.raises(Refusal, match="Top-k|bits="):
        lab.affordable("top_k", bits, on=ON)
