"""Moments that workflows noted (a fault, a deploy): letters on the time axis of charts, and the words behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from perftui.domain.text import clean
from perftui.domain.workflow import WorkflowRow
from perftui.link.mirror import Mirror

WORKFLOWS = "workflows"
_FAULT, _LIFTED = "fault", "lifted"
_LONGEST = 60


class Mark(NamedTuple):
    """A moment in epoch seconds, the letter that stands for it on charts, and what was noted."""

    at: float
    letter: str
    text: str


def marks_of(mirror: Mirror) -> tuple[Mark, ...]:
    """The marks of all mirrored workflows, each once, oldest first."""
    table = mirror.tables.get(WORKFLOWS)
    rows: Sequence[WorkflowRow] = () if table is None else tuple(table.rows.values())
    found = {mark for row in rows for mark in row.marks}
    return tuple(Mark(at, _letter(name), clean(name, _LONGEST)) for at, name in sorted(found))


def _letter(name: str) -> str:
    """L for what was lifted, F for a fault; else the first letter that every terminal can show."""
    if _LIFTED in name:
        return "L"
    return next((char.upper() for char in name if char.isascii() and char.isalnum()), "M")


def within(marks: Sequence[Mark], start: float, end: float) -> tuple[Mark, ...]:
    """Those that a time axis shows."""
    return tuple(mark for mark in marks if start <= mark.at <= end)


def drawn(marks: Sequence[Mark]) -> tuple[tuple[float, str], ...]:
    """As charts take them."""
    return tuple((mark.at, mark.letter) for mark in marks)


def explained(marks: Sequence[Mark], sign: str) -> str:
    """What the letters stand for, the newest first: the text of the newest mark of each letter."""
    newest = {mark.letter: mark.text for mark in marks}
    return "  ".join(f"{sign}{letter} {newest[letter]}" for letter in reversed(newest))


def fault_is_on(marks: Sequence[Mark]) -> bool:
    """Whether the newest mark of a fault says that one was injected, and not lifted."""
    faults = [mark for mark in marks if mark.text.startswith(_FAULT)]
    return bool(faults) and _LIFTED not in faults[-1].text
