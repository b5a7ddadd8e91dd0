"""What becomes of a load whose terminal, starter or engine is gone; its history; production that asks for words."""

from __future__ import annotations

import json
import os
import pty
import select
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import psutil
import pytest

from perftui.store.reader import JournalReader
from tests.unit.load.misbehaving import OK, says, serving

_PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(says(OK)) as found:
        yield found


def _environ(home: Path) -> dict[str, str]:
    folders = dict.fromkeys(("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "HOME"), str(home))
    return {**os.environ, **folders}


def _perftui(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "perftui", *arguments], cwd=home, env=_environ(home), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


def _history(home: Path) -> list[dict[str, Any]]:
    answer = _perftui(home, "load", "history", "--json")
    assert answer.returncode == 0, answer.stderr
    found: list[dict[str, Any]] = json.loads(answer.stdout)
    return found


def _records(home: Path) -> list[dict[str, Any]]:
    """As ``perftui load history`` reads them, without a process for it."""
    try:
        rows = JournalReader(home / "perftui" / "history.db").runs(9)
    except sqlite3.OperationalError:
        # it is not there yet
        return []
    return [json.loads(summary) for _, _, summary in rows]


def _audit(home: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (home / "perftui" / "audit.jsonl").read_text().splitlines()]


@contextmanager
def _running(home: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """A long load that has measured something, and whose record so far is in the history."""
    with subprocess.Popen(
        [sys.executable, "-m", "perftui", "load", "run", f"http://127.0.0.1:{port}/", "--duration", "5m", "--json"],
        cwd=home, env=_environ(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stderr is not None
            next(line for line in process.stderr if "measure" in line)
            _until(lambda: any(run["done"] for run in _records(home)))
            yield process
        finally:
            process.kill()


def _until(is_so: Any) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, "it does not come to that"
        time.sleep(0.05)


def _engine(process: subprocess.Popen[str]) -> psutil.Process:
    return next(
        child for child in psutil.Process(process.pid).children() if any("perftui.load" in w for w in child.cmdline())
    )


def test_an_engine_that_is_killed_leaves_its_figures_and_exit_code_4(port: int, tmp_path: Path) -> None:
    with _running(tmp_path, port) as process:
        _engine(process).kill()
        out, err = process.communicate(timeout=_PATIENCE_S)
    found = json.loads(out)

    assert process.returncode == found["exit_code"] == 4
    assert found["stopped_by"] == "engine"
    assert found["done"] > 0
    assert "the run was stopped: engine" in err
    assert _records(tmp_path) == [found]


def test_a_starter_that_is_killed_leaves_a_record_and_no_engine(port: int, tmp_path: Path) -> None:
    with _running(tmp_path, port) as process:
        assert _history(tmp_path)[0]["state"] == "running"
        engine = _engine(process)
        process.kill()
        process.wait(_PATIENCE_S)
        engine.wait(_PATIENCE_S)
    (run,) = _history(tmp_path)

    assert run["state"] == "lost: whoever started it was killed"
    assert run["done"] > 0


def test_a_terminal_that_is_gone_stops_the_load_and_keeps_its_record(port: int, tmp_path: Path) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        url = f"http://127.0.0.1:{port}/"
        words = [sys.executable, "-m", "perftui", "load", "run", url, "--duration", "5m"]
        os.execve(sys.executable, words, _environ(tmp_path))  # noqa: S606 (ourselves)
    _read_until(terminal, "measure")
    os.close(terminal)
    os.waitpid(pid, 0)
    (run,) = _records(tmp_path)

    assert run["stopped_by"] == "user"


def _read_until(terminal: int, word: str) -> str:
    text = ""
    while word not in text:
        ready, _, _ = select.select([terminal], [], [], _PATIENCE_S)
        assert ready, text
        text += os.read(terminal, 4096).decode(errors="replace")
    return text


def test_a_detached_load_goes_on_is_listed_and_is_stopped(port: int, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{port}/"
    answer = _perftui(tmp_path, "load", "run", url, "--duration", "5m", "--detach", "--json")
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)
    _until(lambda: _records(tmp_path))
    listed = _perftui(tmp_path, "load", "history")
    stopped = _perftui(tmp_path, "load", "stop", told["run_id"][:6])

    assert listed.stdout.splitlines()[1].split()[0] == told["run_id"]
    assert listed.stdout.splitlines()[1].split()[-1] == "running"
    assert stopped.returncode == 0, stopped.stderr
    assert [run["stopped_by"] for run in _records(tmp_path)] == ["user"]
    assert '"stopped_by": "user"' in Path(told["log"]).read_text()
    assert [line["result"] for line in _audit(tmp_path)] == ["started", "user", "done"]
    again = _perftui(tmp_path, "load", "stop", told["run_id"])
    assert (again.returncode, "under way: none" in again.stderr) == (2, True)


def test_a_detached_load_that_does_not_begin_is_told_at_once(tmp_path: Path) -> None:
    answer = _perftui(tmp_path, "load", "run", "http://127.0.0.1:1/", "--detach")

    assert answer.returncode == 4
    assert "ended before it began" in answer.stderr


def test_a_run_is_shown_compared_and_exported(port: int, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{port}/"
    for _ in range(2):
        answer = _perftui(
            tmp_path, "load", "run", url, "--rate", "50", "--duration", "1s", "--threshold", "p(95)<5000", "--out",
            "run.hgrm", "--out", "run.k6.json", "--out", "run.xml",
        )  # fmt: skip
        assert answer.returncode == 0, answer.stderr
    runs = _history(tmp_path)
    shown = _perftui(tmp_path, "load", "show", "last")
    log = _perftui(tmp_path, "load", "show", runs[0]["run_id"][:8], "--format", "hdr")
    compared = _perftui(tmp_path, "load", "compare", runs[1]["run_id"], "last", "--json")

    assert [run["verdict"] for run in runs] == ["ok", "ok"]
    assert f"run {runs[0]['run_id']}" in shown.stdout
    assert "Interval_Compressed_Histogram" in log.stdout
    found = json.loads(compared.stdout)
    # a machine that is busy is said to be the limit
    assert compared.returncode == (0 if found["comparable"] else 3)
    assert [found["a"]["run_id"], found["b"]["run_id"]] == [runs[1]["run_id"], runs[0]["run_id"]]
    assert "Total count" in (tmp_path / "run.hgrm").read_text()
    assert json.loads((tmp_path / "run.k6.json").read_text())["metrics"]["http_reqs"]["values"]["count"] == 50
    assert ElementTree.fromstring((tmp_path / "run.xml").read_text()).get("failures") == "0"  # noqa: S314 (our own)


def test_a_name_without_a_format_is_refused_before_anything_is_sent(port: int, tmp_path: Path) -> None:
    answer = _perftui(tmp_path, "load", "run", f"http://127.0.0.1:{port}/", "--out", "run.doc")

    assert answer.returncode == 2
    assert "run.doc: its ending names no format" in answer.stderr
    assert _records(tmp_path) == []


def test_an_unknown_run_is_said(tmp_path: Path) -> None:
    for words in (("show", "abc"), ("compare", "abc", "def")):
        answer = _perftui(tmp_path, "load", *words)

        assert answer.returncode == 2
        assert "perftui load history lists them" in answer.stderr


def _production(home: Path, port: int) -> None:
    text = f'[load.targets.shop]\nurl = "http://localhost:{port}/"\nproduction = true\n'
    (home / "perftui.toml").write_text(text)


_WORDS = ("--confirm-host", "127.0.0.1", "--name", "shop", "--reason", "checks the release")


def test_production_runs_after_host_name_and_reason_and_keeps_the_reason(port: int, tmp_path: Path) -> None:
    _production(tmp_path, port)
    run = ("load", "run", f"http://127.0.0.1:{port}/", "--duration", "1s", "--json")
    refused = _perftui(tmp_path, *run)
    large = _perftui(tmp_path, *run, *_WORDS, "--rate", "201")
    answer = _perftui(tmp_path, *run, *_WORDS)

    assert refused.returncode == large.returncode == 2
    assert "127.0.0.1 is production (target shop)" in refused.stderr
    assert "smoke caps, which nothing raises" in large.stderr
    assert answer.returncode == 0, answer.stderr
    typed = {"host": "127.0.0.1", "name": "shop", "reason": "checks the release"}
    assert json.loads(answer.stdout)["confirmed"] == typed
    lines = _audit(tmp_path)
    assert [line["result"].split("\n")[0][:18] for line in lines] == [
        "no load was sent: ", "no load was sent: ", "started", "duration",
    ]  # fmt: skip
    assert lines[2]["confirmed"] == typed


def test_a_terminal_is_asked_for_what_production_needs(port: int, tmp_path: Path) -> None:
    _production(tmp_path, port)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "perftui", "load", "run", "shop", "--duration", "1s", "--json"],
        cwd=tmp_path, env=_environ(tmp_path), stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        for question, words in (("type its host", "localhost"), ("name of the target", "shop"), ("type why", "a try")):
            _read_until(ours, question)
            os.write(ours, f"{words}\n".encode())
        out, _ = process.communicate(timeout=_PATIENCE_S)
        os.close(ours)

    assert json.loads(out)["confirmed"] == {"host": "localhost", "name": "shop", "reason": "a try"}
