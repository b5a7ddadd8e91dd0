"""The faults that the demo can inject, their sizes, and how they are named by people."""

from __future__ import annotations

from typing import NamedTuple

from perftui.demo.plan import AGENTS

_LONGEST = 40


class Fault(NamedTuple):
    """``size`` is in the unit of its kind: agents, milliseconds, percent, times."""

    name: str
    size: int

    def __str__(self) -> str:
        return f"{self.name}:{self.size}"


class _Kind(NamedTuple):
    letter: str
    default: int
    lowest: int
    highest: int
    effect: str


_KINDS = {
    "pool": _Kind("K", 4, 1, AGENTS - 1, f"K of {AGENTS} agents leave after their task"),
    "slow": _Kind("MS", 400, 1, 5000, "/checkout takes MS milliseconds more"),
    "failing": _Kind("PERCENT", 40, 1, 100, "PERCENT of the compress tasks raise"),
    "straggler": _Kind("FACTOR", 12, 2, 60, "one task of each build has FACTOR times the work"),
}


def parse(text: str) -> Fault:
    """Read ``NAME`` or ``NAME:SIZE``. Raises ValueError, whose text names the known ones."""
    name, colon, size = text.strip().partition(":")
    kind = _KINDS.get(name)
    if kind is None:
        known = ", ".join(f"{name}:{kind.letter} ({kind.effect})" for name, kind in _KINDS.items())
        raise ValueError(f"unknown fault '{_shown(name)}'; known are {known}")
    if not colon:
        return Fault(name, kind.default)
    number = int(size) if size.isascii() and size.isdigit() and len(size) <= 9 else -1
    if not kind.lowest <= number <= kind.highest:
        raise ValueError(
            f"{name}:{_shown(size)}: {kind.letter} is a whole number from {kind.lowest} to {kind.highest} "
            f"({kind.effect})"
        )
    return Fault(name, number)


def _shown(text: str) -> str:
    """What somebody typed, as ASCII on one line, cut where it is long."""
    return ascii(text[:_LONGEST])[1:-1][:_LONGEST]
