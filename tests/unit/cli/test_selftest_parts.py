"""What the self test counts, types and lets through."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.cli.selftest.keystrokes import stroke, strokes
from perftui.cli.selftest.multiplexer import TmuxSettings, tmux_settings
from perftui.cli.selftest.rehearsal import script
from perftui.cli.selftest.tally import Reports, Tally
from perftui.config.keymap import BINDINGS, Binding

ASK = b"\x1b[6n"


def test_pieces_of_one_picture_count_once_and_the_answer_counts_from_the_first() -> None:
    tally = Tally(answers=True)
    tally.wrote(b"x" * 100, 10.0)
    tally.wrote(b"y" * 100 + ASK, 10.005)
    tally.wrote(b"z" + ASK, 11.0)
    assert (tally.pictures, tally.bytes) == (2, 209)
    tally.came(b"\x1b[1;1R", 10.5)
    assert tally.delays == [0.5]
    assert tally.waits
    tally.came(b"\x1b[1;1R\x1b[1;1R", 11.25)
    assert tally.delays == [0.5, 0.25]
    assert not tally.waits


def test_a_terminal_that_never_answered_is_not_waited_for() -> None:
    tally = Tally(answers=False)
    tally.wrote(ASK, 1.0)
    assert not tally.waits
    assert tally.slowest_s(3.0) == 2.0


@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1))
def test_what_is_compressed_is_as_long_as_zlib_makes_it(pieces: list[bytes]) -> None:
    tally, stream = Tally(answers=True), zlib.compressobj(6)
    size = 0
    for number, piece in enumerate(pieces):
        tally.wrote(piece, float(number))
        size += len(stream.compress(piece) + stream.flush(zlib.Z_SYNC_FLUSH))
    assert tally.compressed == size


@pytest.mark.parametrize(
    "report",
    [b"\x1b[12;80R", b"\x1b[?2026;2$y", b"\x1b[?64;1;2c", b"\x1b[>0;10;1c", b"\x1b[48;40;120;0;0t", b"\x1b[?1u",
     b"\x1bP>|kitty\x1b\\", b"\x1b]11;rgb:0/0/0\x07"],
)  # fmt: skip
def test_reports_are_let_through_and_keys_are_not(report: bytes) -> None:
    assert Reports().of(b"q\x1b[A" + report + b"\x03\x1b[M #\x1b[<0;5;5M") == report


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_report_that_comes_in_two_pieces_is_let_through_whole(cut: int) -> None:
    report, reports = b"\x1b[12;345R", Reports()
    assert reports.of(report[:cut]) == b""
    assert reports.of(report[cut:] + b"q") == report


@given(st.lists(st.sampled_from([b"\x1b[1;2R", b"\x1b[A", b"q", b"\x1b[?2026;1$y", b"\x1b]11;x\x07", b" "])))
def test_however_input_is_cut_the_same_comes_through(parts: list[bytes]) -> None:
    data = b"".join(parts)
    whole, bytewise = Reports(), Reports()
    assert whole.of(data) == b"".join(bytewise.of(data[at : at + 1]) for at in range(len(data)))


@pytest.mark.parametrize(
    ("key", "sent"),
    [("q", b"q"), ("G", b"G"), ("space", b" "), ("down", b"\x1b[B"), ("ctrl+p", b"\x10"), ("question_mark", b"?"),
     ("left_square_bracket", b"["), ("plus", b"+"), ("minus", b"-"), ("f99", b""), ("ctrl+alt+x", b""), ("", b"")],
)  # fmt: skip
def test_keys_are_sent_as_a_keyboard_does(key: str, sent: bytes) -> None:
    assert stroke(key) == sent


def test_the_first_key_that_can_be_typed_is_used() -> None:
    assert strokes([Binding("a.b", ("f99", "x"), "x"), Binding("a.c", ("f99",), "y")]) == {"a.b": b"x"}


def test_the_script_knows_keys_of_both_kinds_and_leaves_out_what_cannot_be_typed() -> None:
    known = strokes(BINDINGS)
    assert {name for name, _ in script(known).keys} == {"host", "row", "screen"}
    assert script(known).freeze == b" "
    assert [name for name, _ in script({"table.up": b"k"}).keys] == ["row"] * 3
    assert script({}).freeze == b""


@pytest.mark.parametrize(
    ("answers", "settings"),
    [
        ("case $1 in d*) echo '3.4|RGB,sync';; *) echo 500;; esac", TmuxSettings("3.4", 500, ("RGB", "sync"))),
        ("case $1 in d*) echo '3.0|';; *) echo '';; esac", TmuxSettings("3.0", None, ("",))),
        ("printf '\\033[31m\\377\\n'", TmuxSettings("[31m\ufffd", None, ("",))),
        ("echo no server running >&2; exit 1", None),
    ],
    ids=["new", "old", "hostile", "none"],
)  # fmt: skip
def test_tmux_is_asked_for_its_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: str, settings: TmuxSettings | None
) -> None:
    program = tmp_path / "tmux"
    program.write_text(f"#!/bin/sh\n{answers}\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    found = tmux_settings()
    if settings is None or found is None:
        assert found is settings
        return
    assert "\x1b" not in found.version
    assert (found.escape_ms, found.features) == (settings.escape_ms, settings.features)


def test_without_tmux_there_is_nothing_to_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tmux_settings() is None
