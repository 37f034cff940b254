"""Short names of compressors, methods and steps with their settings, in legends: 'EF21-HB η=0.9: ST-HOSVD 4×4×7 r 2·2·2 ×32'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ef21lab.algorithms.base import Algorithm
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.experiment import OtherTheorem, RunSpec, Step
from ef21lab.spec import Json
from ef21lab.text import Text, same


def titles(specs: Sequence[RunSpec]) -> list[Text]:
    """Runs in one legend; plain EF21 is named too where it meets another method."""
    one_method = len({spec.algorithm for spec in specs}) < 2
    return [title(spec, in_full=not one_method) for spec in specs]


def title(spec: RunSpec, in_full: bool = False) -> Text:
    """A run by itself; plain EF21 goes without saying unless `in_full`."""
    method = method_named(spec.algorithm)
    before = method + same(": ") if in_full or method != same("EF21") else same("")
    return before + named(spec.algorithm.messenger(spec.compressor)) + same(" ") + step_named(spec.step)


def method_named(algorithm: Algorithm) -> Text:
    """The label, then every setting that differs from its default: 'EF21-SGDM eta=0.1'."""
    defaults = type(algorithm).defaults()
    changed = [(name, value) for name, value in algorithm.settings().items() if value != _plain(_settled(defaults[name]))]
    return algorithm.label + same("".join(f" {_setting(name, value)}" for name, value in changed))


def step_named(step: Step) -> Text:
    """'×32', 'L̄ ×1', 'PL ×1', 'exact ×1', 'γ = 0.1'."""
    settings = step.settings()
    if step.name == "fixed":
        return same(f"γ = {settings['gamma'] * settings['multiple']:g}")
    times = same(f"×{settings['multiple']:g}")
    return step.sign + same(" ") + times if isinstance(step, OtherTheorem) else times


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


def _settled(value: Json) -> Json:
    return compressors.json(value) if isinstance(value, Compressor) else value


def _plain(value: Json) -> Json:
    return list(value) if isinstance(value, tuple) else value
