"""Whether the link to the terminal is so slow that charts should stand still and be swept over.

What sweeps sends less, so that the link looks good then: going back too soon would go on for ever. A link has to be
good for a while first, and for twice as long each time that going back was wrong.
"""

from __future__ import annotations

from perftui.tui.driver.meter import LinkFigures

# longer than most continents are away: what is sent piles up somewhere
_SLOW_RTT_S, _GOOD_RTT_S = 0.4, 0.25
_GOOD_FOR_S, _LONGEST_S = 30.0, 960.0
# figures stand for 5 s: a burst of keys (more pictures than are sent), or one late answer of a machine that is busy, is
# in one reading, a slow link in two in a row
_SLOW_FOR_S = 8.0


class SlowLink:
    """Times are seconds of one monotonic clock, handed in."""

    def __init__(self) -> None:
        self._slow = False
        self._good_since: float | None = None
        self._late_since: float | None = None
        self._held_since: float | None = None
        self._good_for_s = _GOOD_FOR_S
        self._back_at = float("-inf")

    def look(self, figures: LinkFigures | None, now: float) -> bool:
        """Whether it is slow, after these figures; None while nothing was measured."""
        if figures is None:
            return self._slow
        late = (figures.rtt_s or 0.0) > (_GOOD_RTT_S if self._slow else _SLOW_RTT_S)
        self._late_since = _since(self._late_since, late, now)
        self._held_since = _since(self._held_since, figures.held_back, now)
        if self._lasts(self._late_since, now) or self._lasts(self._held_since, now):
            self._good_since = None
            if not self._slow:
                soon = now - self._back_at < self._good_for_s
                self._good_for_s = min(_LONGEST_S, 2 * self._good_for_s) if soon else _GOOD_FOR_S
            self._slow = True
        elif self._slow:
            self._good_since = now if self._good_since is None else self._good_since
            if now - self._good_since >= self._good_for_s:
                self._slow, self._good_since, self._back_at = False, None, now
        return self._slow

    def _lasts(self, since: float | None, now: float) -> bool:
        """Of a link that is slow already one look says enough."""
        return since is not None and (self._slow or now - since >= _SLOW_FOR_S)


def _since(before: float | None, holds: bool, now: float) -> float | None:
    if not holds:
        return None
    return now if before is None else before
