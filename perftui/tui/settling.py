"""What is done once, when the first picture stands."""

from __future__ import annotations

import gc


def settle() -> None:
    """What exists after the first picture lives as long as the console: the collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.enable()
