"""What an alerting expression compares with what: the side that can be drawn, and the limit it is held against."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_PART = re.compile(
    r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|`[^`]*`'
    r"|\#[^\n]*"
    r"|[(){}\[\]]"
    r"|==|!=|<=|>=|=~|!~|[<>]"
    r"|\b(?:and|or|unless)\b",
    re.I | re.S,
)
_NUMBER = re.compile(r"(?:bool\s+)?\(?\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)\s*\)?", re.I)
_COMPARES = frozenset(("==", "!=", "<", ">", "<=", ">="))


class Comparison(NamedTuple):
    """``left`` is an expression; ``limit`` is None when it is compared with something that is no plain number."""

    left: str
    operator: str
    limit: float | None


@lru_cache(maxsize=4096)
def comparison(expr: str) -> Comparison | None:
    """The one comparison outside of all brackets; None when there is none, or more than one, or sets are combined."""
    depth, found = 0, None
    for match in _PART.finditer(expr):
        text = match[0].lower()
        if text in ("(", "{", "["):
            depth += 1
        elif text in (")", "}", "]"):
            depth -= 1
        elif depth == 0 and text in ("and", "or", "unless"):
            return None
        elif depth == 0 and text in _COMPARES:
            if found is not None:
                return None
            found = match
    if found is None or depth != 0:
        return None
    left, right = expr[: found.start()].strip(), expr[found.end() :].strip()
    number = _NUMBER.fullmatch(right)
    return Comparison(left, found[0], float(number[1]) if number else None) if left and right else None
