"""One task with its attempts: what is known of it does not depend on the order in which events arrive."""

from __future__ import annotations

from itertools import pairwise

import msgspec

from perftui.domain.workflow import Event, TaskRow, WorkState
from perftui.store.workflow.phases import Phase

MOST_ATTEMPTS = 100
_MOST_QUEUES = 100


# where a task stands, as an index into the counts of its phase: plain numbers, as members of enums are slow to reach
QUEUED, RUNNING, DONE, FAILED, CANCELLED = range(5)
_WAITING, _RUNNING, _BLOCKED = WorkState.WAITING, WorkState.RUNNING, WorkState.BLOCKED
_ENDED = {
    "ok": (WorkState.OK, DONE),
    "failed": (WorkState.FAILED, FAILED),
    "timeout": (WorkState.TIMEOUT, FAILED),
    "cancelled": (WorkState.CANCELLED, CANCELLED),
}


class Attempt(msgspec.Struct, eq=False, gc=False):
    """From a start to an end, of which one may be unknown. ``number`` is what its start told, 0 for nothing;
    ``end_number`` what its end told.

    ``given_up`` is when it became clear that no end will come: it was started anew, or its agent is gone. ``dead``
    attempts were replaced when a late event told better.
    """

    number: int = 0
    end_number: int = 0
    agent: str = ""
    started_at: float | None = None
    finished_at: float | None = None
    status: str = ""
    cpu_s: float | None = None
    queued_at: float | None = None
    given_up: float | None = None
    dead: bool = False

    @property
    def took_s(self) -> float | None:
        if self.started_at is None or self.finished_at is None:
            return None
        took = self.finished_at - self.started_at
        return took if took > 0 else 0.0


