"""What runs are called in a list, and their problem above a picture: 'Mushrooms · Contiguous, 20 nodes · Logistic, ridge · …'."""

from __future__ import annotations

from collections.abc import Sequence

from ef21lab.choices.fields import FileName, Integer, Json
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Text, count, joined, number, quoted, same
from ef21lab.runs.names import titles
from ef21lab.runs.spec import LATER, NUMBERS, RunSpec


def posed(spec: RunSpec) -> Text:
    """The data, the nodes, the objective, x⁰ and the rounds of a run."""
    nodes = NODES.format(n=spec.partition.nodes)
    rounds = Text("{n:round|rounds}", "{n:раунд|раунда|раундов}").format(n=spec.rounds)
    start = same("x⁰: ") + _with_settings(spec.start)
    split = [_with_settings(spec.partition), nodes, *([_held_out(spec)] if spec.held_out else [])]
    parts = [_with_settings(spec.dataset), joined(split, ", "), _with_settings(spec.objective)]
    return joined([*parts, start, rounds], " · ")


def _held_out(spec: RunSpec) -> Text:
    """'20% of the rows held out'; a seed that nobody has touched goes without saying."""
    share = HELD_OUT.format(percent=number(100.0 * spec.held_out))
    return joined([share, SEED_OF_THEM.format(seed=spec.held_out_seed)], ", ") if spec.held_out_seed else share


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


def apart(specs: Sequence[RunSpec]) -> list[Text]:
    """What runs are called in one list: as in a legend, and behind that whatever else sets one apart from another."""
    differ = [name for name in PARTS if len({getattr(spec, name) for spec in specs}) > 1]
    return [joined([title, *(_part(spec, name) for name in differ)], " · ") for title, spec in zip(titles(specs), specs, strict=True)]


def _part(spec: RunSpec, name: str) -> Text:
    part = getattr(spec, name)
    if name == "partition":
        return joined([_with_settings(part), NODES.format(n=part.nodes)], ", ")
    if isinstance(part, Spec):
        return _with_settings(part)
    return {**NUMBERS, **LATER}[name].label + same(" = ") + (number(part) if isinstance(part, float) else count(part))


PARTS = ("dataset", "partition", "objective", "start", "rounds", "record_every", "seed", "held_out", "held_out_seed", "stop_at")
NODES = Text("{n:node|nodes}", "{n:узел|узла|узлов}")
HELD_OUT = Text("{percent}% of the rows held out", "отложено {percent}\u00a0% строк")
SEED_OF_THEM = Text("seed {seed}", "зерно {seed}")
