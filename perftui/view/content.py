"""What stands in a panel and in its frame."""

from __future__ import annotations

from typing import NamedTuple

from perftui.view.text import Line


class Content(NamedTuple):
    """The body is cut or padded to the room inside of the frame; the footer stands in its lower line.

    ``fits`` promises that every line of the body is exactly as wide as that room.
    """

    title: str
    summary: Line
    body: tuple[Line, ...]
    footer: str = ""
    fits: bool = False
