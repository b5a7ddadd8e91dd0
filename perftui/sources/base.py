"""What every source is to the session."""

from __future__ import annotations

from typing import Protocol

from perftui.domain.samples import Batch, SeriesInfo


class Source(Protocol):
    """Something that can be polled. The session sees to timing: one poll in flight, a deadline, back-off."""

    @property
    def name(self) -> str:
        """The part of a series id before the slash."""

    @property
    def kind(self) -> str: ...

    @property
    def interval_s(self) -> float: ...

    @property
    def deadline_s(self) -> float: ...

    @property
    def wanted(self) -> bool:
        """False while nobody looks at what it measures: it is not polled then."""

    def catalogue(self) -> tuple[SeriesInfo, ...]:
        """The series seen so far; the tuple is the same object while nothing changed."""

    async def poll(self) -> Batch:
        """Measure now. Failure outside is ``Batch.error``, never an exception."""

    async def close(self) -> None: ...
