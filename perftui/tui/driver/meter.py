"""What the link to the terminal is like, for the status line."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

_EVERY_S = 5.0


class LinkFigures(NamedTuple):
    """``rtt_s`` until the terminal had drawn what was sent, None when it doesn't tell; rates of the last seconds.

    ``held_back``: frames that were made were left out, because newer ones came before there was room for them.
    """

    rtt_s: float | None
    bytes_per_s: float
    frames_per_s: float
    held_back: bool


class LinkMeter:
    """Filled by the driver's threads, read by the console."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._since: float | None = None
        self._bytes = self._frames = self._skipped = 0
        self._rtt: float | None = None
        self._figures: LinkFigures | None = None

    def sent(self, size: int, *, frame: bool) -> None:
        with self._lock:
            if self._since is None:
                self._since = self._monotonic()
            self._bytes += size
            self._frames += frame

    def skipped(self) -> None:
        with self._lock:
            self._skipped += 1

    def answered(self, rtt_s: float) -> None:
        """The shortest time counts: the others waited for what was before them."""
        with self._lock:
            self._rtt = rtt_s if self._rtt is None else min(self._rtt, rtt_s)

    def read(self) -> LinkFigures | None:
        """None for the first 5 s; the same figures for 5 s each, as every new one has to be sent too."""
        now = self._monotonic()
        with self._lock:
            if self._since is not None and now - self._since >= _EVERY_S:
                span = now - self._since
                self._figures = LinkFigures(self._rtt, self._bytes / span, self._frames / span, self._skipped > 0)
                self._since, self._bytes, self._frames, self._skipped, self._rtt = now, 0, 0, 0, None
            return self._figures
