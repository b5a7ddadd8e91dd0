"""Themes: a look for every meaning, from TOML files that ship with perftui or stand in the user's folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from perftui.config.example import shipped
from perftui.config.problems import Problem, Problems, nearest
from perftui.config.toml_text import parse, read_text
from perftui.domain.errors import PerftuiError
from perftui.domain.roles import Role

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_BASE = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
ANSI_COLOURS = frozenset((*_BASE, *(f"bright_{name}" for name in _BASE)))
_ATTRIBUTES = ("bold", "dim", "italic", "underline", "reverse")
_TOP_KEYS = ("title", "dark", "background", "surface", "roles")


class Look(msgspec.Struct, frozen=True):
    """How one meaning looks; colours are ``#rrggbb``, one of the 16 ANSI names, or "" for the terminal's own."""

    fg: str = ""
    bg: str = ""
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False


class Theme(msgspec.Struct, frozen=True):
    """``background`` "" leaves the terminal's own; ``surface`` is for what stands above it: prompts and lists."""

    name: str
    title: str
    dark: bool
    background: str
    surface: str
    roles: Mapping[Role, Look]

    @property
    def ansi(self) -> bool:
        """Whether it uses no colour but the terminal's own sixteen."""
        colours = {self.background, self.surface, *(look.fg for look in self.roles.values())}
        return not any(colour.startswith("#") for colour in colours)


def theme_folders() -> tuple[Path, ...]:
    """The user's folder first, so that a theme there replaces one of the same name."""
    from perftui.config.paths import config_folder  # platformdirs takes 10 ms, and not every start needs it

    return config_folder() / "themes", shipped("themes")


def theme_names(folders: tuple[Path, ...] | None = None) -> tuple[str, ...]:
    """Names of the themes that there are, in alphabetical order."""
    return tuple(sorted({name for folder in folders or theme_folders() for name in _names_in(folder)}))


def _names_in(folder: Path) -> tuple[str, ...]:
    """None when there is no such folder, or when it may not be looked into."""
    try:
        return tuple(path.stem for path in folder.glob("*.toml"))
    except OSError:
        return ()


def load_theme(name: str, folders: tuple[Path, ...] | None = None) -> Theme:
    """The theme of that name. Raises PerftuiError with everything that is wrong with its file."""
    for folder in folders or theme_folders():
        if name in _names_in(folder):
            path = folder / f"{name}.toml"
            text, trouble = read_text(path)
            if trouble:
                raise PerftuiError(f"{path}: {trouble}")
            theme, problems = parse_theme(text, name, str(path))
            if problems:
                raise PerftuiError("\n".join(map(str, problems)))
            return theme
    raise PerftuiError(f'no theme is called "{name}"{nearest(name, theme_names(folders))}')


def parse_theme(text: str, name: str, file: str) -> tuple[Theme, tuple[Problem, ...]]:
    """A theme from TOML text and every problem that it has."""
    table, problems = parse(text, file)
    if problems.found:
        return Theme(name, name, True, "", "", {}), tuple(problems.found)
    for key in table:
        if key not in _TOP_KEYS:
            problems.add((key,), f"unknown key{nearest(key, _TOP_KEYS)}")
    roles = table.get("roles", {})
    if not isinstance(roles, dict):
        problems.add(("roles",), "expected a table of looks")
        roles = {}
    looks: dict[Role, Look] = {}
    for key, value in roles.items():
        if key not in set(Role):
            problems.add(("roles", key), f"unknown meaning{nearest(key, [role.value for role in Role])}")
        else:
            looks[Role(key)] = _look(value, ("roles", key), problems)
    missing = [role.value for role in Role if role.value not in roles]
    if missing:
        problems.add(("roles",), f"no look for: {', '.join(missing)}")
    dark = table.get("dark", True)
    if not isinstance(dark, bool):
        problems.add(("dark",), "expected true or false")
    background = _colour(table.get("background", ""), ("background",), problems)
    surface = _colour(table.get("surface", ""), ("surface",), problems)
    theme = Theme(name, str(table.get("title", name)), bool(dark), background, surface, looks)
    return theme, tuple(problems.found)


def _look(value: Any, path: tuple[str, ...], problems: Problems) -> Look:
    """``"#rrggbb bold"``: a colour, ``on`` and a background, attributes; in any order but for ``on``."""
    if not isinstance(value, str):
        problems.add(path, 'expected text such as "#d0d0d0 bold" or "white on blue"')
        return Look()
    given: dict[str, Any] = {}
    words = iter(value.split())
    for word in words:
        if word in _ATTRIBUTES:
            given[word] = True
        elif word == "on":
            given["bg"] = _colour(next(words, "nothing after on"), path, problems)
        elif "fg" in given:
            problems.add(path, f'two colours, {given["fg"]!r} and {word!r}: write "on" before a background')
        else:
            given["fg"] = _colour(word, path, problems)
    return Look(**given)


def _colour(value: object, path: tuple[str, ...], problems: Problems) -> str:
    if isinstance(value, str) and (value == "" or _HEX.fullmatch(value) or value in ANSI_COLOURS):
        return value
    known = sorted(ANSI_COLOURS | set(_ATTRIBUTES))
    problems.add(path, f"{value!r} is not a colour (#rrggbb or a terminal colour){nearest(str(value), known)}")
    return ""
