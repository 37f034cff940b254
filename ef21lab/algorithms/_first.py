"""The first estimates gᵢ⁰ of the methods that remember what the master believes: the field and what it does."""

from __future__ import annotations

from typing import Any

import numpy as np

from ef21lab.channels.base import Uplink
from ef21lab.channels.messages import Sent
from ef21lab.choices.spec import choice
from ef21lab.choices.text import Text

Array = Any


def first() -> Any:
    """The field that says what every node sends in round 0."""
    return choice(
        "compressed",
        {
            "compressed": Text("compressed gradient", "сжатый градиент"),
            "full": Text("full gradient", "полный градиент"),
            "zero": Text("zero", "ноль"),
        },
        Text("First estimate g⁰", "Начальная оценка g⁰"),
        Text("What every node sends in round 0.", "Что каждый узел посылает в раунде 0."),
    )


def first_estimates(init: str, gradients: Array, uplink: Uplink) -> Sent:
    """gᵢ⁰ and their mean: C(∇fᵢ(x⁰)), ∇fᵢ(x⁰) as one dense message, or 0 without a message."""
    if init == "compressed":
        return uplink.send(gradients)
    if init == "full":
        return uplink.send_dense(gradients)
    return Sent(np.zeros_like(gradients), np.zeros_like(gradients[:, 0]))
