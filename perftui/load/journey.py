"""Users who do more than send the same bytes: step after step, with what answers gave them, cookies and redirects.

In the open model an arrival is a new user; in the closed model each user begins again, and keeps the cookies. A step
is meant to begin when the one before it ended, plus the time to think. Nothing here knows sockets: calls go out through
``offer``, and the pool tells what became of them.
"""

from __future__ import annotations

import time

from perftui.load.connection import Call
from perftui.load.cookies import Jar
from perftui.load.job import Target
from perftui.load.requests import Request

_clock = time.perf_counter_ns
_NS = 1e9
# after a request that could not be written, a user of the closed model waits: else that would be a busy loop
_REFUSED_PAUSE_NS = 100_000_000


class User:
    """Somebody with variables and cookies. ``first`` is the call that the journey began with."""

    __slots__ = ("first", "jar", "random", "variables")

    def __init__(self, jar: Jar, seed: int) -> None:
        self.jar, self.variables = jar, dict[str, str]()
        self.random = seed
        self.first: Call | None = None


class Visit:
    """One request of a user, until it is answered for good: redirects that are followed belong to it.

    ``refused`` is an error that counts before any other, ``lacking`` one that counts after all others. ``moments`` are
    start, end of sending and first byte of the first request, once it was sent on.
    """

    __slots__ = ("hops", "lacking", "moments", "path", "refused", "request", "sends", "user")

    def __init__(self, user: User, request: Request) -> None:
        self.user, self.request = user, request
        self.path, self.sends = "", Target("", b"")
        self.hops, self.refused, self.lacking = 0, "", ""
        self.moments: tuple[int, int, int] | None = None

    def verdict(self, error: str) -> str:
        """The kind of error that it counts as; empty for none."""
        return self.refused or error or self.lacking
