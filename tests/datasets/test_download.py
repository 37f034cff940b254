"""Downloading, against a server on loopback: whole and verified, or not at all."""

import re
import socket
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ef21lab.choices.text import Refusal
from ef21lab.datasets.download import download, published
from ef21lab.datasets.mushrooms import Mushrooms
from ef21lab.datasets.readers.content import content
from ef21lab.datasets.readers.libsvm import read_libsvm


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Says nothing."""


@pytest.fixture
def served(tmp_path, monkeypatch) -> Iterator[tuple]:
    """A directory and the address under which its files can be fetched."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    directory = tmp_path / "served"
    directory.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=directory)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield directory, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def mushrooms_in_libsvm_format() -> bytes:
    table = Mushrooms().load()
    columns = table.features.indices.reshape(len(table.labels), 21) + 1
    lines = (
        f"{1 if label < 0 else 2} " + " ".join(f"{index}:1" for index in row) for label, row in zip(table.labels, columns, strict=True)
    )
    return "\r\n".join(lines).encode()


def test_a_download_arrives_verified_and_reports_its_progress(served, cache):
    directory, page = served
    (directory / "mushrooms").write_bytes(mushrooms_in_libsvm_format())
    reports = []
    path = download("mushrooms", lambda done, total: reports.append((done, total)), page)
    assert path == cache / "mushrooms"
    assert content(read_libsvm(path)) == Mushrooms.content
    assert reports == sorted(reports)
    assert len(reports) > 2
    assert reports[-1] == (path.stat().st_size, path.stat().st_size)


def test_a_wrong_file_is_refused_and_leaves_nothing(served, cache):
    directory, page = served
    (directory / "mushrooms").write_bytes(mushrooms_in_libsvm_format().replace(b" 6:1 ", b" 5:1 ", 1))
    with pytest.raises(Refusal, match="mushrooms is not the published dataset: SHA-256 of the parsed matrix"):
        download("mushrooms", lambda *_: None, page)
    assert list(cache.iterdir()) == []


def test_a_page_that_is_not_a_dataset_is_refused(served, cache):
    directory, page = served
    (directory / "w8a").write_bytes(b"<html>moved</html>")
    with pytest.raises(Refusal, match="w8a, line 1, column 1: expected a label"):
        download("w8a", lambda *_: None, page)
    assert list(cache.iterdir()) == []


def test_an_absent_page_is_refused_in_words(served, cache):
    with pytest.raises(Refusal, match="could not be downloaded: the server answered with error 404"):
        download("phishing", lambda *_: None, served[1])


def test_a_network_that_fails_is_refused_in_words(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(Refusal, match="http://127.0.0.1:1/phishing could not be downloaded") as refusal:
        download("phishing", lambda *_: None, "http://127.0.0.1:1/")
    assert refusal.value.text.ru.startswith("не удалось скачать http://127.0.0.1:1/phishing")


def test_only_published_datasets_can_be_downloaded():
    assert set(published()) >= {"mushrooms", "phishing", "a9a", "w8a"}
    with pytest.raises(Refusal, match="'digits' cannot be downloaded; one of mushrooms, phishing"):
        download("digits", lambda *_: None)


def test_why_nothing_came_is_said_in_the_visitors_words(served, cache):
    _, page = served
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/"  # bound and not listening: refused
        for where, en, ru in (
            (page, "the server answered with error 404", "сервер ответил ошибкой 404"),
            (nobody, "the server cannot be reached", "сервер недоступен"),
            ("http://no.such.host.invalid/", "the server cannot be reached", "сервер недоступен"),
        ):
            with pytest.raises(Refusal) as refused:
                download("mushrooms", lambda done, total: None, where)
            text = refused.value.text
            assert text.en.startswith(f"{where}mushrooms could not be downloaded: {en}")
            assert text.ru.startswith(f"не удалось скачать {where}mushrooms: {ru}")
            assert not re.search("urllib3|HTTPConnection|Errno|0x|Max retries", text.en + text.ru)


def test_a_server_that_falls_silent_or_breaks_off_is_said_so(monkeypatch, cache):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("ef21lab.datasets.download.SILENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pytest.raises(Refusal, match="the server has not answered for"):
            download("mushrooms", lambda done, total: None, f"http://127.0.0.1:{silent.getsockname()[1]}/")
        threading.Thread(target=begin_and_break_off, args=(silent,), daemon=True).start()
        with pytest.raises(Refusal, match="the connection broke off"):
            download("mushrooms", lambda done, total: None, f"http://127.0.0.1:{silent.getsockname()[1]}/")


def begin_and_break_off(server):
    server.accept()[0].close()  # the one that gave up
    answering, _ = server.accept()
    answering.recv(65536)
    answering.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n1 1:1")
    answering.close()
