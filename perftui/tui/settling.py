"""What is done once, when the first picture stands."""

from __future__ import annotations

import gc


def settle() -> None:
    """What exists after the first picture lives as long as the console: the collector need not look at it again.

    It does not look at it now either: that takes 30 ms, and what it would find is a third of a megabyte.
    """
    gc.freeze()
    gc.enable()
