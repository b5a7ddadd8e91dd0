"""A plan on k6, when its program is on the PATH: its raw points come down a pipe, and become our own frames.

k6 gets its script and an interrupt, nothing else: its REST interface is open to everybody on this machine, off from
version 2 on, and knows no rate. A guard ends it when we are gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil

from perftui.domain.errors import PerftuiError
from perftui.domain.text import clean
from perftui.load.frames import Down, Stop, Up
from perftui.load.handoff.k6_points import Points, has_own_status
from perftui.load.handoff.k6_script import k6_script
from perftui.load.handoff.outline import Outline
from perftui.load.handoff.watched import GRACE_S, Moment, Watched
from perftui.load.job import Job, Model

_EVERY_S = 0.2
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_LONGEST_LINE = 1024 * 1024


class K6Launch(Watched):
    """Raises PerftuiError where there is no k6. It can be stopped; a rate that has begun can't be changed."""

    quality = "exact (every request as k6 timed it; an arrival without a free user is dropped, none waits)"

    def __init__(self, job: Job, outline: Outline, told: Callable[[Up], None]) -> None:
        super().__init__(job, told, {ask.name: [check.text for check in ask.checks] for ask in outline.asks})
        self._outline = outline
        self._program = program()
        own = {ask.name for ask in outline.asks if has_own_status(ask.checks)}
        self._points = Points(self.samples.add, self.lead_s, own)
        self._process: asyncio.subprocess.Process | None = None
        self._counted = (0, 0, 0)

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None else 0

    def command(self, message: Down) -> None:
        """Stop it; k6 has no other command."""
        if isinstance(message, Stop):
            self.stop(message.reason)

    async def version(self) -> str:
        process = await asyncio.create_subprocess_exec(self._program, "version", stdout=asyncio.subprocess.PIPE)
        out, _ = await process.communicate()
        return clean(" ".join(out.decode("utf-8", "replace").split()[:2]), 60)

    async def whole(self, folder: Path) -> None:
        script = folder / "plan.js"
        script.write_text(k6_script(self._outline, is_watched=True), encoding="utf-8")
        log = folder / "k6.log"
        with log.open("wb") as errors:
            # the guard is the standard library alone: nothing of an environment can keep it from starting
            self._process = process = await asyncio.create_subprocess_exec(
                sys.executable, "-I", str(Path(__file__).with_name("guard.py")),
                self._program, "run", "--quiet", "--no-summary", "--no-usage-report", "--no-color", "--address", "",
                "--out", "json=-", str(script),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=errors, cwd=folder,
                start_new_session=True, env=self._environment(folder), limit=_LONGEST_LINE,
            )  # fmt: skip
        self.hello(process.pid, self.run.engine)
        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(each) for each in (self._ticks(), self._stopping(process))]
        try:
            await self._listen(process)
            code = await process.wait()
        finally:
            for task in tasks:
                task.cancel()
            await self._end(process)
        self._points.end()
        if code and not self.reason:
            self.reason = f"engine: k6 ended with {code}: {_last_words(log)}"
        self._tick(self.lead_s + self.job.length_s if not self.reason else None)

    @staticmethod
    async def _end(process: asyncio.subprocess.Process) -> None:
        """The guard ends k6 first, and then itself."""
        assert process.stdin is not None  # noqa: S101 (it was asked for)
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), GRACE_S)
        except asyncio.TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def _environment(self, folder: Path) -> dict[str, str]:
        """Ours without what changes k6 from outside, with the secrets of the plan."""
        found = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("K6_") and name.lower() not in _PROXIES
        }
        if self._outline.ca_file and self._outline.verify:
            found["SSL_CERT_FILE"] = self._outline.ca_file
        return {**found, **self._outline.secrets, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 (it was asked for)
        try:
            while line := await process.stdout.readline():
                if line.startswith(b"{"):
                    self._points.take(line)
        except (msgspec.DecodeError, ValueError) as error:
            self.stop(f"engine: {clean(str(error), 200)}")

    async def _stopping(self, process: asyncio.subprocess.Process) -> None:
        """k6 ends its iterations when it is interrupted; it gets half a second for its last points."""
        await self.stopped()
        assert process.stdin is not None  # noqa: S101 (it was asked for)
        process.stdin.write(b"stop\n")
        await asyncio.sleep(GRACE_S)
        process.stdin.close()

    async def _ticks(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            self._tick()

    def _tick(self, at_s: float | None = None) -> None:
        points = self._points
        if points.began_s is None:
            return
        if at_s is None:
            at_s = time.time() - points.began_s
        counts = points.sent, points.dropped, points.bytes
        sent, dropped, size = (now - before for now, before in zip(counts, self._counted, strict=True))
        self._counted = counts
        if size:
            measured = at_s - self.lead_s
            self.samples.of(self.samples.level(max(0.0, measured)), measured).bytes += size
        moment = Moment(at_s, 0, 0, self.job.connections, self._rate(at_s), self._cpu_s())
        self.tell(moment, sent + dropped, sent, dropped)

    def _rate(self, at_s: float) -> float:
        if self.job.model is Model.CLOSED:
            return 0.0
        at_s -= self.lead_s
        for stage in self.job.segments:
            if 0 <= at_s <= stage.duration_s:
                return stage.start_rate + (stage.end_rate - stage.start_rate) * at_s / stage.duration_s
            at_s -= stage.duration_s
        return 0.0

    def _cpu_s(self) -> float:
        """Of all its threads, as a share of all processors: k6 uses as many as there are."""
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(self.pid).children():
                times = child.cpu_times()
                return float(times.user + times.system) / (os.cpu_count() or 1)
        return self.run.delta.cpu_s if self.run.delta is not None else 0.0


def program() -> str:
    """Where k6 is. Raises PerftuiError when it is not on the PATH."""
    path = shutil.which("k6")
    if path is None:
        raise PerftuiError("there is no k6 on the PATH: get it from k6.io, or write a script with load export --to k6")
    return path


def _last_words(log: Path) -> str:
    lines = log.read_text("utf-8", "replace")[-4000:].strip().splitlines()
    return clean(lines[-1], 200) if lines else "without a word"
