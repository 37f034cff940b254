"""w8a: does a web page belong to a category, by the key words on it."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.choices.text import Text
from ef21lab.datasets._published import PublishedFile
from ef21lab.datasets.readers.content import Content


@dataclass(frozen=True)
class W8a(PublishedFile):
    """49749 pages by 300 yes/no columns, about 12 ones in a row; 3 % of the rows are +1."""

    name = "w8a"
    label = Text("w8a (web pages)", "w8a (веб-страницы)")
    about = Text(
        "49,749 web pages by 300 key words: does the page belong to one rare category (3% do)?",
        "49\u202f749 веб-страниц по 300 ключевым словам: относится ли страница к одной редкой категории (таких 3\u00a0%)?",
    )
    order = 30
    origin = Text(
        "Platt (1998), Fast training of support vector machines using SMO; LIBSVM's collection.",
        "Platt (1998), Fast training of support vector machines using SMO; коллекция LIBSVM.",
    )
    content = Content(
        49749,
        300,
        (("-1", 48270), ("1", 1479)),
        "04510912db37f66823d3e3a075fd9a8a4bcf74ece30dace9fa7500be3c49c644",
    )
