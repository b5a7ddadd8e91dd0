"""Which tasks decided when a run ended: the chain of those that each began when another one ended."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from perftui.domain.workflow import TaskRow

# what begins so long after something ended still began because of it
_SLACK_S = 0.5


def deciding_chain(tasks: Iterable[TaskRow]) -> tuple[TaskRow, ...]:
    """From the first to the last: before each task stands the one that it waited for.

    That is the last of its dependencies, else what its agent did before, else what ended last before it began: the
    chain of a schedule that was observed, with resources counted as dependencies.
    """
    ended = _Ended(tasks)
    chain: list[TaskRow] = []
    seen: set[str] = set()
    task = ended.last()
    while task is not None and task.key not in seen:
        seen.add(task.key)
        chain.append(task)
        task = ended.before(task)
    return tuple(reversed(chain))


class _Ended:
    """Tasks that are over, by the time of their end, all together and by agent."""

    def __init__(self, tasks: Iterable[TaskRow]) -> None:
        known = [task for task in tasks if task.started_at is not None and task.finished_at is not None]
        self._all = sorted(known, key=_end)
        self._ends = [_end(task) for task in self._all]
        self._by_name = {task.task: task for task in known}
        self._of_agent: dict[str, list[TaskRow]] = {}
        for task in self._all:
            self._of_agent.setdefault(task.agent, []).append(task)
        self._agent_ends = {agent: [_end(task) for task in of_it] for agent, of_it in self._of_agent.items()}

    def last(self) -> TaskRow | None:
        return self._all[-1] if self._all else None

    def before(self, task: TaskRow) -> TaskRow | None:
        """What this task waited for; None at the begin of the chain."""
        begin = task.started_at or 0.0
        needed = [self._by_name[name] for name in task.after if name in self._by_name]
        needed = [one for one in needed if _end(one) <= begin + _SLACK_S]
        if needed:
            return max(needed, key=_end)
        own = _ended_by(self._of_agent.get(task.agent, []), self._agent_ends.get(task.agent, []), begin)
        if task.agent and own is not None and begin - _end(own) <= _SLACK_S:
            return own
        return _ended_by(self._all, self._ends, begin)


def _ended_by(tasks: list[TaskRow], ends: list[float], at: float) -> TaskRow | None:
    """The last one that had ended then."""
    place = bisect_right(ends, at)
    return tasks[place - 1] if place else None


def _end(task: TaskRow) -> float:
    return task.finished_at or 0.0
