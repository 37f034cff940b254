"""Phishing: web sites, honest or fishing for passwords."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.choices.text import Text
from ef21lab.datasets._published import PublishedFile
from ef21lab.datasets.readers.content import Content


@dataclass(frozen=True)
class Phishing(PublishedFile):
    """11055 sites by 68 columns, every row of unit length."""

    name = "phishing"
    label = Text("Phishing", "Фишинг")
    about = Text(
        "11,055 web sites by 68 marks of their address and pages: is it a phishing site?",
        "11\u202f055 сайтов по 68 признакам адреса и страниц: фишинговый ли сайт?",
    )
    order = 10
    origin = Text(
        "UCI Phishing Websites (Mohammad, Thabtah, McCluskey), CC BY 4.0, as prepared for LIBSVM's collection.",
        "UCI Phishing Websites (Mohammad, Thabtah, McCluskey), CC BY 4.0, в том виде, в каком набор лежит в коллекции LIBSVM.",
    )
    content = Content(
        11055,
        68,
        (("0", 4898), ("1", 6157)),
        "37a2af431a12bef758745b654ad293f0762a0ceff26b9f21b325f0adecaa056a",
    )
