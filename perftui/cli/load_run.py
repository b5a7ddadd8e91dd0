"""``perftui load run``: lines on stderr while it runs, its record on stdout.

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
from typing import Any

from perftui import __version__
from perftui.cli.arguments import Options
from perftui.cli.load_permit import audit_log, detail, permitted
from perftui.cli.load_plan import plan_of
from perftui.cli.load_text import live_line, report
from perftui.cli.setup import configuration
from perftui.config.paths import journal_path
from perftui.domain.errors import PerftuiError
from perftui.load.frames import Breach, Delta, Hello, Phase, Stop, Up
from perftui.load.job import Job
from perftui.load.launch import Launch
from perftui.load.plan import Plan, job_of, told
from perftui.load.record import record
from perftui.load.resources import Resources, process_of
from perftui.load.run import Run
from perftui.store.runs import keep_run

_LINE_EVERY_S = 1.0
_ENDS = ("duration", "user")


def run(options: Options) -> int:
    """The record's exit code. Raises PerftuiError with everything that forbids the load."""
    config = configuration(options).config
    plan = plan_of(options, config.load)
    audit = audit_log()
    job, host = job_of(plan)
    permit = permitted(options, config.load, plan, job, host, audit)
    job, settings = permit.job, config.storage
    audit.note("load", "started", **detail(plan, job, host, permit.confirmed))
    running = Running(plan, job, process=options.process or "")
    run = asyncio.run(running.run())
    audit.note("load", run.stopped_by, run_id=job.run_id, sent=run.tally.sent)
    found = permit.marked(running.found)
    path = journal_path(settings.path)
    if settings.enabled and not options.no_journal:
        say(keep_run(path, job.run_id, running.started, time.time(), f"load {host}", found))
    say(audit.problem)
    print(json.dumps(found, indent=2, allow_nan=False) if options.json else "\n".join(report(found)))
    if run.stopped_by not in _ENDS:
        say(f"the run was stopped: {run.stopped_by}")
    return int(found["exit_code"])


class Running:
    """One run: what is told while it goes on, and the record of it."""

    def __init__(self, plan: Plan, job: Job, *, is_quiet: bool = False, process: str = "") -> None:
        self._plan, self._job, self._is_quiet = plan, job, is_quiet
        self._process = process
        self._launch = Launch(job, self._told)
        self._line_at = 0.0
        self.started = time.time()
        self.found: dict[str, Any] = {}

    async def run(self) -> Run:
        """Until the engine has ended. Raises PerftuiError when it can't be started."""
        resources = Resources(process=process_of(self._process) if self._process else None)
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
        self.found = record(
            run, self._job, told(self._plan), self.started, resources.figures(), _environment(),
            resources.memory, f"process {self._process}" if self._process else "this machine",
        )  # fmt: skip
        return run

    def _told(self, message: Up) -> None:
        run = self._launch.run
        if self._is_quiet:
            return
        if isinstance(message, Hello):
            probe = f", probe: {message.probe}" if message.probe else ""
            say(f"load {self._job.run_id}: engine {message.pid} on {message.loop}{probe}")
        elif isinstance(message, Phase):
            say(f"{message.at_s:6.1f} s  {message.name}")
        elif isinstance(message, Breach):
            say(f"threshold broken: {message.expr} is {message.value}")
        elif isinstance(message, Delta) and message.at_s - self._line_at >= _LINE_EVERY_S:
            self._line_at = message.at_s
            say(live_line(run, message))


def _environment() -> dict[str, Any]:
    return {
        "perftui": __version__, "python": platform.python_version(), "system": platform.platform(),
        "host": platform.node(), "cpus": os.cpu_count(), "user": getpass.getuser(),
    }  # fmt: skip


def say(text: str) -> None:
    """On stderr. A terminal that is gone must not end the run before its record is kept."""
    if text:
        with contextlib.suppress(OSError):
            print(text, file=sys.stderr, flush=True)
