"""A dataset of LIBSVM's own page, whose content is known before any file is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ef21lab.datasets._content import Content
from ef21lab.datasets.base import Dataset, Facts


@dataclass(frozen=True)
class Published(Dataset):
    """A two-class set whose size, label counts and hash are pinned in `content`; `python -m ef21lab download NAME` fetches it."""

    content: ClassVar[Content]

    def facts(self) -> Facts:
        return Facts(self.content.rows, self.content.columns, len(self.content.counts))
