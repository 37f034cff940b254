"""`python -m benchmarks [NAME …]`: run the benchmarks of these names, or all of them, one after another.

A benchmark is a file of this package with a function `main()` that prints its tables. Datasets that are not part of the project are
read from the directory that EF21LAB_DATA names; a benchmark that lacks one says so.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil

import benchmarks


def main() -> None:
    names = [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if not module.name.startswith("_")]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}")
    chosen = parser.parse_args().names or names
    if unknown := [name for name in chosen if name not in names]:
        parser.error(f"no benchmark named {', '.join(unknown)}; there are {', '.join(names)}")
    for name in chosen:
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
