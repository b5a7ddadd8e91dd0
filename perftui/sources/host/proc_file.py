"""A file under /proc or /sys that is read again and again: opened once, read from its beginning each time."""

from __future__ import annotations

import os
from pathlib import Path

_CHUNK = 64 * 1024


def number_after(text: bytes, key: bytes) -> bytes | None:
    """The digits behind the first line that begins with ``key``, whatever blanks are between; None when there are none.

    Most files are many times longer than what is wanted of them: a search costs less than taking them apart.
    """
    line = 0 if text.startswith(key) else text.find(b"\n" + key) + 1
    start = line + len(key)
    if text[line:start] != key:
        return None
    end = text.find(b"\n", start)
    number = text[start : end if end >= 0 else len(text)].split(None, 1)[:1]
    return number[0] if number and number[0].isdigit() else None


class ProcFile:
    """Reading gives None when the file is missing or unreadable; it is opened anew after an error."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def read(self) -> bytes | None:
        try:
            if self._fd is None:
                self._fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            parts = []
            offset = 0
            # a short read is not the end: the kernel hands out lists (disks, interfaces) a page at a time
            while chunk := os.pread(self._fd, _CHUNK, offset):
                parts.append(chunk)
                offset += len(chunk)
        except OSError:
            self.close()
            return None
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
