"""The customers: 50 requests a second at fixed times, whatever the service does, and how long each took from then on.

``python -m perftui.demo.client FD PARENT PORT``, the port being that of its own `/metrics`. Latency counts from the
moment at which a request should have begun, not from when a connection was free for it: a service that stalls would
otherwise hide its stall (coordinated omission).
"""

from __future__ import annotations

import http.client
import itertools
import random
import sys
import threading
import time
from http.server import ThreadingHTTPServer
from urllib.parse import urlsplit

from perftui.demo import lifeline
from perftui.demo.answers import metrics_only
from perftui.demo.exposition import Requests, process_text

_PER_SECOND = 50
_CONNECTIONS = 24
_TIMEOUT_S = 6.0
# what could not be sent for so long (the machine slept) is not sent at all, and counted
_LATEST_S = 10.0
_MIX = ("/catalog",) * 60 + ("/cart",) * 36 + ("/checkout",) * 4
_SEED = 5


class Schedule:
    """The requests, one after the other, for whichever thread is free: the time at which it begins, and its path."""

    def __init__(self, start: float) -> None:
        self.skipped = 0
        self._start = start
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._dice = random.Random(_SEED)  # noqa: S311 (the same every time, no secret)

    def take(self) -> tuple[float, str]:
        with self._lock:
            while True:
                intended = self._start + next(self._numbers) / _PER_SECOND
                path = self._dice.choice(_MIX)
                if intended > time.monotonic() - _LATEST_S:
                    return intended, path
                self.skipped += 1


class Customer(threading.Thread):
    """One connection, used again and again."""

    def __init__(self, schedule: Schedule, address: str, requests: Requests) -> None:
        super().__init__(daemon=True)
        self._schedule = schedule
        self._connection = http.client.HTTPConnection(address, timeout=_TIMEOUT_S)
        self._requests = requests

    def run(self) -> None:
        while True:
            intended, path = self._schedule.take()
            time.sleep(max(0.0, intended - time.monotonic()))
            try:
                self._connection.request("GET", path)
                with self._connection.getresponse() as response:
                    response.read()
            except (OSError, http.client.HTTPException):
                # the next request makes a new connection
                self._connection.close()
                self._requests.count(path, "error", None)
            else:
                self._requests.count(path, str(response.status), time.monotonic() - intended)


def main() -> None:
    line = lifeline.take(sys.argv[1:])
    requests = Requests(
        "demo_client_requests_total", "demo_client_request_duration_seconds", sorted(set(_MIX)), ("200", "error")
    )
    schedules: list[Schedule] = []

    def text() -> str:
        skipped = sum(schedule.skipped for schedule in schedules)
        return f"{requests.text()}# TYPE demo_client_skipped_total counter\ndemo_client_skipped_total {skipped}\n"

    handler = metrics_only(lambda: text() + process_text())
    with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[3])), handler) as server:
        line.say({"ready": server.server_address[1]})
        address = urlsplit(line.inbox.get()["service"]).netloc
        schedules.append(Schedule(time.monotonic()))
        for _ in range(_CONNECTIONS):
            Customer(schedules[0], address, requests).start()
        server.serve_forever()


if __name__ == "__main__":
    main()
