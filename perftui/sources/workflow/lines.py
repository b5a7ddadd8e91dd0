"""Lines of JSON to events: typed decoding, every text cleaned and bounded; what can't be used is counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec
from msgspec.structs import force_setattr

from perftui.domain.text import clean
from perftui.domain.workflow import Event, EventType, PhasePlan
from perftui.sources.workflow.skipped import Skipped

STATUSES = ("ok", "failed", "timeout", "cancelled")
_NAME_LIMIT = 200
_MOST_NAMES = 64
# later than the year 5000: somebody counts milliseconds
_LATEST = 1e11

_Amount: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1e18)] | None
_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
_Names: TypeAlias = tuple[str, ...]
_Moment: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)] | float
_Text: TypeAlias = str | int | None


class _Line(Event, frozen=True, rename={"at": "ts"}, forbid_unknown_fields=True, gc=False):
    """What nearly every line is: an event already, but for a time that is written as a date."""

    at: _Moment  # type: ignore[assignment]  # a float before anybody else sees it
    attempt: _Count = 0
    slots: _Count = 1
    estimate_s: _Amount = None
    cpu_s: _Amount = None
    io_bytes: _Amount = None
    rss_bytes: _Amount = None


class _Plan(msgspec.Struct, gc=False):
    name: _Text
    estimate_s: _Amount = None
    after: _Names | None = None


class _Lenient(msgspec.Struct, gc=False):
    """The same with keys that nobody here knows, names that are numbers, and null for what is not told."""

    ts: _Moment
    type: EventType
    workflow: _Text = None
    phase: _Text = None
    task: _Text = None
    agent: _Text = None
    kind: _Text = None
    name: _Text = None
    status: str | None = None
    on: _Text = None
    reason: _Text = None
    attempt: _Count | None = None
    slots: _Count | None = None
    estimate_s: _Amount = None
    cpu_s: _Amount = None
    io_bytes: _Amount = None
    rss_bytes: _Amount = None
    after: _Names | None = None
    phases: tuple[_Plan, ...] | None = None

    def told(self) -> _Line:
        """As a line that leaves out what is null."""
        values = {name: value for name in _KEYS if (value := getattr(self, name)) is not None}
        texts = {name: str(values[name]) for name in _TEXTS if name in values}
        phases = tuple(PhasePlan(str(plan.name), plan.estimate_s, plan.after or ()) for plan in self.phases or ())
        return _Line(values.pop("ts"), **{**values, **texts, "phases": phases})


_TASK, _PHASE, _WORKFLOW, _AGENT = ("workflow", "task"), ("workflow", "phase"), ("workflow",), ("agent",)
_NEEDED: dict[EventType, tuple[str, ...]] = {
    EventType.WORKFLOW_STARTED: _WORKFLOW,
    EventType.WORKFLOW_FINISHED: _WORKFLOW,
    EventType.PHASE_STARTED: _PHASE,
    EventType.PHASE_FINISHED: _PHASE,
    EventType.TASK_QUEUED: _TASK,
    EventType.TASK_STARTED: _TASK,
    EventType.TASK_FINISHED: _TASK,
    EventType.TASK_BLOCKED: _TASK,
    EventType.TASK_UNBLOCKED: _TASK,
    EventType.AGENT_STARTING: _AGENT,
    EventType.AGENT_JOINED: _AGENT,
    EventType.AGENT_LEFT: _AGENT,
    EventType.AGENT_HEARTBEAT: _AGENT,
    EventType.CONFLICT_DETECTED: (),
    EventType.CONFLICT_RESOLVED: (),
    EventType.MARK: ("name",),
}
_TYPES = frozenset(kind.value for kind in EventType)
_ENDS = frozenset({EventType.WORKFLOW_FINISHED, EventType.PHASE_FINISHED, EventType.TASK_FINISHED})
_KEYS = frozenset(_Lenient.__struct_fields__)
_TEXTS = frozenset({"workflow", "phase", "task", "agent", "kind", "name", "on", "reason"})
_FINISHED = EventType.TASK_FINISHED
_OF_TASKS = frozenset(kind for kind, needed in _NEEDED.items() if needed is _TASK)
# lines that are read at once: one that is unusual has the others of its group read one by one
_TOGETHER = 16
_decode = msgspec.json.Decoder(_Line).decode
_decode_lines = msgspec.json.Decoder(_Line).decode_lines
_decode_lenient = msgspec.json.Decoder(_Lenient).decode
_decode_any = msgspec.json.Decoder().decode
_NOT_READ = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _UnusableError(Exception):
    """The line is JSON, but not an event; the text says why."""


class Lines:
    """Makes events of lines; one for all files of a source, as ``skipped`` is told for all of them."""

    def __init__(self) -> None:
        self.skipped = Skipped()

    def read(self, lines: Sequence[bytes], file: str, first: int, into: list[Event]) -> None:
        """Append the events of these lines. ``first`` is the number of the first one; ``file`` is empty when there is
        only one.
        """
        for start in range(0, len(lines), _TOGETHER):
            some = lines[start : start + _TOGETHER]
            if not _read_together(some, into):
                self._read_apart(some, file, first + start, into)

    def _read_apart(self, lines: Sequence[bytes], file: str, first: int, into: list[Event]) -> None:
        for number, line in enumerate(lines, first):
            try:
                into.append(_event(_decode(line), _is_plain(line)))
            except (*_NOT_READ, _UnusableError):  # noqa: PERF203 (one bad line must not cost the others)
                event = self._second_look(line, f"{file} line {number}" if file else f"line {number}")
                if event is not None:
                    into.append(event)

    def _second_look(self, line: bytes, where: str) -> Event | None:
        """Why a line could not be read at once; lines with unknown keys can still be used."""
        if not line.strip():
            return None
        try:
            found = _decode_any(line)
            if not isinstance(found, dict):
                raise _UnusableError("not a JSON object")
            kind = found.get("type")
            if isinstance(kind, str) and kind not in _TYPES:
                self.skipped.unknown_type(kind)
                return None
            event = _event(_decode_lenient(line).told(), False)
        except (*_NOT_READ, _UnusableError) as error:
            self.skipped.broken_line(where, str(error))
            return None
        for key in found:
            if key not in _KEYS:
                self.skipped.unknown_key(key)
        return event


def _is_plain(text: bytes) -> bool:
    """Short, without escapes and foreign characters: then all text in it is clean, which is found out much faster
    here; raw control characters are not JSON, but for one.
    """
    return len(text) <= _NAME_LIMIT and _has_plain_text(text)


def _has_plain_text(text: bytes) -> bool:
    return text.isascii() and b"\\" not in text and b"\x7f" not in text


def _read_together(lines: Sequence[bytes], into: list[Event]) -> bool:
    """Append the events of lines among which nothing is unusual, which is much faster; else nothing, and false."""
    text = b"\n".join(lines)
    if max(map(len, lines)) > _NAME_LIMIT or not _has_plain_text(text):
        return False
    try:
        events = _decode_lines(text)
    except _NOT_READ:
        return False
    if len(events) != len(lines):
        return False
    for event in events:
        at = event.at
        usual = type(at) is float and 0 <= at < _LATEST and event.task and event.workflow and event.type in _OF_TASKS
        if not usual or (event.type is _FINISHED and event.status not in STATUSES):
            return False
    into.extend(events)
    return True


def _event(line: _Line, plain: bool) -> Event:
    """The line with its time as seconds and all text clean; it is, when ``plain``. Raises _UnusableError."""
    at, kind = line.at, line.type
    if isinstance(at, datetime):
        at = at.timestamp()
        force_setattr(line, "at", at)
    if not 0 <= at < _LATEST:
        raise _UnusableError(f"ts is not in seconds since 1970: {at:g}")
    needed = _NEEDED[kind]
    if needed is not _TASK or not (line.task and line.workflow):
        for name in needed:
            if not getattr(line, name):
                raise _UnusableError(f"{kind.value} without {name}")
    if kind in _ENDS and line.status not in STATUSES:
        if line.status:
            raise _UnusableError(f"status {clean(line.status, 40)!r} is none of {', '.join(STATUSES)}")
        force_setattr(line, "status", "ok")
    if not plain:
        _clean(line)
    return line


def _clean(line: _Line) -> None:
    # printable text is what "clean" would make of it, and found out faster
    text = f"{line.workflow}{line.phase}{line.task}{line.agent}{line.kind}"
    if len(text) > _NAME_LIMIT or not text.isprintable() or line.name or line.on or line.reason:
        for name in _TEXTS:
            force_setattr(line, name, clean(getattr(line, name), _NAME_LIMIT))
    if line.after:
        force_setattr(line, "after", _names(line.after))
    if line.phases:
        force_setattr(line, "phases", tuple(_plan(plan) for plan in line.phases[:_MOST_NAMES]))


def _plan(plan: PhasePlan) -> PhasePlan:
    return PhasePlan(clean(plan.name, _NAME_LIMIT), plan.estimate_s, _names(plan.after))


def _names(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(clean(name, _NAME_LIMIT) for name in names[:_MOST_NAMES])
