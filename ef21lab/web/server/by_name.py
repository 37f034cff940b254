"""The first page by its own name: pages are addressed by their files' names, and the first one stands at the root."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

FIRST_PAGE = "experiment"  # the file in pages/ that Streamlit serves at the root, and would not know by name


def by_name(base: str = "") -> Route:
    """GET /experiment?… → the same at the root of `base`, the path under which the lab is served."""

    async def to_root(request: Request) -> Response:
        query = request.url.query
        return RedirectResponse(f"{base}/" + (f"?{query}" if query else ""))

    return Route(f"{base}/{FIRST_PAGE}", to_root, methods=["GET"])
