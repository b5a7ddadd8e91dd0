"""Frames, links, answers and starts, as the meter of the terminal end sees them."""

from __future__ import annotations

import re
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.terminal.answers import Answers
from benchmarks.terminal.exporter import exposition, wave
from benchmarks.terminal.link import Link
from benchmarks.terminal.pressing import press
from benchmarks.terminal.program import Program
from benchmarks.terminal.screen import Screen
from benchmarks.terminal.starting import MuteError, start
from benchmarks.terminal.steady import Frames, watch
from benchmarks.terminal.subjects import Subject

_FRAMES = (b"\x1b[1;1Hload 12 %", b"\x1b[1;6H13", b"\x1b[1;6H13")


def test_a_compressed_stream_is_flushed_after_each_frame() -> None:
    frames, packer = Frames(Screen(20, 5)), zlib.compressobj(6)
    wire = b""
    for frame in _FRAMES:
        # it may come in pieces; it is packed as one
        frames.take(frame[:4])
        frames.take(frame[4:])
        frames.end()
        wire += packer.compress(frame) + packer.flush(zlib.Z_SYNC_FLUSH)

    assert frames.packed == len(wire)
    assert zlib.decompressobj().decompress(wire) == b"".join(_FRAMES)
    assert (frames.bytes, frames.frames) == (sum(map(len, _FRAMES)), 3)


def test_only_cells_that_differ_after_a_frame_count() -> None:
    frames = Frames(Screen(20, 5))
    counts = []
    for frame in _FRAMES:
        frames.take(frame)
        frames.end()
        frames.end()  # no frame has begun
        counts.append(frames.cells)

    assert counts == [7, 8, 8]


def _drain(link: Link, seconds: float) -> list[tuple[float, bytes]]:
    """Look at it every millisecond."""
    return [one for step in range(int(seconds * 1000)) for one in link.arrivals(step / 1000)]


def test_a_link_carries_its_rate_and_what_it_carries_is_late_by_half_the_way() -> None:
    link = Link(1000.0, 10_000, 0.1)
    link.write(b"x" * 2000, 0.0)

    arrived = _drain(link, 1.05)

    assert 950 <= sum(len(data) for _, data in arrived) <= 1050
    assert min(at for at, _ in arrived) >= 0.05


def test_a_link_that_was_idle_for_long_has_saved_next_to_nothing() -> None:
    link = Link(1000.0, 10_000, 0.0)
    assert link.arrivals(100.0) == []
    link.write(b"x" * 1000, 100.0)

    assert sum(len(data) for _, data in link.arrivals(100.1)) <= 150


def test_a_full_buffer_has_no_room_and_keys_take_half_the_way() -> None:
    link = Link(1000.0, 500, 0.1)
    link.write(b"x" * 500, 6.9)
    assert link.room() == 0

    link.type(b"k", 7.0)
    assert link.typed(7.04) == []
    assert [data for _, data in link.typed(7.051)] == [b"k"]


@given(st.lists(st.binary(min_size=1, max_size=300)), st.floats(100, 5000))
def test_a_link_loses_nothing_and_keeps_the_order(pieces: list[bytes], rate: float) -> None:
    link = Link(rate, 1 << 20, 0.05)
    for piece in pieces:
        link.write(piece, 0.0)

    now, arrived = 0.0, b""
    while len(arrived) < sum(map(len, pieces)):
        now += 0.5
        arrived += b"".join(data for _, data in link.arrivals(now))

    assert arrived == b"".join(pieces)


def _terminal() -> Answers:
    return Answers(120, 40, lambda: (3, 7))


def test_questions_are_answered_as_a_modern_terminal_does() -> None:
    answers = _terminal()

    assert answers.to(b"\x1b[c") == b"\x1b[?62;22c"
    assert answers.to(b"text\x1b[6nmore") == b"\x1b[3;7R"
    assert answers.to(b"\x1b[?2026$p\x1b[?9999$p") == b"\x1b[?2026;2$y\x1b[?9999;0$y"
    assert answers.to(b"\x1b[?u") == b"\x1b[?0u"
    assert answers.to(b"\x1b[>q").startswith(b"\x1bP>|")
    assert answers.to(b"\x1b[?2048h") == b"\x1b[48;40;120;640;960t"


