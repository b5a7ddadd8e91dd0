"""How much is on its way follows what the terminal answers."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.tui.driver.meter import LinkMeter
from perftui.tui.driver.pacing import Pace
from tests.fakes import FakeClock


class Link:
    """Carries so many bytes a second after a way of so many seconds, and answers at its end."""

    def __init__(self, pace: Pace, rate: float, way_s: float) -> None:
        self.pace, self._rate, self._way_s = pace, rate, way_s
        self.now = self._free_at = 0.0
        self._answers: deque[float] = deque()
        self.latest_s = 0.0
        self.delivered = 0

    def send(self, size: int) -> None:
        self._free_at = max(self._free_at, self.now) + size / self._rate
        self.delivered += size
        self._answers.append(self._free_at + self._way_s)
        self.latest_s = self._free_at + self._way_s - self.now
        self.pace.sent(size, self.now, self.pace.asks(self.now))

    def run(self, seconds: float, *, answering: bool = True) -> None:
        """Always something to send."""
        until = self.now + seconds
        while self.now < until:
            while (room := self.pace.room(self.now)) > 0:
                self.send(min(room, 4000))
            self.now += 0.005
            while self._answers and self._answers[0] <= self.now:
                self._answers.popleft()
                if answering:
                    self.pace.answered(self.now)


@pytest.mark.parametrize("rate", [2_000.0, 16_000.0, 100_000.0])
@pytest.mark.parametrize("way_s", [0.0, 0.1, 0.3])
def test_a_slow_link_is_kept_busy_and_hardly_any_longer_than_it_takes_anyway(rate: float, way_s: float) -> None:
    pace = Pace()
    link = Link(pace, rate, way_s)
    link.send(100)
    link.run(40)
    before, start = link.delivered, link.now
    link.run(10)
    # the smallest window is 600 bytes, whose way takes what it takes
    assert link.latest_s <= way_s + 0.3 + 600 / rate
    assert link.delivered - before >= 0.3 * rate * (link.now - start)


def test_a_fast_link_gets_whole_pictures() -> None:
    pace = Pace()
    link = Link(pace, 10e6, 0.001)
    link.send(100)
    link.run(2)
    assert pace.window == 65536
    assert pace.rtt is not None
    assert pace.rtt < 0.05


def test_a_terminal_that_never_answers_is_soon_not_waited_for() -> None:
    pace = Pace()
    pace.sent(8192, 0.0, pace.asks(0.0))
    assert pace.room(0.1) == 0
    assert pace.room(0.6) > 8192
    assert not pace.asks(0.6)
    assert pace.asks(40.0)


def test_a_link_that_answered_is_waited_for_longer_but_not_for_ever() -> None:
    pace = Pace()
    pace.sent(100, 0.0, True)
    assert pace.answered(0.1)
    pace.sent(8192, 1.0, True)
    assert pace.room(9.0) == 0
    assert pace.room(12.0) > 0


def test_an_answer_to_nothing_is_none_of_ours() -> None:
    assert not Pace().answered(1.0)


@given(st.floats(100, 100_000), st.lists(st.integers(1, 3000), min_size=1, max_size=50))
def test_a_budget_is_kept_over_any_time(budget: float, sizes: list[int]) -> None:
    pace, now, sent = Pace(budget), 0.0, 0
    for size in sizes:
        while pace.room(now) <= 0:
            now += pace.wait_s(now)
        part = min(size, pace.room(now))
        pace.sent(part, now, False)
        sent += part
    assert sent <= budget * now + max(256, budget / 2) + 1


def test_figures_of_the_link_are_those_of_the_last_seconds() -> None:
    clock = FakeClock()
    meter = LinkMeter(clock)
    assert meter.read() is None
    meter.sent(1000, frame=True)
    meter.answered(0.3)
    meter.answered(0.038)
    clock.advance(5)
    meter.skipped()
    first = meter.read()
    assert first == (0.038, 200.0, 0.2, True)
    clock.advance(1)
    assert meter.read() == first
    clock.advance(4)
    assert meter.read() == (None, 0.0, 0.0, False)
