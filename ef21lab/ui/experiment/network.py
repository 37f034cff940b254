"""The network whose seconds an axis counts: which it is, and the clock of a contender on it."""

from __future__ import annotations

import streamlit as st

from ef21lab.address.controls import LABELS
from ef21lab.address.members import codes
from ef21lab.choices.text import Text
from ef21lab.clocks.base import Clock, Topology, topologies
from ef21lab.clocks.of_run import is_summable
from ef21lab.clocks.presets import PRESETS
from ef21lab.runs.planned import Planned
from ef21lab.ui.kit import forms
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.link import Link

KEY = AXIS = "network"  # the menu of topologies, and the axis that needs it

WHAT_IS_COUNTED = Text(
    "Seconds follow from the record: nothing is computed again. A round waits for its latencies and sends its bits; a node computes its "
    "share of the seconds measured here, on this machine, where runs may have had to share it.",
    "Секунды следуют из записи: заново ничего не считается. Раунд ждёт задержек и передаёт свои биты; узел считает свою долю секунд, "
    "измеренных здесь, на этой машине, которую запуски могли делить между собой.",
)


BREAK_EVEN = Text(
    "Beside an uncompressed contender every card says below which bandwidth it comes to ε sooner: that on which a node sends, while all "
    "links get wider or narrower in one proportion.",
    "Если есть участник без сжатия, карточки говорят, ниже какой скорости линии они приходят к ε раньше него: речь о линии, "
    "по которой передаёт узел, а все линии становятся шире или уже в одинаковое число раз.",
)


def controls(link: Link) -> Topology:
    """A network to begin with as a button, and every number of it."""
    with st.popover(say(LABELS["network"]), icon=":material/lan:"):
        st.caption(say(Text("Begin with", "Начните с образца")))
        with st.container(horizontal=True):
            for name, (label, network) in PRESETS.items():
                st.button(say(label), key=f"{KEY}.preset.{name}", on_click=link.put, args=(codes(KEY, topologies.make(network)),))
        chosen = forms.member(topologies, KEY, topologies.make("star"), forms.Context(link), label=LABELS["network"])
        st.caption(say(WHAT_IS_COUNTED))
        st.caption(say(BREAK_EVEN))
    return chosen


def is_uncompressed(planned: Planned) -> bool:
    """Whether its nodes send all that they have to say: no message loses anything."""
    return planned.spec.algorithm.sends_whole or planned.compressor.alpha(planned.facts.d) == 1.0


def clock(network: Topology, planned: Planned) -> Clock:
    """Of one contender."""
    return network.clock(planned.facts.nodes, is_summable(planned.spec))
