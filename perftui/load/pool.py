"""The connections of one run: at most so many, one call at a time on each; what finds none waits, bounded."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable

from perftui.load.checks import Answer, parse_check
from perftui.load.connection import ONWARD, Call, Connection, ReadingConnection
from perftui.load.dial import Dialed, DialError, dial
from perftui.load.job import Job
from perftui.load.measure import Measure
from perftui.load.tally import Tally

_clock = time.perf_counter_ns
# a target that refuses is not asked again at once: that would be a busy loop of connecting
_REFUSED_PAUSE_S = 0.1


class Pool:
    """``tally_of`` gives the tally that a call counts in; ``freed`` is called when a connection has nothing to do."""

    def __init__(self, job: Job, context: ssl.SSLContext | None, tally_of: Callable[[Call], Tally]) -> None:
        checks = [tuple(parse_check(text) for text in target.checks) for target in job.targets]
        self._job, self._context, self._tally_of = job, context, tally_of
        reads = any(c.needs_body for each in checks for c in each) or any(t.keeps_answer for t in job.targets)
        self._kind = ReadingConnection if reads else Connection
        self._measure = Measure([target.name for target in job.targets], checks)
        self._timeout_ns = int(job.timeout_s * 1e9)
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()
        self._active: set[Connection] = set()
        # with the call that is not counted yet
        self._dials: dict[asyncio.Task[None], Call | None] = {}
        self._next_address = 0
        self.body_limit = job.body_limit
        self.backlog: deque[Call] = deque()
        self.is_closed = False
        self.freed: Callable[[], None] = lambda: None

    @property
    def in_flight(self) -> int:
        return len(self._active) + len(self._dials)

    @property
    def connections(self) -> int:
        return len(self._open) + len(self._dials)

    def intended(self) -> list[int]:
        """When the calls that are not over were meant to be sent, ns."""
        calls = [*(each.call for each in self._active), *self._dials.values(), *self.backlog]
        return [call.intended for call in calls if call is not None]

    def submit(self, call: Call) -> None:
        """Send it now, on a new connection, or when one is free; count it as dropped when too many wait."""
        if self._idle:
            self._send(self._idle.pop(), call)
        elif self.connections < self._job.connections:
            self._dial(call)
        elif len(self.backlog) < self._job.backlog:
            self.backlog.append(call)
        else:
            self._tally_of(call).dropped += 1
            if call.done is not None:
                call.done(call, None, "dropped")

    def expire(self) -> None:
        """End the calls that have taken too long."""
        limit = _clock() - self._timeout_ns
        for connection in [each for each in self._active if each.started < limit]:
            connection.fail("timeout_body" if connection.is_headed else "timeout_headers")

    def close(self) -> None:
        """Nothing is sent from here on. Calls that are under way are let go: they are sent, and never done."""
        self.is_closed = True
        for call in self.backlog:
            self._tally_of(call).dropped += 1
        self.backlog.clear()
        for task, waiting in list(self._dials.items()):
            if waiting is not None:
                self._tally_of(waiting).dropped += 1
            task.cancel()
        self._dials.clear()
        for connection in list(self._open):
            connection.abort()
        self._idle.clear()
        self._open.clear()
        self._active.clear()

    # what connections tell

    def answered(self, connection: Connection, error: str) -> None:
        call = connection.call
        if call is None or self.is_closed:
            return
        connection.call = None
        self._active.discard(connection)
        answer = None
        if call.done is not None and not error:
            service = connection.ended - connection.started
            answer = Answer(connection.status, connection.head, connection.body, service)
        tally = self._tally_of(call)
        if call.errand is not None and answer is not None and not call.errand.weigh(answer, connection):
            tally.bytes += connection.received
            counted = ONWARD
        else:
            counted = self._measure.answered(tally, connection, call, error, self._timeout_ns)
        self._release(connection)
        if call.done is not None and not self.is_closed:
            call.done(call, answer, counted)

    def _release(self, connection: Connection) -> None:
        """It has nothing under way: it is for who waits, for later, or closed."""
        if not connection.keeps_alive:
            self._drop(connection)
        elif self.backlog:
            self._send(connection, self.backlog.popleft())
            return
        else:
            self._idle.append(connection)
        self._next()

    def lost(self, connection: Connection) -> None:
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._next()

    def unasked(self, connection: Connection) -> None:
        """The target sends what nobody asked for: more than it announced."""
        if self.is_closed:
            return
        self._tally_of(Call(_clock(), 0, 0)).error("unasked")
        self._drop(connection)
        self._next()

    def _drop(self, connection: Connection) -> None:
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        connection.abort()

    def _next(self) -> None:
        """A place is free: for who waits, else for whoever gives us work."""
        if self.is_closed:
            return
        if self.backlog and self.connections < self._job.connections:
            self._dial(self.backlog.popleft())
        elif not self.backlog:
            self.freed()

    def _send(self, connection: Connection, call: Call) -> None:
        tally = self._tally_of(call)
        tally.sent += 1
        self._active.add(connection)
        connection.start(call, self._job.targets[call.target])
        self._measure.blocked(tally, connection.started - call.handled)

    def _dial(self, call: Call) -> None:
        task = asyncio.get_running_loop().create_task(self._connect(call))
        self._dials[task] = call
        task.add_done_callback(lambda done: self._dials.pop(done, None))

    async def _connect(self, call: Call) -> None:
        waited = _clock() - call.handled
        try:
            dialed = await self._dialed()
        except DialError as error:
            self._unconnected(call, str(error), waited)
            self._counted_dial()
            await asyncio.sleep(_REFUSED_PAUSE_S)
            self._after_dial()
            return
        if self.is_closed:
            dialed.connection.abort()
            return
        # now, not before connecting: a tally is sent away every tenth of a second
        tally = self._tally_of(call)
        tally.connect.record(dialed.connect_ns)
        if self._context is not None:
            tally.tls.record(dialed.tls_ns)
        connection = dialed.connection
        if not connection.is_open:
            self._unconnected(call, "closed", waited)
            self._after_dial()
            return
        self._open.add(connection)
        self._forget_dial()
        tally.sent += 1
        self._active.add(connection)
        connection.start(call, self._job.targets[call.target])
        self._measure.blocked(tally, waited)

    async def _dialed(self) -> Dialed:
        """A connection to the address that worked the last time, else to the next that does. Raises DialError."""
        addresses = self._job.addresses
        name = self._job.tls.name if self._job.tls is not None else ""
        first = self._next_address
        while True:
            address = addresses[self._next_address % len(addresses)]
            try:
                return await dial(address, self._context, name, lambda: self._kind(self), self._job.connect_s)
            except DialError:
                self._next_address += 1
                if self._next_address - first >= len(addresses):
                    raise

    def _unconnected(self, call: Call, error: str, waited: int) -> None:
        """It counts as sent: the target was asked, and did not let it in."""
        if self.is_closed:
            return
        tally = self._tally_of(call)
        tally.sent += 1
        self._measure.blocked(tally, waited)
        self._measure.unconnected(tally, call, error, _clock())
        if call.done is not None:
            call.done(call, None, error)

    def _after_dial(self) -> None:
        self._forget_dial()
        self._next()

    def _forget_dial(self) -> None:
        """This task is no dial any more: its place belongs to the connection, or is free."""
        task = asyncio.current_task()
        if task is not None:
            self._dials.pop(task, None)

    def _counted_dial(self) -> None:
        """This task's call has been counted; its place is still taken."""
        task = asyncio.current_task()
        if task is not None and task in self._dials:
            self._dials[task] = None
