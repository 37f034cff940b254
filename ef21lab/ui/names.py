"""Short names of compressors with their settings, for legends and tables: 'ST-HOSVD 4×4×7 r 2·2·2'."""

from __future__ import annotations

from collections.abc import Mapping

from ef21lab.compressors.base import Compressor, compressors
from ef21lab.spec import Json
from ef21lab.text import Text, same


def named(compressor: Compressor) -> Text:
    """The label, then every setting that differs from its default, fold and ranks always."""
    defaults = type(compressor).defaults()
    shown = [
        _setting(name, value)
        for name, value in compressor.settings().items()
        if name in ("k", "dims", "ranks") or value != _plain(defaults[name])
    ]
    return compressor.label + same("".join(f" {part}" for part in shown if part))


def _setting(name: str, value: Json) -> str:
    if isinstance(value, Mapping):
        return f"[{named(compressors.make(value)).en}]"
    if name == "k":
        return f"k={value}"
    if name == "dims":
        return "×".join(map(str, value)) if isinstance(value, list) else ""
    if name == "ranks":
        return "r " + "·".join(map(str, value if isinstance(value, list) else [value]))
    return f"{name}={value}"


def _plain(value: Json) -> Json:
    return list(value) if isinstance(value, tuple) else value
