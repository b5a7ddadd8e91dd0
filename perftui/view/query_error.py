"""Where in an expression a server found what is wrong with it."""

from __future__ import annotations

import re

_PLACES = (
    # Prometheus and what speaks its language: line and column, both from 1
    re.compile(r"(?:^|[\s\"])(?P<line>\d+):(?P<column>\d+): "),
    re.compile(r"\bat char(?:acter)? (?P<column>\d+)", re.I),
)
_PLACEHOLDER = "$"


def error_place(error: str, expr: str) -> int | None:
    """The place in ``expr``, from 0, that the error names; None when it names none that we can find again.

    A server sees the expression with its placeholders filled: behind the first of them it counts differently.
    """
    for pattern in _PLACES:
        match = pattern.search(error)
        if match is None:
            continue
        if int(match.groupdict().get("line") or 1) != 1:
            return None
        # the server counts bytes
        place = len(expr.encode()[: int(match["column"]) - 1].decode("utf-8", "ignore"))
        return None if place > len(expr) or _PLACEHOLDER in expr[: place + 1] else place
    return None
