"""The thin frame around every panel: title left and one summary figure right in its top line.

The focus is shown in the top line alone: its colour all around would be sent for every line of two panels a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from perftui.domain.roles import Role
from perftui.view.glyphs import GlyphSet
from perftui.view.text import Line, clip, fit, line_width, text_width

_FRAME, _FOCUS, _TEXT = Role.FRAME, Role.FOCUS, Role.TEXT
_BLANK = (" ", _TEXT)
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
    if not has_frame(width, height):
        # a frame would leave no room for what it holds
        return tuple(fit(body[row] if row < len(body) else (), width, glyphs.ellipsis) for row in range(height))
    side = ((glyphs.vertical, _FRAME),)
    inner = [side + fit(line, width - 2, glyphs.ellipsis) + side for line in body[: height - 2]]
    return _around(
        inner, width, height, top_line(width, title, summary, focused=focused, glyphs=glyphs), footer, glyphs
    )


def framed_as_made(
    body: Sequence[Line],
    *,
    width: int,
    height: int,
    title: str,
    summary: Line,
    footer: str,
    glyphs: GlyphSet,
) -> tuple[Line, ...]:
    """The same for lines of exactly ``width - 4`` cells, of which none is measured again; a blank at both ends."""
    begin, end = ((glyphs.vertical, _FRAME), _BLANK), (_BLANK, (glyphs.vertical, _FRAME))
    inner = [begin + line + end for line in body[: height - 2]]
    return _around(inner, width, height, top_line(width, title, summary, focused=False, glyphs=glyphs), footer, glyphs)


def _around(inner: list[Line], width: int, height: int, top: Line, footer: str, glyphs: GlyphSet) -> tuple[Line, ...]:
    """Lines with their sides, blank ones below them, and the frame above and below."""
    blank = _blank_line(width, glyphs)
    return (top, *inner, *[blank] * (height - 2 - len(inner)), _bottom(width, footer, glyphs))


@lru_cache(maxsize=64)
def _blank_line(width: int, glyphs: GlyphSet) -> Line:
    return ((glyphs.vertical, _FRAME), (" " * (width - 2), _TEXT), (glyphs.vertical, _FRAME))


def has_frame(width: int, height: int) -> bool:
    """Whether a panel of that size has a frame."""
    return height >= 2 and width >= 4


def top_line(width: int, title: str, summary: Line, *, focused: bool, glyphs: GlyphSet) -> Line:
    """A figure is shown whole or not at all: cut, it would be another figure. The title shrinks before it goes."""
    cells = line_width(summary)
    # two blanks and a dash stand between them
    if not cells or cells + 2 + min(text_width(title), _TITLE_MIN) + 3 > width - 2:
        return _titled(width, title, 0, focused, glyphs) + _corner(focused, glyphs)
    blank = ((" ", _FOCUS if focused else _FRAME),)
    head = _titled(width, title, cells + 2, focused, glyphs)
    return head + blank + tuple([span for span in summary if span[0]]) + blank + _corner(focused, glyphs)


@lru_cache(maxsize=256)
def _titled(width: int, title: str, figure: int, focused: bool, glyphs: GlyphSet) -> Line:
    """The top line as far as to a figure of so many cells: the same each second."""
    room, role = width - 2, _FOCUS if focused else _FRAME
    name = clip(title, max(0, room - figure - 3), glyphs.ellipsis)
    head: Line = ((f" {name} ", _FOCUS if focused else Role.TITLE),) if name else ()
    dashes = glyphs.horizontal * (room - line_width(head) - figure)
    line = ((glyphs.top_left, role), *head, (dashes, role))
    return tuple(span for span in line if span[0])


def _corner(focused: bool, glyphs: GlyphSet) -> Line:
    return ((glyphs.top_right, _FOCUS if focused else _FRAME),)


@lru_cache(maxsize=256)
def _bottom(width: int, footer: str, glyphs: GlyphSet) -> Line:
    text = clip(footer, max(0, width - 6), glyphs.ellipsis)
    dashes = width - 2 - text_width(text) - 3
    if not text or dashes < 0:  # text of no cells fits everywhere, the blanks around it do not
        return ((glyphs.bottom_left + glyphs.horizontal * (width - 2) + glyphs.bottom_right, _FRAME),)
    return (
        (glyphs.bottom_left + glyphs.horizontal * dashes, _FRAME),
        (f" {text} ", Role.LABEL),
        (glyphs.horizontal + glyphs.bottom_right, _FRAME),
    )
