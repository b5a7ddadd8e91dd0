"""What can be said of a PromQL expression without a server: whether its quotes and brackets close."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r"|`[^`]*`"
    r"|#[^\n]*"
    r"|[()\[\]{}\"'`]"
    r"|[^()\[\]{}\"'`#]+",
    re.S,
)
_PAIRS = {")": "(", "]": "[", "}": "{"}
LONGEST = 16_384


def check_expression(expr: str) -> None:
    """Raises ValueError for what no server could read: an empty text, open quotes, brackets that don't pair.

    Expressions are joined into one request: one that closes more than it opens would change the others.
    """
    if not expr.strip():
        raise ValueError("an expression is not empty")
    if len(expr) > LONGEST:
        raise ValueError(f"an expression has up to {LONGEST} characters, not {len(expr)}")
    opened: list[str] = []
    for match in _TOKEN.finditer(expr):
        token = match[0]
        if token in ("(", "[", "{"):
            opened.append(token)
        elif token in _PAIRS:
            if not opened or opened.pop() != _PAIRS[token]:
                raise ValueError(f'"{token}" at character {match.start() + 1} closes nothing')
        elif token in ('"', "'", "`"):
            raise ValueError(f"the quote at character {match.start() + 1} does not close")
    if opened:
        raise ValueError(f'"{opened[-1]}" does not close')
