"""What changes with time alone: the app's one tick reaches every screen that asks for it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class Ticking(Protocol):
    """A screen of the stack, on top or below another, that has something to do once a second."""

    def tick(self) -> None: ...
