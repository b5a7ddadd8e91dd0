"""Where in an expression a server found what is wrong with it."""

from __future__ import annotations

import re

_PLACES = (
    # Prometheus and what speaks its language: line and column, both from 1
    re.compile(r"(?:^|[\s\"])(?P<line>\d{1,9}):(?P<column>\d{1,9}): "),
    re.compile(r"\bat char(?:acter)? (?P<column>\d{1,9})\b", re.I),
)
# Prometheus names the place behind a character that it does not want
_CHARACTER = re.compile(r"unexpected [a-z ]+:? '(.)'")
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
        # the server counts bytes, from 1
        seen, before = expr.encode("utf-8", "replace"), int(match["column"]) - 1
        if not 0 <= before <= len(seen):
            return None
        place = len(seen[:before].decode("utf-8", "ignore"))
        wrong = _CHARACTER.search(error)
        if wrong is not None and place and expr[place : place + 1] != wrong[1] == expr[place - 1]:
            place -= 1
        return None if _PLACEHOLDER in expr[: place + 1] else place
    return None
