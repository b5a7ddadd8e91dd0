"""A load that runs without a screen: lines on stderr, the record so far in the history, and the record at its end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from perftui.cli.load_detach import Detached
from perftui.cli.load_permit import Permit
from perftui.cli.load_shape_text import level_line
from perftui.cli.load_text import live_line
from perftui.domain.errors import Exit, PerftuiError
from perftui.load.environment import environment
from perftui.load.frames import Breach, Delta, Hello, LevelEnd, Phase, Stop, Up
from perftui.load.handoff.launcher import Launcher
from perftui.load.job import Job
from perftui.load.plan import Plan, told
from perftui.load.record import UNFINISHED, record
from perftui.load.resources import Resources, process_of
from perftui.load.run import Run
from perftui.store.runs import keep_run

_LINE_EVERY_S = 1.0
_KEEP_EVERY_S = 1.0
# of the time may go into it
_KEEP_SHARE = 0.05


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
    """One run: what is told while it goes on, and the record of it. ``process`` is watched instead of this machine."""

    def __init__(
        self,
        plan: Plan,
        job: Job,
        keeper: Keeper,
        launch: Callable[[Callable[[Up], None]], Launcher],
        process: str = "",
        detached: Detached | None = None,
    ) -> None:
        self._plan, self._job, self._keeper, self._detached = plan, job, keeper, detached
        self._launch = launch(self._told)
        self._process = process
        self._resources = Resources(process=process_of(process) if process else None)
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
        resources = self._resources
        return record(
            self._launch.run, self._job, told(self._plan), self.started, resources.figures(), environment(),
            resources.memory, f"process {self._process}" if self._process else "this machine", is_over=is_over,
        )  # fmt: skip

    async def _keep_so_far(self, over: asyncio.Event) -> None:
        """Once a second, and less often where it takes long: this machine has a load to send."""
        ended = asyncio.ensure_future(over.wait())
        took = 0.0
        while not ended.done():
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
