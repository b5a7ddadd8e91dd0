"""Threads of one source's own."""

from __future__ import annotations

import asyncio
import threading

import pytest

from perftui.sources.prometheus.workers import Workers


def test_work_is_done_in_threads_and_its_result_comes_back() -> None:
    async def run() -> tuple[list[int], set[int]]:
        workers = Workers(2, "test")
        seen: set[int] = set()

        def work(number: int) -> int:
            seen.add(threading.get_ident())
            return number * 2

        results = [await workers.submit(lambda number=number: work(number)).future for number in range(5)]
        workers.close()
        return results, seen

    results, seen = asyncio.run(run())

    assert results == [0, 2, 4, 6, 8]
    assert threading.get_ident() not in seen


def test_an_exception_reaches_who_asked() -> None:
    async def run() -> None:
        workers = Workers(1, "test")
        with pytest.raises(ValueError, match="no"):
            await workers.submit(lambda: int("no")).future
        workers.close()

    asyncio.run(run())


def test_threads_that_work_for_nobody_are_stuck_until_they_end() -> None:
    async def run() -> list[tuple[int, bool]]:
        workers = Workers(2, "stuck")
        gate, begun = threading.Event(), threading.Barrier(3)

        def hang() -> None:
            begun.wait(10)
            gate.wait(10)

        jobs = [workers.submit(hang) for _ in range(2)]
        await asyncio.to_thread(begun.wait, 10)
        seen = [(workers.stuck, workers.all_stuck)]
        for job in jobs:
            job.future.cancel()
        seen.append((workers.stuck, workers.all_stuck))
        gate.set()
        workers.close()
        for thread in threading.enumerate():
            if thread.name.startswith("stuck-"):
                await asyncio.to_thread(thread.join, 10)
        seen.append((workers.stuck, workers.all_stuck))
        return seen

    assert asyncio.run(run()) == [(0, False), (2, True), (0, False)]


def test_work_that_nobody_waits_for_any_more_is_not_begun() -> None:
    async def run() -> list[str]:
        workers = Workers(1, "test")
        gate, done = threading.Event(), []
        first = workers.submit(lambda: gate.wait(10))
        second = workers.submit(lambda: done.append("second"))
        second.future.cancel()
        third = workers.submit(lambda: done.append("third"))
        gate.set()
        await asyncio.gather(first.future, third.future)
        workers.close()
        return done

    assert asyncio.run(run()) == ["third"]
