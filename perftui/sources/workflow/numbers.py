"""Numbers that others measured and wrote down: the files of the metrics folder that hold values, not events."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

MOST_NUMBERS = 200
_MAX_FILE = 1 << 20
_DEEPEST = 6
_NOT_A_NAME = re.compile(r"[^a-zA-Z0-9_]+")
_decode = msgspec.json.Decoder().decode


class Numbers:
    """The numbers of a file, each time it was written anew; ``last_line`` for a file of JSON lines.

    Their names are ``prefix`` and the keys that lead to them, joined by underscores. ``trouble`` says why there are
    none.
    """

    def __init__(self, prefix: str, *, last_line: bool = False) -> None:
        self._prefix, self._last_line = prefix, last_line
        self._seen: tuple[int, int, int] | None = None
        self.trouble = ""

    def read(self, path: str) -> dict[str, float]:
        """By name; empty while the file is as it was, or ``path`` is."""
        if not path:
            self._seen, self.trouble = None, ""
            return {}
        try:
            about = os.stat(path)  # noqa: PTH116 (every second)
            seen = (about.st_ino, about.st_size, about.st_mtime_ns)
            if seen == self._seen:
                return {}
            data = self._data(path)
        except OSError as error:
            self.trouble = f"{Path(path).name}: {error.strerror}"
            return {}
        self._seen = seen
        try:
            found = _decode(data) if data else None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self.trouble = f"{Path(path).name} is not JSON: {error}"
            return {}
        self.trouble = ""
        return dict(islice(_numbers(found, self._prefix, 0), MOST_NUMBERS))

    def _data(self, path: str) -> bytes:
        with Path(path).open("rb") as file:
            if not self._last_line:
                return file.read(_MAX_FILE)
            file.seek(max(0, os.fstat(file.fileno()).st_size - _MAX_FILE))
            whole = file.read(_MAX_FILE).rpartition(b"\n")[0]
        return whole.rpartition(b"\n")[2]


def _numbers(found: Any, name: str, depth: int) -> Iterator[tuple[str, float]]:
    """Numbers with their names, of objects within objects; times, lists and text are no numbers."""
    if isinstance(found, dict) and depth < _DEEPEST:
        for key, value in found.items():
            if key not in ("ts", "timestamp"):
                yield from _numbers(value, f"{name}_{_NOT_A_NAME.sub('_', key)[:60].strip('_').lower()}", depth + 1)
    elif isinstance(found, (int, float)) and not isinstance(found, bool):
        yield name, float(found)
