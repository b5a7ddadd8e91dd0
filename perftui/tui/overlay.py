"""What lies over a live screen for a while: it is left once, and takes nothing else along."""

from __future__ import annotations

from typing import Any

from textual.await_complete import AwaitComplete
from textual.screen import Screen


class Overlay(Screen[Any]):
    """Mixed into modal screens. Textual pops whatever is on top, but two keys in one moment may both leave a screen,
    and one that comes late finds another one above it.
    """

    _left = False

    def dismiss(self, result: Any = None) -> AwaitComplete:
        if self._left or not self.is_active:
            return AwaitComplete()
        self._left = True
        return super().dismiss(result)
