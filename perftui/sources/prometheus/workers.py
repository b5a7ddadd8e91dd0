"""Threads of one source's own: a hung server takes its own source's threads and nobody else's.

Not concurrent.futures: its threads are waited for when the process ends, and one that hangs would hold that up.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Job(Generic[T]):
    """Work on its way through a thread; ``thread`` is the identity of the one that does it, once it was begun."""

    def __init__(self, work: Callable[[], T], future: asyncio.Future[T]) -> None:
        self.work, self.future = work, future
        self.thread: int | None = None
        self.ended = False


class Workers:
    """Up to ``count`` daemon threads, started when they are needed."""

    def __init__(self, count: int, name: str) -> None:
        self._count, self._name = count, name
        self._jobs: queue.SimpleQueue[Job[object] | None] = queue.SimpleQueue()
        self._threads = 0
        self._running: set[Job[object]] = set()

    def submit(self, work: Callable[[], T]) -> Job[T]:
        """Do the work in the next free thread; the job's future belongs to the running loop."""
        job = Job(work, asyncio.get_running_loop().create_future())
        if self._threads < self._count and len(self._running) >= self._threads:
            self._threads += 1
            threading.Thread(target=self._run, name=f"{self._name}-{self._threads}", daemon=True).start()
        self._running.add(job)
        self._jobs.put(job)
        return job

    @property
    def stuck(self) -> int:
        """Threads that still work for somebody who has stopped waiting."""
        return sum(job.thread is not None and job.future.done() and not job.ended for job in self._running)

    @property
    def all_stuck(self) -> bool:
        return self.stuck >= self._count

    def close(self) -> None:
        """Threads end when their work does."""
        for _ in range(self._threads):
            self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            result: object = None
            failure: BaseException | None = None
            if not job.future.done():
                job.thread = threading.get_ident()
                try:
                    result = job.work()
                except BaseException as error:  # noqa: BLE001 (whoever waits for the job gets it)
                    failure = error
                job.ended = True
            loop = job.future.get_loop()
            if not loop.is_closed():
                try:
                    loop.call_soon_threadsafe(self._settle, job, result, failure)
                except RuntimeError:
                    return  # the loop was closed between the question and the call

    def _settle(self, job: Job[object], result: object, failure: BaseException | None) -> None:
        self._running.discard(job)
        if job.future.done():
            return
        if failure is None:
            job.future.set_result(result)
        else:
            job.future.set_exception(failure)
