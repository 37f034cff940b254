"""Plugins on the command line: which there are, and whether they keep what the families promise."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from ef21lab.choices.text import Language, Text
from ef21lab.cli.outputs import output
from ef21lab.plugins.check import checked
from ef21lab.plugins.families import added, left_out

UNKEPT = 1  # exit code


def add(commands: Any, language: Language) -> None:
    """The commands of this file."""
    listed = commands.add_parser("plugins", help=ABOUT["plugins"](language), description=ABOUT["plugins"](language), allow_abbrev=False)
    listed.add_argument("--json", action="store_true", help=ABOUT["--json"](language))
    listed.set_defaults(command=_plugins)
    check = commands.add_parser("check", help=ABOUT["check"](language), description=ABOUT["check"](language), allow_abbrev=False)
    check.add_argument("package", metavar="PACKAGE", help=ABOUT["PACKAGE"](language))
    check.set_defaults(command=_check)


def _plugins(asked: argparse.Namespace, language: Language) -> None:
    """What was left out is said on standard error after every command."""
    found, wrong = added(), left_out()
    told = [{"plugin": one.plugin.name, "version": one.plugin.version, "group": one.group, "name": one.member.name} for one in found]
    with output(None) as out:
        if asked.json:
            broken = [{"plugin": one.plugin, "group": one.group, "place": one.place, "why": one.why(language)} for one in wrong]
            out.write(json.dumps({"members": told, "left_out": broken}, indent=2, ensure_ascii=False) + "\n")
        else:
            out.write("".join(f"{one.plugin}: {one.group} {one.member.name} — {one.member.about(language)}\n" for one in found))
    if not found and not wrong:
        print(NONE(language), file=sys.stderr)


def _check(asked: argparse.Namespace, language: Language) -> int | None:
    unkept = 0
    for one in checked(asked.package):
        with output(None) as out:
            out.write(f"{one.added.group} {one.added.member.name}\n")
            if one.absent is not None:
                out.write(f"  {ABSENT.format(why=one.absent)(language)}\n")
            for verdict in one.verdicts:
                unkept += verdict.why is not None
                mark, why = ("✓", "") if verdict.why is None else ("✗", f"\n      {verdict.why}")
                out.write(f"  {mark} {verdict.promise.says(language)}{why}\n")
                out.flush()
    return UNKEPT if unkept else None


ABOUT = {
    "plugins": Text("what plugins add here, and what was left out and why", "что добавили плагины и что не подключено и почему"),
    "check": Text(
        "try on every member of a plugin what its family promises; exit code 1 where one does not keep it",
        "проверить, выполняет ли каждый член плагина обещания своего семейства; код 1, если нет",
    ),
    "PACKAGE": Text(
        "the name of an installed package, of a file in a folder of EF21LAB_PLUGINS, without .py, or of one member",
        "имя установленного пакета, файла из каталога EF21LAB_PLUGINS (без .py) или одного члена",
    ),
    "--json": Text("as JSON", "в JSON"),
}
NONE = Text("no plugins", "плагинов нет")
ABSENT = Text("not on this machine, so only its words are checked: {why}", "на этой машине нет, проверяются только слова: {why}")
