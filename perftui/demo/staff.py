"""The places of the demo's processes: who fills each, and when one that is empty is filled again."""

from __future__ import annotations

import selectors
import time
from collections.abc import Iterator

from perftui.demo.child import Child, Message
from perftui.demo.journal import Journal
from perftui.demo.plan import AGENTS
from perftui.demo.run import Job

# long enough to be seen, short enough that the run goes on
RESTART_S = 2.5
_STOP_S = 2.0


class Place:
    """One process that should run. It is ``ready`` once it said so and knows where the service is.

    ``port`` is the one it serves, kept when it is replaced. Times are monotonic.
    """

    def __init__(self, role: str, name: str) -> None:
        self.role = role
        self.name = name
        self.child: Child | None = None
        self.port = 0
        self.ready = False
        self.empty_until = 0.0
        self.idle_since = 0.0
        self.job: Job | None = None
        self.leaving = ""
        self._waits_for_address = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def say(self, message: Message) -> None:
        if self.child is not None:
            self.child.say(message)

    def up(self, port: int) -> None:
        """It has started."""
        self.port = port
        self.ready = self.role == "service"
        self._waits_for_address = not self.ready

    def brief(self, service: Place) -> None:
        """Tell it where the service is, once that is known."""
        if self._waits_for_address and service.port:
            self._waits_for_address, self.ready = False, True
            self.say({"service": service.url})

    def clear(self, empty_until: float) -> None:
        """Its process is gone."""
        self.child, self.ready, self.leaving, self._waits_for_address = None, False, "", False
        self.empty_until = empty_until


class Staff:
    """A service, a client, and agents of which the first ``wanted`` should be there; the others leave for ``why``."""

    def __init__(self, journal: Journal, selector: selectors.BaseSelector, token: str) -> None:
        self._journal = journal
        self._selector = selector
        self._token = token
        self.service = Place("service", "service")
        self.client = Place("client", "client")
        self.agents = tuple(Place("agent", f"agent_{number + 1}") for number in range(AGENTS))
        self.wanted = AGENTS
        self.why = ""

    def __iter__(self) -> Iterator[Place]:
        yield self.service
        yield self.client
        yield from self.agents

    @property
    def are_ready(self) -> bool:
        return all(place.ready for place in self)

    def idle(self) -> list[Place]:
        """Agents that can be given a task, the one that has waited longest first."""
        able = [place for place in self.agents if place.ready and place.job is None and not place.leaving]
        return sorted(able, key=lambda place: place.idle_since)

    def fill(self, now: float) -> None:
        """Start who is missing and due, and let idle agents leave that are too many."""
        for place in self.idle():
            if not self._is_wanted(place):
                place.leaving = self.why
                place.say({"leave": True})
        for place in self:
            if place.child is None and place.empty_until <= now and self._is_wanted(place):
                self._start(place, now)

    def next_start(self) -> float | None:
        """When ``fill`` has to be called next."""
        times = [place.empty_until for place in self if place.child is None and self._is_wanted(place)]
        return min(times, default=None)

    def started(self, place: Place, port: int) -> None:
        """A process says that it is there."""
        place.up(port)
        for one in self:
            one.brief(self.service)

    def ended(self, place: Place, now: float) -> str:
        """Free the place of a process that is gone; how it ended, in words."""
        if place.child is None:
            return ""
        self._selector.unregister(place.child)
        reason = place.child.close()
        expected = bool(place.leaving) and reason == "ended"
        if place.role == "agent":
            self._journal.tell("agent.left", agent=place.name, reason=place.leaving if expected else reason)
        place.clear(now if expected else now + RESTART_S)
        return reason

    def stop(self) -> None:
        """End everybody: all at once, then by force."""
        there = [(place, place.child) for place in self if place.child is not None]
        for _, child in there:
            self._selector.unregister(child)
            child.hang_up()
        latest = time.monotonic() + _STOP_S
        for place, child in there:
            child.close(max(0.0, latest - time.monotonic()))
            place.clear(0.0)
            if place.role == "agent":
                self._journal.tell("agent.left", agent=place.name, reason="the demo ended")

    def _is_wanted(self, place: Place) -> bool:
        return place.role != "agent" or place in self.agents[: self.wanted]

    def _start(self, place: Place, now: float) -> None:
        arguments = [str(place.port)]
        if place.role == "agent":
            arguments = [place.name, str(self._journal.path)]
            self._journal.tell("agent.starting", agent=place.name)
        try:
            place.child = Child(place.role, arguments)
        except OSError:  # no more processes, no more files: perhaps later
            place.empty_until = now + RESTART_S
            return
        self._selector.register(place.child, selectors.EVENT_READ, place)
        if place is self.service:
            # not as an argument: those are shown to everybody
            place.say({"token": self._token})