def test_a_question_in_two_pieces_is_answered_once() -> None:
    answers = _terminal()

    assert answers.to(b"\x1b[") == b""
    assert answers.to(b"6n") == b"\x1b[3;7R"
    assert answers.to(b"x") == b""


def test_modes_that_stay_on_are_named() -> None:
    answers = _terminal()
    answers.to(b"\x1b[?1049h\x1b[?25l\x1b[?1000;1006h")
    assert len(answers.left_on()) == 4

    answers.to(b"\x1b[?1000;1006l\x1b[?25h\x1b[?1049l")
    assert answers.left_on() == []


_PROGRAM = """
import os, sys, termios, tty
if any(name.startswith("PYTHON") or name == "NO_COLOR" for name in os.environ):
    sys.exit("the environment is not a fresh user's")
before = termios.tcgetattr(0)
tty.setraw(0)
os.write(1, b"\\x1b[?1049hready " + os.environ["HOME"].encode())
while (key := os.read(0, 1)) != b"q":
    os.write(1, b"\\x1b[5;1H" + key)
{restore}
"""


def test_a_program_is_drawn_and_its_keys_are_timed(tmp_path: Path) -> None:
    code = _PROGRAM.format(restore='termios.tcsetattr(0, 0, before); os.write(1, b"\\x1b[?1049l")')
    with Program((sys.executable, "-c", code), cwd=tmp_path, stamp_cpu=True) as program:
        while not re.search("ready /", program.screen.text):
            assert program.pump(20.0)
        answer = press(program, "k", None, 20.0)
        same = press(program, "k", None, 0.2)
        steady = watch(program, 0.1)

        assert program.finish("q") == []

    assert answer.seconds is not None
    assert answer.bytes == len("\x1b[5;1Hk")
    assert same.seconds is None  # no cell differs
    assert steady.bytes == 0


def test_a_terminal_that_is_not_restored_is_noticed(tmp_path: Path) -> None:
    code = _PROGRAM.format(restore="")
    with Program((sys.executable, "-c", code), cwd=tmp_path) as program:
        while "ready" not in program.screen.text:
            assert program.pump(20.0)

        assert program.finish("q") == ["mode 1049 is on", "the line settings differ"]


@given(st.integers(0, 300), st.floats(0, 4e9))
def test_waves_stay_within_their_bounds(number: int, at: float) -> None:
    assert 0.0 <= wave(number, at) <= 1.0


def test_the_scenario_moves_every_second_and_is_the_same_for_everybody() -> None:
    one, again, next_second = (exposition(at, more=10).splitlines() for at in (1000.2, 1000.9, 1001.2))

    assert one == again
    moved = sum(old != new for old, new in zip(one, next_second, strict=True))
    assert moved > 0.9 * sum(not line.startswith("#") for line in one)


_SLOW_START = """
import os, time, tty
tty.setraw(0)
os.write(1, b"logo")
time.sleep(0.05)
os.write(1, b" 12 %")
time.sleep(0.05)
os.write(1, b" all of it")
while True:
    os.write(1, b"\\x1b[5;1H" + os.read(0, 1))
"""


def test_a_start_knows_the_first_telling_picture_from_the_first_byte_and_from_the_whole() -> None:
    subject = Subject(
        "slow",
        (sys.executable, "-c", _SLOW_START),
        lambda screen: "12 %" in screen.text,
        lambda screen: "all of it" in screen.text,
        ("x",),
        "",
    )
    with subject.start(stamp_cpu=True) as program:
        started = start(subject, program)

    assert 0 < started.first_byte_s < started.shown_s < started.ready_s
    assert 0 < started.shown_cpu.own <= started.ready_cpu.own
    assert started.ready_cpu.others == 0


def test_a_program_that_never_shows_it_is_named_with_its_screen() -> None:
    command = (sys.executable, "-c", "print('nothing of the sort')")
    subject = Subject("mute", command, lambda screen: False, lambda screen: False, ("x",), "")
    with subject.start() as program, pytest.raises(MuteError, match=r"mute never showed(.|\n)*nothing of the sort"):
        start(subject, program)
