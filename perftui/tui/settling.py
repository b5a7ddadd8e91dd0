"""What is done once, when the first picture stands."""

from __future__ import annotations

import gc

# a second's picture makes some thousands: looking for circles after every 700 takes a twentieth of its time
_NEW_OBJECTS = 20_000


def settle() -> None:
    """What exists after the first picture lives as long as the console: the collector need not look at it again.

    It does not look at it now either: that takes 30 ms, and what it would find is a third of a megabyte.
    """
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
    gc.enable()
