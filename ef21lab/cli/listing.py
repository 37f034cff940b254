"""`list`: what can be chosen, by families, in words or as JSON."""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Iterator
from typing import Any

from ef21lab.choices.fields import Choice, Field, Integer, Json, Nested, Real
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Language, Refusal, Text, quoted
from ef21lab.cli.outputs import output
from ef21lab.clocks.base import topologies
from ef21lab.datasets.base import Dataset
from ef21lab.metrics.base import metrics
from ef21lab.problems.base import Objective
from ef21lab.problems.networks.base import networks
from ef21lab.runs.spec import FAMILIES
from ef21lab.starts.base import Start

PLURALS: dict[str, Family[Any]] = {
    **{f"{noun}s": family for noun, family in FAMILIES.items()},
    "metrics": metrics,
    "architectures": networks,
    "clocks": topologies,
}


def add(commands: Any, language: Language) -> None:
    """The command of this file."""
    listed = commands.add_parser("list", help=ABOUT["list"](language), description=ABOUT["list"](language), allow_abbrev=False)
    listed.add_argument("family", nargs="?", metavar="FAMILY", help=ABOUT["FAMILY"](language))
    listed.add_argument("names", nargs="*", metavar="NAME", help=ABOUT["NAME"](language))
    listed.add_argument("--json", action="store_true", help=ABOUT["--json"](language))
    listed.set_defaults(command=_list)


def _list(asked: argparse.Namespace, language: Language) -> None:
    chosen = PLURALS if asked.family is None else {(plural := plural_of(asked.family)): PLURALS[plural]}
    members = {plural: {name: _member(family, name) for name in asked.names or family.members} for plural, family in chosen.items()}
    with output(None) as out:
        if asked.json:
            told = {plural: [as_json(member, language) for member in found.values()] for plural, found in members.items()}
            out.write(json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
        else:
            listed = ["\n".join([plural, *_lines(found, language)]) for plural, found in members.items()]
            out.write("\n\n".join(listed) + "\n")


def plural_of(word: str) -> str:
    """The family that is meant by its name or by one of its kind: "compressors", "compressor". Raises Refusal for any other word."""
    for plural in PLURALS:
        if word in (plural, plural.removesuffix("s")) or (plural == "metrics" and word == "metric"):
            return plural
    near = difflib.get_close_matches(word, PLURALS, n=1)
    raise Refusal((NEAR if near else NO_FAMILY).format(word=quoted(word), known=", ".join(PLURALS), near="".join(near)))


def _member(family: Family[Any], name: str) -> type[Spec]:
    return type(family.make(name))


def as_json(member: type[Spec], language: Language) -> dict[str, Json]:
    """A member with its fields, their defaults and what they allow."""
    absence, plain = _absence(member), member().settings()
    fields = [
        {"name": name, "default": plain[name], "label": field.label(language), "about": field.about(language)}
        | {"allowed": field.allowed(language), **_range(field)}
        for name, field in member.fields().items()
    ]
    found = {"name": member.name, "label": member.label(language), "about": member.about(language), "fields": fields}
    found |= {} if absence is None else {"absent": absence(language)}
    return found | ({} if member.plugin is None else {"plugin": member.plugin._asdict()})


def _range(field: Field) -> dict[str, Json]:
    """What a program may read of what a field allows."""
    if isinstance(field, Choice):
        return {"options": [*field.options]}
    if isinstance(field, Nested):
        return {"options": [*field.names]}
    if isinstance(field, (Integer, Real)):
        return {"low": field.low, "high": field.high, **({"low_excluded": True} if isinstance(field, Real) and field.above else {})}
    return {}


def _lines(found: dict[str, type[Spec]], language: Language) -> Iterator[str]:
    for name, member in found.items():
        absence = _absence(member)
        yield f"  {name} — {member.about(language)}{'' if absence is None else f' [{absence(language)}]'}"
        for field, declared in member.fields().items():
            default = json.dumps(member().settings()[field])
            yield f"      {field} = {default}: {declared.label(language)}; {declared.allowed(language)}"


def _absence(member: type[Spec]) -> Text | None:
    """Why a dataset cannot be loaded here, an objective not be computed, or a start not be had."""
    return member().absence() if issubclass(member, (Dataset, Objective, Start)) else None


ABOUT = {
    "list": Text("what can be chosen: names, settings, defaults", "что можно выбрать: имена, настройки, значения по умолчанию"),
    "FAMILY": Text(
        "one of {families}, or the singular; all where left out", "одно из {families} или единственное число; без него — все"
    ).format(families=", ".join(PLURALS)),
    "NAME": Text("only these of its members", "только эти из них"),
    "--json": Text("as JSON, with the range of every setting", "в JSON, с границами каждой настройки"),
}
NO_FAMILY = Text("there is no family {word}; one of {known}", "семейства {word} нет; возможны {known}")
NEAR = NO_FAMILY + Text(" — did you mean {near}?", " — может быть, {near}?")
