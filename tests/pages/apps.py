"""Pages without a browser: opened at an address, run again until something holds, and the address that they write."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from streamlit.testing.v1 import AppTest

PAGES = Path(__file__).parents[2] / "pages"


def opened(page: str, query: Mapping[str, str]) -> AppTest:
    """The page of this name at this address, run once."""
    app = AppTest.from_file(str(PAGES / f"{page}.py"), default_timeout=120)
    app.query_params.update(query)
    return ran(app)


def ran(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, [one.message for one in app.exception]
    return app


def until(app: AppTest, condition: str, holds: Callable[[AppTest], object]) -> AppTest:
    """The page run again, as its timer does, until something holds."""
    for _ in range(600):
        if holds(app):
            return app
        time.sleep(0.1)
        ran(app)
    raise AssertionError(f"never {condition}")


def address(app: AppTest) -> dict[str, str]:
    """The words that the page has written."""
    return {name: value if isinstance(value, str) else value[0] for name, value in app.query_params.items()}
