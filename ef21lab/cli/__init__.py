"""The command line."""

from ef21lab.cli.commands import main

__all__ = ["main"]
