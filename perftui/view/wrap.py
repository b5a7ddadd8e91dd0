"""Sentences in a panel: wrapped at words, never cut inside one."""

from __future__ import annotations

from perftui.domain.roles import Role
from perftui.view.text import Line, fit, text_width


def wrapped(text: str, role: Role, width: int) -> tuple[Line, ...]:
    """The text in lines of ``width`` cells; line breaks in it are kept, and an indented line stays on one line."""
    lines: list[Line] = []
    for paragraph in text.split("\n"):
        rows = [paragraph] if paragraph.startswith(" ") else _rows(paragraph, width)
        lines.extend(fit(((row, Role.KEY if paragraph.startswith(" ") else role),), width) for row in rows)
    return tuple(lines)


def _rows(paragraph: str, width: int) -> list[str]:
    rows: list[str] = []
    row = ""
    for word in paragraph.split():
        longer = f"{row} {word}" if row else word
        if row and text_width(longer) > width:
            rows.append(row)
            row = word
        else:
            row = longer
    return [*rows, row]
