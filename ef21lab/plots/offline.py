"""What a page needs to draw a figure without any server, and such a page of one figure alone."""

from __future__ import annotations

import json
from importlib import resources
from string import Template
from typing import Any

import plotly.graph_objects as go

from ef21lab.choices.markup import html
from ef21lab.choices.numerals import Language
from ef21lab.choices.text import Text
from ef21lab.plots.locale import config


def library() -> str:
    """plotly's bundle, as the text of a script element."""
    script = (resources.files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    return script.replace("</script", "<\\/script")


def drawing(element: str, figure: go.Figure, language: Language) -> str:
    """The statement that draws the figure in the element of this id, as the text of a script element."""
    document: dict[str, Any] = json.loads(figure.to_json())
    asked = [element, document["data"], document["layout"], {**config(language), "responsive": True, "displaylogo": False}]
    return f"Plotly.newPlot({', '.join(_literal(part) for part in asked)});"


def alone(figure: go.Figure, title: str, language: Language) -> str:
    """A whole page of this figure alone, which needs no network and saves it as PNG and SVG; `title` names these files too."""
    save = [
        f"Plotly.downloadImage('figure', {_literal({'format': kind, 'filename': title, **SIZE, 'scale': SCALE[kind]})})" for kind in SCALE
    ]
    return PAGE.substitute(
        language=language,
        title=html(title),
        hint=html(HINT(language)),
        buttons="".join(f'<button id="{kind}">{kind.upper()}</button>' for kind in SCALE),
        library=library(),
        drawing=drawing("figure", figure, language),
        saving="".join(f"document.getElementById('{kind}').onclick=()=>{words};" for kind, words in zip(SCALE, save, strict=True)),
    )


def _literal(value: object) -> str:
    """Nothing in it ends the script."""
    return json.dumps(value, ensure_ascii=True).replace("<", "\\u003c")


SIZE = {"width": 1000, "height": 600}
SCALE = {"png": 2, "svg": 1}
HINT = Text("Save as", "Сохранить как")
PAGE = Template("""<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:">
<title>$title</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; color: #31333f; background: #fff; margin: 0; padding: 1rem; }
body { height: 100vh; box-sizing: border-box; }
#figure { height: calc(100% - 3rem); }
</style>
</head>
<body>
<p>$hint $buttons</p>
<div id="figure"></div>
<script>$library</script>
<script>$drawing $saving</script>
</body>
</html>
""")
