"""What the console sends to terminals of different abilities, and when it sends nothing."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal, console
from tests.e2e.test_terminal_end import READY, children

EVERYTHING = ("?", "\x1b", "T", "\x1b", ":theme", "\x1b", "\x10", "\x1b", "y", "9", "0", "1")
_COLOUR = re.compile(r"(?:^|;)(?:3[0-8]|4[0-8]|9\d|10\d)(?:;|$)")


def look_everywhere(terminal: Terminal) -> None:
    for keys in EVERYTHING:
        terminal.type(keys)
        # what follows an escape too soon would be taken for one sequence with it
        terminal.settle(0.3 if keys == "\x1b" else 0.1)


@pytest.fixture(scope="module")
def plainest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A console that was looked at everywhere, in a terminal without colours and without UTF-8."""
    with console(tmp_path_factory.mktemp("plain"), env={"NO_COLOR": "1", "LANG": "C"}) as terminal:
        terminal.wait_for(READY)
        look_everywhere(terminal)
        terminal.wait_for("Saturation")
        yield terminal


def test_no_color_sends_no_colour(plainest: Terminal) -> None:
    styles = set(re.findall(r"\x1b\[([\d;]*)m", plainest.output))
    assert [style for style in styles if _COLOUR.search(style)] == []
    # what is bad, chosen or a title is still told apart
    assert {"1", "2", "7"} <= {number for style in styles for number in style.split(";")}


def test_a_locale_without_utf_8_gets_ascii_only(plainest: Terminal) -> None:
    assert "CPU" in plainest.text
    assert "+ CPU ---" in plainest.text
    assert sorted({char for char in plainest.output if not char.isascii()}) == []


@pytest.mark.parametrize("size", [(40, 10), (20, 5)], ids=str)
def test_a_small_terminal_shows_figures_and_survives_every_key(tmp_path: Path, size: tuple[int, int]) -> None:
    with console(tmp_path, size=size) as terminal:
        terminal.wait_for("%")
        look_everywhere(terminal)
        terminal.wait_for(lambda terminal: "LIVE" in terminal.text.splitlines()[0])
        places = [tuple(map(int, place)) for place in re.findall(r"\x1b\[(\d+);(\d+)H", terminal.output)]
        assert places
        assert all(row <= size[1] and column <= size[0] for row, column in places)
        terminal.type("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind() == []


@pytest.mark.parametrize("size", [(40, 10), (20, 5)], ids=str)
def test_the_status_line_of_a_small_terminal_is_true(tmp_path: Path, size: tuple[int, int]) -> None:
    def says(word: str) -> None:
        terminal.wait_for(lambda terminal: word in terminal.text.splitlines()[0])

    with console(tmp_path, size=size) as terminal:
        says("LIVE")
        terminal.type(" ")
        says("FROZEN")
        terminal.type(" ")
        says("LIVE")
        (session,) = children(terminal.process.pid)
        os.kill(session, signal.SIGKILL)
        says("✗ the session has")


def test_a_frozen_console_sends_nothing(tmp_path: Path) -> None:
    with console(tmp_path) as terminal:
        terminal.wait_for(READY)
        terminal.type(" ")
        terminal.wait_for("FROZEN")
        terminal.settle()
        assert terminal.pump(3) == 0
        terminal.type(" ")
        terminal.wait_for("LIVE")


def test_a_killed_session_is_said_and_r_brings_a_new_one(tmp_path: Path) -> None:
    with console(tmp_path) as terminal:
        terminal.wait_for(READY)
        (session,) = children(terminal.process.pid)
        os.kill(session, signal.SIGKILL)
        terminal.wait_for("the session has ended: killed by SIGKILL; r starts it again")
        terminal.type("r")
        terminal.wait_for("LIVE")
        assert children(terminal.process.pid) not in ([], [session])
