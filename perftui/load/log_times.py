"""When a line of an access log was written: in the common and combined formats, or in a field of a JSON object."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache

_CLF = re.compile(r"\[(\d{1,2})/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.\d+)? ([+-])(\d\d)(\d\d)\]")
_FRACTION = re.compile(r"[.,]\d+")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FIELDS = ("time", "timestamp", "ts", "@timestamp", "time_iso8601", "time_local", "msec", "date")
# what is larger than any second of the next centuries is told in ms, us or ns
_LATEST = 1e11


def log_time(line: str, field: str = "") -> float | None:
    """Seconds since the epoch; None for a line that has no time. ``field`` is its name in JSON, if it is unusual."""
    if line.lstrip().startswith("{"):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            return None
        names = (field,) if field else _FIELDS
        return next((at for name in names if name in entry and (at := moment(entry[name])) is not None), None)
    found = _CLF.search(line)
    return None if found is None else _common(found[0])


def moment(value: object) -> float | None:
    """Seconds since the epoch of a number (s, ms, us or ns), RFC 3339, or the time of the common log format."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return _written(str(value).strip())
    if not isinstance(value, int | float) or not 0 <= value < 1e20:
        return None
    seconds = float(value)
    while seconds > _LATEST:
        seconds /= 1000
    return seconds


def _written(text: str) -> float | None:
    if text[:1].isdigit() and "/" in text:
        return _common(f"[{text}]")
    try:
        found = datetime.fromisoformat(_FRACTION.sub("", text).replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        return None
    return (found if found.tzinfo is not None else found.replace(tzinfo=timezone.utc)).timestamp()


# many lines have the same second
@lru_cache(maxsize=64)
def _common(text: str) -> float | None:
    match = _CLF.fullmatch(text)
    if match is None or match[2] not in _MONTHS:
        return None
    offset = timedelta(hours=int(match[8]), minutes=int(match[9])) * (-1 if match[7] == "-" else 1)
    try:
        return datetime(
            int(match[3]), _MONTHS.index(match[2]) + 1, int(match[1]), int(match[4]), int(match[5]), int(match[6]),
            tzinfo=timezone(offset),
        ).timestamp()  # fmt: skip
    except (ValueError, OverflowError):
        return None
