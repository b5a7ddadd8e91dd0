"""Lines of spans, the only thing that pictures are made of, and how they are measured, cut and padded in cells."""

from __future__ import annotations

from functools import lru_cache

from perftui.domain.roles import Role

Span = tuple[str, Role]
Line = tuple[Span, ...]

# everything below this is one cell wide, and so are the glyphs that we draw with
_NARROW_BELOW = 0x300
_OUR_GLYPHS = (
    (0x2010, 0x2027),
    (0x2190, 0x21FF),
    (0x2200, 0x22FF),
    (0x2500, 0x25FF),
    (0x2713, 0x2718),
    (0x2800, 0x28FF),
)


@lru_cache(maxsize=8192)
def char_width(char: str) -> int:
    """Cells of one character: 0 for combining marks, 2 for wide ones."""
    code = ord(char)
    if code < _NARROW_BELOW or any(first <= code <= last for first, last in _OUR_GLYPHS):
        return 1
    from wcwidth import wcwidth  # only text from outside needs it, and its tables cost 40 ms to import

    return max(0, wcwidth(char))


def text_width(text: str) -> int:
    """Cells of a text that has no control characters."""
    return len(text) if text.isascii() else sum(map(char_width, text))


def clip(text: str, width: int, ellipsis: str = "…") -> str:
    """The text in at most ``width`` cells; what is cut is shown by an ellipsis."""
    if text_width(text) <= width:
        return text
    if width <= 0:
        return ""
    room = width - text_width(ellipsis)
    if room < 0:
        return ellipsis[:width]
    kept, used = [], 0
    for char in text:
        used += char_width(char)
        if used > room:
            break
        kept.append(char)
    return "".join(kept) + ellipsis


def left(text: str, width: int, ellipsis: str = "…") -> str:
    """The text at the left of exactly ``width`` cells."""
    cut = clip(text, width, ellipsis)
    return cut + " " * (width - text_width(cut))


def right(text: str, width: int, ellipsis: str = "…") -> str:
    """The text at the right of exactly ``width`` cells."""
    cut = clip(text, width, ellipsis)
    return " " * (width - text_width(cut)) + cut


def line_width(line: Line) -> int:
    return sum(text_width(text) for text, _ in line)


def fit(line: Line, width: int, ellipsis: str = "…") -> Line:
    """The line in exactly ``width`` cells: padded with blanks, or cut with an ellipsis."""
    missing = width - line_width(line)
    if missing == 0:
        return line
    if missing > 0:
        return (*line, (" " * missing, Role.TEXT))
    kept: list[Span] = []
    room = width
    for text, role in line:
        size = text_width(text)
        # room for the ellipsis is kept as long as something follows
        if size < room or (size == room and line_width(line[: len(kept) + 1]) == line_width(line)):
            kept.append((text, role))
            room -= size
            continue
        cut = clip(text, room, ellipsis) if size > room else clip(text + " ", room, ellipsis)
        kept.append((cut + " " * (room - text_width(cut)), role))
        break
    return tuple(kept)


def plain(line: Line) -> str:
    """The text of a line without its meanings."""
    return "".join(text for text, _ in line)
