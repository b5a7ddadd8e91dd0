"""``perftui load run``: lines on stderr while it runs, its record on stdout.

Ctrl-C stops it and keeps what was measured; a closed terminal does the same. Exit code 99 when a threshold is broken.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perftui.cli.arguments import Options
from perftui.cli.load_detach import Detached, detach
from perftui.cli.load_formats import export, form_of
from perftui.cli.load_permit import Permit, audit_log, detail, permitted
from perftui.cli.load_plan import plan_of
from perftui.cli.load_records import marks_folder
from perftui.cli.load_shape_text import level_line
from perftui.cli.load_text import live_line, report
from perftui.cli.setup import configuration
from perftui.config.paths import journal_path
from perftui.domain.errors import Exit, PerftuiError
from perftui.load.environment import environment
from perftui.load.frames import Breach, Delta, Hello, LevelEnd, Phase, Stop, Up
from perftui.load.handoff.launcher import launcher
from perftui.load.job import Job
from perftui.load.plan import Plan, job_of, told
from perftui.load.record import UNFINISHED, record
from perftui.load.resources import Resources, process_of
from perftui.load.run import Run
from perftui.load.transport import Transport
from perftui.store.running import RunMark
from perftui.store.runs import keep_run

_LINE_EVERY_S = 1.0
_KEEP_EVERY_S = 1.0
# of the time may go into it
_KEEP_SHARE = 0.05
_ENDS = ("duration", "user")
OWN_ENGINE = "perftui"


def run(options: Options) -> int:
    """The record's exit code. Raises PerftuiError with everything that forbids the load."""
    config = configuration(options).config
    plan = plan_of(options, config.load)
    if options.engine != OWN_ENGINE and plan.transport is not Transport.NATIVE:
        raise PerftuiError(f'--engine {options.engine}: transport = "compat" is of our own engine')
    for name in options.out:
        # before anything is sent: a run is not repeated for a name with a slip in it
        form_of(name)
    audit = audit_log()
    job, host = job_of(plan)
    permit = permitted(options, config.load, plan, job, host, audit)
    job = permit.job
    detached = None
    if options.detach:
        log = marks_folder() / f"{job.run_id}.log"
        detached = detach(log)
        if detached is None:
            return _detached(options, job.run_id, log)
    audit.note("load", "started", engine=options.engine, **detail(plan, job, host, permit.confirmed))
    path = journal_path(config.storage.path) if config.storage.enabled and not options.no_journal else None
    keeper = Keeper(path, job.run_id, f"load {host}", permit)
    running = Running(plan, job, keeper, detached, options.process or "", options.engine, options.workers)
    mark = RunMark(marks_folder(), job.run_id)
    try:
        mark.take(running.started)
        run = asyncio.run(running.run())
        audit.note("load", run.stopped_by, run_id=job.run_id, sent=run.tally.sent)
        found = permit.marked(running.found)
        say(keeper.keep(found, running.started))
    finally:
        mark.release()
    say(audit.problem)
    for name in options.out:
        export(found, name)
    print(json.dumps(found, indent=2, allow_nan=False) if options.json else "\n".join(report(found)), flush=True)
    if run.stopped_by not in _ENDS:
        say(f"the run was stopped: {run.stopped_by}")
    return int(found["exit_code"])


def _detached(options: Options, run_id: str, log: Path) -> int:
    if options.json:
        print(json.dumps({"run_id": run_id, "log": str(log)}))
    else:
        print(f"load {run_id} goes on without this terminal: perftui load history, load stop {run_id}\nlog: {log}")
    return int(Exit.OK)


class Keeper:
    """Writes the record into the history, also while the run goes on: who is killed can't do it any more."""

    def __init__(self, path: Path | None, run_id: str, name: str, permit: Permit) -> None:
        self._path, self._run_id, self._name, self._permit = path, run_id, name, permit
        self._is_known = False

    def keep(self, found: Mapping[str, Any], started: float) -> str:
        """Empty, or why it is not in the history."""
        if self._path is None:
            return ""
        problem = keep_run(self._path, self._run_id, started, time.time(), self._name, found, is_known=self._is_known)
        self._is_known = not problem
        return problem

    def keep_unfinished(self, found: Mapping[str, Any], started: float) -> None:
        """What is known by now; what can't be written is written at the end, or told then."""
        so_far = {**found, "stopped_by": UNFINISHED, "exit_code": int(Exit.SOURCE_FAILED)}
        self.keep(self._permit.marked(so_far), started)


class Running:
    """One run: what is told while it goes on, and the record of it."""

    def __init__(
        self,
        plan: Plan,
        job: Job,
        keeper: Keeper | None = None,
        detached: Detached | None = None,
        process: str = "",
        engine: str = OWN_ENGINE,
        workers: int = 0,
    ) -> None:
        self._plan, self._job, self._keeper, self._detached = plan, job, keeper, detached
        self._launch = launcher(engine, plan, job, self._told, workers)
        self._resources = Resources(process=process_of(process) if process else None)
        self._of = f"process {process}" if process else "this machine"
        self._line_at = 0.0
        self.started = time.time()
        self.found: dict[str, Any] = {}

    async def run(self) -> Run:
        """Until the engine has ended. Raises PerftuiError when it can't be started."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._launch.command, Stop("user"))
        watcher = loop.create_task(self._resources.watch())
        over = asyncio.Event()
        keeping = loop.create_task(self._keep_so_far(over))
        try:
            run = await self._launch.finish()
        except OSError as error:
            raise PerftuiError(f"the load engine can't be started: {error.strerror}") from None
        finally:
            watcher.cancel()
            over.set()
            # an earlier record that is still being written would replace the last one
            await keeping
        self.found = self._record()
        return run

    def _record(self, *, is_over: bool = True) -> dict[str, Any]:
        run, words = self._launch.run, told(self._plan)
        return record(
            run, self._job, words, self.started, self._resources.figures(), environment(),
            is_over=is_over, memory=self._resources.memory, memory_of=self._of,
        )  # fmt: skip

    async def _keep_so_far(self, over: asyncio.Event) -> None:
        """Once a second, and less often where it takes long: this machine has a load to send."""
        ended = asyncio.ensure_future(over.wait())
        took = 0.0
        while self._keeper is not None and not ended.done():
            await asyncio.wait({ended}, timeout=max(_KEEP_EVERY_S, took / _KEEP_SHARE))
            if not ended.done():
                began = time.monotonic()
                await asyncio.to_thread(self._keeper.keep_unfinished, self._record(is_over=False), self.started)
                took = time.monotonic() - began
        await ended

    def _told(self, message: Up) -> None:
        run = self._launch.run
        if self._detached is not None and isinstance(message, Phase):
            self._detached.begun()
        if self._keeper is None:
            return
        if isinstance(message, Hello):
            probe = f", probe: {message.probe}" if message.probe else ""
            say(f"load {self._job.run_id}: engine {message.pid} on {message.loop}{probe}")
        elif isinstance(message, Phase):
            say(f"{message.at_s:6.1f} s  {message.name}")
        elif isinstance(message, Breach):
            say(f"threshold broken: {message.expr} is {message.value}")
        elif isinstance(message, LevelEnd):
            say(level_line(message))
        elif isinstance(message, Delta) and message.at_s - self._line_at >= _LINE_EVERY_S:
            self._line_at = message.at_s
            say(live_line(run, message))


def say(text: str) -> None:
    """On stderr. A terminal that is gone must not end the run before its record is kept."""
    if text:
        with contextlib.suppress(OSError):
            print(text, file=sys.stderr, flush=True)
