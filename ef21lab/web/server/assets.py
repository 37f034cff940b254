"""The browser's files: our own modules and plotly's bundle, each gzipped once and cached by a version in its path."""

from __future__ import annotations

import gzip
import hashlib
import importlib.resources
import json
from collections.abc import Iterator
from functools import cache
from importlib.resources.abc import Traversable
from typing import NamedTuple

from ef21lab.choices.text import Text
from ef21lab.web.server import modules

UNREACHABLE = Text(
    "This part of the page cannot be shown: {place} is out of reach. A proxy in front of this server has to let the path /api through.",
    "Эту часть страницы показать нельзя: {place} недоступен. Прокси перед этим сервером должен пропускать путь /api.",
)

TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
PLOTLY = "plotly.min.js"
LIVE, MICROSCOPE, SHARE = "live/live.js", "microscope/microscope.js", "share/share.js"  # what a page mounts
EAGERLY = b"//# allFunctionsCalledOnLoad\n"  # to a browser that knows it: compile all of it beside the page, not function by function in it
GZIP_LEVEL = 3  # less than half the time of level 6, a tenth larger


class Asset(NamedTuple):
    """One file: its bytes, the same gzipped, its type and its tag."""

    body: bytes
    gzipped: bytes
    media_type: str
    etag: str


@cache
def names() -> frozenset[str]:
    """Every file that is served, with its folder: chart/chart.js."""
    own = importlib.resources.files("ef21lab.web").joinpath("assets")
    return frozenset({PLOTLY, *(name for name in _within(own) if name.rpartition(".")[2] in TYPES)})


def _within(folder: Traversable, before: str = "") -> Iterator[str]:
    for inside in folder.iterdir():
        if inside.is_dir():
            yield from _within(inside, f"{before}{inside.name}/")
        else:
            yield before + inside.name


@cache
def asset(name: str) -> Asset:
    """The file of this name; KeyError where there is none."""
    if name not in names():
        raise KeyError(name)
    body = _file(name)
    return Asset(
        body, gzip.compress(body, GZIP_LEVEL, mtime=0), TYPES[name.rpartition(".")[2]], f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    )


def prepare() -> None:
    """Make every file ready before a browser asks for it."""
    for name in names():
        asset(name)


@cache
def version() -> str:
    """A tag that differs when any file does."""
    digest = hashlib.sha256()
    for name in sorted(names()):
        digest.update(name.encode() + _file(name))
    return digest.hexdigest()[:12]


def url(name: str) -> str:
    """Where a file is served: modules find one another, the style and plotly by their places in the folders."""
    return f"/api/assets/{version()}/{name}"


@cache
def needed(module: str) -> list[str]:
    """Every file that a page which mounts this module will ask for."""
    own = modules.closure(module, lambda name: asset(name).body.decode())
    return [own[0], PLOTLY, *own[1:]] if module == LIVE else own


def loader(module: str = LIVE) -> str:
    """A component's script: small, since it travels with every message; the rest is fetched once and cached.

    All modules that it leans on are asked for at once, and so is plotly, the largest file, before the live view's own modules have said
    that they need it. Where the rest is out of reach, that is said in the component's place.
    """
    return f"""\
export default async function (component) {{
  const base = (component.data?.base ?? "").replace(/\\/$/, "");
{_asking(module)}
  const found = await import(place).catch(() => null);
  if (found) return found.mount(component);
  const words = {_javascript(UNREACHABLE)};
  const node = document.createElement("p");
  node.setAttribute("role", "alert");
  node.textContent = words[component.data?.language === "ru" ? "ru" : "en"].replace("{{place}}", place);
  component.parentElement.append(node);
  return () => node.remove();
}}
"""


def ahead(base: str, module: str = LIVE) -> str:
    """A script that has a module loaded, and what it leans on run, while the page that will mount it is still being put together."""
    return f"""\
{{
  const base = {json.dumps(base)};
{_asking(module)}
  void import(place).catch(() => {{}}); // said by the component, which tries again
}}
"""


def _asking(module: str) -> str:
    """Statements that ask for all files of a module, once, and call where it lies `place`; `base` is the path that the lab is under."""
    return f"""\
  const address = (path) => new URL(base + path, location.origin).href;
  const place = address("{url(module)}");
  if (!document.querySelector(`link[href="${{place}}"]`)) {{
    for (const name of {json.dumps(needed(module))}) {{
      const [rel, as] = name.endsWith(".css") ? ["preload", "style"] : name === "{PLOTLY}" ? ["preload", "script"] : ["modulepreload", ""];
      document.head.append(Object.assign(document.createElement("link"), {{ rel, as, href: address("{url("")}" + name) }}));
    }}
  }}"""


def _javascript(words: Text) -> str:
    """Both languages as a literal of JavaScript."""
    return json.dumps({"en": words.en, "ru": words.ru}, ensure_ascii=False)


def _file(name: str) -> bytes:
    package, folder = ("plotly", "package_data") if name == PLOTLY else ("ef21lab.web", "assets")
    body = importlib.resources.files(package).joinpath(folder, *name.split("/")).read_bytes()
    return EAGERLY + body if name == PLOTLY else body
