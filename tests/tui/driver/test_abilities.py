"""Colours, glyphs and versions: what a terminal is taken to be able to, and which driver it gets."""

from __future__ import annotations

import pytest
import textual

from perftui.tui.driver.abilities import (
    Depth,
    at_depth,
    depth_of,
    erases_in_colour,
    knows_strings,
    without_later,
)
from perftui.tui.driver.choice import driver_class, is_tested, spelling, textual_version, untested_words
from perftui.tui.driver.delta import DeltaDriver
from perftui.tui.driver.meter import LinkMeter
from perftui.tui.driver.pens import Pen
from perftui.tui.driver.terminal import AsciiDriver, TerminalDriver
from perftui.view.glyphs import ASCII, UTF8
from tests.fakes import FakeClock

TRUE = Pen((1,), "38;2;255;0;0", "48;2;0;0;95", "id=1;http://a")


@pytest.mark.parametrize(
    ("environment", "depth"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Depth.TRUE),
        ({"TERM": "xterm-direct"}, Depth.TRUE),
        ({"TERM": "tmux-256color"}, Depth.INDEXED),
        ({"TERM": "xterm"}, Depth.SIXTEEN),
        ({"TERM": "linux"}, Depth.SIXTEEN),
        ({"TERM": "vt100"}, Depth.NONE),
        ({"TERM": "vt220"}, Depth.NONE),
        ({"TERM": "xterm-mono"}, Depth.NONE),
        ({"TERM": "dumb"}, Depth.NONE),
        ({}, Depth.NONE),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, Depth.NONE),
    ],
)
def test_colours_are_told_from_the_environment(environment: dict[str, str], depth: Depth) -> None:
    assert depth_of(environment) is depth


@pytest.mark.parametrize(
    ("depth", "foreground", "background"),
    [
        (Depth.TRUE, "38;2;255;0;0", "48;2;0;0;95"),
        (Depth.INDEXED, "38;5;196", "48;5;17"),
        (Depth.SIXTEEN, "31", "44"),
        (Depth.NONE, "", ""),
    ],
)
def test_a_pen_keeps_all_but_colours_that_there_are_not(depth: Depth, foreground: str, background: str) -> None:
    assert at_depth(TRUE, depth) == TRUE._replace(foreground=foreground, background=background)


def test_the_sixteen_colours_are_left_as_they_are() -> None:
    pen = Pen((), "31", "104")
    assert at_depth(pen, Depth.SIXTEEN) == at_depth(pen, Depth.INDEXED) == pen
    assert at_depth(Pen((), "38;5;9", ""), Depth.INDEXED) == Pen((), "91", "")


def test_only_terminals_that_promise_it_are_erased_in_colour() -> None:
    assert erases_in_colour({"TERM": "xterm-256color"})
    assert not erases_in_colour({"TERM": "screen"})
    assert not erases_in_colour({"TERM": "vt100"})


def test_an_old_terminal_gets_nothing_that_it_would_write_on_the_screen() -> None:
    later = "\x1b]22;default\x07\x1b]52;c;YQ==\x1b\\\x1b[>1u\x1b[<u\x1b[?2026$p"
    known = "\x1b[?1049h\x1b[2;3H\x1b[1mtext\x1b[m\x1b[K"
    assert without_later(later + known + later) == known
    assert [knows_strings({"TERM": term}) for term in ("vt100", "vt220", "vte-256color", "linux")] == [
        False, False, True, True
    ]  # fmt: skip


def test_text_is_spelled_with_the_glyphs_that_there_are() -> None:
    assert spelling(UTF8)("─ é") == "─ é"
    assert spelling(ASCII)("─ é") == "- ?"


def test_the_installed_textual_is_one_that_was_tested() -> None:
    assert textual_version() == textual.__version__
    assert untested_words(textual_version()) == ""


@pytest.mark.parametrize("version", ["8.1.9", "8.3.0", "9.0", "nonsense"])
def test_with_another_textual_its_own_driver_is_used_and_that_is_said_in_one_sentence(version: str) -> None:
    assert not is_tested(version)
    words = untested_words(version)
    assert version in words
    assert "\n" not in words


def test_the_driver_is_the_one_that_was_asked_for() -> None:
    def chosen(*, stock: bool, ascii_only: bool = False) -> type[TerminalDriver]:
        glyphs = ASCII if ascii_only else UTF8
        meter = LinkMeter(FakeClock())
        return driver_class({"TERM": "xterm"}, stock=stock, glyphs=glyphs, colour=True, budget=2000, meter=meter)

    assert chosen(stock=True).__base__ is TerminalDriver
    assert chosen(stock=True, ascii_only=True).__base__ is AsciiDriver
    delta = chosen(stock=False)
    assert issubclass(delta, DeltaDriver)
    assert delta.abilities.depth is Depth.SIXTEEN
    assert delta.abilities.budget == 2000
