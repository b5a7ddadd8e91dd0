"""Values that TOML has no type for: spans of time, series, references to secrets."""

from __future__ import annotations

import re

from perftui.config.schema import Kind
from perftui.domain.series import parse_selector

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)")
_SPAN_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_REFERENCE = re.compile(r"(file|env|keyring):.+")


def read_value(kind: Kind, value: object) -> str | float:
    """The value as the configuration holds it. Raises ValueError with what was expected."""
    if not isinstance(value, str):
        seen = "" if kind is Kind.REFERENCE else f", got {value!r}"
        raise ValueError(f"expected {kind.value} in quotes{seen}")
    if kind is Kind.SPAN:
        return parse_span(value)
    if kind is Kind.SELECTOR:
        parse_selector(value)
        return value
    if _REFERENCE.fullmatch(value) is None:
        raise ValueError(f"expected {kind.value}; a secret itself does not belong into a configuration")
    return value


def parse_span(text: str) -> float:
    """Seconds of ``5s``, ``1h30m``, ``250ms``. Raises ValueError."""
    stripped = text.strip()
    parts = _SPAN.findall(stripped)
    if not parts or _SPAN.sub("", stripped).strip():
        raise ValueError(f"expected {Kind.SPAN.value}, got {text!r}")
    return sum(float(number) * _SPAN_UNITS[unit] for number, unit in parts)
