"""The picture that stands before the terminal library is there, and how it is taken over or given back.

A library that waits for a file, or fails, stands in for Textual's import; what it waits for is the test.
"""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest

from perftui.domain.units import Unit, format_value
from tests.e2e.terminal import ROOT, console
from tests.e2e.test_terminal_end import ENDING, READY, children, state

_WAITS = """
import sys, time
from pathlib import Path
while not Path({go!r}).exists():
    time.sleep(0.01)
sys.path.remove({here!r})
del sys.modules["textual"]
import textual
"""
_FAILS = 'raise ImportError("planted")'
_ENTER = "\x1b[?1049h"
_COLOUR = re.compile(r"\x1b\[(?:[\d;]*;)?(?:3[0-8]|4[0-8]|9\d|10\d)(?:;[\d;]*)?m")


def library(tmp_path: Path, code: str) -> dict[str, str]:
    """An environment in which importing Textual runs this first; the file ``go`` lets one that waits go on."""
    folder = tmp_path / "planted"
    (folder / "textual").mkdir(parents=True)
    text = code.format(go=str(tmp_path / "go"), here=str(folder)) if code is _WAITS else code
    (folder / "textual/__init__.py").write_text(text, "utf-8")
    return {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}


def total_memory() -> str:
    line = Path("/proc/meminfo").read_text("ascii").splitlines()[0]
    return format_value(float(line.split()[1]) * 1024, Unit.BYTES)


def test_figures_of_this_machine_come_before_textual_is_imported(tmp_path: Path) -> None:
    with console(tmp_path, env=library(tmp_path, _WAITS)) as terminal:
        terminal.wait_for("starting")
        terminal.wait_for(total_memory())
        assert re.search(r"load 1, 5, 15 min +\d+\.\d\d \d+\.\d\d \d+\.\d\d", terminal.text)
        assert re.search(r"busy since boot +[\d.<]+ %", terminal.text)
        assert re.search(r"busy now +–", terminal.text), "one reading tells nothing of now"
        terminal.wait_for("Throughput and errors")
        terminal.settle()
        first = frames(terminal.text)
        (tmp_path / "go").touch()
        terminal.wait_for(READY)
        # nothing jumps
        terminal.wait_for(lambda terminal: frames(terminal.text) == first)


def frames(text: str) -> list[tuple[int, int, str]]:
    """Where panels begin: row, column and title."""
    corners = re.compile(r"╭ ([A-Z][A-Za-z ]*?) ─")
    return [
        (y, match.start(), match[1]) for y, line in enumerate(text.splitlines()) for match in corners.finditer(line)
    ]


@pytest.mark.parametrize("driver", ["delta", "stock"])
def test_the_console_takes_over_without_entering_or_erasing_again(tmp_path: Path, driver: str) -> None:
    with console(tmp_path, "--driver", driver) as terminal:
        terminal.wait_for(READY)
        assert terminal.output.count(_ENTER) == 1
        assert terminal.output.count("\x1b[2J") == 1
        before, _, after = terminal.output.partition("\x1b[?1004h")
        assert "Saturation" in before
        if driver == "delta":
            assert "Saturation" not in after, "what stands there already is not sent again"
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []


def test_keys_typed_meanwhile_are_not_seen_and_not_lost(tmp_path: Path) -> None:
    with console(tmp_path, env=library(tmp_path, _WAITS)) as terminal:
        terminal.wait_for("starting")
        terminal.settle()
        terminal.type("9\x1c")
        assert terminal.pump(0.3) == 0
        (tmp_path / "go").touch()
        terminal.wait_for("Processes")
        terminal.wait_for(lambda terminal: terminal.text.splitlines()[-2].count("╰") == 1)


def test_suspending_meanwhile_waits_until_the_terminal_can_be_given_back(tmp_path: Path) -> None:
    with console(tmp_path, env=library(tmp_path, _WAITS)) as terminal:
        terminal.wait_for("starting")
        terminal.settle()
        terminal.type("\x1a")
        terminal.pump(0.3)
        assert state(terminal.process.pid) != "T"
        (tmp_path / "go").touch()
        terminal.wait_for(lambda terminal: state(terminal.process.pid) == "T")
        terminal.settle()
        assert terminal.left_behind() == []
        terminal.signal(signal.SIGCONT)
        terminal.wait_for(lambda terminal: terminal.modes[1049])
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_during_the_first_frame_gives_the_terminal_back(tmp_path: Path, number: signal.Signals) -> None:
    with console(tmp_path, env=library(tmp_path, _WAITS)) as terminal:
        terminal.wait_for("starting")
        assert terminal.left_behind()
        terminal.signal(number)
        assert terminal.wait_for_exit() == 128 + number
        assert terminal.left_behind() == []
        assert "Traceback" not in terminal.output


