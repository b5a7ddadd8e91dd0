"""Units, and how a value with a unit is written: three significant digits, never a bare number with a lost unit."""

from __future__ import annotations

import math
from enum import Enum
from functools import lru_cache


class Unit(str, Enum):
    """Base units as Prometheus names them; what people read (%, ms, MB/s) is made when a value is written."""

    NONE = "none"
    RATIO = "ratio"
    SECONDS = "seconds"
    BYTES = "bytes"
    BYTES_PER_SECOND = "bytes/s"
    PER_SECOND = "1/s"
    COUNT = "count"
    CORES = "cores"
    CELSIUS = "celsius"
    HERTZ = "hertz"


# looked up once: asking an Enum for a member takes about as long as writing a value
_RATIO, _SECONDS, _BYTES = Unit.RATIO, Unit.SECONDS, Unit.BYTES
_WORDS = {Unit.CELSIUS: "°C", Unit.CORES: "cores"}
# behind k, M, G
_SUFFIXES = {Unit.BYTES_PER_SECOND: "B/s", Unit.PER_SECOND: "/s", Unit.HERTZ: "Hz"}
NO_VALUE = "–"
_SI = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_BINARY = ((1024.0**4, "TiB"), (1024.0**3, "GiB"), (1024.0**2, "MiB"), (1024.0, "KiB"))


def three_digits(value: float) -> str:
    """Three significant digits without an exponent: 0.123, 1.23, 12.3, 123, 1234; below 1 no zeros at the end."""
    if value == 0:
        return "0"
    size = abs(value)
    decimals = 3 if size < 0.9995 else 2 if size < 9.995 else 1 if size < 99.95 else 0
    text = f"{value:.{decimals}f}"
    short = decimals == 3 or (decimals and float(text).is_integer())
    return text.rstrip("0").rstrip(".") if short else text


# a figure is asked for several times in one picture: in the title, in the row, as one text and in two


@lru_cache(maxsize=1024)
def format_value(value: float | None, unit: Unit) -> str:
    """A value with its unit as people read it: ``41 %``, ``38 ms``, ``1.2 MB/s``; ``–`` when there is none."""
    number, suffix = split_value(value, unit)
    return f"{number} {suffix}" if suffix else number


@lru_cache(maxsize=1024)
def split_value(value: float | None, unit: Unit) -> tuple[str, str]:
    """The number and its unit apart, so that tables can align them; ``("–", "")`` when there is no value."""
    if value is None or math.isnan(value):
        return NO_VALUE, ""
    if math.isinf(value):
        return ("∞" if value > 0 else "-∞"), ""
    if unit is _RATIO:
        return _percent(value), "%"
    if unit is _SECONDS:
        return _seconds(value)
    if unit is _BYTES:
        return _scaled(value, _BINARY, "B")
    if unit in _WORDS:
        return three_digits(value), _WORDS[unit]
    number, prefix = _scaled(value, _SI, "")
    return number, prefix + _SUFFIXES.get(unit, "")


def _percent(ratio: float) -> str:
    percent = ratio * 100
    if 0 < abs(percent) < 0.05:
        return "<0.1"
    return f"{percent:.1f}" if abs(percent) < 9.95 else f"{percent:.0f}"


def _scaled(value: float, steps: tuple[tuple[float, str], ...], base: str) -> tuple[str, str]:
    magnitude = abs(value)
    for size, name in steps:
        if magnitude >= size * 0.9995:
            return three_digits(value / size), name
    if base == "B" or float(value).is_integer():
        return f"{value:.0f}", base
    return three_digits(value), base


def _seconds(value: float) -> tuple[str, str]:
    size = abs(value)
    if size >= 60:
        return format_duration(value), ""
    if size >= 0.9995 or size == 0:
        return three_digits(value), "s"
    if size >= 0.0009995:
        return three_digits(value * 1e3), "ms"
    return three_digits(value * 1e6), "µs"


def format_duration(seconds: float | None) -> str:
    """``0:08``, ``2:14``, ``1:02:03``, ``3 d 04:05``; ``–`` when there is none."""
    if seconds is None or math.isnan(seconds):
        return NO_VALUE
    sign = "-" if seconds < 0 else ""
    minutes, second = divmod(round(abs(seconds)), 60)
    hours, minute = divmod(minutes, 60)
    if hours >= 24:
        days, hour = divmod(hours, 24)
        return f"{sign}{days} d {hour:02d}:{minute:02d}"
    if hours:
        return f"{sign}{hours}:{minute:02d}:{second:02d}"
    return f"{sign}{minute}:{second:02d}"


def format_span(seconds: float) -> str:
    """A length of time as the user types it: ``45s``, ``5m``, ``2h``, ``7d``."""
    for size, name in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f}{name}"
    return f"{seconds:g}s"
