"""What consoles ask of loads. Whatever is refused is refused here, in the session, and stands in the audit log."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from perftui.config.values import expanded
from perftui.domain.errors import ErrorKind, PerftuiError, QueryError
from perftui.domain.text import clean
from perftui.load.job import Job, Model
from perftui.load.plan import Plan, job_of, read_plan, told
from perftui.load.safety import judge
from perftui.session.load.desk import Loads
from perftui.session.load.sending import Asked, Record
from perftui.store.audit import Audit

_MOST_FASTER = 100.0
USER = "user"


class LoadActs:
    """``who`` (user@host) owns what is started here."""

    def __init__(self, loads: Loads, audit: Audit, who: str) -> None:
        self._loads, self._audit, self._who = loads, audit, who
        self._starting: asyncio.Task[Any] | None = None
        self.at_once: dict[str, Callable[[dict[str, Any]], Any]] = {
            "load_stop": self._stop,
            "load_pause": self._pause,
            "load_rate": self._rate,
            "load_lease": self._lease,
            "load_detach": self._detach,
        }
        self.asking: dict[str, Callable[[dict[str, Any]], Awaitable[Any]]] = {
            "load_judge": self._judge,
            "load_start": self._start,
            "load_record": self._record,
        }

    async def _judge(self, args: dict[str, Any]) -> dict[str, Any]:
        """What would be in the way; nothing is sent."""
        try:
            plan = await asyncio.to_thread(_plan, args)
            job, host = await asyncio.to_thread(job_of, plan)
        except PerftuiError as error:
            return {"host": "", "peak_rate": None, "duration_s": None, "problems": [_line(error)], "needs": []}
        problems = _problems(partial(judge, job, host, str(args.get("confirm_host", ""))))
        return {
            "host": host,
            "peak_rate": None if job.model is Model.CLOSED else peak_rate(job),
            "duration_s": job.length_s,
            "problems": problems,
            "needs": ["host"] if any("--confirm-host" in problem for problem in problems) else [],
        }

    async def _start(self, args: dict[str, Any]) -> dict[str, str]:
        if self._starting is not None:
            raise QueryError(ErrorKind.DENIED, "a load is being started already")
        self._starting = asyncio.current_task()
        try:
            return await self._begun(args)
        except PerftuiError as error:
            raise QueryError(ErrorKind.DENIED, _line(error)) from None
        finally:
            self._starting = None

    async def _begun(self, args: dict[str, Any]) -> dict[str, str]:
        self._loads.refuse_second()
        plan = await asyncio.to_thread(_plan, args)
        job, host = await asyncio.to_thread(job_of, plan)
        detail = {"run_id": job.run_id, "host": host, "plan": told(plan)}
        allow = partial(_allow, host, str(args.get("confirm_host", "")))
        try:
            allow(job)
        except PerftuiError as error:
            self._audit.note("load", str(error), **detail)
            raise
        self._loads.begin(Asked(plan, job, self._who, str(args.get("client", "")), allow), host, self._ended)
        self._audit.note("load", "started", **detail)
        return {"run_id": job.run_id}

    def _ended(self, record: Record) -> None:
        self._audit.note("load", record["stopped_by"], run_id=record["run_id"], sent=record["sent"])

    async def _record(self, args: dict[str, Any]) -> dict[str, Any]:
        return await self._loads.record(str(args["run_id"]))

    def _stop(self, _: dict[str, Any]) -> None:
        """The panic key: whatever is on its way to be a load ends here."""
        if self._starting is not None:
            self._starting.cancel()
        if self._loads.running is not None:
            self._loads.running.stop(USER)

    def _pause(self, args: dict[str, Any]) -> None:
        self._running().pause(on=bool(args["on"]))

    def _rate(self, args: dict[str, Any]) -> None:
        """Also by hand a load gets no faster than it may be."""
        factor = float(args["factor"])
        if not (math.isfinite(factor) and 0 < factor <= _MOST_FASTER):
            raise ValueError(f"a factor is above 0, up to {_MOST_FASTER:g}")
        sending = self._running()
        job = sending.asked.job
        segments = tuple(
            msgspec.structs.replace(one, start_rate=one.start_rate * factor, end_rate=one.end_rate * factor)
            for one in job.segments
        )
        try:
            sending.asked.allow(msgspec.structs.replace(job, segments=segments))
        except PerftuiError as error:
            raise ValueError(_line(error)) from None
        sending.rate(factor)
        self._loads.tell_soon()

    def _lease(self, args: dict[str, Any]) -> bool:
        return self._loads.of(str(args["run_id"])).lease.renew(str(args["client"]))

    def _detach(self, args: dict[str, Any]) -> None:
        self._loads.of(str(args["run_id"])).lease.release()
        self._audit.note("load_detach", "done", run_id=str(args["run_id"]))
        self._loads.tell_soon()

    def _running(self) -> Any:
        if self._loads.running is None:
            raise ValueError("no load is running")
        return self._loads.running


def peak_rate(job: Job) -> float:
    """The most arrivals a second that are planned."""
    return max(max(one.start_rate, one.end_rate) for one in job.segments)


def _allow(host: str, confirmed: str, job: Job) -> None:
    judge(job, host, confirmed)


def _plan(args: Mapping[str, Any]) -> Plan:
    """Of a file, or as it was typed in. Raises PerftuiError."""
    if "file" in args:
        return read_plan(Path(expanded(str(args["file"]))))
    try:
        return msgspec.convert(args["plan"], Plan)
    except (KeyError, msgspec.ValidationError) as error:
        raise PerftuiError(f"plan: {clean(str(error), 400)}") from None


def _problems(check: Callable[[], None]) -> list[str]:
    try:
        check()
    except PerftuiError as error:
        return [clean(line.strip(), 400) for line in str(error).splitlines()[1:]] or [_line(error)]
    return []


def _line(error: PerftuiError) -> str:
    """All problems in one line, as an answer has it."""
    first, *more = (line.strip() for line in str(error).splitlines())
    return f"{first} {'; '.join(more)}".strip()