def test_ctrl_c_during_the_first_frame_gives_the_terminal_back(tmp_path: Path) -> None:
    with console(tmp_path, env=library(tmp_path, _WAITS)) as terminal:
        terminal.wait_for("starting")
        terminal.type("\x03")
        assert terminal.wait_for_exit() == 128 + signal.SIGINT
        assert terminal.left_behind() == []


def test_a_library_that_can_not_be_imported_is_told_on_the_restored_terminal(tmp_path: Path) -> None:
    with console(tmp_path, env=library(tmp_path, _FAILS)) as terminal:
        assert terminal.wait_for_exit() == 1
        assert total_memory() in terminal.output
        assert terminal.left_behind() == []
        assert "ImportError: planted" in terminal.said_after_leaving()[-1]


def test_a_broken_configuration_is_told_on_the_restored_terminal(tmp_path: Path) -> None:
    (tmp_path / "perftui.toml").write_text("window = 5\nnonsense = 1\n", "utf-8")
    with console(tmp_path) as terminal:
        assert terminal.wait_for_exit() == 2
        assert terminal.left_behind() == []
        assert any("nonsense" in line for line in terminal.said_after_leaving())


@pytest.mark.parametrize("arguments", [("--theme", "nonsense"), ("--window", "3parsecs"), ("--config", "missing.toml")])
def test_wrong_arguments_are_told_on_the_restored_terminal(tmp_path: Path, arguments: tuple[str, str]) -> None:
    with console(tmp_path, *arguments) as terminal:
        assert terminal.wait_for_exit() == 2
        assert terminal.left_behind() == []
        assert any(arguments[1] in line for line in terminal.said_after_leaving())


@pytest.mark.parametrize("arguments", [("--nonsense",), ("check",), ("--version",), ("snapshot",)])
def test_where_no_console_comes_there_is_no_first_frame(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with console(tmp_path, *arguments) as terminal:
        terminal.wait_for_exit()
        assert "\x1b" not in terminal.output


def test_without_colours_the_first_frame_has_none_and_without_utf_8_it_is_ascii(tmp_path: Path) -> None:
    with console(tmp_path, env={**library(tmp_path, _WAITS), "NO_COLOR": "1", "LANG": "C"}) as terminal:
        terminal.wait_for("starting")
        terminal.settle()
        assert "+ CPU ---" in terminal.text
        assert terminal.output.isascii()
        assert _COLOUR.search(terminal.output) is None


@pytest.mark.parametrize("size", [(40, 10), (20, 5)], ids=str)
def test_a_small_terminal_gets_figures_without_frames(tmp_path: Path, size: tuple[int, int]) -> None:
    with console(tmp_path, size=size, env=library(tmp_path, _WAITS)) as terminal:
        terminal.wait_for("load 1, 5, 15 min")
        assert "╭" not in terminal.text


def test_a_configured_overview_is_remembered_for_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "perftui.toml").write_text(
        'theme = "light"\n[panels.mine]\ntitle = "All of mine"\nseries = ["host/load1"]\n'
        '[layouts.overview]\nrows = [["mine"], ["memory", "cpu"]]\n',
        "utf-8",
    )
    planted = library(tmp_path, _WAITS)
    with console(tmp_path, env=planted) as terminal:
        terminal.wait_for(total_memory())
        assert "╭" not in terminal.text, "nobody has read the configuration yet"
        (tmp_path / "go").touch()
        terminal.wait_for(READY)
        terminal.wait_for(lambda terminal: len(frames(terminal.text)) == 3)
        shown = frames(terminal.text)
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
    (tmp_path / "go").unlink()
    with console(tmp_path, env=planted) as terminal:
        terminal.wait_for(lambda terminal: frames(terminal.text) == shown)
        assert "All of mine" in terminal.text
        background = re.search(r"48;2;[\d;]+m", terminal.output)
        assert background is not None
        (tmp_path / "go").touch()
        terminal.wait_for(READY)
        assert terminal.output.count(_ENTER) == 1


def test_the_session_is_a_copy_that_holds_nothing_of_the_terminal(tmp_path: Path) -> None:
    with console(tmp_path) as terminal:
        terminal.wait_for(READY)
        (session,) = children(terminal.process.pid)
        assert Path(f"/proc/{session}/comm").read_text("ascii") == "perftui-session\n"
        open_files = {str(path.readlink()) for path in Path(f"/proc/{session}/fd").iterdir()}
        assert not [name for name in open_files if name.startswith(("/dev/pts", "/dev/tty"))]
        assert os.getsid(session) == session
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
        assert not Path(f"/proc/{session}").exists()
