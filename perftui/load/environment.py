"""Where a run was sent from: what has to be the same for two records to be compared."""

from __future__ import annotations

import getpass
import os
import platform
from typing import Any

from perftui import __version__


def environment() -> dict[str, Any]:
    """Versions, system, machine, cores, and the account; null where it has no name."""
    try:
        user: str | None = getpass.getuser()
    except (KeyError, OSError):
        user = None
    return {
        "perftui": __version__, "python": platform.python_version(), "system": platform.platform(),
        "host": platform.node(), "cpus": os.cpu_count(), "user": user,
    }  # fmt: skip
