"""Cuts an expression into tokens. ``$win`` is a span and ``$sel`` stands for matchers, as in panels for a server;
Grafana's names for the window are understood too.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from perftui.domain.text import clean
from perftui.sources.scrape.promql.tree import ExpressionError

_TOKEN = re.compile(
    r"(?P<space>\s+|\#[^\n]*)"
    r"|(?P<variable>\$(?:win|sel|__rate_interval|__interval)\b|\$\{(?:win|sel|__rate_interval|__interval)\})"
    r"|(?P<span>(?:[0-9]+(?:ms|[smhdwy]))+(?![a-zA-Z0-9_.]))"
    r"|(?P<number>(?:0[xX][0-9a-fA-F]+|[0-9]+\.?[0-9]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?)(?![a-zA-Z0-9_.]))"
    r"|(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)"
    r"|(?P<text>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)"
    r"|(?P<sign>=~|!~|==|!=|<=|>=|[-+*/%^=<>(){}\[\],:@])"
)
_NO_BRACES = str.maketrans("", "", "{}")
_SPAN = re.compile(r"([0-9]+)(ms|[smhdwy])")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\\": "\\", "'": "'", '"': '"'}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.S)


class Token(NamedTuple):
    """``kind`` is variable, span, number, name, text, sign or end; ``at`` counts characters from 1."""

    kind: str
    text: str
    at: int

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else f'"{clean(self.text, 40)}"'


def tokens(expr: str) -> list[Token]:
    """Raises ExpressionError at the first character that begins no token."""
    found: list[Token] = []
    position = 0
    while position < len(expr):
        match = _TOKEN.match(expr, position)
        if match is None:
            raise ExpressionError(position + 1, _unknown(expr[position:]))
        if match.lastgroup != "space":
            kind = match.lastgroup or ""
            text = match[0].translate(_NO_BRACES) if kind == "variable" else match[0]
            found.append(Token(kind, text, position + 1))
        position = match.end()
    return [*found, Token("end", "", len(expr) + 1)]


def _unknown(rest: str) -> str:
    if rest[0] in "\"'`":
        return "the quote does not close"
    if rest[0] == "$":
        return "expected $win or $sel"
    if rest[0].isdigit():
        return f'"{clean(rest.split()[0], 20)}" is neither a number nor a span such as 30s or 1h30m'
    return f'"{clean(rest[0])}" has no meaning in PromQL'


def seconds(span: str) -> float:
    """The length of ``1h30m``."""
    return sum(int(count) * _SECONDS[unit] for count, unit in _SPAN.findall(span))


def unquote(text: str, at: int) -> str:
    """The value of a quoted text; back quotes take everything as it is."""
    if text[0] == "`":
        return text[1:-1]

    def replaced(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        if code is not None:
            if int(code, 16) > 0x10FFFF:
                raise ExpressionError(at + match.start() + 1, f"\\{clean(match[0][1:])} is no character")
            return chr(int(code, 16))
        if match[4] not in _ESCAPES:
            hint = " (a backslash is written twice)"
            raise ExpressionError(at + match.start() + 1, f'"\\{clean(match[4])}" is no escape sequence{hint}')
        return _ESCAPES[match[4]]

    return _ESCAPE.sub(replaced, text[1:-1])