class Task(msgspec.Struct, eq=False, gc=False):
    """``row`` is the last that was made of it. ``lost``: its agent is gone. ``counted_s`` and ``retries`` are what its
    run and its phase count of it. Of very many attempts the oldest are ``folded`` into sums. ``in_line`` to fall out
    of memory; ``is_dropped`` once it has.
    """

    workflow: str
    name: str
    phase: Phase
    kind: str = ""
    state: WorkState = WorkState.WAITING
    stage: int = QUEUED
    lost: bool = False
    in_line: bool = False
    is_dropped: bool = False
    folded: int = 0
    folded_waste_s: float = 0.0
    counted_s: float | None = None
    retries: int = 0
    queues: tuple[float, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    blocks: tuple[tuple[float, bool], ...] = ()
    after: tuple[str, ...] = ()
    row: TaskRow | None = None

    def begin(self) -> None:
        """The first attempt runs, and nothing else is known."""
        self.state, self.stage = _RUNNING, RUNNING

    def judge(self) -> None:
        """Find the state from what is known."""
        if not self.attempts:
            self.state, self.stage = _WAITING, QUEUED
            return
        last = self.attempts[-1]
        if last.finished_at is None:
            blocked = self.blocks and self.blocks[-1][1] and self.blocks[-1][0] >= (last.started_at or 0.0)
            self.state, self.stage = _BLOCKED if blocked else _RUNNING, RUNNING
        elif self.queues and self.queues[-1] > last.finished_at:
            self.state, self.stage = _WAITING, QUEUED
        else:
            self.state, self.stage = _ENDED[last.status]

    def queue(self, at: float) -> None:
        if not self.queues:
            self.queues = (at,)
        elif at not in self.queues:
            self.queues = tuple(sorted((*self.queues, at)))[-_MOST_QUEUES:]

    def wait_since(self) -> None:
        """Tell every attempt since when it waited: its queueing, or the end of the attempt before."""
        before: float | None = None
        for attempt in self.attempts:
            at = attempt.started_at
            if at is not None:
                known = [moment for moment in self.queues if moment <= at]
                since = known[-1] if known else None
                attempt.queued_at = before if since is None or (before is not None and before > since) else since
            before = attempt.finished_at

    def blocked_s(self, now: float) -> float:
        """Seconds for which it was blocked, until ``now``, its unblocking, or the end of the attempt."""
        total, since = 0.0, None
        ends = [(attempt.finished_at, False) for attempt in self.attempts if attempt.finished_at is not None]
        for at, blocked in sorted([*self.blocks, *ends, (now, False)]):
            if since is not None and not blocked:
                total, since = total + at - since, None
            elif since is None and blocked:
                since = at
        return total

    def wasted_s(self) -> float:
        """The time of attempts that did not end well."""
        return self.folded_waste_s + sum(_wasted_s(attempt) for attempt in self.attempts)

    def fold(self) -> None:
        """Forget the oldest attempt, but for what it counts."""
        self.folded += 1
        self.folded_waste_s += _wasted_s(self.attempts[0])
        self.attempts = self.attempts[1:]


def _wasted_s(attempt: Attempt) -> float:
    end = attempt.given_up if attempt.finished_at is None else attempt.finished_at
    if attempt.status == "ok" or attempt.started_at is None or end is None:
        return 0.0
    return max(0.0, end - attempt.started_at)


def goes_on(last: Attempt, event: Event) -> bool:
    """Whether a start is simply what comes after the last attempt."""
    end = last.started_at if last.finished_at is None else last.finished_at
    return last.started_at is not None and end is not None and end <= event.at


def ends(last: Attempt, event: Event) -> bool:
    """Whether an end simply belongs to the attempt that runs."""
    return (
        last.finished_at is None
        and last.started_at is not None
        and last.started_at <= event.at
        and (not event.attempt or not last.number or event.attempt == last.number)
    )


def is_known(task: Task, event: Event, *, start: bool) -> bool:
    """Whether the same start or end was told before: a file may be read twice."""
    for attempt in task.attempts:
        if start and attempt.started_at == event.at and attempt.number == event.attempt:
            return attempt.agent in ("", event.agent)
        if not start and attempt.finished_at == event.at and attempt.end_number == event.attempt:
            return attempt.status == event.status
    return False


def paired(attempts: tuple[Attempt, ...], event: Event, *, start: bool) -> tuple[Attempt, ...]:
    """All attempts anew with one more start or end, which came late.

    Ends belong to the start with their number; the others to the newest start before them that has no end. An end
    without a start before it stands alone.
    """
    starts = [Attempt(one.number, 0, one.agent, one.started_at) for one in attempts if one.started_at is not None]
    finishes = [one for one in attempts if one.finished_at is not None]
    if start:
        starts.append(Attempt(event.attempt, 0, event.agent, event.at))
    else:
        finishes.append(finished(Attempt(agent=event.agent), event))
    numbers = {one.number: one for one in starts if one.number}
    ends = []
    for finish in finishes:
        mate = numbers.get(finish.end_number)
        if mate is not None and mate.finished_at is None:
            _end(mate, finish)
        else:
            ends.append(finish)
    made = [one for one in starts if one.finished_at is not None]
    made += _by_time([one for one in starts if one.finished_at is None], ends)
    made.sort(key=lambda one: one.finished_at or 0.0 if one.started_at is None else one.started_at)
    for before, after in pairwise(made):
        if before.finished_at is None:
            before.given_up = after.started_at
    return tuple(made)


def finished(attempt: Attempt, event: Event) -> Attempt:
    """The attempt with the end that the event tells."""
    attempt.finished_at, attempt.status, attempt.cpu_s = event.at, event.status, event.cpu_s
    attempt.end_number, attempt.agent = event.attempt, attempt.agent or event.agent
    attempt.given_up = None
    return attempt


def _by_time(starts: list[Attempt], ends: list[Attempt]) -> list[Attempt]:
    """Pair in order of time. At one moment what runs ends first, then the next begins, and may end as well."""
    starts.sort(key=lambda one: -(one.started_at or 0.0))
    ends.sort(key=lambda one: -(one.finished_at or 0.0))
    made: list[Attempt] = []
    running: Attempt | None = None
    while starts or ends:
        begins = starts[-1].started_at or 0.0 if starts else float("inf")
        stops = ends[-1].finished_at or 0.0 if ends else float("inf")
        if stops < begins or (stops == begins and running is not None):
            end = ends.pop()
            if running is None:
                running = Attempt()
                made.append(running)
            _end(running, end)
            running = None
        else:
            running = starts.pop()
            made.append(running)
    return made


def _end(attempt: Attempt, finish: Attempt) -> None:
    attempt.finished_at, attempt.status, attempt.cpu_s = finish.finished_at, finish.status, finish.cpu_s
    attempt.end_number, attempt.agent = finish.end_number, attempt.agent or finish.agent
