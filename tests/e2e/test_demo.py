"""``perftui demo``: with a screen and without; a fault that is seen, explained and lifted; nobody left afterwards."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.terminal import Terminal, console, environment

_DEADLINE_S = 20.0


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home whose path is in the environment of everything that the demo starts: nothing of it may be left."""
    yield tmp_path
    _until(lambda: not _of(tmp_path), f"processes are left: {_of(tmp_path)}")


def _of(home: Path) -> dict[int, str]:
    """Command lines of living processes that were started with this home."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            environ = (entry / "environ").read_bytes().split(b"\0")
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"HOME={home}".encode() in environ and command:
            found[int(entry.name)] = command.strip()
    return found


def _until(condition: Callable[[], object], told: str, deadline_s: float = _DEADLINE_S) -> None:
    until = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < until, told
        time.sleep(0.05)


def _pid(home: Path, part: str) -> int:
    """The process whose command line has this in it."""
    _until(lambda: any(part in command for command in _of(home).values()), f"no process with {part!r}")
    return min(pid for pid, command in _of(home).items() if part in command)


def _headless(home: Path, *arguments: str, seconds: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "perftui", "demo", "--headless", "--seconds", str(seconds), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment(home), cwd=home, timeout=110
    )


def test_without_a_screen_everything_in_it_is_real(home: Path) -> None:
    done = _headless(home, "--format", "json", seconds=25)

    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    newest = told["workflows"][0]
    assert len(newest["phases"]) >= 4
    assert len(told["agents"]["members"]) >= 3
    (shop,) = told["latency"]
    assert shop["n"] >= 200
    assert 0 < shop["p50"] < shop["p95"] <= shop["p99"]
    assert len(told["demo"]["fired"]) >= 1
    advice = [one for one in told["demo"]["advised"] if one["gain"] is not None]
    assert advice, told["demo"]["advised"]
    assert all(one["gain"]["low"] <= one["gain"]["mid"] <= one["gain"]["high"] for one in advice)
    assert all(one["evidence"] for one in advice)


def test_without_a_terminal_it_tells_what_happens_line_by_line(home: Path) -> None:
    done = _headless(home, "--fault", "slow:300", "--fault-after", "4", seconds=14)

    assert done.returncode == 0, done.stderr
    assert re.search(r"mark: fault slow:300 injected", done.stdout)
    assert re.search(r"alert firing: .*SLO p95", done.stdout)
    assert "╭ Workflow" in done.stdout
    assert "\x1b" not in done.stdout


def test_no_seconds_are_no_seconds_and_not_the_usual_ones(home: Path) -> None:
    began = time.monotonic()
    done = _headless(home, seconds=0)

    assert done.returncode == 0
    assert "╭ Workflow" in done.stdout
    assert time.monotonic() - began < 25


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--fault", "fire"), "pool"),
        (("--fault", "pool:99"), "pool"),
        (("--seconds", "x"), "'x' is not a number of seconds"),
    ],
)
def test_a_wrong_argument_is_one_message_with_the_way_out(home: Path, arguments: tuple[str, ...], message: str) -> None:
    done = _headless(home, *arguments, seconds=5)

    assert done.returncode == 2
    assert done.stdout == ""
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_the_fault_is_lifted_from_the_console_and_what_was_said_is_measured(home: Path) -> None:
    # a handler that is slow is so however busy this machine is; how many agents help depends on its free cores
    with console(home, "demo", "--fault", "slow:1500", "--fault-after", "3", size=(160, 50)) as terminal:
        terminal.wait_for("demo-1")
        terminal.wait_for("Mend the slow requests of /checkout", 60)
        terminal.type(":fault off\r")
        terminal.wait_for("lifted", 30)
        terminal.wait_for(lambda screen: re.search(r"measured\s+[−-]", screen.text), 60)
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []


def _killed(terminal: Terminal, home: Path, part: str) -> None:
    os.kill(_pid(home, part), signal.SIGKILL)
    terminal.settle(0.05)


def test_whoever_is_killed_is_named_on_the_screen(home: Path) -> None:
    with console(home, "demo", "--no-fault", size=(160, 50)) as terminal:
        terminal.wait_for("agent_1")
        os.kill(_pid(home, "perftui.demo.agent"), signal.SIGKILL)
        terminal.type("3")
        terminal.wait_for("SIGKILL")
        terminal.type("1")
        _killed(terminal, home, "perftui.demo.service")
        terminal.wait_for("service killed by SIGKILL")
        _killed(terminal, home, "perftui.session")
        terminal.wait_for("killed by SIGKILL; r")
        terminal.type("r")
        terminal.wait_for("agent_1")
        _killed(terminal, home, "-m perftui.demo --folder")
        terminal.wait_for("the demo has ended: killed by SIGKILL")
        _until(lambda: not any("perftui.demo" in command for command in _of(home).values()), "the demo's children live")
        terminal.type("q")
        assert terminal.wait_for_exit() == 0


def test_nothing_outlives_a_console_that_is_killed(home: Path) -> None:
    with console(home, "demo", "--no-fault") as terminal:
        terminal.wait_for("agent_1")
        assert len(_of(home)) >= 10
        terminal.process.kill()
        terminal.process.wait()
    _until(lambda: not _of(home), f"processes are left: {_of(home)}")
