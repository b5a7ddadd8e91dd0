"""What is counted: one tally holds what happened in some stretch of time, and tallies add up.

A tally is what travels: the engine sends one ten times a second, and whoever listens has every figure up to then,
however the engine ends.
"""

from __future__ import annotations

import msgspec

from perftui.load.histogram import Histogram


class Endpoint(msgspec.Struct):
    """What one target answered."""

    done: int = 0
    failed: int = 0
    response: Histogram = msgspec.field(default_factory=Histogram)

    def merge(self, other: Endpoint) -> None:
        self.done += other.done
        self.failed += other.failed
        self.response.merge(other.response)


class Tally(msgspec.Struct):
    """Counts, and histograms in ns.

    ``ok`` and ``failed`` are response times from the intended start. ``late`` are arrivals that our loop handled more
    than ``LATE_NS`` after their time, ``waited`` those that waited for a connection for longer than that. ``bytes`` are
    received ones. ``journeys`` are those that were ``started``, ``completed`` and ``abandoned``.
    """

    offered: int = 0
    sent: int = 0
    done: int = 0
    dropped: int = 0
    timed_out: int = 0
    late: int = 0
    waited: int = 0
    bytes: int = 0
    errors: dict[str, int] = {}
    checks: dict[str, tuple[int, int]] = {}
    endpoints: dict[str, Endpoint] = {}
    journeys: dict[str, int] = {}
    ok: Histogram = msgspec.field(default_factory=Histogram)
    failed: Histogram = msgspec.field(default_factory=Histogram)
    service: Histogram = msgspec.field(default_factory=Histogram)
    blocked: Histogram = msgspec.field(default_factory=Histogram)
    lag: Histogram = msgspec.field(default_factory=Histogram)
    connect: Histogram = msgspec.field(default_factory=Histogram)
    tls: Histogram = msgspec.field(default_factory=Histogram)
    send: Histogram = msgspec.field(default_factory=Histogram)
    ttfb: Histogram = msgspec.field(default_factory=Histogram)
    transfer: Histogram = msgspec.field(default_factory=Histogram)

    def merge(self, other: Tally) -> None:
        """Add another stretch of time."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _HISTOGRAMS:
            getattr(self, name).merge(getattr(other, name))
        for kind, count in other.errors.items():
            self.errors[kind] = self.errors.get(kind, 0) + count
        for outcome, count in other.journeys.items():
            self.journeys[outcome] = self.journeys.get(outcome, 0) + count
        for check, (passed, broken) in other.checks.items():
            before = self.checks.get(check, (0, 0))
            self.checks[check] = (before[0] + passed, before[1] + broken)
        for target, endpoint in other.endpoints.items():
            self.endpoints.setdefault(target, Endpoint()).merge(endpoint)

    def response(self) -> Histogram:
        """Of all requests, whatever came of them; a new histogram."""
        return Histogram.of((self.ok, self.failed))


LATE_NS = 5_000_000
# kinds of errors of requests that were offered and could not be written
UNSENT = ("unsafe_value", "missing_value")
_COUNTS = ("offered", "sent", "done", "dropped", "timed_out", "late", "waited", "bytes")
_HISTOGRAMS = ("ok", "failed", "service", "blocked", "lag", "connect", "tls", "send", "ttfb", "transfer")
