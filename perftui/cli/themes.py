"""``perftui themes``: what there is to wear, with a swatch where the terminal has colours."""

from __future__ import annotations

import os
import sys

from perftui.cli.arguments import Options
from perftui.config.themes import Look, Theme, load_theme, theme_names
from perftui.domain.errors import Exit
from perftui.domain.roles import Role

_ANSI = {
    name: str(code)
    for base, first in (("", 30), ("bright_", 90))
    for code, name in enumerate(
        (f"{base}{colour}" for colour in ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")), first
    )
}
_ATTRIBUTES = (("bold", "1"), ("dim", "2"), ("italic", "3"), ("underline", "4"), ("reverse", "7"))
_SAMPLE = (Role.VALUE, Role.LABEL, Role.ACCENT, Role.OK, Role.WATCH, Role.BAD, Role.SERIES1, Role.SERIES2, Role.SERIES3)


def themes(options: Options) -> int:
    """One line a theme, or every meaning of the named one."""
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "") not in ("", "dumb")
    if options.name:
        theme = load_theme(options.name)
        print(f"{theme.name}: {theme.title}")
        for role in Role:
            print(f"  {_painted(role.value.ljust(12), theme.roles[role], colour)} {_words(theme.roles[role])}".rstrip())
        return Exit.OK
    for name in theme_names():
        theme = load_theme(name)
        print(f"{name:14} {theme.title:34} {_swatch(theme, colour)}".rstrip())
    return Exit.OK


def _swatch(theme: Theme, colour: bool) -> str:
    if not colour:
        return ""
    return " ".join(_painted(role.value, theme.roles[role], colour) for role in _SAMPLE)


def _painted(text: str, look: Look, colour: bool) -> str:
    if not colour:
        return text
    codes = [code for name, code in _ATTRIBUTES if getattr(look, name)]
    codes += [_code(look.fg, 0)] * bool(look.fg) + [_code(look.bg, 10)] * bool(look.bg)
    return f"\x1b[{';'.join(codes)}m{text}\x1b[0m"


def _code(colour: str, offset: int) -> str:
    if not colour.startswith("#"):
        return str(int(_ANSI[colour]) + offset)
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"{38 + offset};2;{red};{green};{blue}"


def _words(look: Look) -> str:
    attributes = [name for name, _ in _ATTRIBUTES if getattr(look, name)]
    return " ".join([look.fg, *(["on", look.bg] if look.bg else []), *attributes]).strip()
