"""Times as Go writes them into JSON."""

from __future__ import annotations

import datetime
import re

_FRACTION = re.compile(r"\.(\d+)")
_LAST_S = 253_402_300_799.0


def epoch_s(text: object) -> float | None:
    """Epoch seconds of an RFC 3339 time; Python before 3.11 takes six digits of a fraction, Go writes up to nine.

    None for what is no time, also for one without a zone.
    """
    if not isinstance(text, str) or len(text) > 40:
        return None
    six = _FRACTION.sub(lambda match: f".{match[1][:6]:0<6}", text)
    try:
        moment = datetime.datetime.fromisoformat(six.replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo is not None else None


def rfc3339(epoch: float) -> str:
    """An epoch time for Go, in milliseconds; what no calendar has is cut to the year 1970 or 9999."""
    moment = datetime.datetime.fromtimestamp(min(max(epoch, 0.0), _LAST_S), datetime.timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
