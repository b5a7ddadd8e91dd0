"""What is known of a run while it goes on: everything that was counted, second by second."""

from __future__ import annotations

from typing import Any, NamedTuple

from perftui.load.frames import Breach, Delta, Hello, LevelEnd, Phase, Summary, Up
from perftui.load.histogram import Histogram
from perftui.load.recent import Moment, Recent
from perftui.load.tally import Tally

_HALF_DELTA_S = 0.05
_TENTHS = 10


class Second(NamedTuple):
    """One second of the measured time: counts, and response times."""

    offered: int
    sent: int
    done: int
    failed: int
    response: Histogram


class Run:
    """Takes frames in. ``stopped_by`` is ``engine`` until the engine has said how it ended.

    ``levels`` and ``level_ends`` are the figures of each level, and how those ended whose rate was decided on;
    ``began`` is when each was first told of.
    ``ended`` are calls that ended in each tenth of a second, ``moments`` the second up to there, when they are kept.
    ``broken_at`` says when each threshold was broken first, in seconds of the measured time; ``told`` is what a record
    said of seconds already, ``levels_told`` of levels.
    """

    def __init__(self, *, keeps_moments: bool = False) -> None:
        self.tally = Tally()
        self.latest = Tally()
        self.seconds: dict[int, Second] = {}
        self.told: dict[int, dict[str, Any]] = {}
        self.phase, self.loop, self.probe = "start", "", ""
        # of another engine: its name with its version, and what its percentiles are worth
        self.engine, self.quality = "", "exact"
        self.breaches: list[Breach] = []
        self.broken_at: dict[str, float] = {}
        self.levels: dict[int, Tally] = {}
        self.began: dict[int, float] = {}
        self.level_ends: list[LevelEnd] = []
        self.levels_told: dict[int, tuple[tuple[float, ...], dict[str, Any]]] = {}
        self.ended: dict[int, int] = {}
        self.moments: dict[int, Moment] = {}
        self._recent = Recent() if keeps_moments else None
        self.delta: Delta | None = None
        self.measured_s, self.cpu_s, self.stopped_by = 0.0, 0.0, "engine"
        self._is_measuring = False
        self._cpu_from = 0.0

    def take(self, message: Up) -> None:
        """The next frame of the engine."""
        if isinstance(message, Delta):
            self._add(message)
        elif isinstance(message, Summary):
            self.measured_s, self.cpu_s, self.stopped_by = message.measured_s, message.cpu_s, message.stopped_by
        elif isinstance(message, Phase):
            self.phase = message.name
        elif isinstance(message, Hello):
            self.loop, self.probe = message.loop, message.probe
        elif isinstance(message, LevelEnd):
            self.level_ends.append(message)
        else:
            self.breaches.append(message)
            self.broken_at.setdefault(message.expr, self.measured_s)

    def _add(self, delta: Delta) -> None:
        self.delta = delta
        if not delta.counted:
            return
        tally = delta.tally
        if not self._is_measuring:
            if delta.measured_s <= 0:
                return
            self._is_measuring, self._cpu_from = True, delta.cpu_s
        self.latest = tally
        self.tally.merge(tally)
        self.measured_s, self.cpu_s = delta.measured_s, delta.cpu_s - self._cpu_from
        self.began.setdefault(delta.level, delta.measured_s)
        self.levels.setdefault(delta.level, Tally()).merge(tally)
        tenth = round(delta.measured_s * _TENTHS)
        self.ended[tenth] = self.ended.get(tenth, 0) + tally.done
        if self._recent is not None:
            self._recent.add(delta.measured_s, [tally])
            self.moments[tenth] = self._recent.moment()
        # what a delta tells lies before its end
        key = int(max(0.0, delta.measured_s - _HALF_DELTA_S))
        before = self.seconds.get(key) or Second(0, 0, 0, 0, Histogram())
        response = before.response
        response.merge(tally.response())
        self.seconds[key] = Second(
            before.offered + tally.offered, before.sent + tally.sent, before.done + tally.done,
            before.failed + tally.failed.n, response,
        )  # fmt: skip
