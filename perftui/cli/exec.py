"""``perftui exec``: run a command as a task of a workflow, and tell so in workflow events.

The command has our standard streams, gets our signals, and its exit code is ours: it can stand before any command in
a script. What can't be told is said on stderr and changes nothing.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import PurePath
from types import FrameType
from typing import NamedTuple

from perftui.cli.arguments import Options
from perftui.domain.errors import PerftuiError
from perftui.events import ENVIRONMENT, Agent, Events, Task

# as a shell says it
_NOT_EXECUTABLE, _NOT_FOUND, _BY_SIGNAL = 126, 127, 128
# as timeout(1) says it
_TOO_LATE = 124
_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
_PYTHON_IGNORES = (signal.SIGPIPE, signal.SIGXFSZ)
_HEARTBEAT_S = 10.0
# from asking it to end to ending it
_GRACE_S = 5.0


class _Ended(NamedTuple):
    """How the command ended, what it used, and whether it took too long."""

    code: int
    cpu_s: float
    rss_bytes: float
    was_late: bool


def execute(options: Options) -> int:
    """The exit code of the command; 126 or 127 when it can't be started, 124 when it took too long."""
    path = options.events or os.environ.get(ENVIRONMENT, "")
    if not path:
        raise PerftuiError(f"where should the events go? Give --events FILE, or set {ENVIRONMENT}")
    command = options.argv[1:] if options.argv[:1] == ["--"] else options.argv
    if not command or not command[0]:
        raise PerftuiError("which command? perftui exec --workflow W --phase P -- COMMAND ...")
    if not options.of_workflow:
        raise PerftuiError("which run does it belong to? Give --workflow a name")
    events = Events(path)
    agent = events.agent(options.agent or f"exec-{os.getpid()}", "exec")
    name = PurePath(command[0]).name
    task = Task(
        events.workflow(options.of_workflow),
        options.phase,
        options.task or f"{name}-{os.getpid()}",
        options.kind or name,
        agent,
        attempt=options.attempt,
    )
    # an agent that was named may have other tasks as well: it neither comes nor goes with this one
    return _Run(task, agent, options.timeout, is_own=not options.agent).run(command)


class _Run:
    """One command from its start to its end."""

    def __init__(self, task: Task, agent: Agent, timeout_s: float | None, *, is_own: bool) -> None:
        self._task, self._agent, self._timeout_s, self._is_own = task, agent, timeout_s, is_own
        self._pid = 0
        self._early: list[int] = []

    def run(self, command: list[str]) -> int:
        heeded = [number for number in _FORWARDED if signal.getsignal(number) is not signal.SIG_IGN]
        for number in heeded:
            signal.signal(number, self._forward)
        self._task.queued()
        if self._is_own:
            self._agent.joined()
        self._task.started()
        try:
            self._pid = os.posix_spawnp(command[0], command, os.environ, setsigdef=[*heeded, *_PYTHON_IGNORES])
        except OSError as error:
            self._finished("failed", error.strerror)
            print(f"perftui: {command[0]}: {error.strerror}", file=sys.stderr)
            return _NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_EXECUTABLE
        for early in self._early:
            self._forward(early, None)
        ended = self._wait()
        self._task.measured(cpu_s=ended.cpu_s, rss_bytes=ended.rss_bytes)
        self._finished(_status(ended))
        return _TOO_LATE if ended.was_late else ended.code

    def _finished(self, status: str, reason: str | None = None) -> None:
        self._task.finished(status)
        if self._is_own:
            self._agent.left(reason)

    def _forward(self, number: int, _: FrameType | None) -> None:
        """To the command, also when it does not exist yet; the terminal tells both of us what keys were pressed."""
        if not self._pid:
            self._early.append(number)
        elif number not in (signal.SIGINT, signal.SIGQUIT) or not _is_foreground():
            _send(self._pid, number)

    def _wait(self) -> _Ended:
        """Until it has ended; heartbeats meanwhile."""
        done, late = threading.Event(), threading.Event()
        thread = threading.Thread(target=self._watch, args=(self._pid, done, late), daemon=True)
        thread.start()
        pid = self._pid
        if hasattr(os, "waitid"):
            # until it is waited for its pid is its own: nobody else can be hit by a signal that comes now
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        done.set()
        thread.join()
        self._pid = 0
        _, status, usage = os.wait4(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        rss = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        cpu_s = round(usage.ru_utime + usage.ru_stime, 6)
        return _Ended(code if code >= 0 else _BY_SIGNAL - code, cpu_s, float(rss), late.is_set())

    def _watch(self, pid: int, done: threading.Event, late: threading.Event) -> None:
        """Tells that it lives, and ends it when it takes too long."""
        end = None if self._timeout_s is None else time.monotonic() + self._timeout_s
        while not done.wait(_HEARTBEAT_S if end is None else max(0.0, min(_HEARTBEAT_S, end - time.monotonic()))):
            if end is None or time.monotonic() < end:
                self._agent.heartbeat()
                continue
            _send(pid, signal.SIGKILL if late.is_set() else signal.SIGTERM)
            end = time.monotonic() + _GRACE_S
            late.set()


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return  # it has just ended


def _is_foreground() -> bool:
    """Whether the terminal sends signals of its keys to us and the command alike."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


def _status(ended: _Ended) -> str:
    if ended.was_late:
        return "timeout"
    if ended.code in (_BY_SIGNAL + signal.SIGINT, _BY_SIGNAL + signal.SIGTERM):
        return "cancelled"
    return "ok" if ended.code == 0 else "failed"
