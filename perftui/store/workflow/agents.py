"""One agent: when it was there, what it works on, and what it did."""

from __future__ import annotations

from bisect import insort

from perftui.domain.workflow import AgentRow
from perftui.store.workflow.recent import Recent
from perftui.store.workflow.tasks import Attempt, Task

_MOST_SAMPLES = 1000
_MOST_SPANS = 32
# an agent that never sends heartbeats is silent while it works: so many times its longest task is too long
SILENCE = 3.0


class Agent:
    """``working`` holds the tasks whose newest attempt runs on it, ``busy_s`` is the time of attempts that ended.
    ``version`` grows with every sign of it.
    """

    __slots__ = (
        "_joins",
        "_leaves",
        "beats",
        "busy_s",
        "done",
        "failed",
        "heard_at",
        "id",
        "kind",
        "lost",
        "reason",
        "recent",
        "row",
        "slots",
        "starting_at",
        "timeouts",
        "version",
        "was_announced",
        "working",
    )  # fmt: skip

    def __init__(self, name: str) -> None:
        self.id, self.kind, self.reason = name, "", ""
        self.slots = 1
        self.was_announced = self.beats = self.lost = False
        self.starting_at: float | None = None
        self.heard_at = float("-inf")
        self._joins: list[float] = []
        self._leaves: list[float] = []
        self.working: dict[Task, None] = {}
        self.recent = Recent(_MOST_SAMPLES)
        self.busy_s = 0.0
        self.done = self.failed = self.timeouts = self.version = 0
        self.row: AgentRow | None = None

    def join(self, at: float) -> None:
        _insert(self._joins, at)

    def leave(self, at: float, reason: str) -> None:
        if not self._leaves or at >= self._leaves[-1]:
            self.reason = reason
        _insert(self._leaves, at)

    def works(self, at: float) -> None:
        """It began a task: it is there, even when nobody said that it came."""
        joins, leaves = self._joins, self._leaves
        if not joins or at < joins[0] or (leaves and at > leaves[-1] > joins[-1]):
            self.join(at)

    def gone_since(self, at: float) -> float | None:
        """When it left for the first time after ``at``."""
        return next((leave for leave in self._leaves if leave >= at), None)

    def count(self, at: float, attempt: Attempt, took_s: float, sign: int) -> None:
        """An attempt of its ended, or did not after all (``sign`` -1)."""
        self.version += 1
        self.busy_s += sign * took_s
        if attempt.status == "ok":
            self.done += sign
        elif attempt.status == "failed":
            self.failed += sign
        elif attempt.status == "timeout":
            self.timeouts += sign
        if sign > 0:
            self.recent.add(at, attempt)
        else:
            self.recent.some_died()

    @property
    def seen_at(self) -> float:
        """When there was the last sign of it: it was told of, or a task of its ended."""
        return max(self.heard_at, self.recent.last_at())

    @property
    def left_at(self) -> float | None:
        """When it left for the last time, None while it is there."""
        if not self._leaves or (self._joins and self._joins[-1] > self._leaves[-1]):
            return None
        return self._leaves[-1]

    @property
    def last_leave(self) -> float:
        return self._leaves[-1] if self._leaves else float("-inf")

    @property
    def has_joined(self) -> bool:
        return bool(self._joins)

    def spans(self) -> list[tuple[float, float | None]]:
        """When it was there: from, until (None: still)."""
        spans: list[tuple[float, float | None]] = []
        leaves = list(self._leaves)
        for join in self._joins:
            if spans and (spans[-1][1] is None or join < spans[-1][1]):
                continue
            while leaves and leaves[0] < join:
                leaves.pop(0)
            spans.append((join, leaves[0] if leaves else None))
        return spans

    def is_silent(self, now: float, lost_after: float, longest_s: float) -> bool:
        """Whether nothing was heard for longer than it may be silent while it works; ``longest_s`` is the longest task
        of all agents.
        """
        may_be = lost_after if self.beats else max(lost_after, SILENCE * longest_s)
        return bool(self.working) and now - self.seen_at > may_be


def _insert(moments: list[float], at: float) -> None:
    if at not in moments:
        insort(moments, at)
        if len(moments) > _MOST_SPANS:
            del moments[0]
