"""Fetches a published dataset from LIBSVM's own page, when a person asks."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from ef21lab.choices.text import Refusal, Text, quoted
from ef21lab.datasets._published import Published
from ef21lab.datasets.base import datasets
from ef21lab.datasets.readers.content import verify
from ef21lab.datasets.readers.libsvm import read_libsvm
from ef21lab.datasets.readers.places import cache_directory

LIBSVM_PAGE = "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/binary/"

SILENCE = 30  # seconds after which a server is taken to be out of reach

Progress = Callable[[int, int], None]  # bytes so far, bytes in all (0 where the server does not say)


def download(name: str, progress: Progress, page: str = LIBSVM_PAGE) -> Path:
    """The file of the dataset `name` in the user's cache directory, fetched and verified by content.

    It appears there whole or not at all. Refusal: an unknown name, a network that fails, a file that is not what was published.
    """
    known = published()
    if name not in known:
        raise Refusal(
            Text("{name} cannot be downloaded; one of {known}", "{name} скачать нельзя; можно {known}").format(
                name=repr(name)[:80], known=", ".join(known)
            )
        )
    try:
        return _fetched(page + name, cache_directory() / name, known[name], progress)
    except OSError as error:
        raise Refusal(FAILED.format(url=page + name, reason=_reason(error))) from None


def published() -> dict[str, type[Published]]:
    """The datasets that can be downloaded, by name."""
    return {name: member for name, member in datasets.members.items() if issubclass(member, Published)}


def _reason(error: OSError) -> Text:
    """Why nothing came, as a person would say it: the network's libraries speak to their authors."""
    from requests import exceptions  # what pooch fetches with

    if isinstance(error, exceptions.HTTPError) and error.response is not None:
        return ANSWERED.format(code=str(error.response.status_code))
    if isinstance(error, exceptions.RequestException):
        return next((words for kind, words in NETWORK.items() if isinstance(error, getattr(exceptions, kind))), NOT_REACHED)
    return FULL if error.errno == errno.ENOSPC else quoted(error.strerror or str(error))


def _fetched(url: str, target: Path, member: type[Published], progress: Progress) -> Path:
    from pooch import HTTPDownloader  # it costs 0.2 s, and most sessions never download

    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".download-") as folder:
        part = Path(folder) / target.name
        HTTPDownloader(progressbar=_Bar(progress), chunk_size=2**16, timeout=SILENCE)(url, str(part), None)
        verify(read_libsvm(part), member.content, url)
        os.replace(part, target)
    return target


class _Bar:
    """What pooch takes for a progress bar: it adds up whole chunks, then resets and reports the total once more."""

    def __init__(self, progress: Progress) -> None:
        self.total, self._done, self._progress = 0, 0, progress

    def update(self, more: int) -> None:
        self._done = min(self._done + more, self.total) if self.total else self._done + more
        self._progress(self._done, self.total)

    def reset(self) -> None:
        """Nothing: a bar that a person watches does not go back."""

    def close(self) -> None:
        """Nothing to close."""


FAILED = Text("{url} could not be downloaded: {reason}", "не удалось скачать {url}: {reason}")
ANSWERED = Text("the server answered with error {code}", "сервер ответил ошибкой {code}")
NOT_REACHED = Text(
    "the server cannot be reached; is this machine connected to the network?", "сервер недоступен; есть ли у этой машины выход в сеть?"
)
FULL = Text("the disk is full", "на диске нет места")
NETWORK = {  # by what requests calls them; the first that fits
    "Timeout": Text("the server has not answered for {n:second|seconds}", "сервер не отвечает {n:секунду|секунды|секунд}").format(
        n=SILENCE
    ),
    "SSLError": Text("the server's certificate is not accepted here", "сертификат сервера здесь не принят"),
    "ProxyError": Text("the proxy of this network does not let it through", "прокси этой сети не пропускает запрос"),
    "ChunkedEncodingError": Text("the connection broke off", "соединение оборвалось"),
}
