"""Keeps the alerts of a Prometheus server fresh beside its queries, or knows why it can't."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from perftui.domain.alerts import Alert
from perftui.domain.errors import ErrorKind, QueryError
from perftui.sources.prometheus.direct import Direct
from perftui.sources.prometheus.rules import Rules, read_rules

# how much of the time a slow server may spend on our question: one tenth
_POLITE = 10.0
_WITHOUT_API_S = 60.0


class Alerting:
    """``due`` until there was an answer or a refusal. ``blind`` says why alerts can't be told, empty when they can;
    ``failing`` names rules that are broken.
    """

    def __init__(self, name: str, direct: Direct, interval_s: float, monotonic: Callable[[], float]) -> None:
        self._name, self._direct, self._interval_s, self._monotonic = name, direct, interval_s, monotonic
        self._task: asyncio.Task[None] | None = None
        self._next_at = 0.0
        self._found: Rules | None = None
        self._fresh = False
        self.due = True
        self.blind = "its alerts were not asked for yet"

    def begin(self, skew_s: float) -> None:
        """Ask again when it is time; one question at a time."""
        if self._task is not None and not self._task.done():
            return
        if self._monotonic() >= self._next_at:
            self._task = asyncio.ensure_future(self._ask(skew_s))

    def take(self) -> tuple[Alert, ...] | None:
        """All alerts, when there is news of them."""
        fresh, self._fresh = self._fresh, False
        return self._found.alerts if fresh and self._found is not None else None

    @property
    def fresh(self) -> bool:
        """Whether there is news that nobody took yet."""
        return self._fresh

    @property
    def failing(self) -> tuple[str, ...]:
        return () if self._found is None else self._found.failing

    @property
    def rules(self) -> int | None:
        """How many alerting rules there are; None when that is not known."""
        return None if self._found is None else self._found.rules

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _ask(self, skew_s: float) -> None:
        started = self._monotonic()
        pause = self._interval_s
        try:
            self._found = read_rules(self._name, await self._direct.rules(), -skew_s)
            self._fresh, self.blind = True, ""
        except QueryError as error:
            if error.kind in (ErrorKind.MISSING, ErrorKind.UNSUPPORTED, ErrorKind.BAD_QUERY):
                self.blind = "this source has no rules API"
                pause = max(pause, _WITHOUT_API_S)
            else:
                self.blind = f"its alerts can't be read: {error}"
        self.due = False
        now = self._monotonic()
        self._next_at = started + max(pause, _POLITE * (now - started))
