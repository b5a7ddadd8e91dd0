"""What a picture needs from the session."""

from __future__ import annotations

from typing import NamedTuple


class Wanted(NamedTuple):
    """A window under a name: the series to pick, and the most buckets the picture can show.

    ``shift_s`` looks so far back from the moment that is shown.
    """

    name: str
    selectors: tuple[str, ...]
    cells: int
    shift_s: float = 0.0
