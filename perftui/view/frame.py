"""The thin frame around every panel: title left and one summary figure right in its top line."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.domain.roles import Role
from perftui.view.glyphs import GlyphSet
from perftui.view.text import Line, clip, fit, line_width, text_width


def framed(
    body: Sequence[Line],
    *,
    width: int,
    height: int,
    title: str,
    summary: Line = (),
    focused: bool = False,
    footer: str = "",
    glyphs: GlyphSet,
) -> tuple[Line, ...]:
    """Exactly ``height`` lines of ``width`` cells; the body is cut or padded to the room inside."""
    role = Role.FOCUS if focused else Role.FRAME
    if height < 2 or width < 4:
        return tuple(fit(line, width, glyphs.ellipsis) for line in (*body, *[()] * height))[:height]
    lines = [_top(width, title, summary, role, focused, glyphs)]
    for row in range(height - 2):
        inner = fit(body[row], width - 2, glyphs.ellipsis) if row < len(body) else ((" " * (width - 2), Role.TEXT),)
        lines.append(((glyphs.vertical, role), *inner, (glyphs.vertical, role)))
    lines.append(_bottom(width, footer, role, glyphs))
    return tuple(lines)


def _top(width: int, title: str, summary: Line, role: Role, focused: bool, glyphs: GlyphSet) -> Line:
    """The title gives way to the summary's figure last: a title is known, the figure is news."""
    room = width - 2
    figure: Line = () if not summary or line_width(summary) == 0 else ((" ", role), *summary, (" ", role))
    if line_width(figure) + 4 > room:
        figure = ()
    name = clip(title, max(0, room - line_width(figure) - 3), glyphs.ellipsis)
    head: Line = ((f" {name} ", Role.FOCUS if focused else Role.TITLE),) if name else ()
    dashes = room - line_width(head) - line_width(figure)
    tail = 1 if figure and dashes > 1 else 0
    return (
        (glyphs.top_left, role),
        *head,
        (glyphs.horizontal * (dashes - tail), role),
        *figure,
        (glyphs.horizontal * tail + glyphs.top_right, role),
    )


def _bottom(width: int, footer: str, role: Role, glyphs: GlyphSet) -> Line:
    text = clip(footer, max(0, width - 6), glyphs.ellipsis)
    if not text:
        return ((glyphs.bottom_left + glyphs.horizontal * (width - 2) + glyphs.bottom_right, role),)
    dashes = width - 2 - text_width(text) - 3
    return (
        (glyphs.bottom_left + glyphs.horizontal * dashes, role),
        (f" {text} ", Role.LABEL),
        (glyphs.horizontal + glyphs.bottom_right, role),
    )
