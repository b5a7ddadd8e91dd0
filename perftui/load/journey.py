"""Users who do more than send the same bytes: step after step, with what answers gave them, cookies and redirects.

In the open model an arrival is a new user; in the closed model each user begins again, and keeps the cookies. A step
is meant to begin when the one before it ended, plus the time to think. Nothing here knows sockets: calls go out through
``offer``, and the pool tells what became of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from perftui.load.agenda import Agenda
from perftui.load.checks import Answer, header
from perftui.load.connection import ONWARD, Call, Connection
from perftui.load.cookies import Jar, set_cookies
from perftui.load.data import in_order, read_rows
from perftui.load.extract import extractor
from perftui.load.flow import Flow, Step
from perftui.load.job import Job, Model
from perftui.load.ledger import Ledger
from perftui.load.redirects import STATUSES, Origin, onward, place
from perftui.load.requests import (
    MissingValueError,
    Request,
    UnsafeValueError,
    bytes_of,
    parse_request,
    path_of,
)

_clock = time.perf_counter_ns
_NS = 1e9
# after a request that could not be written, a user of the closed model waits: else that would be a busy loop
_REFUSED_PAUSE_NS = 100_000_000


class User:
    """Somebody with variables and cookies. ``first`` is the call that the journey began with."""

    __slots__ = ("first", "jar", "random", "variables")

    def __init__(self, jar: Jar, random: Random | None) -> None:
        self.jar, self.random = jar, random
        self.variables: dict[str, str] = {}
        self.first: Call | None = None


class Visit:
    """One step of a user, until it is answered for good: redirects that are followed belong to it."""

    __slots__ = ("_journeys", "began", "error", "hops", "index", "onward", "path", "user")

    def __init__(self, journeys: Journeys, user: User, index: int) -> None:
        self._journeys, self.user, self.index = journeys, user, index
        self.path, self.hops, self.error = "", 0, ""
        self.onward: Request | None = None
        self.began: tuple[int, int, int] | None = None

    def weigh(self, answer: Answer, connection: Connection) -> bool:
        """False when it goes on somewhere else."""
        self._journeys.take_cookies(self, answer)
        onward = self._journeys.redirected(self, answer)
        if onward is not None:
            self.began = self.began or (connection.started, connection.written, connection.first)
            self.onward = onward
            return False
        if self.began is not None:
            # all of it is one request to whoever reads the figures
            connection.started, connection.written, connection.first = self.began
        if not self.error and answer.status < 400:
            self._journeys.extract(self, answer)
        return True


class Journeys:
    """``offer`` counts a call and sends it, ``submit`` sends one that was counted; ``freed``: a user has gone home."""

    def __init__(
        self,
        job: Job,
        flow: Flow,
        offer: Callable[[Call], None],
        submit: Callable[[Call], None],
        ledger_of: Callable[[Call], Ledger],
        freed: Callable[[], None],
    ) -> None:
        """Raises PerftuiError when a data file can't be read."""
        self._flow, self._seed = flow, job.seed
        self._offer, self._submit, self._ledger_of, self._freed = offer, submit, ledger_of, freed
        self._requests = [parse_request(each.method, each.path, each.headers, each.body) for each in flow.steps]
        self._fixed = [None if each.names else _fixed(each) for each in self._requests]
        self._extractors = [[extractor(each) for each in step.extracts] for step in flow.steps]
        self._data = [read_rows(Path(each.path)) for each in flow.data]
        self._rows = self._from_the_first()
        self._origin = Origin(*flow.origin)
        self._keeps_users = job.model is Model.CLOSED
        self._has_ranges = any(low < high for low, high in (step.think_s for step in flow.steps))
        self._home: list[User] = []
        self._users = 0
        self.agenda = Agenda()
        self.active = 0
        self.is_over = False
        # for whoever wants to see it: step, variable and value; step and error of a request that can't be written
        self.extracted: Callable[[int, str, str | None], None] = lambda index, name, value: None
        self.unsent: Callable[[int, str], None] = lambda index, error: None

    def begin(self, intended: int, handled: int, index: int) -> None:
        """An arrival, or a user of the closed model who begins again; ``index`` is the first step."""
        user = self._home.pop() if self._home else self._user()
        user.variables = {}
        for rows in self._rows:
            user.variables.update(next(rows))
        user.first = None
        self.active += 1
        self._ask(user, index, intended, handled)

    def probe(self, now: int) -> None:
        """Send one request as the first of a user with the first row, and count it; no row is used up."""
        user = self._user()
        for rows in self._from_the_first():
            user.variables.update(next(rows))
        visit = Visit(self, user, 0)
        call = self._call(visit, self._requests[0], now, now)
        if call.request:
            call.done = call.errand = None
            self._submit(call)
            return
        self._ledger_of(call).error(visit.error)

    def close(self) -> None:
        """No step begins any more; those who are under way are answered and go nowhere."""
        self.is_over = True
        self.agenda.close()

    def _from_the_first(self) -> list[Iterator[dict[str, str]]]:
        return [in_order(rows, each.order, self._seed) for rows, each in zip(self._data, self._flow.data, strict=True)]

    def _user(self) -> User:
        self._users += 1
        origin = self._origin
        # who thinks for how long depends on the seed and on who it is, not on how quick answers are
        random = Random(self._seed * 1_000_003 + self._users) if self._has_ranges else None  # noqa: S311 (no secret)
        return User(Jar(origin.host, is_secure=origin.scheme == "https"), random)

    # a step goes out

    def _ask(self, user: User, index: int, intended: int, handled: int) -> None:
        visit = Visit(self, user, index)
        call = self._call(visit, self._requests[index], intended, handled)
        if user.first is None:
            user.first = call
            self._note(user, "started")
        if call.request:
            self._offer(call)
        else:
            self._unsent(call, visit)

    def _call(self, visit: Visit, request: Request, intended: int, handled: int) -> Call:
        """With an error in its visit, and nothing to send, when it can't be written."""
        user, data = visit.user, b""
        fixed = self._fixed[visit.index] if not visit.hops else None
        try:
            visit.path = fixed[0] if fixed is not None else path_of(request, user.variables)
            cookies = user.jar.header(visit.path, time.time())
            if fixed is not None and not cookies:
                data = fixed[1]
            else:
                data = bytes_of(request, visit.path, user.variables, cookies)
        except UnsafeValueError:
            visit.error = "unsafe_value"
        except MissingValueError:
            visit.error = "missing_value"
        return Call(
            intended, handled, visit.index, data, is_head=request.method == "HEAD", done=self._done, errand=visit
        )

    def _unsent(self, call: Call, visit: Visit) -> None:
        """Offered, and an error, but never sent."""
        ledger = self._ledger_of(call)
        ledger.offered += 1
        ledger.error(visit.error)
        self.unsent(visit.index, visit.error)
        if self._keeps_users:
            self.agenda.add(_clock() + _REFUSED_PAUSE_NS, lambda _: self._ended(visit.user, "abandoned"))
        else:
            self._ended(visit.user, "abandoned")

    # an answer comes in

    def take_cookies(self, visit: Visit, answer: Answer) -> None:
        if self._flow.has_cookies:
            for text in set_cookies(answer.head):
                visit.user.jar.take(text, visit.path, time.time())

    def redirected(self, visit: Visit, answer: Answer) -> Request | None:
        """The request that follows a redirect; None when it is none, or one that is not followed."""
        if not self._flow.redirects or answer.status not in STATUSES:
            return None
        location = header(answer.head, "location")
        if location is None:
            return None
        path = place(location, self._origin, visit.path)
        if path is None:
            visit.error = "redirect_refused"
            return None
        if visit.hops >= self._flow.redirects:
            visit.error = "too_many_redirects"
            return None
        visit.hops += 1
        return onward(visit.onward or self._requests[visit.index], answer.status, path)

    def extract(self, visit: Visit, answer: Answer) -> None:
        for name, take in self._extractors[visit.index]:
            value = take(answer.head, answer.body)
            self.extracted(visit.index, name, value)
            if value is None:
                visit.error = "extract"
            else:
                visit.user.variables[name] = value

    def _done(self, call: Call, answer: Answer | None, error: str) -> None:
        visit = call.errand
        if not isinstance(visit, Visit):
            return
        now = _clock()
        if error == ONWARD and visit.onward is not None:
            again = self._call(visit, visit.onward, call.intended, now)
            self._submit(again)
            return
        step = self._flow.steps[visit.index]
        is_last = not self._flow.is_journey or visit.index + 1 == len(self._flow.steps)
        if error and step.stops:
            self._ended(visit.user, "abandoned")
            return
        think_ns = self._think_ns(visit.user, step)
        if is_last:
            if think_ns and self._keeps_users:
                self.agenda.add(now + think_ns, lambda _: self._ended(visit.user, "completed"))
            else:
                self._ended(visit.user, "completed")
        elif think_ns or self.agenda.is_held:
            self.agenda.add(now + think_ns, lambda due: self._next(visit.user, visit.index + 1, due))
        else:
            self._next(visit.user, visit.index + 1, now)

    def _think_ns(self, user: User, step: Step) -> int:
        low, high = step.think_s
        seconds = low if user.random is None else user.random.uniform(low, high)
        return int(seconds * _NS)

    def _next(self, user: User, index: int, intended: int) -> None:
        if not self.is_over:
            self._ask(user, index, intended, _clock())

    def _ended(self, user: User, outcome: str) -> None:
        self.active -= 1
        self._note(user, outcome)
        if self._keeps_users:
            self._home.append(user)
        if not self.is_over:
            self._freed()

    def _note(self, user: User, outcome: str) -> None:
        if user.first is not None:
            self._ledger_of(user.first).journey(outcome)


def _fixed(request: Request) -> tuple[str, bytes]:
    """Path and bytes of a request that is always the same, but for its cookies."""
    path = path_of(request, {})
    return path, bytes_of(request, path, {})
