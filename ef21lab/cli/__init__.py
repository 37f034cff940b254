"""The command line."""

from ef21lab.cli.main import main

__all__ = ["main"]
