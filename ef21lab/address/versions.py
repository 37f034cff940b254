"""What an address means that was made under earlier defaults: the control it leaves out had the default of its day.

To change the default of a control: raise VERSION by one, and note in CHANGED, under the version before, what the control was then.
An old link then opens as it was meant, and an address without anything in it means today's defaults.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

VERSION = 3  # of today's defaults
KEY = "v"  # its word in an address; an address that has none was made before there were marks, under version 1
# version → control, or a pattern such as `*.top_k.k` → its default then, as an address writes it
CHANGED: dict[int, dict[str, str]] = {
    1: {"*.ef21_bc.downlink_init": "compressed"},
    2: {
        "axis": "floats_up",
        "?.step": "theory",
        **dict.fromkeys(("a.step.theory.multiple", "b.step.theory.multiple", "d.step.theory.multiple", "f.step.theory.multiple"), "32"),
        "e.step.theory.multiple": "8",
    },
}


def made_under(mark: str | None) -> int:
    """The version that a mark names; ValueError where there is no such version."""
    version = int(mark) if mark is not None else 1
    if not 1 <= version <= VERSION or str(version) != (mark or "1"):
        raise ValueError(mark)
    return version


def meant(key: str, version: int) -> str | None:
    """What an address of this version means where it leaves this control out; None where that is today's default."""
    for then in range(version, VERSION):
        for control, default in CHANGED.get(then, {}).items():
            if fnmatchcase(key, control):
                return default
    return None
