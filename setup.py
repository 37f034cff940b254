"""What pyproject.toml cannot say: app.py, pages/ and .streamlit/, at the top of the project, go into the package that is built."""

from __future__ import annotations

from pathlib import Path
from shutil import copy2

from setuptools import setup
from setuptools.command.build_py import build_py

SERVED = ("app.py", "pages/*.py", ".streamlit/config.toml")
INSIDE = "ef21lab/_served"  # where ef21lab/served.py looks


class WithPages(build_py):
    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for source, target in self._served():
                target.parent.mkdir(parents=True, exist_ok=True)
                copy2(source, target)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        return [*super().get_outputs(include_bytecode), *(str(target) for _, target in self._served())]

    def _served(self) -> list[tuple[Path, Path]]:
        top, inside = Path(__file__).parent, Path(self.build_lib, INSIDE)
        return [(source, inside / source.relative_to(top)) for pattern in SERVED for source in sorted(top.glob(pattern))]


setup(cmdclass={"build_py": WithPages})
