"""``--plain`` in a pipe, in a file and in a terminal: what it tells, and how it ends."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal

_LINE = re.compile(r"\d\d:\d\d:\d\d \S.*")


def _command(*more: str) -> list[str]:
    return [sys.executable, "-m", "perftui", "--plain", "--no-journal", *more]


def _environment(**more: str) -> Mapping[str, str]:
    return {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", **more}


@contextmanager
def _piped(cwd: Path, *more: str, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        _command(*more), cwd=cwd, env=_environment(**environ), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        with process:
            yield process
    finally:
        process.kill()


def _until(process: subprocess.Popen[bytes], word: str) -> list[str]:
    """Lines until one has the word."""
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or word not in lines[-1]:
        line = process.stdout.readline()
        assert line, lines
        lines.append(line.decode())
    return lines


def test_it_begins_with_all_that_stands_in_plain_lines_with_the_time(tmp_path: Path) -> None:
    with _piped(tmp_path) as process:
        lines = _until(process, "Memory")
        process.send_signal(signal.SIGTERM)

        assert re.search(r"times are local, UTC[+-]\d\d:\d\d$", lines[0].strip())
        assert "summary, " in lines[1]
        assert all(_LINE.fullmatch(line.strip()) for line in lines)
        assert any(re.search(r"CPU busy [\d.<]+ %", line) for line in lines)
        assert "\x1b" not in "".join(lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with _piped(tmp_path) as process:
        _until(process, "summary")
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)

        assert process.returncode == 128 + number
        assert errors == b""


@pytest.mark.skipif(not hasattr(fcntl, "F_SETPIPE_SZ"), reason="only Linux has small pipes")
def test_a_reader_that_stands_still_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    (tmp_path / "perftui.toml").write_text('[plain]\nsummary = "1s"\n')
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    process = subprocess.Popen(
        _command(), cwd=tmp_path, env=_environment(), stdin=subprocess.DEVNULL, stdout=writer, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 60
        while _unread(reader) < 3500:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)

        assert process.wait(30) == 128 + signal.SIGTERM
    finally:
        process.kill()
        os.close(reader)
        os.close(writer)


def _unread(reader: int) -> int:
    size: int = struct.unpack("i", fcntl.ioctl(reader, termios.FIONREAD, b"\0\0\0\0"))[0]
    return size


def test_a_reader_that_has_enough_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "perftui.toml").write_text('[plain]\nsummary = "1s"\n')
    with _piped(tmp_path) as process:
        _until(process, "summary")
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()

        assert process.wait(30) == 0
        assert process.stderr.read() == b""


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        answer = subprocess.run(
            _command(), cwd=tmp_path, env=_environment(), stdin=subprocess.DEVNULL, stdout=full,
            stderr=subprocess.PIPE, timeout=60, check=False,
        )  # fmt: skip

    assert answer.returncode == 4
    assert answer.stderr == b"perftui: stdout: No space left on device\n"


def test_without_utf_8_every_line_is_ascii(tmp_path: Path) -> None:
    with _piped(tmp_path, "--scrape", "http://127.0.0.1:9/metrics", LANG="C", LC_ALL="C") as process:
        lines = _until(process, "scrape failed")

        assert "".join(lines).isascii()


def test_in_a_terminal_enter_tells_all_that_stands_and_q_ends_it(tmp_path: Path) -> None:
    with Terminal(_command(), size=(200, 50), env=_environment(), cwd=tmp_path) as terminal:
        terminal.wait_for("Memory")
        before = terminal.output.count("summary, ")
        terminal.type("\r")
        terminal.wait_for(lambda it: it.output.count("summary, ") > before)
        terminal.type("q\r")

        assert terminal.wait_for_exit() == 0
        assert "\x1b" not in terminal.output


def test_a_configuration_that_changes_is_in_force_at_once(tmp_path: Path) -> None:
    path = tmp_path / "perftui.toml"
    path.write_text("")
    with _piped(tmp_path) as process:
        _until(process, "Memory")
        path.write_text('timezone = "Asia/Kathmandu"\ntheem = "x"\n')
        assert "configuration: " in _until(process, "theem")[-1]
        path.write_text('timezone = "Asia/Kathmandu"\n')
        _until(process, "times are those of Asia/Kathmandu, UTC+05:45")


def test_broken_usage_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "perftui.toml").write_text("[plain]\nchange = 0.0\n")
    answer = subprocess.run(_command(), cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert answer.returncode == 2
    assert "perftui.toml:2: plain.change: a change is a share above 0" in answer.stderr
