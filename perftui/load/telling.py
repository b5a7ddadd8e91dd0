"""What the engine tells ten times a second: every level with news, as a delta, while there is room for it.

What finds no room is not lost: it stays in the level's ledger, and is in the next delta.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from perftui.load.frames import Delta, Emit
from perftui.load.judge import Judge
from perftui.load.levels import RAMP, Level, Levels
from perftui.load.limits import cpu_s
from perftui.load.pool import Pool
from perftui.load.steering import Steering
from perftui.load.tally import Tally

_UNWELL = "circuit breaker: too many failures"


class Now(NamedTuple):
    """Seconds since the first arrival and since the measured time began, and the rate that is meant."""

    at_s: float
    measured_s: float
    rate: float


class Telling:
    """``now`` is asked for the moment of each delta; ``stop`` is called when the target is not well enough any more."""

    def __init__(
        self, emit: Emit, pool: Pool, levels: Levels, judge: Judge, steering: Steering | None,
        now: Callable[[], Now], stop: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._emit, self._pool, self._levels, self._judge, self._steering = emit, pool, levels, judge, steering
        self._now, self._stop = now, stop

    def flush(self, *, is_last: bool = False) -> None:
        """Tell what is new; what is last is told whether there is room or not."""
        news = self._news()
        done, failed = sum(tally.done for _, tally in news), sum(tally.failed.n for _, tally in news)
        if self._judge.is_unwell(self._now().at_s, done, failed) and not is_last:
            self._stop(_UNWELL)
            # with what is dropped by that
            news = self._news()
        told = []
        for level, tally in news:
            if not self._told(level, tally, is_last=is_last):
                break
            told.append(tally)
            if level.number != RAMP:
                self._judge.tally.merge(tally)
            level.told(tally if self._steering is not None else None)
        if self._steering is not None:
            self._steering.recent.add(self._now().measured_s, told)

    def _news(self) -> list[tuple[Level, Tally]]:
        return [(level, level.ledger.tally()) for level in self._levels.pending()]

    def _told(self, level: Level, tally: Tally, *, is_last: bool) -> bool:
        pool, now = self._pool, self._now()
        return self._emit(
            Delta(
                now.at_s, now.measured_s, level.number != RAMP, tally, pool.in_flight, len(pool.backlog),
                pool.connections, now.rate, cpu_s(), level.number,
            ),
            can_wait=not is_last,
        )  # fmt: skip
