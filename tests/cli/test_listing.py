"""What can be chosen, asked for by any of its names, as words or as JSON; and what a shell completes."""

from __future__ import annotations

import json
import subprocess

import pytest

from ef21lab.cli import main
from ef21lab.cli.listing import PLURALS, plural_of


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def test_a_family_is_called_by_its_plural_or_its_singular(capsys: pytest.CaptureFixture[str]) -> None:
    singular = {
        "dataset": "datasets",
        "compressor": "compressors",
        "metric": "metrics",
        "clock": "clocks",
        "architecture": "architectures",
        "step": "steps",
    }
    assert {word: plural_of(word) for word in (*singular, *PLURALS)} == {**singular, **{plural: plural for plural in PLURALS}}
    assert main(["list", "compresor"]) == 2
    said = capsys.readouterr().err
    assert "there is no family compresor" in said
    assert said.endswith("did you mean compressors?\n")


def test_one_member_is_listed_with_its_ranges(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "compressor", "top_k"]) == 0
    first, second, third = capsys.readouterr().out.splitlines()
    assert (first, second[:10]) == ("compressors", "  top_k — ")
    assert third.startswith("      k = 1: ")
    assert "an integer in 1.." in third
    assert main(["list", "compressors", "top_q"]) == 2
    assert "did you mean top_k?" in capsys.readouterr().err


def test_as_json_a_program_reads_defaults_and_ranges(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "step", "fixed", "--json"]) == 0
    (fixed,) = json.loads(capsys.readouterr().out)["steps"]
    gamma = next(field for field in fixed["fields"] if field["name"] == "gamma")
    assert (gamma["default"], gamma["low"], gamma["high"], gamma["low_excluded"]) == (0.1, 0.0, 1e9, True)
    assert main(["list", "--json"]) == 0
    everything = json.loads(capsys.readouterr().out)
    assert {plural: [one["name"] for one in found] for plural, found in everything.items()} == {
        plural: [*family.members] for plural, family in PLURALS.items()
    }


def test_bash_completes_commands_and_options(capsys: pytest.CaptureFixture[str]) -> None:
    """By bash itself: what is printed is sourced and asked."""
    pytest.importorskip("shtab")
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    asked = script + '\nCOMP_WORDS=(ef21lab de); COMP_CWORD=1; _shtab_ef21lab ef21lab de ef21lab; echo "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["describe"]
