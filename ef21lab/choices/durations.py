"""How long something takes, as a person says it."""

from __future__ import annotations

from ef21lab.choices.text import Text


def in_words(seconds: float) -> Text:
    """In seconds, minutes or hours, a whole number of them."""
    if seconds < 90:
        return SECONDS.format(n=max(1, round(seconds)))
    if seconds < 90 * 60:
        return MINUTES.format(n=round(seconds / 60))
    return HOURS.format(n=round(seconds / 3600))


SECONDS = Text("{n:second|seconds}", "{n:секунда|секунды|секунд}")
MINUTES = Text("{n:minute|minutes}", "{n:минута|минуты|минут}")
HOURS = Text("{n:hour|hours}", "{n:час|часа|часов}")
