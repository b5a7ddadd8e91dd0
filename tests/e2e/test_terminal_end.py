"""However the console ends, the terminal is as it was before."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.broken_console import PLACES
from tests.e2e.terminal import ROOT, Terminal, console, environment

READY = "? help"
# only a console that could not leave in good order writes this
LAST_WORDS = "\x1b\\\x1b[?2026l"
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.mark.parametrize("key", ["q", "\x03"])
def test_a_quit_key_leaves_the_terminal_as_it_was(tmp_path: Path, key: str) -> None:
    with console(tmp_path) as terminal:
        terminal.wait_for(READY)
        assert terminal.left_behind()
        terminal.type(key)
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_leaves_the_terminal_as_it_was(tmp_path: Path, number: signal.Signals) -> None:
    with console(tmp_path) as terminal:
        terminal.wait_for(READY)
        terminal.signal(number)
        assert terminal.wait_for_exit() == 128 + number
        assert terminal.left_behind() == []
        assert "Traceback" not in terminal.output


@pytest.mark.parametrize("delay_ms", [0, 50, 150, 300])
def test_ctrl_c_while_starting_leaves_the_terminal_as_it_was(tmp_path: Path, delay_ms: int) -> None:
    with console(tmp_path) as terminal:
        terminal.wait_for(lambda terminal: catches(terminal.process.pid, signal.SIGINT))
        time.sleep(delay_ms / 1000)
        terminal.type("\x03")
        # as a signal or, when the console stands already, as a key
        assert terminal.wait_for_exit() in (0, 128 + signal.SIGINT)
        assert terminal.left_behind() == []
        assert "Traceback" not in terminal.output


@pytest.mark.parametrize("place", PLACES)
def test_a_bug_is_one_line_on_the_restored_terminal_and_a_traceback_in_the_log(tmp_path: Path, place: str) -> None:
    command = [sys.executable, str(ROOT / "tests/e2e/broken_console.py"), place]
    with Terminal(command, env=environment(tmp_path), cwd=tmp_path) as terminal:
        if place == "key":
            terminal.wait_for(READY)
            terminal.type("?")
        assert terminal.wait_for_exit() == 1
        assert terminal.left_behind() == []
        log = tmp_path / "state/perftui/console.log"
        assert terminal.said_after_leaving() == [
            f"perftui: RuntimeError: planted  [31merror (the whole story is in {log})"
        ]
        assert "Traceback" in log.read_text("utf-8")


def test_a_terminal_that_reads_nothing_does_not_keep_the_console_alive(tmp_path: Path) -> None:
    with console(tmp_path) as terminal:
        terminal.wait_for(READY)
        for _ in range(40):
            # every picture is another one, and nobody takes it
            terminal.type("9")
            time.sleep(0.03)
            terminal.type("1")
            time.sleep(0.03)
        terminal.signal(signal.SIGTERM)
        assert terminal.process.wait(20) == 128 + signal.SIGTERM
        terminal.settle()
        assert LAST_WORDS in terminal.output
        assert terminal.left_behind() == []


@pytest.mark.parametrize("controlling", [True, False], ids=["with a hang-up signal", "without a signal"])
def test_a_terminal_that_is_gone_ends_console_and_session(tmp_path: Path, controlling: bool) -> None:
    with console(tmp_path, controlling=controlling) as terminal:
        terminal.wait_for(READY)
        session = children(terminal.process.pid)
        assert len(session) == 1
        terminal.hang_up()
        assert terminal.process.wait(20) == 128 + signal.SIGHUP
        wait_until_ended(session[0])
    assert not (tmp_path / "state/perftui/console.log").exists()


def test_suspending_gives_the_terminal_back_and_resuming_paints_again(tmp_path: Path) -> None:
    with console(tmp_path) as terminal:
        terminal.wait_for(READY)
        terminal.type("\x1a")
        terminal.wait_for(lambda terminal: state(terminal.process.pid) == "T")
        terminal.settle()
        assert terminal.left_behind() == []
        seen = len(terminal.output)
        terminal.signal(signal.SIGCONT)
        terminal.wait_for(lambda terminal: "Saturation" in terminal.output[seen:])
        assert terminal.modes[1049]
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []


def test_a_signal_while_suspended_ends_it_when_it_goes_on(tmp_path: Path) -> None:
    with console(tmp_path) as terminal:
        terminal.wait_for(READY)
        terminal.type("\x1a")
        terminal.wait_for(lambda terminal: state(terminal.process.pid) == "T")
        terminal.signal(signal.SIGTERM)
        terminal.signal(signal.SIGCONT)
        assert terminal.wait_for_exit() == 128 + signal.SIGTERM
        assert terminal.left_behind() == []


def test_a_terminal_that_can_not_draw_gets_text_and_no_escape_codes(tmp_path: Path) -> None:
    with console(tmp_path, env={"TERM": "dumb"}) as terminal:
        assert terminal.wait_for_exit() == 0
        assert "no terminal to draw on" in terminal.output
        assert "CPU" in terminal.output
        assert "\x1b" not in terminal.output
        assert terminal.left_behind() == []


def test_without_a_terminal_there_is_text_and_no_escape_codes(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "perftui"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment(tmp_path),
        cwd=tmp_path,
        timeout=60,
        check=True,
    )
    assert b"CPU" in done.stdout
    assert b"\x1b" not in done.stdout + done.stderr


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def state(pid: int) -> str:
    """One letter: R, S, T (stopped), Z."""
    return Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()[0]


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether the program of this process has put its own handler in place (Python itself catches SIGINT only)."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    caught = int(next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt")), 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1 and caught >> (number - 1) & 1)


def wait_until_ended(pid: int) -> None:
    until = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and state(pid) != "Z":
        assert time.monotonic() < until, "the session is still there"
        time.sleep(0.02)
