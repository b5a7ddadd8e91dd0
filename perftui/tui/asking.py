"""Questions to the session that a person may wait for: how long already, how long at most, and how to end that."""

from __future__ import annotations

from typing import Any, NamedTuple

from perftui.link.messages import Reply
from perftui.tui.deck import Deck

_LOCAL_TIMEOUT_S = 5.0
# the session names a source's silence itself when its time is over; we wait a little longer than that
_GRACE_S = 2.0


class _Question(NamedTuple):
    number: int
    source: str
    asked_at: float
    timeout_s: float


class Asking:
    """At most one question under way for each purpose; a second one takes the first back."""

    def __init__(self, deck: Deck) -> None:
        self._deck = deck
        self._under_way: dict[str, _Question] = {}

    async def ask(self, purpose: str, source: str, action: str, **args: Any) -> Reply:
        """The session's answer; an error in it says why there is none."""
        self.cancel(purpose)
        timeout_s = self._timeout(source)
        number, answer = self._deck.client.begin(action, timeout_s + _GRACE_S, source=source, **args)
        question = self._under_way[purpose] = _Question(number, source, self._deck.monotonic(), timeout_s)
        try:
            return await answer
        finally:
            if self._under_way.get(purpose) is question:
                del self._under_way[purpose]

    def cancel(self, purpose: str) -> bool:
        """Take a question back; whether there was one."""
        question = self._under_way.pop(purpose, None)
        if question is not None:
            self._deck.client.cancel(question.number)
        return question is not None

    def progress(self, purpose: str) -> str:
        """``asking main, 2 s of 5 s``; empty when nothing is asked."""
        question = self._under_way.get(purpose)
        if question is None:
            return ""
        waited = self._deck.monotonic() - question.asked_at
        return f"asking {question.source}, {waited:.0f} s of {question.timeout_s:g} s"

    @property
    def busy(self) -> bool:
        return bool(self._under_way)

    def _timeout(self, source: str) -> float:
        sources = self._deck.config().sources
        known = sources.prometheus.get(source) or sources.scrape.get(source)
        return _LOCAL_TIMEOUT_S if known is None else known.timeout
