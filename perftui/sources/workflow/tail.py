"""One open file that grows: its new lines, each once, whatever is done to the file meanwhile."""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

from perftui.domain.errors import ErrorKind, QueryError
from perftui.sources.workflow.places import Identity, unreadable

MAX_LINE = 1 << 20
CHUNK = 1 << 16
_REMEMBERED = 512


class NewLines(NamedTuple):
    """Complete lines, and the number of the first one."""

    lines: list[bytes]
    first: int


class Tail:
    """Keeps its file open, so that it is read to its end also when it was renamed or deleted.

    ``size`` is the file's, ``position`` how far it was read. ``too_long`` counts lines over 1 MiB, ``restarts`` how
    often the file was cut short or written anew. ``name`` is told with broken lines. ``newest_at`` is for its reader to
    keep: the time of the last event that it found.
    """

    def __init__(self, path: str, name: str) -> None:
        """Raises QueryError when it can't be opened."""
        try:
            # a pipe that nobody writes to must not hold us up
            self._fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        except OSError as error:
            raise unreadable(path, error) from None
        about = os.fstat(self._fd)
        if not stat.S_ISREG(about.st_mode):
            os.close(self._fd)
            raise QueryError(ErrorKind.UNSUPPORTED, f"{path} is not a file")
        self.path, self.name = path, name
        self.identity: Identity = (about.st_dev, about.st_ino)
        self.newest_at = float("-inf")
        self.position = self.too_long = self.restarts = 0
        self.size = about.st_size
        self._seen: tuple[int, int] | None = None
        self._line = 1
        self._partial = b""
        self._skipping = False
        self._head = self._behind = b""

    def close(self) -> None:
        os.close(self._fd)

    @property
    def is_behind(self) -> bool:
        """Whether it is known that there is more to read."""
        return self.size > self.position

    def look(self) -> bool:
        """Find out whether the file has changed since; True when it has."""
        about = os.fstat(self._fd)
        seen = (about.st_size, about.st_mtime_ns)
        if seen == self._seen:
            return False
        self._seen = seen
        self.size = about.st_size
        if self.size < self.position or not self._is_as_it_was():
            self._begin_again()
        return True

    def _is_as_it_was(self) -> bool:
        """Whether the bytes that were read last are still there: a file may be cut and grow again between two looks."""
        behind = self._behind
        return not behind or os.pread(self._fd, len(behind), self.position - len(behind)) == behind

    def _begin_again(self) -> None:
        self.restarts += 1
        self.position, self._line, self._partial, self._skipping = 0, 1, b"", False
        self._head = self._behind = b""

    def read(self, most: int = CHUNK) -> NewLines:
        """The next lines, from at most so many bytes; none when there is nothing new, or no line has ended.

        Raises OSError.
        """
        data = os.pread(self._fd, most, self.position)
        if not data:
            self.size = min(self.size, self.position)
            return NewLines([], self._line)
        self.position += len(data)
        self.size = max(self.size, self.position)
        if len(self._head) < _REMEMBERED:
            self._head = (self._head + data)[:_REMEMBERED]
        self._behind = data[-_REMEMBERED:] if len(data) >= _REMEMBERED else (self._behind + data)[-_REMEMBERED:]
        lines = (self._partial + data).split(b"\n")
        self._partial = lines.pop()
        first = self._line
        self._line += len(lines)
        if self._skipping and lines:
            self._skipping = False
            del lines[0]
            first += 1
        elif lines and len(lines[0]) > MAX_LINE:
            self.too_long += 1
            del lines[0]
            first += 1
        if self._skipping:
            self._partial = b""
        elif len(self._partial) > MAX_LINE:
            self.too_long += 1
            self._skipping, self._partial = True, b""
        return NewLines(lines, first)

    def rest(self) -> NewLines:
        """The last line, which nobody ended; to be asked for when nobody will."""
        rest, self._partial = self._partial, b""
        self._skipping = self._skipping or bool(rest)
        return NewLines([rest] if rest.strip() else [], self._line)

    def continues_in(self, other: Tail) -> bool:
        """Whether the other file begins with all that was read of this one: a copy took its place."""
        if not self._head or other.size < self.position:
            return False
        behind = self._behind
        head = os.pread(other._fd, len(self._head), 0)
        return head == self._head and os.pread(other._fd, len(behind), self.position - len(behind)) == behind

    def hand_over(self, other: Tail) -> None:
        """The other goes on where this one is."""
        other.position, other._line, other._partial = self.position, self._line, self._partial
        other._skipping, other._head, other._behind = self._skipping, self._head, self._behind
        other.newest_at = self.newest_at
