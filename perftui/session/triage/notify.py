"""Tells a program of the user's that an alert began to fire or is over: no shell, bounded in number and time.

What could not be told is counted, never queued: news of an alert that is old by the time it is read misleads.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable
from typing import Any

from perftui.config.schema import Notify
from perftui.domain.alerts import AlertState
from perftui.domain.text import clean
from perftui.domain.triage import AlertRow

_MINUTE_S = 60.0
# what fired before the session began is no news
_SLACK_S = 5.0


class Notifier:
    """``began_at`` is when the session began, ``host`` stands in what is told. ``problem`` is what went wrong last."""

    def __init__(self, settings: Notify, host: str, wall: Callable[[], float]) -> None:
        self.settings, self._host, self._wall = settings, host, wall
        self._began_at = wall()
        self._runs: deque[float] = deque()
        self._told: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._dropped = 0
        self._failure = ""

    def turn(self, row: AlertRow) -> None:
        """An alert is heard now, or is over."""
        if not self.settings.command or row.severity.rank > self.settings.severity.rank:
            return
        resolved = row.state is AlertState.RESOLVED
        if resolved and row.key not in self._told:
            return
        if not resolved and (row.fired_at or 0.0) < self._began_at - _SLACK_S:
            return
        (self._told.discard if resolved else self._told.add)(row.key)
        now = self._wall()
        while self._runs and now - self._runs[0] >= _MINUTE_S:
            self._runs.popleft()
        if len(self._runs) >= self.settings.per_minute:
            self._dropped += 1
            return
        self._runs.append(now)
        task = asyncio.ensure_future(self._run(self.settings.command, event(row, self._host)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def problem(self) -> str:
        """Empty while everything was told."""
        parts = [self._failure] if self._failure else []
        if self._dropped:
            parts.append(f"{self._dropped} were not told: more than {self.settings.per_minute} a minute")
        return f"notify: {'; '.join(parts)}" if parts else ""

    async def _run(self, command: tuple[str, ...], told: dict[str, Any]) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            self._failure = f"{command[0]}: {error.strerror}"
            return
        try:
            data = (json.dumps(told) + "\n").encode()
            _, said = await asyncio.wait_for(process.communicate(data), self.settings.deadline)
        except asyncio.TimeoutError:
            self._failure = f"{command[0]} took longer than {self.settings.deadline:g} s and was ended"
            return
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        why = clean(said.decode("utf-8", "replace").strip().splitlines()[-1] if said.strip() else "", 120)
        self._failure = f"{command[0]}: exit {process.returncode} {why}".rstrip() if process.returncode else ""

    async def close(self) -> None:
        """End what still runs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def event(row: AlertRow, host: str) -> dict[str, Any]:
    """What the program reads: one object; times are epoch seconds, values in base units."""
    return {
        "event": "resolved" if row.state is AlertState.RESOLVED else "firing",
        "fingerprint": row.key,
        "name": row.name,
        "severity": row.severity.value,
        "summary": row.summary,
        "since": row.since,
        "value": row.value,
        "threshold": row.threshold,
        "expr": row.expr,
        "labels": dict(row.labels),
        "annotations": dict(row.annotations),
        "runbook": row.runbook,
        "sources": list(row.sources),
        "watched_from": host,
    }
