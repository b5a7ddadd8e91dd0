"""A workflow source on a file or a folder, polled by hand on a clock that is turned by hand."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from perftui.config.schema import WorkflowSource as Settings
from perftui.domain.samples import Batch
from perftui.domain.workflow import Event
from perftui.sources.workflow.source import WorkflowSource


def line(at: float, name: str = "m", **fields: Any) -> bytes:
    """A mark, unless another type is told."""
    return json.dumps({"ts": at, "type": "mark", "name": name, **fields}).encode() + b"\n"


class Reading:
    """``events`` are all that were read so far, ``errors`` the kinds and texts of failed polls."""

    def __init__(self, path: Path) -> None:
        self.now = 0.0
        self.source = WorkflowSource("w", Settings(str(path)), wall=lambda: self.now, monotonic=lambda: self.now)
        self.events: list[Event] = []
        self.errors: list[tuple[str, str]] = []
        self.batch = Batch("w", 0.0, 0.0)

    def poll(self) -> Reading:
        """Once, and again while the source is behind."""
        self.once()
        while self.source.behind:
            self.once()
        return self

    def once(self) -> Batch:
        self.now += 1.0
        self.batch = asyncio.run(self.source.poll())
        self.events += self.batch.events
        if self.batch.error is not None:
            self.errors.append((self.batch.error.kind.value, self.batch.error.message))
        return self.batch

    def close(self) -> None:
        asyncio.run(self.source.close())

    @property
    def names(self) -> list[str]:
        return [event.name for event in self.events]
