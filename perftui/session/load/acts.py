"""What consoles ask of loads. Whatever is refused is refused here, in the session, and stands in the audit log."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from perftui.config.load_settings import Load
from perftui.config.values import expanded
from perftui.domain.errors import ErrorKind, PerftuiError, QueryError
from perftui.domain.text import clean
from perftui.load.compare import compare
from perftui.load.handoff.launcher import engines_here
from perftui.load.job import Model
from perftui.load.kept import read_kept
from perftui.load.plan import Plan, job_of, read_plan, told
from perftui.load.safety import Confirmed, judge, policy_of, weigh
from perftui.session.load.desk import Loads
from perftui.session.load.sending import Asked, Record, Sending
from perftui.session.load.state import buckets
from perftui.store.audit import Audit

_MOST_FASTER = 100.0
USER, OWN = "user", "perftui"


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
            "load_compare": self._compare,
        }

    async def _judge(self, args: dict[str, Any]) -> dict[str, Any]:
        """What would be in the way; nothing is sent."""
        settings = self._loads.settings
        try:
            plan = await asyncio.to_thread(_plan, args, settings)
            job, host = await asyncio.to_thread(job_of, plan)
        except PerftuiError as error:
            return {"host": "", "peak_rate": None, "duration_s": None, "problems": [_line(error)], "needs": []}
        verdict = weigh(job, host, await asyncio.to_thread(policy_of, settings))
        return {
            "host": host,
            "peak_rate": None if job.model is Model.CLOSED else job.peak_rate,
            "duration_s": job.length_s,
            "problems": list(verdict.problems),
            "needs": list(verdict.needs),
            "why": verdict.why,
            "engines": list(await asyncio.to_thread(engines_here)),
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
        settings = self._loads.settings
        plan = await asyncio.to_thread(_plan, args, settings)
        job, host = await asyncio.to_thread(job_of, plan)
        policy = await asyncio.to_thread(policy_of, settings)
        typed = Confirmed(str(args.get("confirm_host", "")), str(args.get("name", "")), str(args.get("reason", "")))
        confirmed = {name: value for name, value in typed._asdict().items() if value}
        detail = {"run_id": job.run_id, "host": host, "plan": told(plan), "confirmed": confirmed}
        engine, workers = str(args.get("engine", OWN)), int(args.get("workers", 0))
        detail |= {"engine": engine} if engine != OWN else {}
        try:
            job = judge(job, host, typed, policy)
            asked = Asked(plan, job, self._who, str(args.get("client", "")), confirmed, engine, workers)
            self._loads.begin(asked, host, self._ended)
        except PerftuiError as error:
            self._audit.note("load", str(error), **detail)
            raise
        self._audit.note("load", "started", **detail)
        return {"run_id": job.run_id}

    def _ended(self, record: Record) -> None:
        self._audit.note("load", record["stopped_by"], run_id=record["run_id"], sent=record["sent"])

    async def _record(self, args: dict[str, Any]) -> dict[str, Any]:
        record = await self._loads.record(str(args["run_id"]))
        return await asyncio.to_thread(_with_buckets, record)

    async def _compare(self, args: dict[str, Any]) -> dict[str, Any]:
        """``a`` is what was before."""
        before, after = [await self._loads.record(str(args[name])) for name in ("a", "b")]
        return await asyncio.to_thread(compare, before, after)

    def _stop(self, _: dict[str, Any]) -> None:
        """The panic key: whatever is on its way to be a load ends here."""
        if self._starting is not None:
            self._starting.cancel()
        if self._loads.running is not None:
            self._loads.running.stop(USER)

    def _pause(self, args: dict[str, Any]) -> None:
        self._running().pause(on=bool(args["on"]))

    def _rate(self, args: dict[str, Any]) -> dict[str, float]:
        """Also by hand a load gets no faster than it may be: what is more is cut, and what came of it is told."""
        factor = float(args["factor"])
        if not (math.isfinite(factor) and 0 < factor <= _MOST_FASTER):
            raise ValueError(f"a factor is above 0, up to {_MOST_FASTER:g}")
        sending = self._running()
        job = sending.asked.job
        if job.model is Model.CLOSED:
            raise ValueError("users of the closed model have no rate")
        if job.max_rate:
            factor = min(factor, job.max_rate / max(job.peak_rate, 1e-9))
        sending.rate(factor)
        self._loads.tell_soon()
        return {"factor": factor}

    def _lease(self, args: dict[str, Any]) -> bool:
        return self._loads.of(str(args["run_id"])).lease.renew(str(args["client"]))

    def _detach(self, args: dict[str, Any]) -> None:
        self._loads.of(str(args["run_id"])).lease.release()
        self._audit.note("load_detach", "done", run_id=str(args["run_id"]))
        self._loads.tell_soon()

    def _running(self) -> Sending:
        if self._loads.running is None:
            raise ValueError("no load is running")
        return self._loads.running


def _with_buckets(record: Record) -> Record:
    """With response times counted as those of a load that runs: a console draws both alike."""
    kept = read_kept(record)
    return record if kept is None else {**record, "buckets": buckets(kept.response)}


def _plan(args: Mapping[str, Any], settings: Load) -> Plan:
    """Of a file, or as it was typed in; its URL may be the name of a known target. Raises PerftuiError."""
    if "file" in args:
        return read_plan(Path(expanded(str(args["file"]))))
    try:
        plan = msgspec.convert(args["plan"], Plan)
    except (KeyError, msgspec.ValidationError) as error:
        raise PerftuiError(f"plan: {clean(str(error), 400)}") from None
    known = settings.targets.get(plan.url)
    return plan if known is None else msgspec.structs.replace(plan, url=known.url)


def _line(error: PerftuiError) -> str:
    """All problems in one line, as an answer has it."""
    first, *more = (line.strip() for line in str(error).splitlines())
    return f"{first} {'; '.join(more)}".strip()
