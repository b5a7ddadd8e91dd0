"""The rows of tables as they travel: each is read by its type, some at a time, so that nobody waits for 10 000.

Reading a large table at once would stop the console for longer than a person notices.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any

import msgspec

from perftui.domain.load import LoadRunRow
from perftui.domain.processes import ProcessRow
from perftui.domain.services import ServiceRow
from perftui.domain.triage import AlertRow, AlertSpan, NoiseRow, Silence, SloRow
from perftui.domain.workflow import AgentRow, PhaseRow, PoolRow, TaskRow, WorkflowRow
from perftui.link.messages import TablePart, Update

ROW_TYPES: dict[str, Any] = {
    "processes": ProcessRow,
    "workflows": WorkflowRow,
    "phases": PhaseRow,
    "tasks": TaskRow,
    "agents": AgentRow,
    "pools": PoolRow,
    "services": ServiceRow,
    "alerts": AlertRow,
    "silences": Silence,
    "alert_spans": AlertSpan,
    "noise": NoiseRow,
    "slos": SloRow,
    "load_runs": LoadRunRow,
}
_AT_ONCE = 200


class UnreadPart(msgspec.Struct, frozen=True, array_like=True):
    """A ``TablePart`` whose rows were not looked at yet."""

    whole: bool
    at: float
    upserts: tuple[msgspec.Raw, ...] = ()
    deletes: tuple[str, ...] = ()


class UnreadUpdate(Update, frozen=True, tag="update", omit_defaults=True):
    """An ``Update`` whose rows were not looked at yet."""

    # what was not read is not what it is read to be
    tables: dict[str, UnreadPart] = msgspec.field(default_factory=dict)  # type: ignore[assignment]


@cache
def _decoder(table: str) -> msgspec.msgpack.Decoder[Any]:
    """Made when it is needed first: all of them take 5 ms of a start, and most consoles see few tables."""
    return msgspec.msgpack.Decoder(ROW_TYPES.get(table, Any))


async def read_rows(unread: UnreadUpdate) -> Update:
    """The Update with its rows, in the type of their table where it is known."""
    if not unread.tables:
        return unread
    tables = {}
    for name, part in unread.tables.items():
        decode = _decoder(name).decode
        rows: list[Any] = []
        for start in range(0, len(part.upserts), _AT_ONCE):
            if start:
                await asyncio.sleep(0)
            rows += [decode(raw) for raw in part.upserts[start : start + _AT_ONCE]]
        tables[name] = TablePart(part.whole, part.at, tuple(rows), part.deletes)
    fields = {name: getattr(unread, name) for name in Update.__struct_fields__ if name != "tables"}
    return Update(**fields, tables=tables)
