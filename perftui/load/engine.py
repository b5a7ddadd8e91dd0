"""One run of a load: arrivals on their schedule or users in a loop, figures ten times a second, an end on every path.

It knows no pipe: frames go out through ``emit``, which says whether there is room, and while there is none the tally
simply goes on growing.
"""

from __future__ import annotations

import asyncio
import random
import time

from perftui.domain.errors import PerftuiError
from perftui.load.connection import Call
from perftui.load.frames import Down, Emit, Hello, Pause, Phase, Rate, Stop, Summary
from perftui.load.job import Job, Model
from perftui.load.journey import Journeys
from perftui.load.judge import EVERY_S, Judge
from perftui.load.levels import Levels
from perftui.load.limits import cpu_s
from perftui.load.quota import Quota
from perftui.load.schedule import Schedule, Segment
from perftui.load.steering import steering
from perftui.load.tally import LATE_NS
from perftui.load.telling import Now, Telling
from perftui.load.timer import timer
from perftui.load.transport import pool_of

_clock = time.perf_counter_ns
_NS = 1e9
_FLUSH_NS, _EXPIRE_S = 100_000_000, 0.02
# how many arrivals are handled before the loop looks at the sockets again
_BURST = 64
_START_NS, _FAR = 5_000_000, 1 << 62


