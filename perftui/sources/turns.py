"""Long work in short turns: a generator that pauses where it may, so that the event loop is never held for long.

Turns and not threads: a thread would share the interpreter's lock with the loop, and could not be cancelled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator
from typing import Generic, TypeVar

_T = TypeVar("_T")
Steps = Generator[None, None, _T]
LONGEST_TURN_S = 0.004


def finish(steps: Steps[_T]) -> _T:
    """What the work makes, without any pause."""
    result = _Result(steps)
    for _ in result:
        pass
    return result.made


async def in_turns(steps: Steps[_T], monotonic: Callable[[], float]) -> _T:
    """What the work makes; the loop gets its turn whenever the work has held it for ``LONGEST_TURN_S``."""
    started = monotonic()
    result = _Result(steps)
    for _ in result:
        if monotonic() - started > LONGEST_TURN_S:
            await asyncio.sleep(0)
            started = monotonic()
    return result.made


class _Result(Generic[_T]):
    """Iterates over the pauses of some work; ``made`` is what it returns in the end."""

    made: _T

    def __init__(self, steps: Steps[_T]) -> None:
        self._steps = steps

    def __iter__(self) -> Iterator[None]:
        self.made = yield from self._steps
