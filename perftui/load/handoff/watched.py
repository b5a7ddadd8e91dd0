"""A run on another engine, told in the frames of our own: whoever shows or keeps a run need not know who sent it.

Thresholds and the breaker are judged here, on what was measured, as our own engine does.
"""

from __future__ import annotations

import asyncio
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from perftui.load.frames import Delta, Hello, Phase, Rate, Stop, Summary, Up
from perftui.load.handoff.samples import Samples
from perftui.load.job import Job
from perftui.load.judge import EVERY_S, Judge
from perftui.load.launch import Launch
from perftui.load.levels import RAMP
from perftui.load.run import Run
from perftui.load.schedule import Segment
from perftui.load.tally import Tally

# from asking it to stop to ending it
GRACE_S = 0.5
START_S = 60.0


class Moment(NamedTuple):
    """How things stand; ``at_s`` is since the first arrival, ``cpu_s`` that of its busiest process."""

    at_s: float
    in_flight: int
    backlog: int
    connections: int
    rate: float
    cpu_s: float


class Watched(ABC):
    """``told`` is called with every frame, after the run has taken it in; ``quality`` is about its percentiles."""

    quality: str

    def __init__(self, job: Job, told: Callable[[Up], None], checks: Mapping[str, Sequence[str]]) -> None:
        self.job, self._told = job, told
        self.samples = Samples(checks, [stretch.duration_s for stretch in job.stretches])
        self.lead_s = job.ramp_s + job.warm_up_s
        self.run = Run()
        self.reason = ""
        self._judge = Judge(job.thresholds, job.breaker)
        self._judged_at = 0.0
        self._phase, self._is_held, self._at_s = "", False, 0.0
        self._measured_s = 0.0
        self._stop = asyncio.Event()

    async def finish(self) -> Run:
        """Start it, and give what came of it when it has ended. Raises OSError when it can't be started."""
        self.run.engine, self.run.quality = await self.version(), self.quality
        with tempfile.TemporaryDirectory(prefix="perftui-load-") as folder:
            if await self.probed():
                await self.whole(Path(folder))
        self.over()
        return self.run

    @abstractmethod
    async def version(self) -> str:
        """What it is called before it has said so itself."""

    @abstractmethod
    async def whole(self, folder: Path) -> None:
        """From its start to its end, with a folder for its files."""

    async def probed(self) -> bool:
        """One request by our own engine before anything else; without an answer there is no load."""
        if not self.job.probe:
            return True
        once = Launch(probe_of(self.job), lambda message: None)
        probing = asyncio.get_running_loop().create_task(once.finish())
        stopping = asyncio.get_running_loop().create_task(self._stop.wait())
        await asyncio.wait((probing, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if self.reason:
            once.command(Stop(self.reason))
        found = await probing
        self.run.probe = found.probe
        if not self.reason and found.stopped_by.startswith("probe: "):
            self.reason = found.stopped_by
        return not self.reason

    def hello(self, pid: int, engine: str) -> None:
        self.emit(Hello(pid, engine, self.run.probe))

    def emit(self, message: Up) -> None:
        self.run.take(message)
        self._told(message)

    def stop(self, reason: str) -> None:
        """The first reason stays."""
        self.reason = self.reason or reason
        self._stop.set()

    async def stopped(self) -> None:
        await self._stop.wait()

    def capped(self, message: Rate) -> float:
        """The factor of a rate; none is raised over its cap."""
        limit = self.job.max_rate / max(self.job.peak_rate, 1e-9) if self.job.max_rate else message.factor
        return min(message.factor, limit)

    def tell(self, moment: Moment, offered: int = 0, sent: int = 0, dropped: int = 0) -> None:
        """Everything that was collected since the last time, and how things stand."""
        measured = min(self.job.length_s, moment.at_s - self.lead_s)
        now = self.samples.level(measured)
        self._phased(moment.at_s)
        self._measured_s = max(self._measured_s, measured)
        self._delta(moment, Tally(offered=offered, sent=sent, dropped=dropped), now, measured)
        done = failed = 0
        for level, second, tally in self.samples.taken():
            done, failed = done + tally.done, failed + tally.failed.n
            # in its own second, whenever it is told
            self._delta(moment, tally, level, max(second + 0.06, min(measured, second + 1.0)))
        if done:
            self._delta(moment, Tally(), now, measured)
        self._judged(moment.at_s, done, failed)

    def held(self, *, on: bool) -> None:
        """Somebody holds the load, or lets it go on."""
        self._is_held, self._phase = on, ""
        if on:
            self.emit(Phase("paused", self._at_s))

    def over(self) -> None:
        """The last frame."""
        reason = self.reason or "duration"
        seconds = self.job.length_s if reason == "duration" else max(0.0, self._measured_s)
        self.emit(Summary(seconds, self.run.cpu_s, reason))

    def _phased(self, at_s: float) -> None:
        self._at_s = at_s
        names = (
            (self.lead_s + self.job.length_s, "drain"), (self.lead_s, "measure"), (self.job.ramp_s, "warm-up"),
        )  # fmt: skip
        name = next((name for begin, name in names if at_s >= begin), "ramp")
        if name != self._phase and not self._is_held:
            self._phase = name
            self.emit(Phase(name, at_s))

    def _delta(self, moment: Moment, tally: Tally, level: int, measured: float) -> None:
        if level != RAMP:
            self._judge.tally.merge(tally)
        self.emit(
            Delta(
                moment.at_s, measured, level != RAMP, tally, moment.in_flight, moment.backlog, moment.connections,
                moment.rate, moment.cpu_s, max(0, level),
            )
        )  # fmt: skip

    def _judged(self, at_s: float, done: int, failed: int) -> None:
        if self._judge.is_unwell(at_s, done, failed):
            self.stop("circuit breaker: too many failures")
        if at_s - self._judged_at < EVERY_S or self._measured_s <= 0:
            return
        self._judged_at = at_s
        for breach in self._judge.thresholds(self._measured_s):
            if not breach.aborts or not self.reason:
                self.emit(breach)
            if breach.aborts:
                self.stop(f"threshold {breach.expr}")


def probe_of(job: Job) -> Job:
    """The one request before a load, and no load."""
    return msgspec.structs.replace(
        job, segments=(Segment(0.0, 1.0, 1.0),), stretches=(), ramp_s=0.0, warm_up_s=0.0, thresholds=(), breaker=0.0
    )
