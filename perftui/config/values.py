"""Values that TOML has no type for: spans of time, series, references to secrets."""

from __future__ import annotations

import os.path
import re
from datetime import date, time
from pathlib import Path

from perftui.config.kinds import Kind
from perftui.config.promql import check_expression
from perftui.domain.series import parse_selector

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)")
_SPAN_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_LONGEST = 36525 * 86400.0
_LARGE = 10**18
_REFERENCE = re.compile(r"(file|env|keyring):.+")


def read_value(kind: Kind, value: object) -> str | float:
    """The value as the configuration holds it; an empty reference is none. Raises ValueError with what was expected."""
    if not isinstance(value, str):
        got = "" if kind is Kind.REFERENCE else f", got {seen(value)}"
        raise ValueError(f"expected {kind.value} in quotes{got}")
    if kind is Kind.SPAN:
        return parse_span(value)
    if kind is Kind.SELECTOR:
        parse_selector(value)
        return value
    if kind is Kind.EXPRESSION:
        check_expression(value)
        return value
    if value and _REFERENCE.fullmatch(value) is None:
        raise ValueError(f"expected {kind.value}; a secret itself does not belong into a configuration")
    return value


def parse_span(text: str) -> float:
    """Seconds of ``5s``, ``1h30m``, ``250ms``. Raises ValueError."""
    stripped = text.strip()
    parts = _SPAN.findall(stripped)
    if not parts or _SPAN.sub("", stripped).strip():
        raise ValueError(f"expected {Kind.SPAN.value}, got {seen(text)}")
    seconds = sum(float(number) * _SPAN_UNITS[unit] for number, unit in parts)
    if seconds > _LONGEST:
        raise ValueError(f"expected {Kind.SPAN.value}, up to 100 years")
    return seconds


def expanded(text: str) -> Path:
    """The path with ``~`` and ``~user`` filled in; an unknown user's stays as it is, so that opening it says why."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 (Path.expanduser raises for an unknown user)


def seen(value: object) -> str:
    """What was found, short and in TOML's words: its kind, and the value when it is a small one."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, (date, time)):
        return "a date or a time"
    if isinstance(value, int) and abs(value) >= _LARGE:
        return "a very large number"  # Python refuses to write the largest ones
    text = repr(value) if not isinstance(value, bool) else str(value).lower()
    return text if len(text) <= 40 else text[:37] + "..."
