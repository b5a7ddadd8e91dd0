"""Who did what through perftui, one JSON object a line, for ever; for whoever has to answer for it later."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from perftui.domain.text import clean

_LONGEST = 4000


class Audit:
    """``problem`` says why the last line could not be kept. Without a path nothing is kept."""

    def __init__(self, path: Path | None, who: str, wall: Callable[[], float]) -> None:
        self._path, self._who, self._wall = path, who, wall
        self.problem = ""

    def note(self, action: str, result: str, **detail: Any) -> None:
        """``result`` is ``done``, or why not. Never raises: what was done is done, also where it can't be noted."""
        if self._path is None:
            return
        line = {"at": round(self._wall(), 3), "who": self._who, "action": action, "result": clean(result, 1000)}
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(fd, (json.dumps({**line, **_bounded(detail)}) + "\n").encode())
            finally:
                os.close(fd)
            self.problem = ""
        except OSError as error:
            self.problem = f"the audit log {self._path} can't be written: {error.strerror}"


def _bounded(detail: Mapping[str, Any]) -> dict[str, Any]:
    return {name: clean(value, _LONGEST) if isinstance(value, str) else value for name, value in detail.items()}
