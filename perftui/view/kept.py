"""What was drawn last, for as long as nothing that it was made of changed.

A key that moves the focus changes the top lines of two frames: the charts inside need not be drawn again for it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Kept:
    """One drawing a name: another one takes its place, so it never holds more than there are names."""

    def __init__(self) -> None:
        self._held: dict[Hashable, tuple[tuple[object, ...], Any]] = {}

    def get(self, name: Hashable, made_of: tuple[object, ...], draw: Callable[[], T]) -> T:
        """What ``draw`` gave for equal parts, else what it gives now.

        Parts are held, so that an identity among them is not that of something newer.
        """
        held = self._held.get(name)
        if held is not None and held[0] == made_of:
            return cast("T", held[1])
        drawn = draw()
        self._held[name] = made_of, drawn
        return drawn
