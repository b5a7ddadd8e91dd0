"""What a run would have taken: measured tasks scheduled anew with other durations or slots.

The difference of two replays of the same tasks is the gain of what was changed (Lighthouse does the same with page
loads); the replay of what was measured, not the measurement, is what is compared with, so that what a replay does not
know is lost on both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import NamedTuple


class Work(NamedTuple):
    """A task to be scheduled: it is ready ``lag_s`` after all of ``after`` are over, and not before ``release_s``.

    A gate takes no slot: it is over as soon as it is ready, and stands for the end of many tasks.
    """

    key: str
    duration_s: float
    release_s: float = 0.0
    after: tuple[str, ...] = ()
    lag_s: float = 0.0
    gate: bool = False


class Schedule(NamedTuple):
    """When each work started and ended, by its place in the list, from the same zero as the releases."""

    starts: Sequence[float]
    ends: Sequence[float]
    makespan_s: float


def replay(works: Sequence[Work], slots: int) -> Schedule:
    """List scheduling (Graham, 1969): whatever is ready first gets the next slot that is free, equals by their order.

    What works wait for and is not in the list is taken as over; works that wait for each other are taken as ready once
    nothing else can run. Raises ValueError for less than one slot.
    """
    if slots < 1:
        raise ValueError(f"nothing is ever done on {slots} slots")
    return _Replay(works, slots).run()


class _Replay:
    """One run over the works; places in the list stand for works."""

    def __init__(self, works: Sequence[Work], slots: int) -> None:
        self._works = works
        places = {work.key: place for place, work in enumerate(works)}
        self._waits = [0] * len(works)
        self._next: dict[int, list[int]] = {}
        for place, work in enumerate(works):
            for key in work.after:
                other = places.get(key)
                if other is not None and other != place:
                    self._waits[place] += 1
                    self._next.setdefault(other, []).append(place)
        self._slots = slots
        self._spans = [work.duration_s for work in works]
        self._starts = [0.0] * len(works)
        self._ends = [0.0] * len(works)
        self._met = [0.0] * len(works)
        self._stuck = {place for place, waits in enumerate(self._waits) if waits}
        # in order of time, which is a heap; gates have no slot to wait for
        self._ready = sorted(
            (work.release_s, place) for place, work in enumerate(works) if not self._waits[place] and not work.gate
        )

    def run(self) -> Schedule:
        for place in [place for place, work in enumerate(self._works) if work.gate and not self._waits[place]]:
            self._release(place)
        ready, running, spans, starts, ends = (
            self._ready,
            list[tuple[float, int]](),
            self._spans,
            self._starts,
            self._ends,
        )
        now, free = 0.0, self._slots
        while ready or running or self._stuck:
            if not ready and not running:
                self._break(now)
            # an end at the same moment comes first: it may free a slot, or make ready what stands before
            elif running and (not free or not ready or running[0][0] <= max(now, ready[0][0])):
                now, place = heappop(running)
                free += 1
                if place in self._next:
                    self._over(place, now)
            else:
                at, place = heappop(ready)
                now = max(now, at)
                free -= 1
                starts[place] = now
                ends[place] = now + spans[place]
                heappush(running, (ends[place], place))
        return Schedule(starts, ends, max(ends, default=0.0))

    def _release(self, place: int) -> None:
        """All that it waited for is over: it is ready, or is over itself when it is a gate."""
        work = self._works[place]
        at = max(work.release_s, self._met[place] + work.lag_s)
        if work.gate:
            self._starts[place] = self._ends[place] = at
            self._over(place, at)
        else:
            heappush(self._ready, (at, place))

    def _over(self, place: int, at: float) -> None:
        for other in self._next.get(place, ()):
            if other in self._stuck:
                self._met[other] = max(self._met[other], at)
                self._waits[other] -= 1
                if not self._waits[other]:
                    self._stuck.discard(other)
                    self._release(other)

    def _break(self, now: float) -> None:
        """Only circles are left: the first of the list is let go."""
        place = min(self._stuck)
        self._stuck.discard(place)
        self._met[place] = max(self._met[place], now)
        self._release(place)
