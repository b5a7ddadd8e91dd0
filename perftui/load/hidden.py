"""What of a URL goes into records, logs and names: a query often holds a key, and records outlive it."""

from __future__ import annotations

import re

SECRET = re.compile(r"(?i)auth|cookie|credential|jwt|key|pass|private|secret|session|sign|token|pwd")
HIDDEN = "***"
_VARIABLE = re.compile(r"\$\{\w+\}")


def without_secrets(url: str) -> str:
    """A URL or a path, with ``***`` for every value of its query whose name is that of a secret."""
    before, mark, query = url.partition("?")
    return before + mark + "".join(_shown(part) for part in re.split(r"([&;#])", query))


def _shown(part: str) -> str:
    name, equals, value = part.partition("=")
    if not value or SECRET.search(name) is None or _VARIABLE.fullmatch(value):
        return part
    return f"{name}{equals}{HIDDEN}"
