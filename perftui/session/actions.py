"""What a console can ask a session to do; the answer says what was done or why not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from perftui.domain.errors import QueryError
from perftui.domain.text import clean
from perftui.link.messages import Reply, Request
from perftui.session.monitor import Monitor
from perftui.session.triage.acts import Acts
from perftui.sources.base import Explorer
from perftui.sources.host.processes import ProcessSource
from perftui.store.audit import Audit

# more questions of one console than this are not under way at once
MAX_ASKING = 16
_LONGEST_EXPR = 16_384


class Actions:
    """``who`` (user@host) stands in the audit log; ``stop`` ends the session."""

    def __init__(
        self, monitor: Monitor, who: str, audit: Audit, wall: Callable[[], float], stop: Callable[[], None]
    ) -> None:
        self._monitor, self._audit, self._wall, self._stop = monitor, audit, wall, stop
        self._who = who
        desk = monitor.desk
        acts = Acts(desk.triage, desk.silencers, audit, who, wall=wall, wake=self._wake, tick=self._told)
        self._at_once: dict[str, Callable[[dict[str, Any]], Any]] = {
            "ping": lambda _: "pong",
            "follow": self._follow,
            "mark": self._mark,
            "stop": lambda _: self._stop(),
            **acts.at_once,
        }

        self._asking: dict[str, Callable[[dict[str, Any]], Awaitable[Any]]] = {
            "metrics": self._metrics,
            "labels": self._labels,
            "explore": self._explore,
            "exemplars": self._exemplars,
            "alert_history": desk.history,
            **acts.asking,
        }

    def _wake(self, source: str) -> None:
        for collector in self._monitor.collectors:
            if collector.source.name == source:
                collector.wake()

    def _told(self) -> None:
        """Somebody did something: whoever watches sees it before the next tick."""
        self._monitor.triage(self._wall())
        self._monitor.push()

    def takes_time(self, request: Request) -> bool:
        """Whether the answer has to be waited for: then ``ask`` gives it, and can be cancelled."""
        self._know(request.action)
        return request.action in self._asking

    def answer(self, request: Request) -> Reply:
        """Do it. Unknown actions and bad arguments are answered, never raised."""
        self._know(request.action)
        act = self._at_once.get(request.action)
        if act is None:
            return Reply(request.number, f"unknown action {clean(request.action, 40)!r}")
        try:
            return Reply(request.number, "", act(request.args))
        except (KeyError, TypeError, ValueError) as error:
            return Reply(request.number, f"{request.action}: {clean(str(error), 200)}")

    async def ask(self, request: Request) -> Reply:
        """Ask a source; what it can't or won't tell is answered, never raised. Cancelled is said too."""
        try:
            return Reply(request.number, "", await self._asking[request.action](request.args))
        except asyncio.CancelledError:
            return Reply(request.number, "cancelled")
        except QueryError as error:
            return Reply(request.number, clean(str(error), 1000) or error.kind.value)
        except (KeyError, TypeError, ValueError) as error:
            return Reply(request.number, f"{request.action}: {clean(str(error), 200)}")

    def _know(self, action: str) -> None:
        """Most sessions send no load, and do not read the modules of one."""
        if not action.startswith("load_") or action in self._at_once or action in self._asking:
            return
        from perftui.session.load.acts import LoadActs

        acts = LoadActs(self._monitor.loads, self._audit, self._who)
        self._at_once.update(acts.at_once)
        self._asking.update(acts.asking)

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
        self._audit.note("mark", "done", name=name)

    def _explorer(self, args: dict[str, Any]) -> Explorer:
        known = self._monitor.questions.explorers
        source = known.get(str(args["source"]))
        if source is None:
            listed = ", ".join(known) or "none: add [sources.prometheus.main] with a url"
            raise ValueError(f"no source {clean(str(args['source']), 40)!r} takes expressions; there are: {listed}")
        return source

    async def _metrics(self, args: dict[str, Any]) -> Any:
        return await self._explorer(args).metrics()

    async def _labels(self, args: dict[str, Any]) -> Any:
        return dict(await self._explorer(args).labels(str(args["metric"])))

    async def _explore(self, args: dict[str, Any]) -> Any:
        """Ask the expression once; when it is good, it is evaluated with every poll as long as somebody watches it."""
        source, expr = self._explorer(args), str(args["expr"]).strip()
        if not expr or len(expr) > _LONGEST_EXPR:
            raise ValueError(f"an expression has 1 to {_LONGEST_EXPR} characters")
        tried = await source.try_query(expr)
        self._monitor.questions.explore(str(args["source"]), tried.query, self._wall())
        self._wake(str(args["source"]))
        return tried

    async def _exemplars(self, args: dict[str, Any]) -> Any:
        start, end = float(args["start"]), float(args["end"])
        return await self._explorer(args).exemplars(str(args["expr"]), start, end)
