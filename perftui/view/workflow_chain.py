"""Which tasks decided when a run ended: the chain of those that each began when another one ended."""

from __future__ import annotations

from collections.abc import Iterable

from perftui.domain.workflow import TaskRow

# what begins so long after something ended still began because of it
_SLACK_S = 0.5


def deciding_chain(tasks: Iterable[TaskRow]) -> tuple[TaskRow, ...]:
    """From the first to the last: before each task stands the one that it waited for.

    That is the last of its dependencies, else what its agent did before, else what ended last before it began: the
    chain of a schedule that was observed, with resources counted as dependencies.
    """
    known = [task for task in tasks if task.started_at is not None and task.finished_at is not None]
    by_name = {task.task: task for task in known}
    by_end = sorted(known, key=_end)
    chain: list[TaskRow] = []
    seen: set[str] = set()
    task = by_end[-1] if by_end else None
    while task is not None and task.key not in seen:
        seen.add(task.key)
        chain.append(task)
        task = _before(task, by_name, by_end)
    return tuple(reversed(chain))


def _end(task: TaskRow) -> float:
    return task.finished_at or 0.0


def _before(task: TaskRow, by_name: dict[str, TaskRow], by_end: list[TaskRow]) -> TaskRow | None:
    begin = task.started_at or 0.0
    needed = [by_name[name] for name in task.after if name in by_name and _end(by_name[name]) <= begin + _SLACK_S]
    if needed:
        return max(needed, key=_end)
    earlier = [one for one in by_end if _end(one) <= begin and one.key != task.key]
    own = [one for one in earlier if one.agent and one.agent == task.agent]
    if own and begin - _end(own[-1]) <= _SLACK_S:
        return own[-1]
    return earlier[-1] if earlier else None
