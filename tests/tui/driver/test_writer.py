"""The newest picture is written, by a thread that waits so that nobody else has to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from perftui.tui.driver.meter import LinkMeter
from perftui.tui.driver.pacing import ASK, Pace
from perftui.tui.driver.pens import PLAIN
from perftui.tui.driver.writer import Writer
from tests.tui.driver.glass import Glass

SIZE = (20, 4)
DEADLINE_S = 10.0


class Bench:
    """A writer whose terminal takes what it gets while ``open`` is set."""

    def __init__(self, budget: float | None = None) -> None:
        self.glass = Glass(*SIZE)
        self.sent: list[str] = []
        self.open = threading.Event()
        self.open.set()
        self.pace, self.meter = Pace(budget), LinkMeter(time.monotonic)
        self._changed = threading.Condition()
        self.writer = Writer(
            self._take,
            SIZE,
            look=lambda pen: pen,
            pace=self.pace,
            meter=self.meter,
            monotonic=time.monotonic,
            erases_in_colour=True,
        )

    def _take(self, data: bytes) -> None:
        with self._changed:
            self.sent.append(data.decode())
            self.glass.write(data.decode())
            self._changed.notify_all()
        self.open.wait(DEADLINE_S)

    def draw(self, text: str, row: int = 1) -> None:
        self.writer.write(f"\x1b[{row};1H{text:<{SIZE[0]}}")
        self.writer.flush()

    def until(self, condition: Callable[[], object]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, DEADLINE_S), self.sent


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    made.writer.start()
    yield made
    made.open.set()
    made.writer.stop()


def test_nothing_is_sent_before_something_is_drawn_nor_when_it_is_what_is_shown(bench: Bench) -> None:
    bench.writer.flush()
    bench.draw("one")
    bench.until(lambda: "one" in bench.glass.text)
    count = len(bench.sent)
    bench.draw("one")
    bench.draw("two")
    bench.until(lambda: "two" in bench.glass.text)
    assert len(bench.sent) == count + 1


def test_rows_of_ours_wait_for_the_first_picture_so_that_what_stands_there_is_not_erased(bench: Bench) -> None:
    writer = bench.writer
    writer.shows("\x1b[2J\x1b[2;1Hearly", *SIZE)
    writer.write("\x1b[?1000h")
    writer.flush()
    assert not writer.draw({0: [("ours", PLAIN)]}, PLAIN, SIZE)
    assert not writer.pending
    writer.write("\x1b[1;1Hfirst\x1b[2;1Hearly")
    writer.flush()
    bench.until(lambda: "first" in bench.glass.text)
    assert "early" not in "".join(bench.sent)
    assert writer.draw({0: [("ours", PLAIN)]}, PLAIN, SIZE)
    bench.until(lambda: "ours" in bench.glass.text)


def test_of_pictures_that_are_drawn_while_one_is_on_its_way_only_the_newest_is_sent(bench: Bench) -> None:
    bench.open.clear()
    bench.draw("first")
    bench.until(lambda: bench.sent)
    for number in range(100):
        bench.draw(f"number {number}")
    bench.open.set()
    bench.until(lambda: "number 99" in bench.glass.text)
    assert len(bench.sent) == 2


def test_no_picture_is_sent_while_the_link_is_full_and_the_newest_one_afterwards(bench: Bench) -> None:
    bench.writer.listen()
    bench.until(lambda: ASK in "".join(bench.sent))
    bench.writer.answered()
    bench.draw("none")
    bench.until(lambda: "none" in bench.glass.text)
    bench.writer.answered()
    bench.pace.window = 10
    bench.draw("one")
    bench.until(lambda: "one" in bench.glass.text.splitlines())
    bench.draw("two")
    bench.draw("three")
    assert "two" not in bench.glass.text
    bench.writer.answered()
    bench.until(lambda: "three" in bench.glass.text)
    assert "two" not in "".join(bench.sent)


def test_a_picture_that_is_too_long_for_the_link_comes_in_rows_and_none_is_left_out(bench: Bench) -> None:
    bench.writer.listen()
    bench.until(lambda: bench.sent)
    bench.writer.answered()
    bench.pace.window = 10
    for row in range(4):
        bench.writer.write(f"\x1b[{row + 1};1Hrow {row} of many")
    bench.writer.flush()
    for row in range(4):
        bench.until(lambda row=row: f"row {row}" in bench.glass.text)
        bench.writer.answered()


def test_controls_do_not_wait_for_room(bench: Bench) -> None:
    bench.writer.listen()
    bench.until(lambda: bench.sent)
    bench.draw("full")
    bench.pace.window = 1
    bench.writer.write("\x07")
    bench.until(lambda: "\x07" in "".join(bench.sent))


def test_after_another_size_or_on_demand_everything_is_painted_again(bench: Bench) -> None:
    bench.draw("one")
    bench.until(lambda: "one" in bench.glass.text)
    bench.writer.redraw()
    bench.until(lambda: "".join(bench.sent).count("one") == 2)
    bench.writer.resize(12, 3)
    bench.draw("two", row=2)
    bench.until(lambda: "".join(bench.sent).count("one") == 3)
    bench.writer.told_size(12, 3)
    bench.draw("three", row=3)
    bench.until(lambda: "three" in bench.glass.text)
    assert "".join(bench.sent).count("one") == 3


def test_the_alternate_screen_is_painted_anew_when_it_is_entered_and_never_after_it_is_left(bench: Bench) -> None:
    bench.draw("one")
    bench.until(lambda: "one" in bench.glass.text)
    bench.writer.write("\x1b[?1049l")
    bench.draw("hidden")
    bench.until(lambda: "1049l" in bench.sent[-1])
    # in the look that the terminal had before
    assert "\x1b[m\x1b[?1049l" in "".join(bench.sent)
    bench.writer.write("\x1b[?1049h")
    bench.writer.flush()
    bench.until(lambda: "hidden" in bench.glass.text)
    assert "hidden" not in "".join(bench.sent).split("\x1b[?1049h")[0]


def test_whoever_leaves_waits_for_answers_that_are_on_their_way(bench: Bench) -> None:
    bench.writer.listen()
    bench.until(lambda: bench.sent)
    late = threading.Timer(0.05, bench.writer.answered)
    late.start()
    bench.writer.hush()
    assert not bench.pace.awaits
    bench.draw("hidden")
    assert bench.writer.stop()
    assert "hidden" not in "".join(bench.sent)


def test_a_terminal_that_takes_nothing_is_noticed_when_the_writer_is_to_end(bench: Bench) -> None:
    bench.open.clear()
    bench.draw("stuck")
    bench.until(lambda: bench.sent)
    assert not bench.writer.stop()


def test_long_pictures_are_marked_for_terminals_that_know_that_and_short_ones_never(bench: Bench) -> None:
    bench.writer.syncs = True
    bench.draw("short")
    bench.until(lambda: "short" in bench.glass.text)
    for row in range(4):
        style = "".join(f"\x1b[38;2;{row};200;{100 + x}m#" for x in range(SIZE[0]))
        bench.writer.write(f"\x1b[{row + 1};1H{style}\x1b[m")
    bench.writer.flush()
    bench.until(lambda: "#" in bench.sent[-1])
    assert [text.startswith("\x1b[?2026h") for text in bench.sent] == [False, True]
    assert bench.sent[-1].endswith("\x1b[?2026l")
