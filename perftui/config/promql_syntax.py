"""Syntax and types of PromQL, as the optional package promql-parser knows them (pip install 'perftui[check]')."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Protocol

from perftui.domain.text import clean

_WINDOW = re.compile(r"\$(?:win|__rate_interval|__interval)\b|\$\{(?:win|__rate_interval|__interval)\}")
_SELECTION = re.compile(r"\$sel\b|\$\{sel\}")


class _Parser(Protocol):
    def parse(self, expr: str) -> object: ...


@lru_cache(maxsize=1)
def parser() -> _Parser | None:
    """The package; None where it is not installed."""
    try:
        import promql_parser
    except ImportError:
        return None
    found: _Parser = promql_parser
    return found


def syntax_warning(expr: str, knows: _Parser | None) -> str:
    """What the parser says against an expression; empty when it says nothing or is not there.

    It is a warning: servers have functions that it has not, and VictoriaMetrics has a language of its own.
    """
    if knows is None:
        return ""
    # any span and any matcher will do
    text = _SELECTION.sub('__sel__=""', _WINDOW.sub("5m", expr))
    try:
        knows.parse(text)
    except ValueError as error:
        return clean(f"promql-parser says: {error}", 300)
    return ""
