"""What is to happen happens in the order of its moments, and a pause takes nothing of anybody's time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from perftui.load.agenda import Agenda

_MS = 1_000_000


def _happened(plan: Callable[[Agenda, Callable[[int], None]], None], count: int) -> list[int]:
    """The moments of so many entries, as they came."""

    async def whole() -> list[int]:
        agenda = Agenda()
        came: list[int] = []
        over = asyncio.Event()

        def act(at_ns: int) -> None:
            came.append(at_ns)
            if len(came) == count:
                over.set()

        plan(agenda, act)
        await asyncio.wait_for(over.wait(), 60)
        agenda.close()
        return came

    return asyncio.run(whole())


def test_entries_come_in_the_order_of_their_moments_and_never_before_them() -> None:
    now = time.perf_counter_ns()

    def plan(agenda: Agenda, act: Callable[[int], None]) -> None:
        for ms in (30, 10, 20, 0):
            agenda.add(now + ms * _MS, act)

    assert _happened(plan, 4) == [now + ms * _MS for ms in (0, 10, 20, 30)]
    assert time.perf_counter_ns() >= now + 30 * _MS


def test_who_was_held_comes_later_by_as_much_and_knows_the_new_moment() -> None:
    now = time.perf_counter_ns()

    def plan(agenda: Agenda, act: Callable[[int], None]) -> None:
        agenda.add(now, act)
        agenda.hold()
        agenda.add(now, act)
        agenda.go_on(20 * _MS)

    first, second = sorted(_happened(plan, 2))
    # the second came while it was held: the part of the pause before it does not count
    assert first <= second == now + 20 * _MS


def test_after_its_end_nothing_happens() -> None:
    async def whole() -> None:
        agenda = Agenda()
        agenda.add(0, lambda _: came.append(1))
        agenda.close()
        agenda.close()
        agenda.add(0, lambda _: came.append(2))
        await asyncio.sleep(0)

    came: list[int] = []
    asyncio.run(whole())
    assert came == []
