"""Tell perftui what a program does: workflow events, a JSON line each (docs/guide/workflow.md). Standard library only.

    from perftui.events import workflow

    with workflow("wf_1", name="nightly", path="events.jsonl") as wf:
        with wf.phase("setup", estimate_s=8) as phase:
            with phase.task("t_1", kind="hash", agent="agent_1"):
                ...

Every event is one append of one line to a file that is opened for it: threads and processes, forked ones too, can write
one file, and it can be renamed at any time. Trouble with the file never reaches the program: what could not be written
is counted in ``dropped`` and said once on stderr. Without ``path`` and without ``$PERFTUI_EVENTS`` nothing is written.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType
    from typing import Any, TypeVar

    _Self = TypeVar("_Self", bound="_Told")

__all__ = ["Agent", "Events", "Phase", "Task", "Workflow", "workflow"]

ENVIRONMENT = "PERFTUI_EVENTS"
# readers skip lines that are longer
_LONGEST = 1 << 20


class Events:
    """Appends events to the file ``path`` ($PERFTUI_EVENTS when None). ``dropped`` counts those that were lost."""

    def __init__(self, path: str | os.PathLike[str] | None = None, clock: Callable[[], float] = time.time) -> None:
        self.path = os.fspath(path) if path is not None else os.environ.get(ENVIRONMENT, "")
        self.dropped = 0
        self._clock = clock
        self._was_said = self._is_torn = False

    def write(self, event: str, **fields: Any) -> None:
        """One event of any type, at the time of now unless ``ts`` is given; what is None is left out. Never raises."""
        if not self.path:
            return
        try:
            told = {"ts": round(self._clock(), 6), "type": event}
            told.update((name, value) for name, value in fields.items() if value is not None)
            self._append(json.dumps(told, separators=(",", ":"), allow_nan=False, default=str).encode())
        except OSError as error:
            self._drop(error.strerror or type(error).__name__)
        except (ValueError, TypeError, RecursionError) as error:
            self._drop(str(error))

    def workflow(
        self,
        workflow: str,
        name: str | None = None,
        estimate_s: float | None = None,
        phases: Iterable[Mapping[str, Any]] | None = None,
    ) -> Workflow:
        """One run; ``name`` is the same for all runs. ``phases`` announces some: name, estimate_s, after."""
        return Workflow(self, workflow, name, estimate_s, None if phases is None else [dict(one) for one in phases])

    def agent(self, name: str, kind: str | None = None, slots: int = 1) -> Agent:
        """Somebody who does tasks, ``slots`` at a time."""
        return Agent(self, name, kind, slots)

    def mark(self, name: str, workflow: str | None = None) -> None:
        """Something that happened to everything: a deployment, another configuration."""
        self.write("mark", name=name, workflow=workflow)

    def _append(self, line: bytes) -> None:
        if len(line) >= _LONGEST:
            raise ValueError(f"an event of {len(line)} bytes is too long")
        # a pipe that nobody reads must not hold the program up
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
        number = os.open(self.path, flags, 0o644)
        try:
            # half a line that a full disk left behind must not spoil the next one
            whole = b"%b%b\n" % (b"\n" if self._is_torn else b"", line)
            written = os.write(number, whole)
            self._is_torn = written < len(whole)
        finally:
            os.close(number)
        if self._is_torn:
            raise ValueError("the disk is full")

    def _drop(self, why: str) -> None:
        self.dropped += 1
        if self._was_said:
            return
        self._was_said = True
        try:
            sys.stderr.write(f"perftui.events: an event could not be written to {self.path}: {why}\n")
        except (OSError, ValueError, AttributeError):
            return  # there is nobody to tell


def workflow(
    workflow: str,
    name: str | None = None,
    path: str | os.PathLike[str] | None = None,
    estimate_s: float | None = None,
    phases: Iterable[Mapping[str, Any]] | None = None,
) -> Workflow:
    """One run of a workflow, told in the file ``path``; see ``Events.workflow``."""
    return Events(path).workflow(workflow, name, estimate_s, phases)


class _Told:
    """What has a start and an end: as a context manager it finishes with the status that its end deserves."""

    def started(self) -> None:
        raise NotImplementedError

    def finished(self, status: str = "ok") -> None:
        """``status`` is ok, failed, timeout or cancelled."""
        raise NotImplementedError

    def __enter__(self: _Self) -> _Self:
        self.started()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finished(_status(kind))


class Workflow(_Told):
    """One run."""

    def __init__(
        self,
        events: Events,
        workflow: str,
        name: str | None,
        estimate_s: float | None,
        phases: list[dict[str, Any]] | None,
    ) -> None:
        self.events, self.id, self.name = events, workflow, name
        self._estimate_s, self._phases = estimate_s, phases

    @property
    def dropped(self) -> int:
        return self.events.dropped

    def started(self) -> None:
        self.write("workflow.started", name=self.name, estimate_s=self._estimate_s, phases=self._phases)

    def finished(self, status: str = "ok") -> None:
        self.write("workflow.finished", status=status)

    def phase(self, name: str, estimate_s: float | None = None) -> Phase:
        """A part of the run, told with its tasks; ``estimate_s`` is how long it should take."""
        return Phase(self, name, estimate_s)

    def task(self, task: str, kind: str | None = None, agent: str | Agent | None = None, **fields: Any) -> Task:
        """A task without a phase; see ``Phase.task``."""
        return Task(self, None, task, kind, agent, **fields)

    def agent(self, name: str, kind: str | None = None, slots: int = 1) -> Agent:
        return self.events.agent(name, kind, slots)

    def mark(self, name: str) -> None:
        """Something that happened in this run."""
        self.events.mark(name, self.id)

    def write(self, event: str, **fields: Any) -> None:
        """An event of this run of any type."""
        self.events.write(event, workflow=self.id, **fields)


class Phase(_Told):
    """A phase of a run."""

    def __init__(self, workflow: Workflow, name: str, estimate_s: float | None) -> None:
        self.workflow, self.name, self._estimate_s = workflow, name, estimate_s

    def started(self) -> None:
        self.workflow.write("phase.started", phase=self.name, estimate_s=self._estimate_s)

    def finished(self, status: str = "ok") -> None:
        self.workflow.write("phase.finished", phase=self.name, status=status)

    def task(self, task: str, kind: str | None = None, agent: str | Agent | None = None, **fields: Any) -> Task:
        """A piece of work of an agent (this process, when none is named). ``fields``: ``after`` (tasks that it waits
        for), ``attempt`` (from 1).
        """
        return Task(self.workflow, self.name, task, kind, agent, **fields)


class Task(_Told):
    """A task: as a context manager it starts (queued at that moment, unless it was told before) and finishes.

    The CPU time of its thread is told, but not where an event loop runs many tasks in one thread.
    """

    def __init__(
        self,
        workflow: Workflow,
        phase: str | None,
        task: str,
        kind: str | None,
        agent: str | Agent | None,
        *,
        after: Iterable[str] | None = None,
        attempt: int | None = None,
    ) -> None:
        self.workflow, self.id, self.kind = workflow, task, kind
        self.agent = agent.name if isinstance(agent, Agent) else agent or _this_process()
        self.attempt = attempt
        self._phase, self._after = phase, None if after is None else list(after)
        self._was_queued = False
        self._measured: dict[str, float | None] = {}
        self._cpu: tuple[int, float] | None = None

    def queued(self) -> None:
        self._was_queued = True
        self._write("task.queued", phase=self._phase, kind=self.kind, after=self._after)

    def started(self) -> None:
        self._write("task.started", phase=self._phase, agent=self.agent, attempt=self.attempt)
        self._cpu = None if _in_event_loop() else (threading.get_ident(), time.thread_time())

    def measured(
        self, cpu_s: float | None = None, io_bytes: float | None = None, rss_bytes: float | None = None
    ) -> None:
        """What the task used; told when it finishes."""
        self._measured = {"cpu_s": cpu_s, "io_bytes": io_bytes, "rss_bytes": rss_bytes}

    def finished(self, status: str = "ok") -> None:
        fields = dict(self._measured)
        if fields.get("cpu_s") is None and self._cpu is not None and self._cpu[0] == threading.get_ident():
            fields["cpu_s"] = round(time.thread_time() - self._cpu[1], 6)
        self._write("task.finished", agent=self.agent, status=status, attempt=self.attempt, **fields)

    def blocked(self, on: str) -> None:
        """It waits for something while it has its agent: a lock, a licence."""
        self._write("task.blocked", agent=self.agent, on=on)

    def unblocked(self) -> None:
        self._write("task.unblocked", agent=self.agent)

    def _write(self, event: str, **fields: Any) -> None:
        self.workflow.write(event, task=self.id, **fields)

    def __enter__(self) -> Task:
        if not self._was_queued:
            self.queued()
        return super().__enter__()


class Agent:
    """Somebody who does tasks: as a context manager it joins, and leaves with the reason."""

    def __init__(self, events: Events, name: str, kind: str | None, slots: int) -> None:
        self.events, self.name, self.kind, self.slots = events, name, kind, slots

    def starting(self) -> None:
        """It is being made; ``joined`` follows when it can work."""
        self.events.write("agent.starting", agent=self.name, kind=self.kind)

    def joined(self) -> None:
        self.events.write("agent.joined", agent=self.name, kind=self.kind, slots=self.slots)

    def heartbeat(self) -> None:
        """It lives. Who sends some is expected to go on while it works: silence then means that it is lost."""
        self.events.write("agent.heartbeat", agent=self.name)

    def left(self, reason: str | None = None) -> None:
        self.events.write("agent.left", agent=self.name, reason=reason)

    def __enter__(self) -> Agent:
        self.joined()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.left(None if kind is None else kind.__name__)


def _status(kind: type[BaseException] | None) -> str:
    """What an end with this exception means; by name, so that nothing has to be imported to know it."""
    if kind is None:
        return "ok"
    names = {one.__name__ for one in kind.__mro__}
    if names & {"TimeoutError", "TimeoutExpired"}:
        return "timeout"
    return "cancelled" if names & {"CancelledError", "KeyboardInterrupt"} else "failed"


def _in_event_loop() -> bool:
    loops = sys.modules.get("asyncio")
    return loops is not None and loops._get_running_loop() is not None


def _this_process() -> str:
    return f"{os.uname().nodename}-{os.getpid()}"
