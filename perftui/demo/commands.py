"""Lines from standard input, and answers on standard output, one JSON object a line.

Neither can hold the demo up: what is too long is refused, and who doesn't read the answers doesn't get them.
"""

from __future__ import annotations

import json
import os
import select
from typing import Any

_LONGEST = 4096


class Commands:
    """``number`` is the file descriptor to read; it may block, as it is only read when there is something."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._begun = b""
        self._too_long = False

    def fileno(self) -> int:
        return self._number

    def read(self) -> list[str] | None:
        """The lines that came, what is too long as an empty one; None when nothing will come any more."""
        try:
            text = os.read(self._number, _LONGEST)
        except OSError:
            return None
        if not text:
            return None
        *lines, self._begun = (self._begun + text).split(b"\n")
        found = [line.decode("utf-8", "replace").strip() for line in lines]
        if found and self._too_long:
            found[0], self._too_long = "", False
        if len(self._begun) > _LONGEST:
            self._begun, self._too_long = b"", True
        return found


def answer(message: dict[str, Any], number: int = 1) -> None:
    """Write one line; not at all when nobody reads, or is there."""
    try:
        _, writable, _ = select.select((), (number,), (), 0)
        if writable:
            os.write(number, json.dumps(message).encode() + b"\n")
    except (OSError, ValueError):
        return
