"""Lines of JSON to events: typed decoding, every text cleaned and bounded; what can't be used is counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec

from perftui.domain.text import clean
from perftui.domain.workflow import Event, EventType, PhasePlan
from perftui.sources.workflow.skipped import Skipped

STATUSES = ("ok", "failed", "timeout", "cancelled")
_NAME_LIMIT = 200
_MOST_NAMES = 64
# later than the year 5000: somebody counts milliseconds
_LATEST = 1e11

_Text: TypeAlias = "str | int | None"
_Amount: TypeAlias = "Annotated[float, msgspec.Meta(ge=0, le=1e18)] | None"
_Count: TypeAlias = "Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] | None"
_Names: TypeAlias = "tuple[str, ...] | None"
_Moment: TypeAlias = "Annotated[datetime, msgspec.Meta(tz=True)] | float"


class _Plan(msgspec.Struct, gc=False):
    name: str
    estimate_s: _Amount = None
    after: _Names = None


class _Line(msgspec.Struct, forbid_unknown_fields=True, gc=False):
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
    attempt: _Count = None
    slots: _Count = None
    estimate_s: _Amount = None
    cpu_s: _Amount = None
    io_bytes: _Amount = None
    rss_bytes: _Amount = None
    after: _Names = None
    phases: tuple[_Plan, ...] | None = None


class _Lenient(_Line, forbid_unknown_fields=False):
    """The same with keys that nobody here knows."""


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
_ENDS = frozenset({EventType.WORKFLOW_FINISHED, EventType.PHASE_FINISHED, EventType.TASK_FINISHED})
_TYPES = frozenset(kind.value for kind in EventType)
_KEYS = frozenset(_Line.__struct_fields__)
_decode = msgspec.json.Decoder(_Line).decode
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
        add = into.append
        for number, line in enumerate(lines, first):
            try:
                add(_event(_decode(line)))
            except (*_NOT_READ, _UnusableError):  # noqa: PERF203 (one bad line must not cost the others)
                event = self._second_look(line, f"{file} line {number}" if file else f"line {number}")
                if event is not None:
                    add(event)

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
            event = _event(_decode_lenient(line))
        except (*_NOT_READ, _UnusableError) as error:
            self.skipped.broken_line(where, str(error))
            return None
        for key in found:
            if key not in _KEYS:
                self.skipped.unknown_key(key)
        return event


def _event(line: _Line) -> Event:
    """Raises _UnusableError."""
    moment, kind = line.ts, line.type
    at = moment if isinstance(moment, float) else moment.timestamp()
    if not 0 <= at < _LATEST:
        raise _UnusableError(f"ts is not in seconds since 1970: {at:g}")
    for name in _NEEDED[kind]:
        if getattr(line, name) in (None, ""):
            raise _UnusableError(f"{kind.value} without {name}")
    if kind in _ENDS and line.status not in STATUSES and line.status is not None:
        raise _UnusableError(f"status {clean(line.status, 40)!r} is none of {', '.join(STATUSES)}")
    return Event(
        at,
        kind,
        _text(line.workflow),
        _text(line.phase),
        _text(line.task),
        _text(line.agent),
        _text(line.kind),
        _text(line.name),
        line.status or "ok" if kind in _ENDS else "",
        _text(line.on),
        _text(line.reason),
        line.attempt or 0,
        1 if line.slots is None else line.slots,
        line.estimate_s,
        line.cpu_s,
        line.io_bytes,
        line.rss_bytes,
        () if line.after is None else _names(line.after),
        () if line.phases is None else tuple(_plan(plan) for plan in line.phases[:_MOST_NAMES]),
    )


def _plan(plan: _Plan) -> PhasePlan:
    return PhasePlan(_text(plan.name), plan.estimate_s, _names(plan.after or ()))


def _names(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(_text(name) for name in names[:_MOST_NAMES])


def _text(value: str | int | None) -> str:
    """Printable text that is short enough is what ``clean`` would make of it, and found out much faster."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value if value.isprintable() and len(value) <= _NAME_LIMIT else clean(value, _NAME_LIMIT)
    return str(value)
