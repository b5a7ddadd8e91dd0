"""Finds, reads and checks the configuration: a Config, and every problem that it has."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from perftui.config.check import build, fields
from perftui.config.defaults import DEFAULTS
from perftui.config.meaning import check_meaning
from perftui.config.problems import Problem, Problems, nearest
from perftui.config.schema import Config
from perftui.config.themes import theme_names
from perftui.config.toml_lines import key_lines

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_INTEGER = re.compile(r"[+-]?\d{1,18}")
_DECIMAL = re.compile(r"[+-]?\d{1,18}\.\d{1,18}")
FILE_NAME = "perftui.toml"
MAX_BYTES = 1024 * 1024
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
        return Path(named).expanduser()
    here = cwd / FILE_NAME
    if here.exists():
        return here
    from perftui.config.paths import config_folder  # most starts end above, and platformdirs takes 10 ms

    user = config_folder() / FILE_NAME
    return user if user.exists() else None


def load(path: Path | None, environ: Mapping[str, str] | None = None) -> Loaded:
    """Read and check a file (None: defaults only) and the environment. Never raises for what it finds."""
    name = "" if path is None else str(path)
    if path is None:
        table: dict[str, Any] = {}
        problems = Problems(name, {})
    else:
        text, trouble = _text(path)
        if trouble:
            return Loaded(DEFAULTS, (Problem(name, 0, "", trouble),), path)
        try:
            table = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            return Loaded(DEFAULTS, (_syntax(name, text, error),), path)
        problems = Problems(name, key_lines(text))
    config = build(Config, table, (), problems, DEFAULTS)
    config, wrong = _from_environment(config, environ if environ is not None else os.environ)
    # checks across keys need keys that are right in themselves
    if not problems.found and not wrong:
        check_meaning(config, theme_names(), problems)
    return Loaded(config, tuple(problems.found) + tuple(wrong), path)


def _text(path: Path) -> tuple[str, str]:
    """The file's text, or the sentence that says why there is none."""
    try:
        if path.is_dir():
            return "", "is a folder, not a file"
        if path.stat().st_size > MAX_BYTES:
            return "", f"is larger than {MAX_BYTES // 1024} KiB: not a perftui configuration"
        return path.read_bytes().decode("utf-8-sig"), ""
    except FileNotFoundError:
        return "", "no such file (perftui init writes one)"
    except UnicodeDecodeError as error:
        return "", f"is not UTF-8 text (byte {error.start})"
    except OSError as error:
        return "", f"can't be read: {error.strerror}"


def _syntax(name: str, text: str, error: Exception) -> Problem:
    """The parser's words with the line that it names at the end of them."""
    words = str(error)
    line = 0
    if "(at line " in words:
        words, _, place = words.partition(" (at line ")
        line = int(place.split(",")[0])
    elif "at end of document" in words:
        words, line = words.replace(" (at end of document)", " at the end of the file"), text.count("\n") + 1
    return Problem(name, line, "", f"not TOML: {words or 'nested too deeply'}")


def _from_environment(config: Config, environ: Mapping[str, str]) -> tuple[Config, list[Problem]]:
    """``PERFTUI_SOURCES_HOST_ENABLED=false`` and the like override single keys."""
    paths = {"PERFTUI_" + "_".join(path).upper(): path for path in _single_keys(Config, ())}
    wrong: list[Problem] = []
    for variable, text in environ.items():
        if not variable.startswith("PERFTUI_") or variable in _NOT_KEYS or variable.startswith(_NOT_KEY_PREFIXES):
            continue
        path = paths.get(variable)
        if path is None:
            wrong.append(Problem(f"${variable}", 0, "", f"no such key{nearest(variable, paths)}"))
            continue
        table: Any = _scalar(text)
        for part in reversed(path):
            table = {part: table}
        problems = Problems(f"${variable}", {})
        config = build(Config, table, (), problems, config)
        wrong.extend(problems.found)
    return config, wrong


def _single_keys(struct: type, above: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Paths of the keys that hold one value: what is in tables by id can't be named by a variable."""
    found: list[tuple[str, ...]] = []
    for key, (_, hint) in fields(struct).items():
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            found.extend(_single_keys(hint, (*above, key)))
        elif not str(hint).startswith(("dict", "tuple")):
            found.append((*above, key))
    return found


def _scalar(text: str) -> bool | int | float | str:
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
