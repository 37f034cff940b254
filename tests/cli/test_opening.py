"""`open`: a lab that is there is used, one that is not is started, for oneself or for a course, and ends with its command."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psutil
import pytest

import ef21lab
from ef21lab.cli import main, notebook, opening
from ef21lab.cli.ports import free_port

ENGLISH = {**os.environ, "LC_ALL": "C.UTF-8"}


@pytest.fixture
def somebody_elses() -> Iterator[int]:
    """The port of a server that is no lab: it answers every request, as other pages of Streamlit do."""

    class Anything(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *words: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Anything) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--base", "http://x/", "--class"], "names a lab that is served already"),
        (["--base", "http://x/", "--port", "8600"], "names a lab that is served already"),
        (["--port", "0"], "--port is an integer from 1 to 2¹⁶ − 1, not '0'"),
        (["--port", "70000"], "not '70000'"),
        (["--port", "http"], "not 'http'"),
        (["--base", "ftp://x"], "ftp://x"),
        (["missing.json"], "there is no run"),
    ],
)
def test_what_cannot_be_opened_is_refused_in_one_line(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("EF21LAB_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert main(["open", *arguments]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert len(said.splitlines()) == 1


def test_a_port_that_somebody_else_has_is_named_and_another_is_found_where_none_is_asked_for(
    somebody_elses: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert main(["open", "--port", str(somebody_elses)]) == 2
    assert capsys.readouterr().err == f"port in use here: {somebody_elses}\n"
    monkeypatch.setattr(opening, "FIRST_PORT", somebody_elses)
    assert opening.free(None) > somebody_elses


@pytest.mark.engine
def test_a_lab_for_a_course_says_its_rules_opens_what_is_asked_for_and_ends_with_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    (tmp_path / "spec.json").write_text(json.dumps({"rounds": 7}))
    command = [sys.executable, "-m", "ef21lab", "open", "spec.json", "--class", "--print", "--port", str(port)]
    environment = {**ENGLISH, "EF21LAB_HOME": str(tmp_path), "EF21LAB_ADMIN": "chalk", "EF21LAB_LIMIT_QUEUE": "123"}
    lab = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert lab.stdout is not None
    assert lab.stderr is not None
    try:
        address = lab.stdout.readline().strip()
        assert address, lab.stderr.read()
        assert ef21lab.specs(address) == [ef21lab.RunSpec.make({"rounds": 7})]
        assert urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health").read() == b"ok"
        opened: list[str] = []
        monkeypatch.setattr("webbrowser.open", opened.append)
        monkeypatch.setattr(opening, "HERE", f"http://127.0.0.1:{port}")
        assert main(["open"]) == 0  # one that is there is not started again
        assert opened == [f"http://127.0.0.1:{port}/"] == [capsys.readouterr().out.strip()]
        monkeypatch.setattr(notebook, "HERE", f"http://127.0.0.1:{port}")
        assert ef21lab.specs(ef21lab.open({"rounds": 7})) == [ef21lab.RunSpec.make({"rounds": 7})]  # nor from a program
        assert opened[1].startswith(f"http://127.0.0.1:{port}/?")
        children = psutil.Process(lab.pid).children(recursive=True)
        assert children
    finally:
        lab.send_signal(signal.SIGTERM)
        said = lab.communicate(timeout=120)[1]
    assert re.search(rf"students go to {re.escape(address)}\n", said)
    assert "token, for the page of runs: chalk" in said
    assert "123 runs" in said
    gone, alive = psutil.wait_procs(children, timeout=120)
    assert not alive


def test_a_page_of_somebody_else_is_not_taken_for_a_lab(somebody_elses: int) -> None:
    assert not opening.is_a_lab(f"http://127.0.0.1:{somebody_elses}")
