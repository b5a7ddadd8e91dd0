"""Where the engine counts what happens, in the form that is quickest to add to; a tally is what travels.

An answer that comes in one piece to a request that waited for nothing is by far the most frequent thing: it has a way
of its own here, and what is zero or the same as something else by its nature is only counted, and filled in later.
"""

from __future__ import annotations

from collections.abc import Sequence

from perftui.load.histogram import EXACT, SHIFT, SUB_BITS, Histogram, Recorder
from perftui.load.tally import LATE_NS, Endpoint, Tally

TIMEOUTS = ("timeout_headers", "timeout_body", "connect_timeout")


class Ledger:
    """Of some stretch of time; ``names`` are those of the targets. All values are ns."""

    __slots__ = (
        "again", "blocked", "bytes", "checks", "connect", "dropped", "errors", "failed", "journeys", "lag", "late",
        "names", "offered", "ok", "prompt", "send", "sent", "service", "timed_out", "tls", "transfer", "ttfb",
        "unblocked", "waited", "whole",
    )  # fmt: skip

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.offered = self.sent = self.dropped = self.timed_out = self.late = self.waited = self.bytes = 0
        self.errors: dict[str, int] = {}
        self.checks: dict[str, tuple[int, int]] = {}
        self.journeys: dict[str, int] = {}
        # response times by target; those of ``prompt`` are good ones that are service times at once
        self.ok = [Recorder() for _ in names]
        self.prompt = [Recorder() for _ in names]
        self.failed = [Recorder() for _ in names]
        self.service, self.blocked, self.lag = Recorder(), Recorder(), Recorder()
        self.connect, self.tls = Recorder(), Recorder()
        self.send, self.ttfb, self.transfer = Recorder(), Recorder(), Recorder()
        # calls that had a connection at once, answers in one piece that are not of ``prompt``: nothing waited, nothing
        # transferred; and users who went on at once: offered, sent and not blocked
        self.unblocked = self.whole = self.again = 0

    def good(self, target: int, intended: int, started: int, written: int, ended: int) -> None:
        """A good answer that came in one piece."""
        service, send, ttfb = ended - started, written - started, ended - written
        if send < EXACT or ttfb < EXACT:
            self._tiny(target, intended, service, send, ttfb, ended)
            return
        # what follows is Recorder.record in its lines, three times
        if intended == started:
            recorder, response = self.prompt[target], service
        else:
            self.whole += 1
            self.service.record(service)
            recorder, response = self.ok[target], ended - intended
        shift = response.bit_length() - SHIFT
        recorder.counts[(shift << SUB_BITS) + (response >> shift)] += 1
        recorder.total += response
        if not recorder.low <= response <= recorder.high:
            recorder.stretch(response)
        recorder = self.send
        shift = send.bit_length() - SHIFT
        recorder.counts[(shift << SUB_BITS) + (send >> shift)] += 1
        recorder.total += send
        if not recorder.low <= send <= recorder.high:
            recorder.stretch(send)
        recorder = self.ttfb
        shift = ttfb.bit_length() - SHIFT
        recorder.counts[(shift << SUB_BITS) + (ttfb >> shift)] += 1
        recorder.total += ttfb
        if not recorder.low <= ttfb <= recorder.high:
            recorder.stretch(ttfb)

    def _tiny(self, target: int, intended: int, service: int, send: int, ttfb: int, ended: int) -> None:
        self.whole += 1
        self.ok[target].record(ended - intended)
        self.service.record(service)
        self.send.record(send)
        self.ttfb.record(ttfb)

    def over(self, target: int, response: int, error: str) -> None:
        """A call is over, whatever came of it; ``error`` is empty for a good answer."""
        if not error:
            self.ok[target].record(response)
            return
        self.failed[target].record(response)
        self.error(error)
        if error in TIMEOUTS:
            self.timed_out += 1

    def waited_for(self, waited: int) -> None:
        """A call has its connection, or may make one, after so long."""
        if waited:
            self.blocked.record(waited)
            if waited > LATE_NS:
                self.waited += 1
        else:
            self.unblocked += 1

    def checked(self, check: str, holds: bool) -> None:
        passed, broken = self.checks.get(check, (0, 0))
        self.checks[check] = (passed + holds, broken + (not holds))

    def error(self, kind: str) -> None:
        self.errors[kind] = self.errors.get(kind, 0) + 1

    def journey(self, outcome: str) -> None:
        self.journeys[outcome] = self.journeys.get(outcome, 0) + 1

    @property
    def is_over(self) -> bool:
        """Whether anything has come of a call, be it that it could not be sent."""
        return bool(self.errors) or any(each.counts for each in (*self.ok, *self.prompt, *self.failed))

    @property
    def has_news(self) -> bool:
        return bool(self.offered or self.sent or self.again or self.dropped or self.journeys) or self.is_over

    def tally(self) -> Tally:
        """Everything up to now; it does not change any more."""
        again = self.again
        prompt = [recorder.histogram() for recorder in self.prompt]
        whole = self.whole + sum(histogram.n for histogram in prompt)
        ok = [
            Histogram.of((good.histogram(), at_once.histogram()))
            for good, at_once in zip(self.ok, self.prompt, strict=True)
        ]
        failed = [recorder.histogram() for recorder in self.failed]
        found = Tally(
            offered=self.offered + again, sent=self.sent + again, dropped=self.dropped, timed_out=self.timed_out,
            late=self.late, waited=self.waited, bytes=self.bytes, errors=dict(self.errors), checks=dict(self.checks),
            journeys=dict(self.journeys),
            ok=Histogram.of(ok), failed=Histogram.of(failed),
            service=Histogram.of((self.service.histogram(), *prompt)),
            blocked=self.blocked.histogram(self.unblocked + again), lag=self.lag.histogram(),
            connect=self.connect.histogram(), tls=self.tls.histogram(), send=self.send.histogram(),
            ttfb=self.ttfb.histogram(), transfer=self.transfer.histogram(whole),
        )  # fmt: skip
        found.done = found.ok.n + found.failed.n
        for name, good, bad in zip(self.names, ok, failed, strict=True):
            if good.n or bad.n:
                both = Endpoint(good.n + bad.n, bad.n, Histogram.of((good, bad)))
                found.endpoints.setdefault(name, Endpoint()).merge(both)
        return found
