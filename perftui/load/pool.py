"""The connections of one run: at most so many, one call at a time on each; what finds none waits, bounded."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable

from perftui.load.checks import Answer, parse_check
from perftui.load.connection import ONWARD, Call, Connection, Known, ReadingConnection
from perftui.load.dial import Dialed, DialError, dial
from perftui.load.job import Job
from perftui.load.ledger import Ledger
from perftui.load.measure import Measure

_clock = time.perf_counter_ns
# a target that refuses is not asked again at once: that would be a busy loop of connecting
_REFUSED_PAUSE_S = 0.1


class Pool:
    """``ledger_of`` gives the ledger that a call counts in.

    ``again`` may make a call that was answered the next one, as of a moment (ns): True when it has counted it so, and
    it is sent once more. ``freed`` is called when a connection has nothing to do.
    """

    def __init__(self, job: Job, context: ssl.SSLContext | None, ledger_of: Callable[[Call], Ledger]) -> None:
        checks = [tuple(parse_check(text) for text in target.checks) for target in job.targets]
        self._job, self._context, self._ledger_of = job, context, ledger_of
        reads = any(c.needs_body for each in checks for c in each) or any(t.keeps_answer for t in job.targets)
        self._kind = ReadingConnection if reads else Connection
        self._measure = Measure(checks)
        self._requests = [(target.request, target.is_head) for target in job.targets]
        self._is_checked = [bool(each) for each in checks]
        self.known: dict[bytes, Known] = {}
        self._timeout_ns = int(job.timeout_s * 1e9)
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()
        self._active: set[Connection] = set()
        # with the call that is not counted yet
        self._dials: dict[asyncio.Task[None], Call | None] = {}
        self._ending: list[asyncio.Task[None]] = []
        self._next_address = 0
        self.body_limit = job.body_limit
        self.backlog: deque[Call] = deque()
        self.is_closed = False
        self.again: Callable[[Call, int], bool] = lambda _call, _now: False
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

    def started(self) -> list[int]:
        """When the calls that are with the target were sent, ns."""
        return [each.started for each in self._active]

    def submit(self, call: Call) -> None:
        """Send it now, on a new connection, or when one is free; count it as dropped when too many wait."""
        if self._idle:
            self._send(self._idle.pop(), call, call.handled)
        elif self.connections < self._job.connections:
            self._dial(call)
        elif len(self.backlog) < self._job.backlog:
            self.backlog.append(call)
        else:
            self._ledger_of(call).dropped += 1
            if call.done is not None:
                call.done(call, None, "dropped")

    def expire(self) -> None:
        """End the calls that have taken too long."""
        limit = _clock() - self._timeout_ns
        for connection in [each for each in self._active if each.started < limit]:
            connection.fail("timeout_body" if connection.has_head else "timeout_headers")

    def close(self) -> None:
        """Nothing is sent from here on. Calls that are under way are let go: they are sent, and never done."""
        self.is_closed = True
        for call in self.backlog:
            self._ledger_of(call).dropped += 1
        self.backlog.clear()
        for task, waiting in list(self._dials.items()):
            if waiting is not None:
                self._ledger_of(waiting).dropped += 1
            task.cancel()
            self._ending.append(task)
        self._dials.clear()
        for connection in list(self._open):
            connection.abort()
        self._idle.clear()
        self._open.clear()
        self._active.clear()

    async def closed(self) -> None:
        """After ``close``: until every attempt to connect has ended, which is at once."""
        await asyncio.gather(*self._ending, return_exceptions=True)

    # what connections tell

    def prompt(self, connection: Connection, call: Call, known: Known, now: int) -> bool:
        """A whole answer came in one piece on a connection that stays; False when somebody wants to look at it.

        What comes next goes out before this is counted: the target works meanwhile.
        """
        target = call.target
        if call.done is not None or known[1] >= 400 or self._is_checked[target]:
            return False
        # one after the other: a callable that is looked up and called at once is a third dearer
        ledger_of, again = self._ledger_of, self.again
        ledger = ledger_of(call)
        intended, started, written = call.intended, connection.started, connection.written
        ledger.bytes += known[0]
        if self.backlog or not again(call, now):
            connection.keep()
            self._active.discard(connection)
            self._release(connection)
        else:
            request, is_head = self._requests[call.target]
            connection.start(call, request, is_head, now)
        ledger.good(target, intended, started, written, now)
        return True

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
        ledger = self._ledger_of(call)
        if call.errand is not None and answer is not None and not call.errand.weigh(answer, connection):
            ledger.bytes += connection.received
            counted = ONWARD
        else:
            counted = self._measure.answered(ledger, connection, call, error, self._timeout_ns)
        self._release(connection)
        if call.done is not None and not self.is_closed:
            call.done(call, answer, counted)

    def _release(self, connection: Connection) -> None:
        """It has nothing under way: it is for who waits, for later, or closed."""
        if not connection.keeps_alive:
            self._drop(connection)
        elif self.backlog:
            self._send(connection, self.backlog.popleft(), _clock())
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
        errors = self._ledger_of(Call(_clock(), 0, 0)).errors
        errors["unasked"] = errors.get("unasked", 0) + 1
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

    def _send(self, connection: Connection, call: Call, now: int) -> None:
        ledger = self._ledger_of(call)
        ledger.sent += 1
        self._active.add(connection)
        request, is_head = (call.request, call.is_head) if call.request else self._requests[call.target]
        connection.start(call, request, is_head, now)
        ledger.waited_for(now - call.handled)

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
        # now, not before connecting: a ledger is sent away every tenth of a second
        ledger = self._ledger_of(call)
        ledger.connect.record(dialed.connect_ns)
        if self._context is not None:
            ledger.tls.record(dialed.tls_ns)
        connection = dialed.connection
        if not connection.is_open:
            self._unconnected(call, "closed", waited)
            self._after_dial()
            return
        self._open.add(connection)
        self._forget_dial()
        ledger.sent += 1
        self._active.add(connection)
        request, is_head = (call.request, call.is_head) if call.request else self._requests[call.target]
        connection.start(call, request, is_head, _clock())
        ledger.waited_for(waited)

    async def _dialed(self) -> Dialed:
        """A connection to the address that worked the last time, else to the next that does. Raises DialError."""
        addresses = self._job.addresses
        name = self._job.tls.name if self._job.tls is not None else ""
        first = self._next_address
        while True:
            address = addresses[self._next_address % len(addresses)]
            try:
                return await dial(address, self._context, name, self._connection, self._job.connect_s)
            except DialError:
                self._next_address += 1
                if self._next_address - first >= len(addresses):
                    raise

    def _connection(self, sock: socket.socket | None) -> Connection:
        return self._kind(self, sock)

    def _unconnected(self, call: Call, error: str, waited: int) -> None:
        """It counts as sent: the target was asked, and did not let it in."""
        if self.is_closed:
            return
        ledger = self._ledger_of(call)
        ledger.sent += 1
        ledger.waited_for(waited)
        ledger.over(call.target, _clock() - call.intended, error)
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
