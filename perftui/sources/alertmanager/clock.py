"""How far a server's clock is ahead of ours, by the Date of its answers.

A Date has whole seconds, and is written somewhere between question and answer: each answer gives a span in which the
difference lies. One is only believed when the best answer of late leaves no doubt that anybody would notice it, and it
stays the same until it is clearly another: times that are corrected by it must not wander.
"""

from __future__ import annotations

from collections import deque

_REMEMBERED = 9
_NOTED_S = 2.0


class Clock:
    """``ahead_s`` is 0 while the clocks may agree, or differ by less than anybody notices."""

    def __init__(self) -> None:
        self._spans: deque[tuple[float, float]] = deque(maxlen=_REMEMBERED)
        self.ahead_s = 0.0

    def add(self, server_at: float | None, asked_at: float, answered_at: float) -> None:
        """All in epoch seconds; ``server_at`` None: it told no time."""
        if server_at is None:
            return
        self._spans.append((server_at - answered_at, server_at + 1.0 - asked_at))
        low, high = min(self._spans, key=lambda span: span[1] - span[0])
        middle = (low + high) / 2
        if low <= _NOTED_S and high >= -_NOTED_S:
            self.ahead_s = 0.0
        elif abs(middle - self.ahead_s) > _NOTED_S:
            self.ahead_s = middle

    @property
    def words(self) -> str:
        """For a person; empty while there is nothing to say."""
        if not self.ahead_s:
            return ""
        return f"its clock is {abs(self.ahead_s):.0f} s {'ahead of' if self.ahead_s > 0 else 'behind'} ours"
