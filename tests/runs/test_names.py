"""Names of runs: what differs from the default is in the name, so that two contenders are never called alike."""

import pytest

from ef21lab.runs.names import title, titles
from ef21lab.runs.spec import RunSpec

TOP = {"compressor": {"name": "top_k", "k": 4}}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "Top-k k=4 ×1"),
        ({"step": {"rule": "theory", "multiple": 32}}, "Top-k k=4 ×32"),
        ({"step": {"rule": "theory_2024"}}, "Top-k k=4 L̄ ×1"),
        ({"step": {"rule": "theory_pl", "multiple": 2}}, "Top-k k=4 PL ×2"),
        ({"step": {"rule": "theory_tight", "multiple": 2}}, "Top-k k=4 exact ×2"),
        ({"step": {"rule": "fixed", "gamma": 0.25, "multiple": 2}}, "Top-k k=4 γ = 0.5"),
        ({"algorithm": {"name": "ef21", "init": "full"}}, "EF21 (full gradient): Top-k k=4 ×1"),
        ({"algorithm": "gd"}, "Gradient descent: No compression ×1"),
        ({"compressor": {"name": "per_layer", "inner": {"name": "svd", "ranks": 2}}}, "Layer by layer [SVD r 2] ×1"),
        ({"compressor": {"name": "per_layer", "small": "sign"}}, "Layer by layer [ST-HOSVD r 2] [Scaled sign] ×1"),
    ],
)
def test_a_run_is_called_by_what_differs_from_the_default(changes, name):
    assert title(RunSpec.make({**TOP, **changes})).en == name


def test_among_other_methods_plain_ef21_is_named_too():
    ef21, dcgd = RunSpec.make(TOP), RunSpec.make({**TOP, "algorithm": "dcgd"})
    assert [name.en for name in titles([dcgd, ef21])] == ["DCGD: Top-k k=4 ×1", "EF21: Top-k k=4 ×1"]
    assert [name.en for name in titles([ef21, ef21])] == ["Top-k k=4 ×1"] * 2


@pytest.mark.parametrize(
    ("multiple", "en", "ru"), [(1024.0, "×1,024", "×1\u202f024"), (512.0, "×512", "×512"), (1.0, "×1", "×1"), (2**0.5, "×1.41", "×1,41")]
)
def test_a_whole_multiple_of_a_step_is_written_in_full(multiple, en, ru):
    spec = RunSpec.make({"step": {"rule": "theory", "multiple": multiple}})
    assert [title(spec)(language).rpartition(" ")[2] for language in ("en", "ru")] == [en, ru]
