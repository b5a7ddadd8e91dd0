"""Finds, reads and checks the configuration: a Config, and every problem that it has."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from perftui.config.check import build, fields
from perftui.config.defaults import DEFAULTS
from perftui.config.meaning import check_meaning
from perftui.config.problems import Problem, Problems, nearest
from perftui.config.schema import Config
from perftui.config.themes import theme_names
from perftui.config.toml_text import parse, read_text
from perftui.config.values import expanded
from perftui.domain.text import clean

_INTEGER = re.compile(r"[+-]?\d{1,18}")
_DECIMAL = re.compile(r"[+-]?\d{1,18}\.\d{1,18}")
FILE_NAME = "perftui.toml"
# environment variables that are not keys of the configuration
_NOT_KEYS = frozenset(("PERFTUI_CONFIG", "PERFTUI_REQUIRE_SERVICES"))
_NOT_KEY_PREFIXES = ("PERFTUI_PROVE_", "PERFTUI_TEST_")


class Loaded(msgspec.Struct, frozen=True):
    """``config`` is good to use only without problems; ``path`` is None when there is no file."""

    config: Config
    problems: tuple[Problem, ...]
    path: Path | None


def find_config(explicit: str | None, environ: Mapping[str, str], cwd: Path) -> Path | None:
    """The file that was named, else $PERFTUI_CONFIG, else ./perftui.toml, else the user's; None when there is none."""
    named = explicit or environ.get("PERFTUI_CONFIG")
    if named:
        return expanded(named)
    here = cwd / FILE_NAME
    if _is_there(here, unreadable=False):
        return here
    from perftui.config.paths import config_folder  # most starts end above, and platformdirs takes 10 ms

    user = config_folder() / FILE_NAME
    # one that can't be looked at is reported by load(), not passed over
    return user if _is_there(user, unreadable=True) else None


def _is_there(path: Path, *, unreadable: bool) -> bool:
    try:
        return path.exists()
    except OSError:
        return unreadable


def load(
    path: Path | None,
    environ: Mapping[str, str] | None = None,
    amend: Callable[[Config], Config] = lambda config: config,
) -> Loaded:
    """Read and check a file (None: defaults only) and the environment. Never raises for what it finds.

    ``amend`` adds what the command line says, before names are looked up.
    """
    name = "" if path is None else str(path)
    if path is None:
        table: dict[str, Any] = {}
        problems = Problems(name, {})
    else:
        text, trouble = read_text(path)
        if trouble:
            return Loaded(DEFAULTS, (Problem(name, 0, "", trouble),), path)
        table, problems = parse(text, name)
        if problems.found:
            return Loaded(DEFAULTS, tuple(problems.found), path)
    config = build(Config, table, (), problems, DEFAULTS)
    config = amend(_from_environment(config, environ if environ is not None else os.environ, problems))
    # checks across keys need keys that are right in themselves
    if not problems.found:
        check_meaning(config, theme_names(), problems)
    return Loaded(config, tuple(problems.found), path)


def _from_environment(config: Config, environ: Mapping[str, str], problems: Problems) -> Config:
    """``PERFTUI_SOURCES_HOST_ENABLED=false`` and the like override single keys."""
    ours = [name for name in environ if name.startswith("PERFTUI_") and name not in _NOT_KEYS]
    ours = [name for name in ours if not name.startswith(_NOT_KEY_PREFIXES)]
    if not ours:
        return config
    keys = {"PERFTUI_" + "_".join(path).upper(): (path, hint) for path, hint in _single_keys(Config, ())}
    for variable in ours:
        text = environ[variable]
        if variable not in keys:
            problems.found.append(Problem(f"${clean(variable, 120)}", 0, "", f"no such key{nearest(variable, keys)}"))
            continue
        path, hint = keys[variable]
        problems.comes_from(path, f"${variable}")
        # a theme may be called 1984: only what is no text becomes something else
        table: Any = _scalar(text) if hint in (bool, int, float) else text
        for part in reversed(path):
            table = {part: table}
        config = build(Config, table, (), problems, config)
    return config


def _single_keys(struct: type, above: tuple[str, ...]) -> list[tuple[tuple[str, ...], Any]]:
    """Paths and types of the keys that hold one value: what is in tables by id can't be named by a variable."""
    found: list[tuple[tuple[str, ...], Any]] = []
    for key, (_, hint) in fields(struct).items():
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            found.extend(_single_keys(hint, (*above, key)))
        elif not str(hint).startswith(("dict", "tuple")):
            found.append(((*above, key), hint))
    return found


def _scalar(text: str) -> bool | int | float | str:
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
