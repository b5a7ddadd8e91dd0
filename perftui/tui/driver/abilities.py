"""What a terminal is able to show, told from its environment, and what becomes of a pen there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache

from rich.color import Color, ColorSystem
from rich.color_triplet import ColorTriplet

from perftui.tui.driver.pens import Pen

_OLD = r"vt(?:52|1\d\d|2[0-3]\d|3\d\d|4\d\d|510)\b"
_MONOCHROME = re.compile(_OLD + r"|.*-(?:m|mono)$")
# erasing leaves the background there (terminfo: bce); all of them also know the colours of the background at all
_ERASES_IN_COLOUR = re.compile(
    r"xterm|tmux|alacritty|foot|kitty|wezterm|ghostty|linux|rxvt|vte|konsole|gnome|st-|iterm"
)


# strings, the keyboard of later terminals, questions for modes
_LATER = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[<>=][\d;]*[@-~]|\x1b\[\?[\d;]*\$p")


class Depth(Enum):
    """How many colours there are; the value is rich's name for the system, if it has one."""

    TRUE = ColorSystem.TRUECOLOR
    INDEXED = ColorSystem.EIGHT_BIT
    SIXTEEN = ColorSystem.STANDARD
    NONE = None


def depth_of(environment: Mapping[str, str]) -> Depth:
    """Colours that a terminal has, by NO_COLOR, COLORTERM and TERM."""
    term = environment.get("TERM", "").lower()
    if environment.get("NO_COLOR") or term in ("", "dumb") or _MONOCHROME.match(term):
        return Depth.NONE
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit") or "direct" in term:
        return Depth.TRUE
    return Depth.INDEXED if "256" in term else Depth.SIXTEEN


def erases_in_colour(environment: Mapping[str, str]) -> bool:
    """Whether erased cells get the background of the pen; where nobody promises that, cells are written instead."""
    return _ERASES_IN_COLOUR.match(environment.get("TERM", "").lower()) is not None


def knows_strings(environment: Mapping[str, str]) -> bool:
    """Whether sequences that came after the VT100 are taken for what they are, and not written on the screen."""
    return re.match(_OLD, environment.get("TERM", "").lower()) is None


def without_later(data: str) -> str:
    """Only what a VT100 can make out; modes that it does not have it passes over by itself."""
    return _LATER.sub("", data)


@lru_cache(maxsize=4096)
def at_depth(pen: Pen, depth: Depth) -> Pen:
    """The pen with its colours as near as the terminal can; without colours, attributes and link are left."""
    if depth is Depth.TRUE:
        return pen
    return pen._replace(foreground=_reduced(pen.foreground, depth), background=_reduced(pen.background, depth))


def _reduced(colour: str, depth: Depth) -> str:
    if not colour or depth.value is None:
        return ""
    kind, _, rest = colour.partition(";")
    if not rest:
        return colour
    numbers = [int(number) for number in rest.split(";")]
    given = Color.from_triplet(ColorTriplet(*numbers[1:])) if numbers[0] == 2 else Color.from_ansi(numbers[1])
    return ";".join(given.downgrade(depth.value).get_ansi_codes(kind == "38"))
