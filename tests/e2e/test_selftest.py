"""``perftui selftest`` in terminals that answer soon, late, never or nonsense, and in one that goes away."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.far_terminal import ASK, FarTerminal
from tests.e2e.terminal import Terminal, console, environment

END_S = 100.0
# the console draws, and asks where its cursor is: by then it is being watched
WATCHING = "? help"


def far(home: Path, *arguments: str, env: dict[str, str] | None = None, **how: Any) -> FarTerminal:
    command = [sys.executable, "-m", "perftui", "selftest", "--seconds", "8", *arguments]
    return FarTerminal(command, env={**environment(home), **(env or {})}, cwd=home, **how)


def into(home: Path, file: Path, *arguments: str) -> Sequence[str]:
    """A shell that sends what is printed into a file."""
    told = " ".join(arguments)
    return ["/bin/sh", "-c", f"exec '{sys.executable}' -m perftui selftest {told} > '{file}'"]


def said(terminal: Terminal) -> str:
    """What was printed, without the ends of its lines."""
    return re.sub(r"\s+", " ", " ".join(terminal.said_after_leaving()))


def line_of(terminal: Terminal, name: str) -> str:
    text = "\n".join(terminal.said_after_leaving()).split("What to change:")[0]
    found = re.search(rf"^. \w+\s+{re.escape(name)}.*(?:\n {{5,}}.*)*", text, re.MULTILINE)
    assert found is not None, text
    return re.sub(r"\s+", " ", found[0])


def processes_of(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def test_a_near_terminal_is_measured_and_left_as_it_was(tmp_path: Path) -> None:
    with far(tmp_path, syncs=True) as terminal:
        assert terminal.wait_for_exit(END_S) == 0
        assert terminal.left_behind() == []
        assert terminal.unread() == b""
        assert "ctrl+c ends it" in terminal.output
        assert "yes (mode 2026)" in line_of(terminal, "whole pictures")
        assert re.search(r"[\d.]+ .?s, at most", line_of(terminal, "round trip"))
        assert re.search(r"(?:about|at least) [\d.]+ [kM]?B/s", line_of(terminal, "link carries"))
        assert re.search(r"[\d.]+ k?B/s, [\d.]+ pictures/s", line_of(terminal, "sends"))
        for name in ("CPU, console", "CPU, session"):
            assert re.search(r"[\d.]+% of a core", line_of(terminal, name))
        for name in ("key to paint", "other screen"):
            assert re.search(r"[\d.]+ m?s, at most [\d.]+ m?s, \d+ B", line_of(terminal, name))
        # this terminal counts each letter of a flag; the driver relies on nobody's count
        assert "flags 4 cells, not 2" in line_of(terminal, "glyphs")
        assert "ok" in line_of(terminal, "glyphs")


def test_a_slow_link_is_told_with_a_budget_and_compression(tmp_path: Path) -> None:
    env = {"SSH_CONNECTION": "192.0.2.1 5000 192.0.2.2 22"}
    with far(tmp_path, env=env, delay_s=0.15, rate=14000.0) as terminal:
        assert terminal.wait_for_exit(END_S) in (0, 1)
        assert terminal.left_behind() == []
        assert terminal.unread() == b""
        carried = re.search(r"link carries about ([\d.]+) kB/s", said(terminal))
        assert carried is not None
        # the answers of this terminal come at the rate that it was given, or later on a loaded machine
        assert float(carried[1]) <= 15.0
        assert re.search(r"start with --link-budget \d+(?:kB)?\b", said(terminal))
        assert re.search(r"use ssh -C: what was sent here compresses to \d+% of it", said(terminal))
        assert "look" in line_of(terminal, "round trip")


def test_a_terminal_that_never_answers_is_told_that_pacing_is_off(tmp_path: Path) -> None:
    with console(tmp_path, "selftest", "--seconds", "8") as terminal:
        assert terminal.wait_for_exit(END_S) in (0, 1)
        assert terminal.left_behind() == []
        assert "no answers to cursor reports: pacing is off" in said(terminal)
        assert "link carries" not in said(terminal)
        assert "other screen" in said(terminal)


def test_a_terminal_that_answers_nonsense_ends_it_no_later(tmp_path: Path) -> None:
    with console(tmp_path, "selftest", "--seconds", "8") as terminal:
        terminal.answer(ASK, "\x1b[;R\x1b[99999999;1R\x1bPnot the end\x00\x1b[?2026;9$y\x1b[200~x")
        assert terminal.wait_for_exit(END_S) in (0, 1)
        assert terminal.left_behind() == []
        assert "the terminal does not answer" in said(terminal)
        assert "Traceback" not in terminal.output


def test_wide_lines_are_noticed(tmp_path: Path) -> None:
    with far(tmp_path, narrow=False) as terminal:
        assert terminal.wait_for_exit(END_S) in (0, 1)
        assert 'narrow "ambiguous width"' in said(terminal)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
@pytest.mark.parametrize("moment", ["while the link is asked", "while the console runs"])
def test_a_signal_leaves_the_terminal_and_nobody_behind(tmp_path: Path, number: signal.Signals, moment: str) -> None:
    how = {"delay_s": 0.8} if "asked" in moment else {}
    with far(tmp_path, "--seconds", "60", **how) as terminal:
        if how:
            terminal.wait_for(lambda terminal: ASK in terminal.output, END_S)
        else:
            terminal.wait_for(WATCHING, END_S)
        below = processes_of(terminal.process.pid)
        assert bool(below) is not bool(how)
        terminal.signal(number)
        assert terminal.wait_for_exit(END_S) == 128 + number
        assert terminal.left_behind() == []
        assert terminal.unread() == b""
        assert "Traceback" not in terminal.output
        assert psutil.wait_procs(below, END_S)[1] == []


def test_ctrl_c_ends_it(tmp_path: Path) -> None:
    with far(tmp_path, "--seconds", "60") as terminal:
        terminal.wait_for(WATCHING, END_S)
        terminal.type("\x03")
        assert terminal.wait_for_exit(END_S) == 130
        assert terminal.left_behind() == []


def test_a_terminal_that_goes_away_takes_everything_along(tmp_path: Path) -> None:
    with far(tmp_path, "--seconds", "60") as terminal:
        terminal.wait_for(WATCHING, END_S)
        below = processes_of(terminal.process.pid)
        assert below
        terminal.hang_up()
        assert terminal.process.wait(END_S) == 129
        assert psutil.wait_procs(below, END_S)[1] == []


def test_a_console_that_dies_is_told(tmp_path: Path) -> None:
    with far(tmp_path, "--seconds", "60") as terminal:
        terminal.wait_for(WATCHING, END_S)
        for process in processes_of(terminal.process.pid):
            with contextlib.suppress(psutil.Error):
                process.kill()
        assert terminal.wait_for_exit(END_S) == 1
        assert terminal.left_behind() == []
        assert "bad" in line_of(terminal, "console")


def test_keys_of_a_person_do_not_reach_the_console(tmp_path: Path) -> None:
    with far(tmp_path) as terminal:
        terminal.wait_for(WATCHING, END_S)
        terminal.type("q?:")
        assert terminal.wait_for_exit(END_S) in (0, 1)
        assert "other screen" in said(terminal)
        assert terminal.unread() == b""


def test_another_size_reaches_the_console(tmp_path: Path) -> None:
    with far(tmp_path, "--seconds", "20") as terminal:
        terminal.wait_for(WATCHING, END_S)
        terminal.resize(90, 30)
        terminal.wait_for(lambda terminal: WATCHING in terminal.text.splitlines()[-1])
        terminal.type("\x03")
        assert terminal.wait_for_exit(END_S) == 130


def test_json_goes_into_a_file_and_the_terminal_is_measured_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "selftest.json"
    command = into(tmp_path, file, "--json", "--seconds", "8")
    with FarTerminal(command, env=environment(tmp_path), cwd=tmp_path) as terminal:
        assert terminal.wait_for_exit(END_S) in (0, 1)
    told = json.loads(file.read_text("utf-8"))
    assert set(told) == {"perftui", "terminal", "link", "console", "verdicts", "advice"}
    assert told["link"]["answers"] is True
    assert told["terminal"]["columns"] == 120
    assert {press["name"] for press in told["console"]["keys"]} == {"host", "row", "screen"}
    assert 0 < told["console"]["compressed"] < 2


@pytest.mark.parametrize("term", ["xterm-256color", "dumb", ""])
def test_without_a_terminal_it_says_so(tmp_path: Path, term: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "perftui", "selftest"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment(tmp_path, TERM=term),
        cwd=tmp_path,
        timeout=60,
        check=False,
        start_new_session=True,
    )
    assert done.returncode == 2
    assert "perftui selftest needs a terminal" in done.stderr
    assert done.stdout == ""
