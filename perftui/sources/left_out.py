"""Imports without what they would take along and we never use."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def left_out(*names: str) -> Iterator[None]:
    """These modules are as if they were not installed, while it lasts; those that are loaded already stay so.

    For imports that are tried and may fail. Whoever needs one of these modules later can import it then.
    """
    absent = [name for name in names if name not in sys.modules]
    # documented: where None stands, an import fails at once
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # typeshed knows modules only
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
