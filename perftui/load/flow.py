"""What users do when it is more than sending the same bytes, as the engine is told of it."""

from __future__ import annotations

import msgspec

from perftui.load.data import DataFile
from perftui.load.extract import Extract


class Step(msgspec.Struct, frozen=True):
    """A request that is written anew every time: ``${name}`` in path, header values and body is a variable.

    ``think_s`` are the least and the most seconds from its end to the step after it. ``stops``: when it fails, the
    journey ends.
    """

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    extracts: tuple[Extract, ...] = ()
    think_s: tuple[float, float] = (0.0, 0.0)
    stops: bool = True


class Flow(msgspec.Struct, frozen=True):
    """What users do when it is more than sending the same bytes: ``steps`` belong to the job's targets, one to each.

    ``is_journey``: a user goes through all of them in order; else an arrival is one of them, by weight. ``redirects``
    are followed so many times, on ``origin`` (scheme, host, port) only.
    """

    steps: tuple[Step, ...]
    origin: tuple[str, str, int]
    is_journey: bool = True
    data: tuple[DataFile, ...] = ()
    redirects: int = 0
    has_cookies: bool = True
