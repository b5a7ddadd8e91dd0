"""Where in time the console looks: the right edge of every chart, and how long a window is."""

from __future__ import annotations

import msgspec

from perftui.view.scene import Mode

SPANS_S = (60, 120, 300, 600, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 3 * 86400, 7 * 86400, 30 * 86400)


class Playhead(msgspec.Struct, frozen=True):
    """``end`` None is live: the right edge is now. ``frozen`` means stopped at the moment of freezing."""

    span_s: float
    end: float | None = None
    frozen: bool = False

    @property
    def mode(self) -> Mode:
        if self.end is None:
            return Mode.LIVE
        return Mode.FROZEN if self.frozen else Mode.PAST

    def at(self, now: float) -> float:
        """The right edge in epoch seconds."""
        return now if self.end is None else self.end

    def toggled(self, now: float) -> Playhead:
        """Freeze when live, else go live again."""
        return self.live() if self.end is not None else Playhead(self.span_s, now, True)

    def live(self) -> Playhead:
        return Playhead(self.span_s)

    def scrolled(self, windows: float, now: float) -> Playhead:
        """Moved by a part of a window; forward past now is live."""
        end = self.at(now) + windows * self.span_s
        return self.live() if end >= now else Playhead(self.span_s, end)

    def zoomed(self, steps: int) -> Playhead:
        """The next longer (1) or shorter (-1) window; it stays where it ends."""
        if steps > 0:
            span = next((span for span in SPANS_S if span > self.span_s), SPANS_S[-1])
        else:
            span = next((span for span in reversed(SPANS_S) if span < self.span_s), SPANS_S[0])
        return Playhead(float(span), self.end, self.frozen)

    def spanning(self, span_s: float) -> Playhead:
        """A window of any length within the limits."""
        return Playhead(min(max(span_s, float(SPANS_S[0])), float(SPANS_S[-1])), self.end, self.frozen)

    def moved_to(self, end: float, now: float) -> Playhead:
        return self.live() if end >= now else Playhead(self.span_s, end)
