"""The help page: every key of a screen, then those that work everywhere."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.domain.roles import Role
from perftui.view.text import Line, fit, left, text_width

Entry = tuple[str, str]


def help_lines(sections: Sequence[tuple[str, Sequence[Entry]]], width: int, ellipsis: str = "…") -> tuple[Line, ...]:
    """Titles and ``keys description`` rows; a section stands in two columns when nothing of it is cut then."""
    key_width = min(16, max((text_width(keys) for _, rows in sections for keys, _ in rows), default=8) + 2)
    lines: list[Line] = []
    for title, rows in sections:
        if lines:
            lines.append(fit((), width))
        lines.append(fit(((title, Role.TITLE),), width))
        needed = max((text_width(text) for _, text in rows), default=0) + key_width + 3
        columns = 2 if 2 * needed <= width else 1
        column = width // columns
        half = -(-len(rows) // columns)
        for index in range(half):
            line: Line = ()
            for keys, text in rows[index::half]:
                line += (
                    (left(f"  {keys}", key_width + 2, ellipsis), Role.KEY),
                    (left(text, column - key_width - 2, ellipsis), Role.TEXT),
                )
            lines.append(fit(line, width, ellipsis))
    return tuple(lines)
