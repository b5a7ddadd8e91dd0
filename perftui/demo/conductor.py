"""Runs the demo: starts its processes, hands out the tasks, injects faults, and replaces who is killed.

One thread and one wait for everything: a child's end is seen as the end of its line, at once.
"""

from __future__ import annotations

import os
import secrets
import selectors
import shutil
import signal
import socket
import time
from collections.abc import Sequence

from perftui.demo.commands import Commands, answer
from perftui.demo.faults import parse
from perftui.demo.injection import Injection
from perftui.demo.journal import Journal
from perftui.demo.options import DEFAULT_FAULT, Options, read_options
from perftui.demo.plan import phases
from perftui.demo.run import Run
from perftui.demo.staff import Place, Staff

_START_S = 15.0
_BETWEEN_RUNS_S = 0.1


class Conductor:
    """``now`` is monotonic time in seconds everywhere."""

    def __init__(self, options: Options, selector: selectors.BaseSelector) -> None:
        token = secrets.token_hex(16)
        self._options = options
        self._selector = selector
        self._journal = Journal(options.folder / "events.jsonl")
        self._staff = Staff(self._journal, selector, token)
        self._injection = Injection(self._staff, self._journal, token)
        self._run: Run | None = None
        self._runs = 0
        self._next_run_at = 0.0
        # what happens once at its time: start (it took too long), inject, lift, stop
        self._timers: dict[str, float] = {}
        self._announced = False
        self._stopping = False

    def work(self) -> int:
        """Until it is told to stop, or nobody is there to tell it; the exit code."""
        # an earlier demo in this folder is over
        self._journal.rotate(above=0)
        self._timers["start"] = time.monotonic() + _START_S
        try:
            while not self._stopping:
                self._step()
        finally:
            self._staff.stop()
        if self._run is not None:
            self._run.cancel()
        return 0 if self._announced else 1

    def stop(self, *_: object) -> None:
        """End with the next step; may be a signal's handler."""
        self._stopping = True

    def _step(self) -> None:
        now = time.monotonic()
        self._staff.fill(now)
        for key, _ in self._selector.select(self._patience(now)):
            if isinstance(key.data, Place):
                self._heard(key.data)
            elif isinstance(key.data, Commands):
                self._commands(key.data)
        self._due(time.monotonic())
        self._hand_out()

    def _patience(self, now: float) -> float:
        """Seconds until something has to be done unasked."""
        times = [*self._timers.values(), self._staff.next_start()]
        if self._announced:
            times.append(self._next_run_at if self._run is None else self._run.next_arrival())
        return max(0.0, min((at for at in times if at is not None), default=now + 1.0) - now)

    def _due(self, now: float) -> None:
        for name in [name for name, at in self._timers.items() if at <= now]:
            del self._timers[name]
            self._timer(name, now)
        if not self._announced:
            return
        if self._run is None and now >= self._next_run_at:
            self._journal.rotate()
            self._runs += 1
            self._run = Run(f"demo-{self._runs}", phases(), self._journal)
        if self._run is not None:
            self._run.advance(now)
            if self._run.is_over:
                self._run = None
                self._next_run_at = now + _BETWEEN_RUNS_S

    def _timer(self, name: str, now: float) -> None:
        if name == "inject" and self._options.fault is not None:
            self._injection.inject(self._options.fault, self._workflow)
            if self._options.lift_after is not None:
                self._timers["lift"] = now + self._options.lift_after
        elif name == "lift":
            self._injection.lift(self._workflow)
        elif name in ("start", "stop"):
            if name == "start":
                answer({"error": "the demo's processes did not start in time"})
            self._stopping = True

    @property
    def _workflow(self) -> str:
        return f"demo-{self._runs}" if self._run is not None else ""

    def _heard(self, place: Place) -> None:
        messages = [] if place.child is None else place.child.receive()
        if messages is None:
            self._lost(place)
            return
        for message in messages:
            if "ready" in message:
                self._started(place, message["ready"])
            elif place.job is not None and self._run is not None:
                job, place.job = place.job, None
                place.idle_since = time.monotonic()
                self._run.finished(job, well=message["ok"])

    def _started(self, place: Place, port: int) -> None:
        self._staff.started(place, port)
        if place is self._staff.service and self._injection.fault is not None:
            self._injection.tell_service()
        if self._announced:
            if place.role != "agent":
                self._journal.tell("mark", name=f"{place.name} started again", workflow=self._workflow or None)
        elif self._staff.are_ready:
            self._announce()

    def _announce(self) -> None:
        now = time.monotonic()
        self._announced = True
        del self._timers["start"]
        if self._options.fault is not None:
            self._timers["inject"] = now + self._options.fault_after
        if self._options.seconds is not None:
            self._timers["stop"] = now + self._options.seconds
        answer(self._status())

    def _status(self) -> dict[str, object]:
        staff = self._staff
        return {
            "pid": os.getpid(),
            "service": staff.service.url,
            "client": staff.client.url,
            "events": str(self._journal.path.absolute()),
            "fault": str(self._injection.fault or ""),
            "pids": {place.name: place.child.pid for place in staff if place.child is not None},
            "agents": [place.name for place in staff.agents if place.child is not None],
        }

    def _lost(self, place: Place) -> None:
        reason = self._staff.ended(place, time.monotonic())
        if place.role != "agent":
            self._journal.tell("mark", name=f"{place.name} {reason}", workflow=self._workflow or None)
        job, place.job = place.job, None
        if job is not None and self._run is not None:
            self._run.again(job)

    def _hand_out(self) -> None:
        for place in self._staff.idle():
            job = None if self._run is None else self._run.take()
            if job is None:
                return
            place.job = job
            place.say(
                {
                    "workflow": self._workflow,
                    "phase": job.phase,
                    "task": job.plan.task,
                    "kind": job.plan.kind,
                    "attempt": job.attempt,
                    "rounds": self._injection.rounds(job),
                    "damaged": self._injection.damages(job, self._workflow),
                }
            )

    def _commands(self, commands: Commands) -> None:
        lines = commands.read()
        if lines is None:
            self._stopping = True
        for line in lines or ():
            answer(self._obey(line))

    def _obey(self, line: str) -> dict[str, object]:
        command, _, rest = line.partition(" ")
        if command == "stop" and not rest:
            self._stopping = True
            return {"ok": "stopping"}
        if command == "status" and not rest:
            return self._status()
        if command == "lift" and not rest:
            self._timers.pop("inject", None)
            return {"ok": self._injection.lift(self._workflow) or "there was no fault"}
        if command == "fault":
            try:
                fault = parse(rest) if rest else self._options.fault or parse(DEFAULT_FAULT)
            except ValueError as error:
                return {"error": str(error)}
            self._timers.pop("inject", None)
            self._timers.pop("lift", None)
            return {"ok": self._injection.inject(fault, self._workflow)}
        return {"error": f"unknown command {line[:60]!a}; known are fault [NAME[:SIZE]], lift, status, stop"}


def main(arguments: Sequence[str]) -> int:
    """Run the demo until standard input ends, or it is told to stop; the exit code."""
    options = read_options(arguments)
    try:
        options.folder.mkdir(parents=True, exist_ok=True)
        return _conduct(options)
    except OSError as error:
        answer({"error": f"the demo can't go on: {error}"})
        return 1
    finally:
        if options.remove:
            shutil.rmtree(options.folder, ignore_errors=True)


def _conduct(options: Options) -> int:
    woken, wakes = socket.socketpair()
    with selectors.PollSelector() as selector, woken, wakes:
        conductor = Conductor(options, selector)
        commands = Commands(0)
        selector.register(commands, selectors.EVENT_READ, commands)
        # a signal must end the wait
        wakes.setblocking(False)
        signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
        selector.register(woken, selectors.EVENT_READ)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, conductor.stop)
        return conductor.work()
