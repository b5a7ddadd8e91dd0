"""``perftui load run`` and ``load check``: lines on stderr while it runs, its record on stdout.

Ctrl-C stops it and keeps what was measured; a closed terminal does the same. Exit code 99 when a threshold is broken.
"""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import json
import os
import platform
import signal
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from perftui import __version__
from perftui.cli.arguments import Options
from perftui.cli.load_text import checked, live_line, report
from perftui.cli.setup import configuration
from perftui.config.paths import journal_path, state_folder
from perftui.domain.errors import Exit, PerftuiError
from perftui.load.frames import Breach, Delta, Hello, Phase, Stop, Up
from perftui.load.job import Job, Model
from perftui.load.launch import Launch
from perftui.load.plan import Plan, PlannedTarget, PlannedThreshold, job_of, read_plan, told
from perftui.load.record import record
from perftui.load.resources import Resources
from perftui.load.run import Run
from perftui.load.safety import judge
from perftui.load.shapes import Shape
from perftui.store.audit import Audit
from perftui.store.runs import keep_run

_LINE_EVERY_S = 1.0
_ENDS = ("duration", "user")


def load(options: Options) -> int:
    """Run a plan, or ask each of its targets once."""
    if not options.load_command:
        raise PerftuiError("what? perftui load run URL, load run plan.toml or load check plan.toml")
    plan = _plan(options)
    if options.load_command == "check":
        return _check(options, plan)
    settings = configuration(options).config.storage
    audit = Audit(state_folder() / "audit.jsonl", getpass.getuser(), time.time)
    job, host = job_of(plan)
    detail = {"run_id": job.run_id, "host": host, "plan": told(plan)}
    try:
        judge(job, host, options.confirm_host or "")
    except PerftuiError as error:
        audit.note("load", str(error), **detail)
        raise
    audit.note("load", "started", **detail)
    command = _Command(plan, job)
    run = asyncio.run(command.run())
    audit.note("load", run.stopped_by, run_id=job.run_id, sent=run.tally.sent)
    found = command.found
    path = journal_path(settings.path)
    if settings.enabled and not options.no_journal:
        _say(keep_run(path, job.run_id, command.started, time.time(), f"load {host}", found))
    _say(audit.problem)
    print(json.dumps(found, indent=2, allow_nan=False) if options.json else "\n".join(report(found)))
    if run.stopped_by not in _ENDS:
        _say(f"the run was stopped: {run.stopped_by}")
    return int(found["exit_code"])


def _check(options: Options, plan: Plan) -> int:
    """Every target once; 1 when one of them did not answer as it should."""
    found = []
    for target in plan.targets or (PlannedTarget(),):
        once = msgspec.structs.replace(
            plan, targets=(target,), model=Model.OPEN, shape=Shape.CONSTANT, rate=10.0, duration="100ms", ramp="0s",
            thresholds=(), breaker=0.0, probe=False,
        )  # fmt: skip
        job, host = job_of(once)
        judge(job, host, options.confirm_host or "")
        command = _Command(once, job, is_quiet=True)
        asyncio.run(command.run())
        found.append(command.found)
    print(json.dumps(found, indent=2, allow_nan=False) if options.json else "\n".join(checked(found)))
    is_bad = any(each["errors"] or not each["done"] for each in found)
    return int(Exit.GATE_FAILED if is_bad else Exit.OK)


def _plan(options: Options) -> Plan:
    """The file, or the URL; arguments win over the file."""
    target = options.target or ""
    plan = Plan(target) if "://" in target else read_plan(Path(target))
    given = {
        name: value
        for name in ("rate", "connections", "duration", "model", "shape")
        if (value := getattr(options, name)) is not None
    }
    try:
        if given:
            plan = msgspec.convert({**msgspec.to_builtins(plan), **given}, Plan)
    except msgspec.ValidationError as error:
        raise PerftuiError(f"load: {error}") from None
    thresholds = tuple(PlannedThreshold(text, options.abort_on_fail) for text in options.threshold)
    return msgspec.structs.replace(
        plan, thresholds=(*plan.thresholds, *thresholds), checks=(*plan.checks, *options.check)
    )


class _Command:
    """One run: what is told while it goes on, and the record of it."""

    def __init__(self, plan: Plan, job: Job, *, is_quiet: bool = False) -> None:
        self._plan, self._job, self._is_quiet = plan, job, is_quiet
        self._launch = Launch(job, self._told)
        self._line_at = 0.0
        self.started = time.time()
        self.found: dict[str, Any] = {}

    async def run(self) -> Run:
        """Until the engine has ended. Raises PerftuiError when it can't be started."""
        resources = Resources()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._launch.command, Stop("user"))
        watcher = loop.create_task(resources.watch())
        try:
            run = await self._launch.finish()
        except OSError as error:
            raise PerftuiError(f"the load engine can't be started: {error.strerror}") from None
        finally:
            watcher.cancel()
        self.found = record(run, self._job, told(self._plan), self.started, resources.figures(), _environment())
        return run

    def _told(self, message: Up) -> None:
        run = self._launch.run
        if self._is_quiet:
            return
        if isinstance(message, Hello):
            probe = f", probe: {message.probe}" if message.probe else ""
            _say(f"load {self._job.run_id}: engine {message.pid} on {message.loop}{probe}")
        elif isinstance(message, Phase):
            _say(f"{message.at_s:6.1f} s  {message.name}")
        elif isinstance(message, Breach):
            _say(f"threshold broken: {message.expr} is {message.value}")
        elif isinstance(message, Delta) and message.at_s - self._line_at >= _LINE_EVERY_S:
            self._line_at = message.at_s
            _say(live_line(run, message))


def _environment() -> dict[str, Any]:
    return {
        "perftui": __version__, "python": platform.python_version(), "system": platform.platform(),
        "host": platform.node(), "cpus": os.cpu_count(), "user": getpass.getuser(),
    }  # fmt: skip


def _say(text: str) -> None:
    if text:
        # a terminal that is gone must not end the run before its record is kept
        with contextlib.suppress(OSError):
            print(text, file=sys.stderr, flush=True)
