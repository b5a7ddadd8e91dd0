"""What a console can ask a session to do; the answer says what was done or why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from perftui.domain.text import clean
from perftui.link.messages import Reply, Request
from perftui.session.monitor import Monitor
from perftui.sources.host.processes import ProcessSource


class Actions:
    """``who`` stands in the audit log; ``stop`` ends the session."""

    def __init__(self, monitor: Monitor, who: str, wall: Callable[[], float], stop: Callable[[], None]) -> None:
        self._monitor, self._who, self._wall, self._stop = monitor, who, wall, stop

    def answer(self, request: Request) -> Reply:
        """Do it. Unknown actions and bad arguments are answered, never raised."""
        known: dict[str, Callable[[dict[str, Any]], Any]] = {
            "ping": lambda _: "pong",
            "follow": self._follow,
            "mark": self._mark,
            "stop": lambda _: self._stop(),
        }
        act = known.get(request.action)
        if act is None:
            return Reply(request.number, f"unknown action {clean(request.action, 40)!r}")
        try:
            return Reply(request.number, "", act(request.args))
        except (KeyError, TypeError, ValueError) as error:
            return Reply(request.number, f"{request.action}: {clean(str(error), 200)}")

    def _follow(self, args: dict[str, Any]) -> None:
        pid = args["pid"]
        if pid is not None and (not isinstance(pid, int) or pid < 1):
            raise ValueError("a process id is a whole number above 0")
        for collector in self._monitor.collectors:
            if isinstance(collector.source, ProcessSource):
                collector.source.follow(pid)
                collector.wake()

    def _mark(self, args: dict[str, Any]) -> None:
        name = clean(str(args["name"]), 200).strip()
        if not name:
            raise ValueError("a mark needs a name")
        if self._monitor.journal is None:
            raise ValueError("this session keeps no journal")
        now = self._wall()
        self._monitor.journal.mark(now, name, clean(str(args.get("text", "")), 1000))
        self._monitor.journal.audit(now, self._who, "mark", name)
