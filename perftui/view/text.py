"""Lines of spans, the only thing that pictures are made of, and how they are measured, cut and padded in cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from perftui.domain.roles import Role

Span = tuple[str, Role]
Line = tuple[Span, ...]
_TEXT = Role.TEXT

# one cell each: Latin, and the glyphs that we draw with; emoji live in none of these ranges
_SINGLE = " -~\xa0-\xac\xae-\u02ff\u2010-\u2027\u2190-\u21ff\u2200-\u22ff\u2500-\u25fc\u2713-\u2718\u2800-\u28ff"
_SINGLE_CELLS = re.compile(f"[{_SINGLE}]*")
_JOINER = "\u200d"
_SKIN_TONES = re.compile("[\U0001f3fb-\U0001f3ff]")
_FLAG_LETTER = re.compile("[\U0001f1e6-\U0001f1ff]")


_is_single = _SINGLE_CELLS.fullmatch


@lru_cache(maxsize=8192)
def char_width(char: str) -> int:
    """Cells of one character alone: 0 for combining marks and control characters, 2 for wide ones."""
    if _SINGLE_CELLS.fullmatch(char):
        return 1
    from wcwidth import wcwidth  # only text from outside needs it, and its tables cost 40 ms to import

    return max(0, wcwidth(char))


# names and labels are measured, cut and padded to the same room every second; few are held, as some are long


@lru_cache(maxsize=1024)
def text_width(text: str) -> int:
    """Cells of a text; what terminals draw as one picture (base and marks, joined emoji, flags) counts once."""
    if _is_single(text):
        return len(text)
    return sum(map(_cluster_width, _clusters(text)))


def _clusters(text: str) -> Iterator[str]:
    """The pieces that must not be cut apart."""
    cluster = ""
    for char in text:
        if cluster and _joins(cluster, char):
            cluster += char
            continue
        if cluster:
            yield cluster
        cluster = char
    if cluster:
        yield cluster


def _joins(cluster: str, char: str) -> bool:
    if char_width(char) == 0 or (cluster[-1] == _JOINER and char != " "):
        return True
    if _SKIN_TONES.match(char):
        return char_width(cluster[0]) == 2
    return _FLAG_LETTER.match(char) is not None and _FLAG_LETTER.fullmatch(cluster) is not None


@lru_cache(maxsize=8192)
def _cluster_width(cluster: str) -> int:
    if len(cluster) == 1:
        return char_width(cluster)
    from wcwidth import wcswidth

    width = wcswidth(cluster)
    return width if width >= 0 else char_width(cluster[0])


def _head(text: str, width: int) -> str:
    """As much of the text from its beginning as ``width`` cells hold."""
    if _SINGLE_CELLS.fullmatch(text):
        return text[: max(0, width)]
    kept: list[str] = []
    for cluster in _clusters(text):
        width -= _cluster_width(cluster)
        if width < 0:
            break
        kept.append(cluster)
    return "".join(kept)


@lru_cache(maxsize=512)
def clip(text: str, width: int, ellipsis: str = "…") -> str:
    """The text in at most ``width`` cells; what is cut is shown by an ellipsis."""
    if text_width(text) <= width:
        return text
    room = width - text_width(ellipsis)
    return _head(text, room) + ellipsis if room >= 0 else _head(ellipsis, width)


@lru_cache(maxsize=512)
def left(text: str, width: int, ellipsis: str = "…") -> str:
    """The text at the left of exactly ``width`` cells."""
    size = text_width(text)
    if size <= width:
        return text + " " * (width - size)
    cut = clip(text, width, ellipsis)
    return cut + " " * (width - text_width(cut))


@lru_cache(maxsize=512)
def right(text: str, width: int, ellipsis: str = "…") -> str:
    """The text at the right of exactly ``width`` cells."""
    size = text_width(text)
    if size <= width:
        return " " * (width - size) + text
    cut = clip(text, width, ellipsis)
    return " " * (width - text_width(cut)) + cut


def middle(text: str, width: int, ellipsis: str = "…") -> str:
    """The text at the left of ``width`` cells; what is cut is cut from its middle: names differ at their ends."""
    size = text_width(text)
    room = width - text_width(ellipsis)
    if size <= width or room < 2 or size != len(text):
        return left(text, width, ellipsis)
    return text[: room // 2] + ellipsis + text[size - (room - room // 2) :]


def line_width(line: Line) -> int:
    """Cells of a line."""
    if len(line) == 1:
        return text_width(line[0][0])
    texts = [text for text, _ in line]
    # one look at all of it; most lines hold nothing else
    if _is_single(whole := "".join(texts)):
        return len(whole)
    return sum(map(text_width, texts))


def fit(line: Line, width: int, ellipsis: str = "…") -> Line:
    """The line in exactly ``width`` cells: padded with blanks, or cut with an ellipsis in the look of what it cuts."""
    missing = width - line_width(line)
    if missing == 0:
        return line
    if missing > 0:
        return (*line, (" " * missing, _TEXT))
    kept: list[Span] = []
    # all that is kept, and then the ellipsis
    room = width - text_width(ellipsis)
    for text, role in line:
        size = text_width(text)
        if size > room:
            kept.append((left(text + ellipsis, room + text_width(ellipsis), ellipsis), role))
            break
        kept.append((text, role))
        room -= size
    return tuple(span for span in kept if span[0])


def plain(line: Line) -> str:
    """The text of a line without its meanings."""
    return "".join(text for text, _ in line)
