"""Words of others as they are written: nothing in them is read as Markdown, HTML or a formula."""

from __future__ import annotations

import re

JOINER = "\u2060"  # of no width: keeps what Streamlit looks for in plain words (links, icons, arrows) from being found
MEANT = re.compile(r"[!#$&()*:<>@\[\\\]^_`{|}~]|^[-+=.\d]*[-+=.)]")  # what Markdown may read; at the beginning also what makes a list
SOUGHT = re.compile(r":(?=\S)|(?<=www)(?=\.)|(?=@)|(?<=[-<>~=!])(?=[-=>])", re.IGNORECASE)
HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;"})


def one_line(words: str) -> str:
    """Without line breaks, control characters and characters that turn the direction of writing."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())


def shortened(words: str, longest: int) -> str:
    """In one line, of at most so many characters."""
    line = one_line(words)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def markdown(words: str) -> str:
    """Markdown that shows exactly these words, in one line."""
    apart = SOUGHT.sub(lambda found: found[0] + JOINER, one_line(words))
    return MEANT.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", apart)


def plotly(words: str) -> str:
    """What plotly shows as these words: it reads tags, entities and formulas in titles, names and labels."""
    return one_line(words).translate(HTML)


def html(words: str) -> str:
    """What a browser shows as these words, also inside a quoted attribute."""
    return one_line(words).translate(HTML).replace('"', "&quot;").replace("'", "&#39;")
