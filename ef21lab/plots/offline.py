"""What a page needs to draw a figure without any server."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import plotly.graph_objects as go

from ef21lab.choices.numerals import Language
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


def _literal(value: object) -> str:
    """Nothing in it ends the script."""
    return json.dumps(value, ensure_ascii=True).replace("<", "\\u003c")
