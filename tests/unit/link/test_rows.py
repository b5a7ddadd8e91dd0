"""Rows of tables as they are read from the link: of their type, in any number, and never as an error of our own."""

from __future__ import annotations

import asyncio
import struct

import msgspec
import pytest

from perftui.link.framing import LinkError, frame, read_session_message
from perftui.link.messages import SessionMessage, TablePart, Update
from perftui.link.mirror import Mirror
from tests.unit.view.alert_rows import NOW, alert, silence, some


def read(data: bytes) -> tuple[SessionMessage | None, int]:
    """The session's message in these bytes, and how often others had their turn meanwhile."""

    async def main() -> tuple[SessionMessage | None, int]:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        turns = 0
        reading = asyncio.ensure_future(read_session_message(reader))
        while not reading.done():
            turns += 1
            await asyncio.sleep(0)
        return reading.result(), turns

    return asyncio.run(main())


def test_rows_are_read_in_the_type_of_their_table_and_those_of_unknown_tables_as_they_are() -> None:
    sent = Update(
        2, 1, NOW, problems=("one",),
        tables={
            "alerts": TablePart(False, NOW, some(), ("gone",)), "silences": TablePart(True, NOW, (silence(),)),
            "later": TablePart(True, NOW, (["key", 1, None],)),
        },
    )  # fmt: skip

    found, _ = read(frame(sent))

    assert found == sent
    mirror = Mirror()
    mirror.seq = 1
    assert isinstance(found, Update)
    assert mirror.apply(found)
    assert mirror.tables["alerts"].rows["a1"] == some()[0]
    assert mirror.tables["later"].rows["key"] == ["key", 1, None]


def test_others_have_their_turns_while_many_rows_are_read() -> None:
    rows = tuple(alert(f"{number}") for number in range(3000))

    found, turns = read(frame(Update(1, 0, NOW, full=True, tables={"alerts": TablePart(True, NOW, rows)})))

    assert isinstance(found, Update)
    assert found.tables["alerts"].upserts == rows
    assert turns > 10


@pytest.mark.parametrize("row", [["only a key"], 7, {"key": "a"}, [[[]]]])
def test_a_row_that_is_none_of_its_table_is_named_as_garbage(row: object) -> None:
    body = msgspec.msgpack.encode(Update(1, 0, NOW, tables={"alerts": TablePart(True, NOW, (row,))}))

    with pytest.raises(LinkError, match="unreadable message"):
        read(struct.pack(">I", len(body)) + body)
