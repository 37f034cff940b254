"""What an address means that was made under earlier defaults: the control it leaves out had the default of its day.

To change the default of a control: raise VERSION by one, and note in CHANGED, under the version before, what the control was then.
An old link then opens as it was meant, and an address without anything in it means today's defaults.
"""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase

VERSION = 4  # of today's defaults
KEY = "v"  # its word in an address; an address that has none was made before there were marks, under version 1
# version → control, or a pattern such as `*.top_k.k` → its default then, as an address writes it
CHANGED: dict[int, dict[str, str]] = {
    1: {"*.ef21_bc.downlink_init": "compressed"},
    2: {
        "vector": "difference",
        "axis": "floats_up",
        "?.step": "theory",
        **dict.fromkeys(("a.step.theory.multiple", "b.step.theory.multiple", "d.step.theory.multiple", "f.step.theory.multiple"), "32"),
        "e.step.theory.multiple": "8",
    },
    3: {"vector": "difference"},
}

# words that earlier addresses did not have: where no mark is, they date the address
SINCE = {**dict.fromkeys(("view", "hide", "lock", "locked", "note"), 3)}


def made_under(mark: str | None, keys: Collection[str] = ()) -> int:
    """The version that a mark names, or without one the least that has these words; ValueError where there is no such version."""
    if mark is None:
        return max((SINCE.get(key.partition(".")[0], 1) for key in keys), default=1)
    version = int(mark)
    if not 1 <= version <= VERSION or str(version) != mark:
        raise ValueError(mark)
    return version


def meant(key: str, version: int) -> str | None:
    """What an address of this version means where it leaves this control out; None where that is today's default."""
    for then in range(version, VERSION):
        for control, default in CHANGED.get(then, {}).items():
            if fnmatchcase(key, control):
                return default
    return None
