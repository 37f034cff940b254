"""`completion`: what a shell needs in order to complete commands, options and families."""

from __future__ import annotations

import argparse
from typing import Any

from ef21lab.choices.text import Language, Refusal, Text
from ef21lab.cli.outputs import output

SHELLS = ("bash", "zsh", "tcsh")


def add(commands: Any, language: Language, parser: argparse.ArgumentParser) -> None:
    """The command of this file; `parser` is the whole command line, known once all commands are added."""
    added = commands.add_parser(
        "completion", help=ABOUT["completion"](language), description=ABOUT["completion"](language), allow_abbrev=False
    )
    added.add_argument("shell", metavar="SHELL", choices=SHELLS, help=ABOUT["SHELL"](language))
    added.set_defaults(command=lambda asked, language: _print(asked.shell, parser))


def _print(shell: str, parser: argparse.ArgumentParser) -> None:
    try:
        import shtab
    except ImportError:
        raise Refusal(NO_SHTAB) from None
    with output(None) as out:
        out.write(shtab.complete(parser, shell))


ABOUT = {
    "completion": Text(
        'print what completes the commands in a shell: eval "$(ef21lab completion bash)"',
        'вывести дополнение команд для оболочки: eval "$(ef21lab completion bash)"',
    ),
    "SHELL": Text("bash, zsh or tcsh", "bash, zsh или tcsh"),
}
NO_SHTAB = Text(
    "completion needs shtab, which is not installed here: pip install shtab",
    "для дополнения нужен shtab, а его здесь нет: pip install shtab",
)
