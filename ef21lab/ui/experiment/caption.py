"""What a problem is called above a picture: 'Mushrooms · Contiguous, 20 nodes · Logistic, ridge, Regularisation λ = 0.1 · …'."""

from __future__ import annotations

from ef21lab.choices.fields import FileName, Integer, Json
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Text, joined, quoted, same
from ef21lab.runs.spec import RunSpec
from ef21lab.ui.kit.language import count, number


def posed(spec: RunSpec) -> Text:
    """The data, the nodes, the objective, x⁰ and the rounds of a run."""
    nodes = Text("{n:node|nodes}", "{n:узел|узла|узлов}").format(n=spec.partition.nodes)
    rounds = Text("{n:round|rounds}", "{n:раунд|раунда|раундов}").format(n=spec.rounds)
    start = same("x⁰: ") + _with_settings(spec.start)
    parts = [_with_settings(spec.dataset), joined([_with_settings(spec.partition), nodes], ", "), _with_settings(spec.objective)]
    return joined([*parts, start, rounds], " · ")


def _with_settings(member: Spec) -> Text:
    """The label of a member and its settings by theirs; a seed that nobody has touched goes without saying, and nodes are said apart."""
    defaults = type(member).defaults()
    said = {name: value for name, value in member.settings().items() if name != "nodes" and (name != "seed" or value != defaults[name])}
    settings = [_setting(member, name, value) for name, value in said.items()]
    return joined([member.label, *filter(None, settings)], ", ")


def _setting(member: Spec, name: str, value: Json) -> Text | None:
    """'Rows = 2,000', or the name of a file; what has no short words, as the hash of an upload, has none."""
    field = type(member).fields()[name]
    if type(field) is FileName:
        return quoted(str(value))
    if isinstance(value, (int, float)):
        return field.label + same(" = ") + (count(value) if isinstance(field, Integer) else number(value))
    return None
