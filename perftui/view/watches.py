"""What a picture needs from the session."""

from __future__ import annotations

from typing import NamedTuple


class Wanted(NamedTuple):
    """A window under a name: the series to pick, and the most buckets the picture can show."""

    name: str
    selectors: tuple[str, ...]
    cells: int
