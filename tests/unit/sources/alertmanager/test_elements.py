"""A list is read element by element, in turns, and what came before is known again."""

from __future__ import annotations

import asyncio
import json
import time

import msgspec
import pytest

from perftui.domain.errors import QueryError
from perftui.sources.alertmanager.elements import Elements
from perftui.sources.turns import finish, in_turns


def _made(element: bytes) -> str | None:
    value = msgspec.json.decode(element, type=dict[str, str])
    return value.get("name")


def test_elements_are_made_once_for_as_long_as_they_come() -> None:
    made: list[bytes] = []

    def make(element: bytes) -> str | None:
        made.append(element)
        return _made(element)

    elements = Elements(make)
    for body, expected, times in (
        (b'[{"name": "a"}, {"name": "b"}]', ["a", "b"], 2),
        (b'[ {"name": "b"} ,{"name": "a"}]', ["b", "a"], 2),
        (b'[{"name": "c"}]', ["c"], 3),
        (b'[{"name": "a"}]', ["a"], 4),
        (b"[]", [], 4),
    ):
        assert finish(elements.read(body)) == expected
        assert len(made) == times


@pytest.mark.parametrize("spoilt", [b"7", b"{}", b'{"name": 7}', b'{"name": "\xff"}', b"null"])
def test_what_can_not_be_read_is_counted_and_does_not_stand_for_all(spoilt: bytes) -> None:
    elements = Elements(_made)

    assert finish(elements.read(b'[{"name": "a"},' + spoilt + b',{"name": "b"}]')) == ["a", "b"]
    assert elements.unreadable == 1
    with pytest.raises(QueryError, match="none of an Alertmanager"):
        finish(elements.read(b"[" + spoilt + b"]"))
    assert finish(elements.read(b"[]")) == []
    assert elements.unreadable == 0


@pytest.mark.parametrize("body", [b"", b"[", b'[{"name": "a"}', b'[{"name": "a"},]', b"\xff", b"[" * 100_000])
def test_half_a_list_is_none(body: bytes) -> None:
    with pytest.raises(QueryError, match="not JSON, or cut"):
        finish(Elements(_made).read(body))


def test_the_loop_gets_its_turns_while_many_are_read() -> None:
    body = json.dumps([{"name": f"number {number}"} for number in range(50_000)]).encode()

    async def story() -> None:
        turns, ended = 0, asyncio.Event()

        async def neighbour() -> None:
            nonlocal turns
            while not ended.is_set():
                turns += 1
                await asyncio.sleep(0)

        beside = asyncio.ensure_future(neighbour())
        found = await in_turns(Elements(_made).read(body), time.monotonic)
        ended.set()
        await beside
        assert len(found) == 50_000
        assert turns > 5

    asyncio.run(story())
