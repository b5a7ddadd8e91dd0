"""Who sits here: what stands in the audit log, in claims, and in the greeting of a session."""

from __future__ import annotations

import getpass
import os
import socket

from perftui.domain.text import clean


def user() -> str:
    """The name of the account; its number where it has none."""
    try:
        return clean(getpass.getuser(), 64)
    except (KeyError, OSError):
        return str(os.getuid())


def host() -> str:
    return clean(socket.gethostname(), 64)


def who() -> str:
    """``user@host``"""
    return f"{user()}@{host()}"
