"""Short names of runs, compressors, methods and steps with their settings, in legends: 'EF21-HB η=0.9: ST-HOSVD 4×4×7 r 2·2·2 ×32'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ef21lab.algorithms.base import Algorithm
from ef21lab.choices.fields import Choice, Dims, Field, Json, Nested, Ranks, Real
from ef21lab.choices.line import Drawn
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Text, joined, same
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.runs.spec import RunSpec


def titles(specs: Sequence[RunSpec]) -> list[Text]:
    """Runs in one legend; plain EF21 is named too where it meets another method."""
    one_method = len({spec.algorithm for spec in specs}) < 2
    return [title(spec, in_full=not one_method) for spec in specs]


def title(spec: RunSpec, in_full: bool = False) -> Text:
    """A run by itself; plain EF21 goes without saying unless `in_full`."""
    return contender_named(spec, in_full) + same(" ") + spec.step.in_short()


def drawn_as(spec: RunSpec) -> Drawn:
    """Whose line its curve has: the compressor's under EF21 and gradient descent, the method's under any other."""
    return spec.algorithm.messenger(spec.compressor) if spec.algorithm.drawn_as_message else spec.algorithm


def contender_named(spec: RunSpec, in_full: bool = True) -> Text:
    """A run without its step: 'EF21: Top-k k=4'; plain EF21 goes without saying unless `in_full`."""
    method = method_named(spec.algorithm)
    before = method + same(": ") if in_full or method != same("EF21") else same("")
    return before + named(spec.algorithm.messenger(spec.compressor))


def strength_named(one: Compressor, among: Sequence[Compressor]) -> Text:
    """What sets it apart from the others of its kind: 'k=4', 'r 2·2·2'; the whole of its name where there are none."""
    fields = type(one).fields()
    apart = [name for name, value in one.settings().items() if any(other.settings().get(name) != value for other in among)]
    said = [name for name in apart if not (isinstance(fields[name], Real) and one.settings()[name] == type(one).defaults()[name] == 0.0)]
    inside = [name for name, field in fields.items() if isinstance(field, Nested)] if apart and not said else []  # the strength is in there
    told = [words for name in said or inside[:1] if (words := setting_named(one, name)).en]
    return joined(told, " ") if told else named(one)


def method_named(algorithm: Algorithm) -> Text:
    """The label, then every setting that differs from its default: 'EF21-SGDM η=0.1'."""
    defaults = type(algorithm).defaults()
    changed = [name for name, value in algorithm.settings().items() if value != _plain(_settled(defaults[name]))]
    return _listed(algorithm.label, [setting_named(algorithm, name) for name in changed])


def named(compressor: Compressor, folded: bool = True) -> Text:
    """The label, then every setting that differs from its default; ranks always, and, unless each of several layers has its own, the fold.

    An operator inside another is named unless it is the usual one and sends every number as it is.
    """
    defaults = type(compressor).defaults()
    changed = [name for name, value in compressor.settings().items() if name in ("k", "dims", "ranks") or value != _plain(defaults[name])]
    told = [name for name in changed if not _goes_without_saying(compressor, name) and (folded or name != "dims")]
    return _listed(compressor.label, [setting_named(compressor, name) for name in told])


def _goes_without_saying(owner: Compressor, name: str) -> bool:
    part, usual = getattr(owner, name), type(owner).defaults()[name]
    return isinstance(part, Compressor) and part == usual and part.bits_of_a_number is not None


def _listed(label: Text, settings: Sequence[Text]) -> Text:
    return joined([label, *(setting for setting in settings if setting.en)], " ")


def setting_named(owner: Spec, name: str) -> Text:
    """One setting in a name: 'k=4', '4×4×7', 'r 2·2·2', 'η=0.1', '(at random, unbiased)', '[Natural compression]'."""
    value, field = owner.settings()[name], type(owner).fields()[name]
    if isinstance(value, Mapping):
        return same("[{inside}]").format(inside=named(compressors.make(value), folded=_sees_all(field)))
    if isinstance(field, Dims):
        return same("{dims}").format(dims="×".join(map(str, value))) if isinstance(value, list) else same("")
    if isinstance(field, Ranks):
        return same("r {ranks}").format(ranks="·".join(map(str, value if isinstance(value, list) else [value])))
    if isinstance(field, Choice):
        return same("({option})").format(option=_lowered(field.options[value]))
    return same("{letter}={value}").format(letter=same("k") if name == "k" else _letter(field.label), value=value)


def _sees_all(field: Field) -> bool:
    """Whether what stands here works on the whole of x, not tensor by tensor."""
    return not isinstance(field, Nested) or field.sees is tuple


def _letter(label: Text) -> Text:
    """What a field is called in short: the symbol its label ends with, else the label."""
    ends = [words.split()[-1].strip(":,") for words in (label.en, label.ru)]
    return Text(ends[0], ends[1]) if max(map(len, ends)) <= 2 else _lowered(label)


def _lowered(words: Text) -> Text:
    """Within a name; what begins with capitals alone, such as an abbreviation, keeps them."""
    en, ru = (label if label[:2].isupper() else label[:1].lower() + label[1:] for label in (words.en, words.ru))
    return Text(en, ru)


def _settled(value: Json) -> Json:
    return compressors.json(value) if isinstance(value, Compressor) else value


def _plain(value: Json) -> Json:
    return list(value) if isinstance(value, tuple) else value
