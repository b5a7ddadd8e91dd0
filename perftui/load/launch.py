"""Starting the engine and listening to it: frames come in, a run is what they say, however the engine ends."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable

import msgspec

from perftui.load.frames import Down, Frames, Rate, Stop, Summary, Up, frame, read_up
from perftui.load.job import Job
from perftui.load.run import Run

_CHUNK = 256 * 1024
# from asking it to stop to ending it
_GRACE_S = 0.5


class Launch:
    """One engine process. ``told`` is called with every frame, after the run has taken it in."""

    def __init__(self, job: Job, told: Callable[[Up], None]) -> None:
        self._job, self._told = job, told
        self._process: asyncio.subprocess.Process | None = None
        self._asked: asyncio.Event = asyncio.Event()
        self._early: list[Down] = []
        self.run = Run(keeps_moments=job.shape == "spike")

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None else 0

    async def finish(self) -> Run:
        """Start it, and give what came of it when it has ended. Raises OSError when it can't be started."""
        # in its own group: Ctrl-C of the terminal is ours, and the engine is told by us
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "perftui.load",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        self._process = process
        # what was asked before there was anybody to tell comes before the first request
        for message in (self._job, *self._early):
            self._send(message)
        watcher = asyncio.get_running_loop().create_task(self._watch(process))
        try:
            if await self._listen(process):
                # it is ending: a signal now would take its exit status from the loop, which would complain of that
                await asyncio.wait({asyncio.ensure_future(process.wait())}, timeout=_GRACE_S)
        finally:
            watcher.cancel()
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
            await process.wait()
        return self.run

    def command(self, message: Down) -> None:
        """Tell the engine, now or when it is there; one that does not stop within half a second is ended.

        No rate is raised over its cap.
        """
        if isinstance(message, Rate) and self._job.max_rate:
            most = max(self._job.peak_rate * self._job.most_per_arrival, 1e-9)
            message = Rate(min(message.factor, self._job.max_rate / most))
        if self._process is None:
            self._early.append(message)
        self._send(message)
        if isinstance(message, Stop):
            self._asked.set()

    def _send(self, message: Down | Job) -> None:
        if self._process is not None and self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(frame(message))

    async def _listen(self, process: asyncio.subprocess.Process) -> bool:
        """Until its last word or its end; False when what it says can't be understood."""
        frames = Frames()
        assert process.stdout is not None  # noqa: S101 (it was asked for)
        while data := await process.stdout.read(_CHUNK):
            try:
                messages = [read_up(body) for body in frames.feed(data)]
            except (msgspec.DecodeError, ValueError, UnicodeDecodeError) as error:
                self.run.stopped_by = f"engine: {error}"
                return False
            for message in messages:
                self.run.take(message)
                self._told(message)
                if isinstance(message, Summary):
                    return True
        return True

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        await self._asked.wait()
        await asyncio.sleep(_GRACE_S)
        with contextlib.suppress(ProcessLookupError):
            process.kill()
