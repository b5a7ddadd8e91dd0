"""From a call that has ended to the figures of a ledger."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.load.checks import Answer, Check
from perftui.load.connection import Call, Connection
from perftui.load.ledger import TIMEOUTS, Ledger


class Measure:
    """Knows what the targets' answers have to be."""

    def __init__(self, checks: Sequence[Sequence[Check]]) -> None:
        self._checks = checks

    def answered(self, ledger: Ledger, connection: Connection, call: Call, error: str, timeout_ns: int) -> str:
        """A call that was sent has ended, with an answer or with an error of the connection: the kind it counts as."""
        timed_out = error in TIMEOUTS
        started, first = connection.started, connection.first
        ended = started + timeout_ns if timed_out else connection.ended
        ledger.service.record(ended - started)
        ledger.send.record(connection.written - started)
        ledger.bytes += connection.received
        if first and not timed_out:
            ledger.ttfb.record(first - connection.written)
            ledger.transfer.record(ended - first)
        if not error:
            error = self._judged(ledger, connection, call, ended - started)
            if call.errand is not None:
                error = call.errand.error or error
        ledger.over(call.target, ended - call.intended, error)
        return error

    def _judged(self, ledger: Ledger, connection: Connection, call: Call, service: int) -> str:
        error = "" if connection.status < 400 else f"http_{connection.status}"
        checks = self._checks[call.target]
        if not checks:
            return error
        answer = Answer(connection.status, connection.head, connection.body, service)
        error = "" if any(check.subject == "status" for check in checks) else error
        for check in checks:
            holds = check.holds(answer)
            ledger.checked(check.text, holds)
            if not holds and not error:
                error = "check"
        return error
