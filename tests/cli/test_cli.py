"""The command line: what it prints, and one line on standard error for whatever cannot be done."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import ef21lab as lab
from ef21lab.cli import commands as cli
from ef21lab.cli.listing import PLURALS
from ef21lab.cli.terminal import ProgressBar
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import FAMILIES

SMALL = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 4}, "rounds": 3}


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def spec(tmp_path):
    """The path of a file that holds this JSON, or these words."""

    def write(content=SMALL):
        path = tmp_path / "spec.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def refused(capsys):
    """The one line with which a command is refused."""

    def run(*arguments):
        assert cli.main(arguments) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1
        return err

    return run


def without_seconds(csv):
    return [line.rsplit(",", 1)[0] for line in csv.splitlines()]


def process(*arguments, **settings):
    return subprocess.Popen([sys.executable, "-m", "ef21lab", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **settings)


def test_run_prints_the_trace_as_csv(spec, capsys):
    assert cli.main(["run", spec()]) == 0
    out, err = capsys.readouterr()
    assert without_seconds(out) == without_seconds(lab.run(SMALL).to_csv())
    assert out.startswith("round,loss,grad_norm_sq,distortion,bits_up,floats_up,bits_down,seconds\n")
    assert err == ""  # no terminal, no progress bar


def test_run_writes_the_same_to_a_file(spec, capsys, tmp_path):
    assert cli.main(["run", spec(), "--csv", str(tmp_path / "out.csv")]) == 0
    assert without_seconds((tmp_path / "out.csv").read_text()) == without_seconds(lab.run(SMALL).to_csv())
    assert capsys.readouterr().out == ""


def test_run_writes_the_x_that_it_comes_to_for_numpy(spec, tmp_path):
    assert cli.main(["run", spec(), "--csv", str(tmp_path / "out.csv"), "--x", str(tmp_path / "out.npy")]) == 0
    asked = lab.RunSpec.make(SMALL)
    x = np.load(tmp_path / "out.npy", allow_pickle=False)
    last = (tmp_path / "out.csv").read_text().splitlines()[-1].split(",")
    assert problem_of(asked).loss(x[None, :]) == float(last[1])


def test_a_run_that_is_interrupted_leaves_no_file_without_an_x_and_an_older_one_alone(spec, tmp_path, monkeypatch):
    (tmp_path / "old.npy").write_bytes(b"kept")
    monkeypatch.setattr("ef21lab.cli.commands.csv_line", interrupted)
    for name in ("old.npy", "new.npy"):
        assert cli.main(["run", spec(), "--csv", str(tmp_path / "out.csv"), "--x", str(tmp_path / name)]) == cli.INTERRUPTED
    assert (tmp_path / "old.npy").read_bytes() == b"kept"
    assert not (tmp_path / "new.npy").exists()


def interrupted(record):
    raise KeyboardInterrupt


def test_describe_prints_what_the_library_says(spec, capsys):
    assert cli.main(["describe", spec(), "--set", "compressor.k=4"]) == 0
    assert json.loads(capsys.readouterr().out) == lab.describe({**SMALL, "compressor": {"name": "top_k", "k": 4}})


def test_a_spec_is_read_from_standard_input():
    going = process("describe", "-", stdin=subprocess.PIPE)
    out, err = going.communicate(("\ufeff" + json.dumps(SMALL)).encode())
    assert (going.returncode, err) == (0, b"")
    assert json.loads(out)["nodes"] == 4


@pytest.mark.parametrize("plural", [None, *PLURALS])
def test_list_names_every_member_and_its_fields(plural, capsys):
    assert cli.main(["list"] if plural is None else ["list", plural]) == 0
    lines = capsys.readouterr().out.splitlines()
    for noun, family in FAMILIES.items():
        for name, member in family.members.items():
            shown = any(line.startswith(f"  {name} — ") for line in lines)
            assert shown == (
                plural in (None, f"{noun}s") or any(name in FAMILIES[other].members for other in FAMILIES if f"{other}s" == plural)
            )
            assert not shown or all(any(line.startswith(f"      {field} = ") for line in lines) for field in member.fields())


@pytest.mark.parametrize(
    ("assignments", "expected"),
    [
        (["rounds=7"], {"rounds": 7}),
        (["dataset=digits"], {"dataset": {"name": "digits"}}),
        (["dataset=digits", "objective=softmax"], {"objective": {"name": "softmax", "lam": 0.01}}),
        (["compressor.k=4"], {"compressor": {"name": "top_k", "k": 4}}),
        (['compressor={"name": "top_k", "k": 3}'], {"compressor": {"name": "top_k", "k": 3}}),
        (["compressor.k=4", "compressor.name=identity"], {"compressor": {"name": "identity"}}),
        (
            ["compressor.name=st_hosvd", "compressor.dims=[5,6]", "compressor.ranks=2"],
            {"compressor": {"name": "st_hosvd", "dims": [5, 6], "ranks": 2}},
        ),
        (["compressor=st_hosvd", "compressor.ranks=3", "compressor=hosvd"], {"compressor": {"name": "hosvd", "ranks": 3}}),
        (["step.rule=fixed", "step.gamma=0.5"], {"step": {"rule": "fixed", "gamma": 0.5}}),
        (["step.multiple=4", "step.rule=fixed"], {"step": {"rule": "fixed", "multiple": 4}}),
        (["step.rule=fixed", "step.gamma=0.5", "step.rule=theory"], {"step": "theory"}),
        (["partition=shuffled"], {"partition": {"name": "shuffled", "nodes": 4}}),
        (["start.name=zeros"], {"start": "zeros"}),
    ],
)
def test_set_changes_a_setting(spec, monkeypatch, assignments, expected):
    made = []
    monkeypatch.setattr(cli, "describe", lambda spec: made.append(spec) or {})
    arguments = [word for assignment in assignments for word in ("--set", assignment)]
    assert cli.main(["describe", spec(), *arguments]) == 0
    whole = made[0].json()
    for noun, value in expected.items():
        assert whole[noun] == (FAMILIES[noun].json(FAMILIES[noun].make(value)) if noun in FAMILIES else value)


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("rounds", "--set rounds: expected FAMILY.FIELD=VALUE"),
        ("=3", "expected FAMILY.FIELD=VALUE"),
        ("compressor.=3", "expected FAMILY.FIELD=VALUE"),
        ("compressor.k.l=3", "expected FAMILY.FIELD=VALUE"),
        ("rounds.k=3", "expected FAMILY.FIELD=VALUE"),
        ("colour=red", "a run has no field 'colour'"),
        ("compressor.kk=3", "top_k has no field 'kk'; its fields: k"),
        ("compressor.k=", "TopK(k=''): k must be an integer in 1..1,000,000"),
        ("compressor.name=topk", "did you mean top_k?"),
        ("step.gamma=1", "theory has no field 'gamma'"),
        ("rounds=many", "run(rounds='many'): rounds must be an integer"),
        ("rounds=1e999", "rounds=inf"),
        ("rounds=NaN", "NaN is not a number in JSON"),
        ("rounds=" + "9" * 5000, "an integer of 5,000 digits is too long"),
        ('compressor={"name":"top_k","name":"identity"}', 'the key "name" is given twice'),
        ("compressor=null", "compressor: expected an object"),
        ("compressor.dims=[[[[", "top_k has no field 'dims'"),
    ],
)
def test_an_assignment_that_leads_nowhere_is_refused(spec, refused, assignment, words):
    assert words in refused("describe", spec(), "--set", assignment)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"rounds": 3,\n  rounds}', "line 2, column 3: not JSON"),
        ("", "line 1, column 1: not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ('{"rounds": NaN}', "NaN is not a number in JSON"),
        ('{"rounds": -Infinity}', "-Infinity is not a number in JSON"),
        ('{"seed": 1, "seed": 2}', 'the key "seed" is given twice'),
        ('{"rounds": ' + "9" * 5000 + "}", "an integer of 5,000 digits is too long"),
        ('{"rounds": ' + "9" * 300 + "}", "rounds must be an integer in 0..1,000,000"),
        ('{"rounds": 1e999}', "rounds=inf"),
        ("[]", "a run is a JSON object, got []"),
        ('"mushrooms"', "a run is a JSON object"),
        ('{"compressor": {"name": "top_k", "k": 31}, "dataset": "breast_cancer"}', "TopK(k=31): k must be an integer in 1..30"),
    ],
)
@pytest.mark.parametrize("command", ["run", "describe"])
def test_a_document_that_is_not_a_run_is_refused_in_one_line(spec, refused, command, content, words):
    assert words in refused(command, spec(content))


def test_a_bad_document_is_refused_before_it_is_changed(spec, refused):
    assert "a run is a JSON object" in refused("run", spec("[]"), "--set", "rounds=3")
    assert "expected an object" in refused("run", spec('{"compressor": 5}'), "--set", "compressor.k=3")


def test_files_that_cannot_be_read_or_written_are_named(spec, refused, tmp_path):
    (tmp_path / "bytes").write_bytes(b"\xff\xfe{}")
    assert refused("run", str(tmp_path / "none.json")) == f"cannot read {tmp_path}/none.json: no such file or directory\n"
    assert "it is a directory" in refused("describe", str(tmp_path))
    assert "not UTF-8" in refused("run", str(tmp_path / "bytes"))
    assert "cannot read" in refused("run", "a\0b")
    assert "cannot write" in refused("run", spec(), "--csv", str(tmp_path / "no" / "out.csv"))
    assert "it is a directory" in refused("run", spec(), "--csv", str(tmp_path))
    assert "it is a directory" in refused("run", spec(), "--x", str(tmp_path))
    assert "cannot write" in refused("run", spec(), "--x", str(tmp_path / "no" / "out.npy"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("sweep", "{spec}", "--out", "{out}", "--workers", "9" * 5000),
        ("search", "{spec}", "--epsilon", "1", "--starts", "9" * 5000),
        ("figure", "divergence", "--workers", "9" * 5000),
        ("open", "--port", "9" * 5000),
        ("run", "{spec}", "--processes", "9" * 5000),
        ("run", "{spec}", "--set", f"rounds={'9' * 5000}"),
        ("open", "--print", "{bytes}"),
        ("open", "--print", "x" * 5000),
    ],
)
def test_numbers_without_end_and_files_of_bytes_are_refused_in_one_line(spec, refused, tmp_path, arguments):
    (tmp_path / "bytes.json").write_bytes(bytes(range(256)))
    document = spec({"spec": SMALL, "grid": {"rounds": [1]}} if arguments[0] in ("sweep", "search") else SMALL)
    refused(*(one.format(spec=document, out=tmp_path / "out", bytes=tmp_path / "bytes.json") for one in arguments))


def test_one_file_is_not_two_things(spec, refused, tmp_path):
    (tmp_path / "linked.npy").symlink_to(tmp_path / "out")
    (tmp_path / "old").write_text("kept")
    (tmp_path / "hard").hardlink_to(tmp_path / "old")
    for csv, x in (("out", "out"), ("out", "./out"), ("out", "linked.npy"), ("old", "hard")):
        said = refused("run", spec(), "--csv", str(tmp_path / csv), "--x", f"{tmp_path}/{x}")
        assert said == f"--csv and --x are one file, {tmp_path / csv}: give them two\n"
    assert (tmp_path / "old").read_text() == "kept"
    assert not (tmp_path / "out").exists()
    path = spec()
    before = Path(path).read_text()
    for option in ("--csv", "--x"):
        assert f"SPEC.json and {option} are one file" in refused("run", path, option, path)
    assert "--csv and --x are one file" in refused("run", path, "--csv", f"{tmp_path}/a", "--x", f"{tmp_path}/a", "--processes", "2")
    assert Path(path).read_text() == before


def test_what_nobody_keeps_may_take_everything(spec):
    assert cli.main(["run", spec(), "--csv", os.devnull, "--x", os.devnull]) == 0


def test_a_refused_run_leaves_the_old_file_alone(spec, refused, tmp_path):
    (tmp_path / "out.csv").write_text("kept")
    refused("run", spec(), "--csv", str(tmp_path / "out.csv"), "--set", "compressor.k=31")
    assert (tmp_path / "out.csv").read_text() == "kept"


@pytest.mark.parametrize("arguments", [[], ["walk"], ["run"], ["list", "--colours"], ["run", "a", "b"], ["run", "a", "--cs", "b"]])
def test_arguments_that_do_not_fit_are_answered_with_the_usage_in_one_line(refused, arguments):
    assert "usage: ef21lab" in refused(*arguments)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ru"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": ""}, "ru"),
        ({"LC_ALL": "C", "LANG": "ru_RU"}, "en"),
        ({}, "en"),
    ],
)
def test_the_locale_of_messages_chooses_the_language(environment, language):
    assert cli.language_of(environment) == language


def test_a_refusal_is_in_russian_where_the_locale_is(spec, refused, monkeypatch):
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    assert "k — это целое число от 1 до 30" in refused("describe", spec(), "--set", "compressor.k=31")
    assert "нет такого файла" in refused("run", "none.json")
    assert "использование: ef21lab" in refused("walk")


def test_a_reader_who_goes_away_ends_the_run_quietly(spec):
    going = process("run", spec(), "--set", "rounds=1000000")
    going.stdout.readline()
    going.stdout.close()
    assert going.wait(timeout=120) == cli.BROKEN_PIPE
    assert going.stderr.read() == b""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_an_output_that_is_full_is_reported_in_one_line(spec):
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-m", "ef21lab", "run", spec()], stdout=full, stderr=subprocess.PIPE, timeout=120)
    assert done.returncode == 2
    assert done.stderr.startswith(b"cannot write standard output: ")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX closes streams")
def test_streams_that_a_shell_has_closed_end_no_command_in_a_traceback(spec):
    """What is asked of them reads as empty and goes nowhere."""
    for words, code in (("list steps >&- 2>&-", 0), (f"run {spec()} >&- 2>&- <&-", 0), ("run - <&-", 2), ("run none.json 2>&-", 2)):
        command = f"{sys.executable} -m ef21lab {words}"
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=100)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False), (words, done.stderr)


ENDS = {signal.SIGINT: 130, signal.SIGTERM: 143}


def deaf():
    """What a shell does to a process that it starts in the background, and to all that this one starts."""
    for number in ENDS:
        signal.signal(number, signal.SIG_IGN)


@pytest.mark.parametrize("inherited", [None, deaf])
@pytest.mark.parametrize("number", ENDS)
def test_ctrl_c_and_sigterm_end_a_run_whatever_it_inherited_and_what_was_computed_is_kept(spec, tmp_path, number, inherited):
    out = tmp_path / "out.csv"
    going = process("run", spec(), "--set", "rounds=1000000", "--csv", str(out), preexec_fn=inherited)
    until = time.monotonic() + 120
    while (not out.exists() or out.stat().st_size < 10_000) and time.monotonic() < until:
        time.sleep(0.05)
    going.send_signal(number)
    try:
        assert going.wait(timeout=120) == ENDS[number]
    finally:
        going.kill()
    assert going.stderr.read() == b""
    assert out.read_text().splitlines()[100].startswith("99,")


def test_a_command_gives_back_the_handlers_that_it_found(spec):
    before = [signal.getsignal(number) for number in ENDS]
    assert cli.main(["run", spec()]) == 0
    assert [signal.getsignal(number) for number in ENDS] == before


class Screen:
    def __init__(self, terminal):
        self.isatty, self.shown, self.flush = lambda: terminal, "", lambda: None

    def write(self, words):
        self.shown += words


def test_the_progress_bar_is_drawn_a_few_times_a_second_and_leaves_nothing_behind():
    seconds = iter([0.0, 0.01, 5.0])
    screen = Screen(terminal=True)
    with ProgressBar(screen, clock=lambda: next(seconds)) as bar:
        for done in (1, 2, 5):
            bar.show(done, 10, "so far")
    before, last, gone, end = screen.shown.split("\r")[1:]
    assert " 1/10 so far" in before
    assert f"[{'#' * 15}{'.' * 15}] 5/10 so far" in last
    assert (gone.strip(), end) == ("", "")


def test_the_progress_bar_keeps_off_what_is_not_a_terminal():
    screen = Screen(terminal=False)
    with ProgressBar(screen) as bar:
        bar.show(1, 2)
    assert screen.shown == ""


def test_link_prints_what_the_library_says_and_run_and_describe_take_it(spec, capsys):
    assert cli.main(["link", spec(), spec(), "--set", "compressor.k=4", "--base", "http://x/lab"]) == 0
    link = capsys.readouterr().out.strip()
    run = {**SMALL, "compressor": {"name": "top_k", "k": 4}}
    assert link == lab.link([run, run], base="http://x/lab")
    assert cli.main(["describe", f"{link}#2", "--set", "compressor.k=3"]) == 0
    assert json.loads(capsys.readouterr().out) == lab.describe({**SMALL, "compressor": {"name": "top_k", "k": 3}})


@pytest.mark.parametrize(
    ("link", "words"),
    [("http://x/?rounds=3", "opens 3 runs; say which"), ("http://x/?race=a#2", "opens 1 run"), ("http://x/?rounds=x", "“Rounds” to 'x'")],
)
def test_a_link_that_opens_no_one_run_is_refused(refused, link, words):
    assert words in refused("describe", link)


def test_a_tuned_step_prints_the_best_run_and_says_which_it_is(spec, capsys):
    given = {**SMALL, "rounds": 40, "step": {"rule": "tuned", "octaves": 4}}
    assert cli.main(["run", spec(given)]) == 0
    out, err = capsys.readouterr()
    found = lab.tune(given)
    assert without_seconds(out) == without_seconds(lab.run(found.spec).to_csv())
    assert err.startswith(f"tuned step: ×{found.spec.json()['step']['multiple']:g}, the best of {len(found.candidates)}: ")
    assert err.count("\n") == 1


def test_a_run_may_be_written_on_the_command_line_itself(capsys, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written = '{"dataset": "breast_cancer", "rounds": 2}'
    assert cli.main(["run", written]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1 + 3
    assert cli.main(["link", "{}"]) == 0
    assert capsys.readouterr().out.startswith("http://")
    assert "the object on the command line" in refused("run", '{"rounds": }')
    (tmp_path / "{odd").write_text(written)  # a file is a file, whatever its name
    assert cli.main(["run", "{odd"]) == 0
