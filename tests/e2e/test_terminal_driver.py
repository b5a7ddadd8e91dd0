"""The fast driver in terminals of several kinds, by the bytes that they get."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import textual

from perftui.tui.driver.choice import untested_words
from tests.e2e.terminal import ROOT, Terminal, console, environment
from tests.e2e.test_terminal_end import READY, state
from tests.e2e.test_terminal_looks import look_everywhere

ASK = "\x1b[6n"
# cursor, erasing, looks, questions for the cursor, and modes: those that it does not have it passes over
VT100 = re.compile(r"\x1b\[(?:[\d;]*[A-DHJKmn]|\?[\d;]*[hl])")


def styles(terminal: Terminal) -> set[str]:
    return set(re.findall(r"\x1b\[([\d;]*)m", terminal.output))


def test_sigtstp_gives_the_terminal_back_and_sigcont_paints_again(tmp_path: Path) -> None:
    with console(tmp_path) as terminal:
        terminal.wait_for(READY)
        terminal.signal(signal.SIGTSTP)
        terminal.wait_for(lambda terminal: state(terminal.process.pid) == "T")
        terminal.settle()
        assert terminal.left_behind() == []
        seen = len(terminal.output)
        terminal.signal(signal.SIGCONT)
        terminal.wait_for(lambda terminal: "Saturation" in terminal.output[seen:])
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []


def test_a_vt100_gets_only_what_a_vt100_can_make_out(tmp_path: Path) -> None:
    with console(tmp_path, env={"TERM": "vt100", "COLORTERM": "", "LANG": "C"}) as terminal:
        terminal.wait_for(READY)
        look_everywhere(terminal)
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []
        assert "\x1b" not in VT100.sub("", terminal.output)
        assert terminal.output.isascii()
        attributes = {number for style in styles(terminal) for number in style.split(";")}
        assert {"1", "7"} <= attributes <= {"", "0", "1", "2", "3", "4", "5", "7", "9", "22", "23", "24", "25", "27"}


@pytest.mark.parametrize("term", ["linux", "xterm"])
def test_a_terminal_of_sixteen_colours_gets_no_others(tmp_path: Path, term: str) -> None:
    with console(tmp_path, env={"TERM": term, "COLORTERM": ""}) as terminal:
        terminal.wait_for(READY)
        look_everywhere(terminal)
        assert [style for style in styles(terminal) if re.search(r"(?:^|;)[34]8;", style)] == []
        assert [style for style in styles(terminal) if re.search(r"(?:^|;)(?:3[0-7]|9[0-7])(?:;|$)", style)]


def test_a_terminal_of_256_colours_gets_no_true_ones(tmp_path: Path) -> None:
    with console(tmp_path, env={"COLORTERM": ""}) as terminal:
        terminal.wait_for(READY)
        assert [style for style in styles(terminal) if re.search(r"(?:^|;)[34]8;2;", style)] == []


def test_the_redraw_key_paints_what_was_spoilt(tmp_path: Path) -> None:
    with console(tmp_path) as terminal:
        terminal.wait_for(READY)
        terminal.type(" ")
        terminal.wait_for("FROZEN")
        terminal.settle()
        before = terminal.text
        terminal.spoil()
        assert terminal.text != before
        terminal.type("\x0c")
        terminal.wait_for(lambda terminal: terminal.text == before)


def test_another_size_is_painted_afresh(tmp_path: Path) -> None:
    with console(tmp_path) as terminal:
        terminal.wait_for(READY)
        terminal.resize(90, 30)
        terminal.wait_for(lambda terminal: READY in terminal.text.splitlines()[-1])
        assert max(map(len, terminal.text.splitlines())) <= 90


@pytest.mark.parametrize("arguments", [(), ("--link-budget", "2kB")], ids=["free", "with a budget"])
def test_the_link_is_measured_by_the_terminals_answers_and_none_is_left_for_the_shell(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    with console(tmp_path, *arguments) as terminal:
        terminal.answer(ASK, "\x1b[1;1R")
        terminal.wait_for(READY)
        terminal.wait_for(lambda terminal: re.search(r"link [\d.]+ \w+ [\d.]+ k?B/s", terminal.text))
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []
        assert terminal.unread() == b""


def test_textuals_own_driver_is_still_there(tmp_path: Path) -> None:
    with console(tmp_path, "--driver", "stock") as terminal:
        terminal.wait_for(READY)
        assert ASK not in terminal.output
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []


CONTROL = re.compile(r"\x1b\[[?<>=]?[0-9;]*[a-zA-Z]")
MOUSE = re.compile(r"\x1b\[\?(?:\d+;)*(?:9|1000|1001|1002|1003|1005|1006|1015|1016)(?:;\d+)*h")


@pytest.mark.parametrize("driver", ["delta", "stock"])
@pytest.mark.parametrize("by", ["argument", "configuration"])
def test_without_a_mouse_no_mode_of_it_is_set(tmp_path: Path, driver: str, by: str) -> None:
    file = tmp_path / "perftui.toml"
    file.write_text(f"mouse = {'true' if by == 'argument' else 'false'}\n", "utf-8")
    asked = ("--no-mouse",) if by == "argument" else ()
    with console(tmp_path, "--config", str(file), "--driver", driver, *asked) as terminal:
        terminal.wait_for(READY)
        look_everywhere(terminal)
        terminal.signal(signal.SIGTSTP)
        terminal.wait_for(lambda terminal: state(terminal.process.pid) == "T")
        terminal.settle()
        seen = len(terminal.output)
        terminal.signal(signal.SIGCONT)
        terminal.wait_for(lambda terminal: "Saturation" in terminal.output[seen:])
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
        assert MOUSE.findall(terminal.output) == []
        assert terminal.left_behind() == []


@pytest.mark.parametrize("driver", ["delta", "stock"])
def test_of_the_mouse_clicks_and_drags_are_asked_for_and_no_other_motion(tmp_path: Path, driver: str) -> None:
    with console(tmp_path, "--driver", driver) as terminal:
        terminal.wait_for(READY)
        assert set(MOUSE.findall(terminal.output)) == {f"\x1b[?{mode}h" for mode in (1000, 1002, 1006)}


def test_a_signal_leaves_the_terminal_as_it_was_with_textuals_own_driver_too(tmp_path: Path) -> None:
    with console(tmp_path, "--driver", "stock") as terminal:
        terminal.wait_for(READY)
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_for_exit() == 128 + signal.SIGTERM
        assert terminal.left_behind() == []


def test_with_a_textual_that_was_not_tested_its_own_driver_is_used_and_that_is_said(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "textual-9.9.9.dist-info").mkdir(parents=True)
    (site / "textual-9.9.9.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: textual\nVersion: 9.9.9\n")
    (site / "textual").symlink_to(Path(textual.__file__).parent)
    with console(tmp_path, env={"PYTHONPATH": f"{site}{os.pathsep}{ROOT}"}) as terminal:
        terminal.wait_for(READY)
        # what was drawn before is left, then it is said on the terminal as it was, then the console begins
        before = terminal.output.rpartition("\x1b[?1049h")[0].rpartition("\x1b[?1049l")[2]
        words = " ".join(CONTROL.sub("", before).split())
        assert words == untested_words("9.9.9")
        assert "Textual's own is used" in words
        assert ASK not in terminal.output
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []


@pytest.mark.parametrize("wrong", [("--driver", "fast"), ("--link-budget", "much"), ("--link-budget", "5")])
def test_what_is_not_understood_is_said(tmp_path: Path, wrong: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "perftui", *wrong],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment(tmp_path),
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert wrong[0].encode() in done.stderr
