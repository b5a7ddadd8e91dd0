"""What runs inside Locust's processes: it paces the users, times every request, and tells whoever started them.

It is copied beside the locustfile under its own name: where Locust is, perftui need not be. Arrivals come on the plan's
schedule and wait for a user, so that a response counts from its intended start, which Locust itself can't do. The end
of the socket is the end of whoever started us, and of the load.
"""

from __future__ import annotations

import json
import os
import ssl
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

import gevent
import gevent.event
import gevent.lock
import gevent.socket
import locust
from locust import events
from locust.exception import CatchResponseError

from perftui.load.handoff.locust_pace import Pace

_FLUSH_S, _NAP_S = 0.1, 0.05
_KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (ConnectionRefusedError, "refused"),
    (ConnectionResetError, "reset"),
    (BrokenPipeError, "reset"),
    (TimeoutError, "timeout"),
    (gevent.Timeout, "timeout"),
    (gevent.socket.timeout, "timeout"),
    (gevent.socket.gaierror, "dns"),
    (ssl.SSLError, "tls"),
    (OSError, "unreachable"),
)
_NAMES = {"HTTPConnectionClosed": "closed", "EmptyResponse": "closed", "HTTPParseError": "garbage"}


class Watch:
    """One process of Locust. All times are ns since its first user was ready."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._lead_s, self._length_s = settings["lead_s"], settings["length_s"]
        self._is_open, self._backlog = settings["is_open"], settings["backlog"]
        share = settings["index"], settings["shares"], settings["seed"]
        self._paces = [
            (0.0, Pace(settings["lead"], *share)),
            (self._lead_s, Pace(settings["stages"], *share)),
        ]
        self._socket = gevent.socket.socket(fileno=settings["fd"])
        self._sending = gevent.lock.Semaphore()
        self._began = gevent.event.Event()
        self._go = gevent.event.Event()
        self._go.set()
        self._paused_at = self._t0 = 0
        self._due: deque[tuple[int, int]] = deque()
        self._waiting = gevent.lock.Semaphore(0)
        self._rows: list[list[Any]] = []
        self._offered = self._sent = self._dropped = self._busy = 0
        self._is_over = self._is_stopped = False
        self._pin(settings["host"], settings["addresses"])

    def attach(self, user: Any) -> None:
        """``user`` is the class of the users."""
        watch = self

        def turn(self: Any) -> float:
            return watch.turn(self)

        def context(self: Any) -> dict[str, Any]:
            return {"perftui_turn": self.perftui_turn}

        user.perftui_turn = None
        user.on_start = user.wait_time = turn
        user.context = context
        events.request.add_listener(self.request)
        self._tell(version=locust.__version__, pid=os.getpid())
        for greenlet in (self._listen, self._arrive, self._report):
            gevent.spawn(greenlet)

    def turn(self, user: Any) -> float:
        """Hold a user until there is an arrival for them."""
        if not self._began.is_set():
            self._t0 = time.perf_counter_ns()
            self._began.set()
        if user.perftui_turn is not None:
            user.perftui_turn = None
            self._busy -= 1
        if self._is_open:
            self._waiting.acquire()
            due, lag = self._due.popleft()
        else:
            self._go.wait()
            if self._is_stopped or self._now() >= (self._lead_s + self._length_s) * 1e9:
                gevent.event.Event().wait()
            due, lag = self._now(), 0
            self._count(due)
        start = self._now()
        user.perftui_turn = due, start, lag
        self._busy += 1
        self._sent += due >= self._lead_s * 1e9
        return 0.0

    def request(
        self,
        name: str,
        response_time: float,
        response_length: int,
        response: Any,
        exception: Any,
        context: Any,
        **_: Any,
    ) -> None:
        """Locust has timed a request."""
        turn = context.get("perftui_turn")
        if turn is not None:
            broken = context.get("broken_checks", [])
            status = getattr(response, "status_code", 0) or 0
            error = _kind(exception, status)
            service = max(0, round(response_time * 1e6))
            self._rows.append([name, *turn, service, response_length or 0, status, error, broken])

    def _now(self) -> int:
        return time.perf_counter_ns() - self._t0

    def _count(self, due: int) -> None:
        self._offered += due >= self._lead_s * 1e9

    def _arrive(self) -> None:
        """Let arrivals come, each when it is due."""
        self._began.wait()
        if self._is_open:
            for due in self._arrivals():
                self._count(due)
                if len(self._due) >= self._backlog:
                    self._dropped += due >= self._lead_s * 1e9
                    continue
                self._due.append((due, self._now() - due))
                self._waiting.release()
        # also after the last arrival the measured time goes on to its end
        while not self._go.is_set() or self._now() < (self._lead_s + self._length_s) * 1e9:
            gevent.sleep(_NAP_S)
        self._is_over = True

    def _arrivals(self) -> Iterator[int]:
        for offset, pace in self._paces:
            while (own := pace.due()) is not None and not self._is_stopped:
                wait = offset + own - self._now() / 1e9
                if not self._go.is_set():
                    self._go.wait()
                elif wait > 0:
                    # a nap at most: a rate that changes meanwhile counts at once
                    gevent.sleep(min(wait, _NAP_S))
                else:
                    yield round((offset + own) * 1e9)
                    pace.step()

    def _report(self) -> None:
        self._began.wait()
        while True:
            gevent.sleep(_FLUSH_S)
            self._flush()

    def _flush(self, **more: Any) -> None:
        rows, self._rows = self._rows, []
        counts = self._offered, self._sent, self._dropped
        self._offered = self._sent = self._dropped = 0
        at = (self._now() if self._go.is_set() else self._paused_at - self._t0) if self._t0 else 0
        offset, pace = self._paces[at / 1e9 >= self._lead_s]
        self._tell(
            at=at, counts=counts, rows=rows, busy=self._busy, waiting=len(self._due), cpu_s=time.process_time(),
            rate=pace.rate(at / 1e9 - offset) if self._is_open else 0.0,
            is_done=self._is_over and not self._due and not self._busy, **more,
        )  # fmt: skip

    def _tell(self, **words: Any) -> None:
        with self._sending:
            try:
                self._socket.sendall(json.dumps(words).encode() + b"\n")
            except OSError:
                os._exit(0)

    def _listen(self) -> None:
        rest = b""
        while True:
            try:
                data = self._socket.recv(4096)
            except OSError:
                data = b""
            if not data:
                os._exit(0)
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._command(json.loads(line))

    def _command(self, words: dict[str, Any]) -> None:
        if "stop" in words:
            self._is_stopped = True
            self._due.clear()
            self._flush(is_last=True)
            os._exit(0)
        if "rate" in words:
            for offset, pace in self._paces:
                pace.scale(words["rate"], self._now() / 1e9 - offset)
        if "pause" in words and words["pause"] == self._go.is_set():
            if words["pause"]:
                self._paused_at = time.perf_counter_ns()
                self._go.clear()
            else:
                self._t0 += time.perf_counter_ns() - self._paused_at
                self._go.set()

    @staticmethod
    def _pin(host: str, addresses: list[str]) -> None:
        """Names of the plan lead to the addresses that were judged, and nowhere else."""
        found = gevent.socket.getaddrinfo

        def getaddrinfo(name: Any, port: Any, *more: Any, **named: Any) -> list[Any]:
            text = name.decode() if isinstance(name, bytes) else name
            if text != host:
                return list(found(name, port, *more, **named))
            return [info for each in addresses for info in found(each, port, *more, **named)]

        gevent.socket.getaddrinfo = getaddrinfo


def _kind(exception: Any, status: int) -> str:
    if exception is None:
        return ""
    if isinstance(exception, CatchResponseError) and str(exception).startswith("check: "):
        return "check"
    if status >= 400:
        return f"http_{status}"
    # the client wraps what it would have tried again, such as a timeout
    exception = getattr(exception, "original", None) or exception
    name = _NAMES.get(type(exception).__name__)
    return name or next((kind for known, kind in _KINDS if isinstance(exception, known)), "error")


def attach(user: Any) -> None:
    """Watch the users of a class. A master has none: it only ends with whoever started it."""
    Watch(json.loads(os.environ["PERFTUI_WATCH"])).attach(user)
