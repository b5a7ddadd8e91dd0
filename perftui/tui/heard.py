"""Rings, and asks the terminal for a notification, when an alert begins to fire; only where the user asked for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from perftui.config.schema import Notify
from perftui.domain.alerts import Alert, AlertState
from perftui.domain.text import clean

_LONGEST = 120


class Terminal(Protocol):
    """What a notice is written to."""

    def write(self, data: str) -> None: ...


class Heard:
    """``terminal`` is None while there is none; ``urxvt`` says that it takes OSC 777 instead of OSC 9.

    What fires at the first look is no news.
    """

    def __init__(self, terminal: Callable[[], Terminal | None], *, urxvt: bool) -> None:
        self._terminal, self._urxvt = terminal, urxvt
        self._known: frozenset[str] | None = None

    def look(self, alerts: Iterable[Alert], settings: Notify) -> None:
        """Tell what fires now and did not at the look before."""
        firing = {
            alert.fingerprint: alert
            for alert in alerts
            if alert.state is AlertState.FIRING and alert.severity.rank <= settings.severity.rank
        }
        known, self._known = self._known, frozenset(firing)
        new = [alert for key, alert in firing.items() if known is not None and key not in known]
        terminal = self._terminal()
        if not new or terminal is None:
            return
        if settings.bell:
            terminal.write("\x07")
        if settings.desktop:
            terminal.write(notification(new, urxvt=self._urxvt))


def notification(alerts: list[Alert], *, urxvt: bool) -> str:
    """One for all of them; their text is from outside, and must not end the sequence or begin another one."""
    worst = min(alerts, key=lambda alert: alert.severity.rank)
    more = f" and {len(alerts) - 1} more" if len(alerts) > 1 else ""
    text = clean(f"{worst.name}: {worst.summary}{more}", _LONGEST).replace(";", ",").replace("\\", "/")
    return f"\x1b]777;notify;perftui {worst.severity.value};{text}\x1b\\" if urxvt else f"\x1b]9;perftui: {text}\x1b\\"
