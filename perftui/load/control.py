"""Who decides on the rate while a load runs: what they see, and what they say.

They live in the engine's process: it has the figures every tenth of a second, and a starter that is busy drawing would
decide late. They know no clock and no socket, so that a test can show them anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from perftui.load.recent import Moment
from perftui.load.tally import Tally


class Sight(NamedTuple):
    """``at_s`` is since the measured time began, ``level_s`` since the level did; ``cpu_s`` is what we used in it.

    ``tally`` is everything of the level. ``waiting`` calls have no connection, and ``is_full`` says that there are no
    more to be had; ``ages_ns`` gives how long each call that is not over has taken so far, ``served_ns`` how
    long those have that are with the target.
    """

    at_s: float
    level_s: float
    tally: Tally
    recent: Moment
    waiting: int
    is_full: bool
    cpu_s: float
    ages_ns: Callable[[], Sequence[int]]
    served_ns: Callable[[], Sequence[int]] = tuple


class Move(NamedTuple):
    """The level is over: what came of it, and the rate from now on; None ends the run.

    ``outcome`` is ``held``, ``broke``, ``recovered``, ``not recovered``, or for who adapts ``up``, ``down``, ``same``;
    ``limit`` is what broke, ``value`` its value. ``is_silent``: nothing at all was answered at the end.
    """

    rate: float | None
    outcome: str
    limit: str = ""
    value: float | None = None
    is_silent: bool = False


class Control(Protocol):
    """``kind`` and ``rate`` are those of the level that runs now."""

    kind: str
    rate: float

    def look(self, sight: Sight) -> Move | None:
        """What is to be done now; None for nothing."""
        ...
