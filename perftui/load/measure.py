"""From a call that has ended to the figures of a tally."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.load.checks import Answer, Check
from perftui.load.connection import Call, Connection
from perftui.load.tally import LATE_NS, Endpoint, Tally

_TIMEOUTS = ("timeout_headers", "timeout_body", "connect_timeout")


class Measure:
    """Knows the names of the targets and what their answers have to be."""

    def __init__(self, names: Sequence[str], checks: Sequence[Sequence[Check]]) -> None:
        self._names, self._checks = names, checks

    def answered(self, tally: Tally, connection: Connection, call: Call, error: str, timeout_ns: int) -> str:
        """A call that was sent has ended, with an answer or with an error of the connection: the kind it counts as."""
        timed_out = error in _TIMEOUTS
        ended = connection.started + timeout_ns if timed_out else connection.ended
        service = ended - connection.started
        tally.service.record(service)
        tally.send.record(connection.written - connection.started)
        tally.bytes += connection.received
        if connection.first and not timed_out:
            tally.ttfb.record(connection.first - connection.written)
            tally.transfer.record(ended - connection.first)
        if not error:
            error = self._judged(tally, connection, call, service)
            if call.errand is not None:
                error = call.errand.error or error
        self._count(tally, call, ended - call.intended, error)
        return error

    def unconnected(self, tally: Tally, call: Call, error: str, ended: int) -> None:
        """A call whose connection never came to be."""
        self._count(tally, call, ended - call.intended, error)

    @staticmethod
    def blocked(tally: Tally, waited_ns: int) -> None:
        """A call has its connection, or may make one, after so long."""
        tally.blocked.record(waited_ns)
        if waited_ns > LATE_NS:
            tally.waited += 1

    def _judged(self, tally: Tally, connection: Connection, call: Call, service: int) -> str:
        error = "" if connection.status < 400 else f"http_{connection.status}"
        checks = self._checks[call.target]
        if not checks:
            return error
        answer = Answer(connection.status, connection.head, connection.body, service)
        error = "" if any(check.subject == "status" for check in checks) else error
        for check in checks:
            passed, broken = tally.checks.get(check.text, (0, 0))
            holds = check.holds(answer)
            tally.checks[check.text] = (passed + holds, broken + (not holds))
            if not holds and not error:
                error = "check"
        return error

    def _count(self, tally: Tally, call: Call, response: int, error: str) -> None:
        tally.done += 1
        endpoint = tally.endpoints.get(self._names[call.target])
        if endpoint is None:
            endpoint = tally.endpoints[self._names[call.target]] = Endpoint()
        endpoint.done += 1
        endpoint.response.record(response)
        if not error:
            tally.ok.record(response)
            return
        tally.failed.record(response)
        endpoint.failed += 1
        tally.error(error)
        if error in _TIMEOUTS:
            tally.timed_out += 1
