"""Writes workflow events: one line is one append, so that many processes can write one file.

The file is opened for every line, about 30 times a second: that way it can be renamed under everybody's feet, and
whoever comes next writes the new one.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LARGEST = 16 * 1024 * 1024


class Journal:
    """Events in the file ``path`` (docs/guide/workflow.md)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def tell(self, event: str, **fields: Any) -> None:
        """Write one event with the time of now; what is None is left out. Raises OSError."""
        self._append({"ts": round(time.time(), 6), "type": event, **fields})

    def _append(self, line: Mapping[str, Any]) -> None:
        text = json.dumps({name: value for name, value in line.items() if value is not None}, separators=(",", ":"))
        number = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(number, text.encode() + b"\n")
        finally:
            os.close(number)

    def rotate(self, above: int = LARGEST) -> None:
        """Set a file of more than ``above`` bytes aside, in the place of the one set aside before it."""
        try:
            if self.path.stat().st_size > above:
                self.path.replace(self.path.with_name(self.path.name + ".1"))
        except FileNotFoundError:
            return
