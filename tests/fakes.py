"""Fakes by shape: what tests hand in where the program hands in clocks and sources."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from perftui.domain.samples import Batch, SeriesInfo
from perftui.domain.units import Unit


class FakeClock:
    """A clock that moves only when it is told to."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class FakeSource:
    """Gives its answers in turn, the last one again and again; an exception among them is raised."""

    kind = "fake"
    notes: tuple[str, ...] = ()

    def __init__(
        self,
        answers: Sequence[Batch | Exception],
        *,
        name: str = "fake",
        interval_s: float = 0.02,
        deadline_s: float = 0.5,
        wanted: bool = True,
    ) -> None:
        self.name, self.interval_s, self.deadline_s, self.wanted = name, interval_s, deadline_s, wanted
        self._answers = list(answers)
        self.polls = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.hang: asyncio.Event | None = None
        self.closed = False

    def catalogue(self) -> tuple[SeriesInfo, ...]:
        return (SeriesInfo(f"{self.name}/value", Unit.RATIO, self.interval_s),)

    async def poll(self) -> Batch:
        self.polls += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if self.hang is not None:
                await self.hang.wait()
            answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            if isinstance(answer, Exception):
                raise answer
            return answer
        finally:
            self.in_flight -= 1

    async def close(self) -> None:
        self.closed = True
