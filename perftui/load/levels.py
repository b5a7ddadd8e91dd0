"""The levels of a run: stretches of it whose figures are kept apart, such as the rates that a search has tried.

A call belongs to the level in which it was meant to be sent, however late its answer comes: what a rate has cost is
seen at that rate, not at the next one.
"""

from __future__ import annotations

from collections.abc import Sequence

from perftui.load.connection import Call
from perftui.load.ledger import Ledger
from perftui.load.tally import Tally

RAMP = -1
_FAR = 1 << 62
_NS = 1e9


class Level:
    """``ledger`` is what was not told yet, ``whole`` what was. ``from_ns`` is when it began."""

    def __init__(self, number: int, from_ns: int, names: Sequence[str]) -> None:
        self.number, self.from_ns = number, from_ns
        self.ledger, self.whole = Ledger(names), Tally()

    def told(self, tally: Tally | None) -> None:
        """What was counted so far has been told; who decides on the rate still needs it, and gives it here."""
        if tally is not None:
            self.whole.merge(tally)
        self.ledger = Ledger(self.ledger.names)

    def figures(self) -> Tally:
        """Everything so far; a new tally."""
        both = Tally()
        both.merge(self.whole)
        both.merge(self.ledger.tally())
        return both


class Levels:
    """Level -1 is what is not counted, 0 the first of the measured time. Moments are ns of the engine's clock."""

    def __init__(self, names: Sequence[str], lengths_s: Sequence[float]) -> None:
        self._names = names
        self._lengths = [int(length * _NS) for length in lengths_s]
        self._ahead: list[int] = []
        self._past: list[Level] = []
        self._from, self._until = 0, _FAR
        self.now = Level(RAMP, 0, names)

    def start(self, at_ns: int) -> None:
        """The measured time begins then, and the planned levels with it."""
        self._until = at_ns
        for length in self._lengths[:-1]:
            at_ns += length
            self._ahead.append(at_ns)

    def cut(self, at_ns: int) -> None:
        """The level of now ends then, and the next begins."""
        self._until = at_ns

    def shift(self, held_ns: int, now_ns: int) -> None:
        """The schedule was held still: what lies ahead comes later by so much."""
        if now_ns - held_ns < self._until < _FAR:
            self._until += held_ns
            self._ahead = [at + held_ns for at in self._ahead]

    def ledger_of(self, call: Call) -> Ledger:
        """The ledger of a call; asked several times for each."""
        if self._from <= call.intended < self._until:
            return self.now.ledger
        return self.at(call.intended)

    def at(self, intended: int) -> Ledger:
        """The ledger of calls that were meant to be sent at a moment; a level begins with its first one."""
        while intended >= self._until:
            self._past.append(self.now)
            self._from = self._until
            self.now = Level(self.now.number + 1, self._from, self._names)
            self._until = self._ahead.pop(0) if self._ahead else _FAR
        if intended >= self.now.from_ns:
            return self.now.ledger
        for level in reversed(self._past):
            if intended >= level.from_ns:
                return level.ledger
        return self._past[0].ledger

    def pending(self) -> list[Level]:
        """What is to be told: levels that are over and have news, then the one of now."""
        news = [level for level in self._past if level.ledger.has_news]
        return [*news, self.now]

    def forget(self) -> None:
        """Throw away what was counted before the load began."""
        self.now.ledger = Ledger(self._names)
