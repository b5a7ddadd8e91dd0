"""Times as the user's wall clock shows them, in the configured time zone."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from perftui.domain.errors import PerftuiError


class ClockFace:
    """``timezone`` is ``local``, ``UTC`` or a name such as ``Europe/Berlin``. Raises PerftuiError for another one."""

    def __init__(self, timezone: str) -> None:
        self._zone = _zone(timezone)

    def text(self, at: float) -> str:
        """``12:04:31``."""
        return self._at(at).strftime("%H:%M:%S")

    def offset(self, at: float) -> str:
        """``+01:00``."""
        seconds = int((self._at(at).utcoffset() or timedelta()).total_seconds())
        sign, minutes = ("-" if seconds < 0 else "+"), abs(seconds) // 60
        return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"

    def parse(self, text: str, now: float) -> float:
        """The newest moment before ``now`` that ``12:04``, ``12:04:31`` or an ISO date and time names.

        Raises ValueError.
        """
        today = self._at(now)
        for pattern in ("%H:%M:%S", "%H:%M"):
            try:
                time = datetime.strptime(text, pattern).time()  # noqa: DTZ007 (the zone is put on in the next line)
            except ValueError:
                continue
            moment = datetime.combine(today.date(), time, today.tzinfo)
            return (moment if moment.timestamp() <= now else moment - timedelta(days=1)).timestamp()
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{text!r} is not a time: 12:04, 12:04:31 or 2026-11-20T12:04") from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=today.tzinfo)).timestamp()

    def _at(self, at: float) -> datetime:
        return (
            datetime.fromtimestamp(at, self._zone)
            if self._zone is not None
            else datetime.fromtimestamp(at).astimezone()
        )


def _zone(name: str) -> tzinfo | None:
    if name == "local":
        return None
    from zoneinfo import ZoneInfo  # reads the zone's file; most users never need it

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise PerftuiError(f'no time zone is called "{name}" (local, UTC, or a name such as Europe/Berlin)') from None
