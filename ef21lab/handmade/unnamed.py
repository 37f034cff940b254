"""Why a run with a function or an array of a program has no key."""

from __future__ import annotations

from ef21lab.choices.text import Text

UNNAMED = Text(
    "{what} is of this program alone and has no name in JSON, so its run has no key: it cannot be linked, stored or sent elsewhere",
    "{what}: только в этой программе, имени в JSON у этого нет, а у запуска нет ключа: ни ссылки, ни места в записях",
)
