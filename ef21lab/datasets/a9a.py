"""a9a: who earns more than 50,000 dollars a year, by the census of 1994."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.choices.text import Text
from ef21lab.datasets._published import PublishedFile
from ef21lab.datasets.readers.content import Content


@dataclass(frozen=True)
class A9a(PublishedFile):
    """32561 people by 123 yes/no columns, 14 of which are ones at most."""

    name = "a9a"
    label = Text("a9a (census)", "a9a (перепись)")
    about = Text(
        "32,561 people by 123 yes/no marks of age, work and schooling: is the income above $50,000 a year?",
        "32\u202f561 человек по 123 признакам «да/нет» (возраст, работа, образование): выше ли доход 50\u202f000 долларов в год?",
    )
    order = 20
    origin = Text(
        "UCI Adult (Becker, Kohavi 1996), CC BY 4.0; made binary by Platt (1998); LIBSVM's collection.",
        "UCI Adult (Becker, Kohavi 1996), CC BY 4.0; двоичные признаки — Platt (1998); коллекция LIBSVM.",
    )
    content = Content(
        32561,
        123,
        (("-1", 24720), ("1", 7841)),
        "347c6879505322d6042fe1d1708810f2113a1c7a93da06947ad1f893871d68fc",
    )
