"""What a piece of text means on screen; themes give each meaning a look, glyphs carry the meaning without colour."""

from __future__ import annotations

from enum import Enum


class Role(str, Enum):
    """Meanings, not colours (SCREENS.md, visual language)."""

    TEXT = "text"
    VALUE = "value"
    LABEL = "label"
    TITLE = "title"
    FRAME = "frame"
    FOCUS = "focus"
    ACCENT = "accent"
    OK = "ok"
    WATCH = "watch"
    BAD = "bad"
    STALE = "stale"
    KEY = "key"
    BAR = "bar"
    THRESHOLD = "threshold"
    MARK = "mark"
    SELECTED = "selected"
    MARKED = "marked"
    SERIES1 = "series1"
    SERIES2 = "series2"
    SERIES3 = "series3"
    SERIES4 = "series4"
    SERIES5 = "series5"
    SERIES6 = "series6"


SERIES_ROLES = (Role.SERIES1, Role.SERIES2, Role.SERIES3, Role.SERIES4, Role.SERIES5, Role.SERIES6)
