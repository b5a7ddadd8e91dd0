"""What is wrong with a file: place, reason and way out, all of it at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

import msgspec

from perftui.domain.text import clean

Path = tuple[str | int, ...]


class Problem(msgspec.Struct, frozen=True):
    """``line`` 0: the problem has no line (a file that can't be read, an environment variable)."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.path, self.message) if part)


class Problems:
    """Collects problems of one file; ``lines`` maps key paths to lines."""

    def __init__(self, file: str, lines: Mapping[Path, int]) -> None:
        self._file, self._lines = file, lines
        self._elsewhere: dict[Path, str] = {}
        self.found: list[Problem] = []

    def comes_from(self, path: Path, place: str) -> None:
        """What this key holds was not given in the file: its problems belong to ``place``."""
        self._elsewhere[path] = place

    def add(self, path: Path, message: str) -> None:
        if path in self._elsewhere:
            self.found.append(Problem(self._elsewhere[path], 0, dotted(path), clean(message, 400)))
            return
        self.found.append(Problem(self._file, self._line(path), clean(dotted(path), 120), clean(message, 400)))

    def where(self, path: Path) -> str:
        """``perftui.toml:14``; without a line when the file does not hold the key, and empty without a file."""
        line = self._line(path)
        return f"{self._file}:{line}" if line else self._file

    def _line(self, path: Path) -> int:
        """That of the key, else of the nearest table around it; 0 for none."""
        return next((self._lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self._lines), 0)


def dotted(path: Path) -> str:
    """``panels.cpu.series[0]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def nearest(word: str, known: Iterable[str]) -> str:
    """``, did you mean "..."?`` for the most similar known word; else the known words when they are few."""
    words = sorted(known)
    close = difflib.get_close_matches(word, words, 1, 0.6)
    if close:
        return f', did you mean "{close[0]}"?'
    return f" (known: {', '.join(words)})" if 0 < len(words) <= 24 else ""
