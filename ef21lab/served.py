"""The files that Streamlit serves: a checkout has them at its top, an installed package carries them inside."""

from __future__ import annotations

from pathlib import Path

INSIDE = "_served"  # the folder of the package that setup.py copies them to

_HERE = Path(__file__).resolve().parent
TOP = next(place for place in (_HERE / INSIDE, _HERE.parent) if (place / "app.py").is_file() or place == _HERE.parent)
APP, PAGES = TOP / "app.py", TOP / "pages"
