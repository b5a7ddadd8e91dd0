"""The thin frame around every panel: title left and one summary figure right in its top line.

The focus is shown in the top line alone: its colour all around would be sent for every line of two panels a key.
"""

from __future__ import annotations

from collections.abc import Sequence

from perftui.domain.roles import Role
from perftui.view.glyphs import GlyphSet
from perftui.view.text import Line, clip, fit, line_width, text_width

# cells of a title that a figure may not take
_TITLE_MIN = 6


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
    role = Role.FRAME
    if not has_frame(width, height):
        # a frame would leave no room for what it holds
        return tuple(fit(body[row] if row < len(body) else (), width, glyphs.ellipsis) for row in range(height))
    lines = [top_line(width, title, summary, focused=focused, glyphs=glyphs)]
    for row in range(height - 2):
        inner = fit(body[row], width - 2, glyphs.ellipsis) if row < len(body) else ((" " * (width - 2), Role.TEXT),)
        lines.append(((glyphs.vertical, role), *inner, (glyphs.vertical, role)))
    lines.append(_bottom(width, footer, role, glyphs))
    return tuple(lines)


def has_frame(width: int, height: int) -> bool:
    """Whether a panel of that size has a frame."""
    return height >= 2 and width >= 4


def top_line(width: int, title: str, summary: Line, *, focused: bool, glyphs: GlyphSet) -> Line:
    """A figure is shown whole or not at all: cut, it would be another figure. The title shrinks before it goes."""
    room, role = width - 2, Role.FOCUS if focused else Role.FRAME
    figure: Line = ((" ", role), *summary, (" ", role)) if line_width(summary) else ()
    # two blanks and a dash stand between them
    if line_width(figure) + min(text_width(title), _TITLE_MIN) + 3 > room:
        figure = ()
    name = clip(title, max(0, room - line_width(figure) - 3), glyphs.ellipsis)
    head: Line = ((f" {name} ", Role.FOCUS if focused else Role.TITLE),) if name else ()
    dashes = room - line_width(head) - line_width(figure)
    line = ((glyphs.top_left, role), *head, (glyphs.horizontal * dashes, role), *figure, (glyphs.top_right, role))
    return tuple(span for span in line if span[0])


def _bottom(width: int, footer: str, role: Role, glyphs: GlyphSet) -> Line:
    text = clip(footer, max(0, width - 6), glyphs.ellipsis)
    dashes = width - 2 - text_width(text) - 3
    if not text or dashes < 0:  # text of no cells fits everywhere, the blanks around it do not
        return ((glyphs.bottom_left + glyphs.horizontal * (width - 2) + glyphs.bottom_right, role),)
    return (
        (glyphs.bottom_left + glyphs.horizontal * dashes, role),
        (f" {text} ", Role.LABEL),
        (glyphs.horizontal + glyphs.bottom_right, role),
    )
