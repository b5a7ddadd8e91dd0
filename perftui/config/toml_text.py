"""Reads and parses a TOML file; whatever is wrong with it becomes a sentence, never an exception.

Only regular files of a bounded size are read: a pipe would block, a device would never end.
"""

from __future__ import annotations

import stat
import sys
from pathlib import Path
from typing import Any

from perftui.config.problems import Problem, Problems
from perftui.config.toml_lines import key_lines

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAX_BYTES = 1024 * 1024


def read_text(path: Path) -> tuple[str, str]:
    """The file's text, or the sentence that says why there is none."""
    too_large = f"is larger than {MAX_BYTES // 1024} KiB: that is no file of perftui's"
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            return "", "is a folder, not a file"
        if not stat.S_ISREG(found.st_mode):
            return "", "is a device or a pipe, not a file"
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        return ("", too_large) if len(content) > MAX_BYTES else (content.decode("utf-8-sig"), "")
    except FileNotFoundError:
        return "", "no such file (perftui init writes one)"
    except UnicodeDecodeError as error:
        return "", f"is not UTF-8 text (byte {error.start})"
    except OSError as error:
        return "", f"can't be read: {error.strerror}"


def parse(text: str, file: str) -> tuple[dict[str, Any], Problems]:
    """The table and a collector that knows the lines of its keys; it holds a problem when the text is not TOML."""
    try:
        return tomllib.loads(text), Problems(file, key_lines(text))
    except (ValueError, RecursionError) as error:
        problems = Problems(file, {})
        problems.found.append(_syntax(file, text, error))
        return {}, problems


def _syntax(file: str, text: str, error: Exception) -> Problem:
    """The parser's words with the line that it names at the end of them."""
    words, line = str(error), 0
    if isinstance(error, RecursionError):
        words = "nested too deeply"
    elif not isinstance(error, tomllib.TOMLDecodeError):
        words = "a number has too many digits"  # the parser leaves this one to int(), which names no line
    elif "(at line " in words:
        words, _, place = words.partition(" (at line ")
        line = int(place.split(",")[0])
    elif "at end of document" in words:
        words, line = words.replace(" (at end of document)", " at the end of the file"), text.count("\n") + 1
    return Problem(file, line, "", f"not TOML: {words}")