class Engine:
    """``run`` ends when everything is told."""

    def __init__(self, job: Job, emit: Emit, loop_name: str, pid: int) -> None:
        self._job, self._emit, self._loop_name, self._pid = job, emit, loop_name, pid
        names = [target.name for target in job.targets]
        self._judge = Judge(job.thresholds, job.breaker)
        self._levels = Levels(names, [stretch.duration_s for stretch in job.stretches])
        self._pool = pool_of(job, self._levels.ledger_of)
        self._steering = steering(job, self._pool, self._levels)
        self._telling = Telling(
            emit, self._pool, self._levels, self._judge, self._steering, now=self._now, stop=self.stop
        )
        first = job.segments[0].start_rate
        before = (Segment(job.ramp_s, 0.0, first), Segment(job.warm_up_s, first, first))
        self._schedule = Schedule((*before, *job.segments), job.arrivals, job.seed)
        self._random = random.Random(job.seed)  # noqa: S311 (which target comes next, not secrets)
        self._weights = [target.weight for target in job.targets]
        self._has_choice = len(job.targets) > 1 and not (job.flow is not None and job.flow.is_journey)
        self._is_open = job.model is Model.OPEN
        self._timer = timer()
        self._start = self._measure_from = self._end = self._warm_until = 0
        self._due: int | None = None
        self._paused_at = 0
        self._users = 0
        self._quota = Quota(job.warm_up_requests, job.requests)
        self._journeys: Journeys | None = None
        self._ends_with = "duration"
        self._reason = ""
        self._over = asyncio.Event()
        self._cpu_at_measure: float | None = None

    async def run(self) -> None:
        """The probe, the ramp, the measured time, what is still under way, the summary."""
        loop = asyncio.get_running_loop()
        ticker = loop.create_task(self._tick())
        try:
            if self._guided() and await self._probed():
                self._begin()
                await self._over.wait()
                if not self._reason:
                    await self._drained()
        finally:
            ticker.cancel()
            self._finish()
            await self._pool.closed()

    def command(self, message: Down) -> None:
        """Stop, hold, or change the rate: at once."""
        if isinstance(message, Stop):
            self.stop(message.reason)
        elif isinstance(message, Pause):
            self._pause(message.on)
        elif isinstance(message, Rate) and message.factor > 0:
            self._bent(self._schedule.scale(message.factor, self._at_ns()))

    @property
    def stopped_by(self) -> str:
        """What ended it before its time; empty while nothing has."""
        return self._reason

    def stop(self, reason: str) -> None:
        """Nothing is sent from here on."""
        self._reason = self._reason or reason
        self._end_journeys()
        self._pool.close()
        self._over.set()

    # before and after

    def _guided(self) -> bool:
        """Whoever leads users through their steps; False when what they need can't be read."""
        flow, pool = self._job.flow, self._pool
        if flow is None:
            return True
        freed = self._fill if not self._is_open else lambda: None
        try:
            self._journeys = Journeys(self._job, flow, self._offer, pool.submit, self._levels.ledger_of, freed)
        except PerftuiError as error:
            self._emit(Hello(self._pid, self._loop_name, ""))
            self.stop(f"data: {error}")
        return self._journeys is not None

    async def _probed(self) -> bool:
        """One request before any other; its figures are thrown away. Without an answer there is no load."""
        if not self._job.probe:
            self._emit(Hello(self._pid, self._loop_name, ""))
            return True
        ledger = self._levels.now.ledger
        if self._journeys is not None:
            self._journeys.probe(_clock())
        else:
            self._pool.submit(Call(_clock(), _clock(), 0))
        while not ledger.is_over and not self._over.is_set():  # noqa: ASYNC110 (before the load, bounded by deadlines)
            await asyncio.sleep(_EXPIRE_S / 4)
        probe = next(iter(ledger.errors), "ok")
        self._levels.forget()
        self._emit(Hello(self._pid, self._loop_name, probe))
        if self._over.is_set():
            return False
        if probe not in ("ok", "check") and not probe.startswith("http_"):
            self.stop(f"probe: {probe}")
            return False
        return True

    def _begin(self) -> None:
        job = self._job
        self._start = _clock() + _START_NS
        if self._quota.warms:
            self._measure_from = self._end = _FAR
            self._warm_until = self._start + int((job.ramp_s + job.warming_s) * _NS)
        else:
            self._measure(self._start + int((job.ramp_s + job.warm_up_s) * _NS))
        if job.model is Model.OPEN:
            asyncio.get_running_loop().add_reader(self._timer.fd, self._fired)
            self._advance()
        else:
            self._pool.freed = self._fill
            if self._journeys is None and not self._quota.is_set:
                self._pool.again = self._again
        self._emit(Phase("ramp" if job.ramp_s else "measure" if self._measure_from <= self._start else "warm-up", 0.0))

    def _measure(self, from_ns: int) -> None:
        """What is meant to be sent from then on counts."""
        self._quota.warms = 0
        self._measure_from, self._end = from_ns, from_ns + int(self._job.length_s * _NS)
        self._levels.start(from_ns)

    def _end_journeys(self) -> None:
        if self._journeys is not None:
            self._journeys.close()

    async def _drained(self) -> None:
        """Whoever is under way may end, for as long as a request may take."""
        self._emit(Phase("drain", self._at_s()))
        self._end_journeys()
        until = _clock() + int((self._job.timeout_s + self._job.connect_s) * _NS)
        pool = self._pool
        while (pool.in_flight or pool.backlog) and _clock() < until and not self._reason:  # noqa: ASYNC110 (bounded)
            await asyncio.sleep(_EXPIRE_S / 4)

    def _finish(self) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._timer.fd)
        self._timer.close()
        stopped = _clock()
        self._end_journeys()
        self._pool.close()
        self._flush(is_last=True)
        measured = max(0, min(stopped, self._end) - self._measure_from) / _NS if self._start else 0.0
        cpu = cpu_s() - self._cpu_at_measure if self._cpu_at_measure is not None else 0.0
        self._emit(Summary(measured, cpu, self._reason or self._ends_with))

    def _fired(self) -> None:
        self._timer.clear()
        due = self._due
        for _ in range(_BURST):
            now = _clock()
            if due is None or due > now:
                break
            self._arrive(due, now)
            due = self._next_due()
        self._due = due
        self._arm()

    def _arrive(self, intended: int, now: int) -> None:
        if self._journeys is not None:
            self._journeys.begin(intended, now, self._chosen())
        else:
            self._offer(Call(intended, now, self._chosen()))

    def _offer(self, call: Call) -> None:
        ledger = self._levels.ledger_of(call)
        ledger.offered += 1
        # users who wait for their answers are never late: they come when they come
        if self._is_open:
            lag = call.handled - call.intended
            ledger.lag.record(lag)
            if lag > LATE_NS:
                ledger.late += 1
        self._pool.submit(call)
        if self._quota.is_set:
            self._count(call)

    def _count(self, call: Call) -> None:
        """Of a warm-up, or of a run, that is over after so many requests."""
        if self._quota.is_warm():
            self._measure(max(_clock(), self._start + int(self._job.ramp_s * _NS)))
        elif call.intended >= self._measure_from and self._quota.is_enough() and not self._over.is_set():
            self._ends_with = "requests"
            self._end = _clock()
            self._bent(self._schedule.end(self._end - self._start))
            self._end_journeys()
            self._over.set()

    def _chosen(self) -> int:
        if not self._has_choice:
            return 0
        return self._random.choices(range(len(self._weights)), self._weights)[0]

    def _next_due(self) -> int | None:
        moment = self._schedule.next_ns()
        return None if moment is None else self._start + moment

    def _advance(self) -> None:
        """Look at the schedule when there is no arrival that is waited for."""
        if self._due is None:
            self._due = self._next_due()
        self._arm()

    def _bent(self, is_taken_back: bool) -> None:
        """The schedule was changed; the arrival that is waited for may have another moment now."""
        if is_taken_back:
            self._due = None
        self._advance()

    def _arm(self) -> None:
        if self._due is not None and not self._paused_at and not self._pool.is_closed:
            self._timer.arm(self._due)

    def _again(self, call: Call, now: int) -> bool:
        """Closed model: a user whose call was answered makes it the next one, unless it is over or held still."""
        if now >= self._end or self._paused_at:
            return False
        call.intended = call.handled = now
        if self._has_choice:
            call.target = self._chosen()
        self._levels.ledger_of(call).again += 1
        return True

    def _fill(self) -> None:
        """Closed model: every user who has nothing under way sends again."""
        while self._busy() < self._users and not self._paused_at and not self._over.is_set():
            now = _clock()
            if now >= self._end:
                return
            self._arrive(now, now)

    def _busy(self) -> int:
        return self._pool.in_flight if self._journeys is None else self._journeys.active

    def _pause(self, on: bool) -> None:
        if on and not self._paused_at:
            self._paused_at = _clock()
            if self._journeys is not None:
                self._journeys.agenda.hold()
            self._emit(Phase("paused", self._at_s()))
        elif not on and self._paused_at:
            held = _clock() - self._paused_at
            self._paused_at = 0
            self._start += held
            self._end += held
            self._warm_until += held
            self._measure_from += held if self._measure_from > _clock() - held else 0
            self._levels.shift(held, _clock())
            if self._journeys is not None:
                self._journeys.agenda.go_on(held)
            if self._due is not None:
                self._due += held
            self._emit(Phase("measure", self._at_s()))
            self._arm()

    # the clock of the run

    def _now(self) -> Now:
        at_s = self._at_s()
        return Now(at_s, self._measured_s(), self._schedule.rate(at_s))

    def _measured_s(self) -> float:
        return (_clock() - self._measure_from) / _NS

    def _at_ns(self) -> int:
        """Where the schedule stands: it does not move while it is held still."""
        return (self._paused_at or _clock()) - self._start if self._start else 0

    def _at_s(self) -> float:
        return (_clock() - self._start) / _NS if self._start else 0.0

    async def _tick(self) -> None:
        flushed, judged = 0, _clock()
        while True:
            await asyncio.sleep(_EXPIRE_S)
            self._pool.expire()
            now = _clock()
            if self._start and not self._paused_at:
                self._turn(now)
            # tenths of the measured time, so that ten of them are one second of it
            tenth = (now - self._measure_from) // _FLUSH_NS
            if tenth != flushed:
                flushed = tenth
                if self._start:
                    # a level begins with its time, also when nobody comes
                    self._levels.at(now)
                self._flush()
                self._steer()
            if now - judged >= EVERY_S * _NS:
                judged = now
                self._threshold()

    def _turn(self, now: int) -> None:
        """Users of the closed model come one by one during the ramp; the measured time begins and ends."""
        if self._job.model is Model.CLOSED:
            ramp_ns = self._job.ramp_s * _NS
            share = 1.0 if not ramp_ns else min(1.0, (now - self._start) / ramp_ns)
            self._users = max(1, int(share * self._job.connections)) if now >= self._start else 0
            self._fill()
        if self._quota.warms and now >= self._warm_until:
            self._measure(now)
        if now >= self._measure_from and self._cpu_at_measure is None:
            self._cpu_at_measure = cpu_s()
            if self._job.ramp_s or self._job.warming_s:
                self._emit(Phase("measure", self._at_s()))
        if now >= self._end and (self._job.model is Model.CLOSED or self._due is None):
            self._over.set()

    def _flush(self, *, is_last: bool = False) -> None:
        if self._start:
            self._telling.flush(is_last=is_last)

    def _steer(self) -> None:
        """Who decides on the rate looks at what there is; a new one holds from a moment on that has not come yet."""
        if self._steering is None or not self._start or self._paused_at or self._over.is_set():
            return
        found = self._steering.look(_clock(), self._measured_s(), cpu_s())
        if found is None:
            return
        end, rate = found
        self._emit(end)
        now = _clock()
        at_ns = now - self._start
        if rate is None:
            self._end = now
            self._bent(self._schedule.end(at_ns))
            return
        self._levels.cut(now)
        self._bent(self._schedule.turn(rate, at_ns))

    def _threshold(self) -> None:
        if not self._start or _clock() < self._measure_from:
            return
        for breach in self._judge.thresholds(self._measured_s()):
            self._emit(breach)
            if breach.aborts:
                self.stop(f"threshold {breach.expr}")
