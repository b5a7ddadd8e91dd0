"""One alert in words and signs: how a row reads is said here once, for the list, the detail and every other view."""

from __future__ import annotations

from perftui.domain.alerts import AlertState, Severity
from perftui.domain.roles import Role
from perftui.domain.text import clean
from perftui.domain.triage import AlertRow, Doing
from perftui.domain.units import NO_VALUE, format_duration, format_value
from perftui.link.messages import SessionInfo

ALERTS, SILENCES, SPANS, NOISE, SLOS = "alerts", "silences", "alert_spans", "noise", "slos"
# at least so many activations are flapping: one that comes once an hour is noisy, but says something new each time
_FLAPS_1H, _FLAPS_24H = 3, 6
_LONGEST = 240
_DAY_S = 86400.0
# longer than any time in epoch seconds
_ERA_S = 1e12
_FIRING, _PENDING, _SUPPRESSED = AlertState.FIRING, AlertState.PENDING, AlertState.SUPPRESSED
_CRITICAL, _WARNING = Severity.CRITICAL, Severity.WARNING
_SNOOZED, _HIDDEN, _OVER = 2, 3, 4
SNOOZED = "snoozed"


def said(text: str, limit: int = _LONGEST) -> str:
    """A text from outside as it may stand on a screen."""
    return clean(text, limit)


def state_rank(row: AlertRow) -> int:
    """What needs somebody first: firing, pending, snoozed, suppressed, resolved."""
    state = row.state
    if state is _FIRING or state is _PENDING:
        return _SNOOZED if row.snoozed_until is not None else 0 if state is _FIRING else 1
    return _HIDDEN if state is _SUPPRESSED else _OVER


def severity_rank(row: AlertRow) -> int:
    """The worst first; 10 000 rows are sorted by it, and looking up a member in a dictionary is slow."""
    return severity_rank_of(row.severity)


def severity_rank_of(severity: Severity) -> int:
    return 0 if severity is _CRITICAL else 1 if severity is _WARNING else 2


def is_snoozed(row: AlertRow) -> bool:
    """The session takes a snooze off when it ends."""
    return row.snoozed_until is not None and row.state in (AlertState.FIRING, AlertState.PENDING)


def needs_somebody(row: AlertRow) -> bool:
    """It fires, nobody hides it, and nobody has claimed it."""
    return row.state is AlertState.FIRING and not is_snoozed(row) and not row.acked_by


def urgency(row: AlertRow) -> float:
    """What needs somebody first, the worst of it, the oldest of that: one number, as thousands of them are compared.

    Times are exact to a hundredth of a second; who needs more goes by the key.
    """
    return (state_rank(row) * 3 + severity_rank(row)) * _ERA_S + row.since


def state_text(row: AlertRow) -> str:
    """What was asked for and is not seen yet is told as under way, never as done."""
    if row.doing is not Doing.NOTHING:
        return f"{row.doing.value}…"
    return SNOOZED if is_snoozed(row) else row.state.value


def severity_sign(severity: Severity) -> str:
    return {Severity.CRITICAL: "✗", Severity.WARNING: "▲", Severity.INFO: "·"}[severity]


def severity_role(severity: Severity) -> Role:
    return {Severity.CRITICAL: Role.BAD, Severity.WARNING: Role.WATCH, Severity.INFO: Role.VALUE}[severity]


def row_role(row: AlertRow) -> Role:
    """Loud is only what fires and is not hidden."""
    if row.state is AlertState.FIRING and not is_snoozed(row):
        return severity_role(row.severity)
    return Role.STALE


def age_text(seconds: float) -> str:
    """``1:31``, ``2:01:31``; from a day on ``3 d 4 h``, as nobody counts the seconds of days."""
    if seconds < _DAY_S:
        return format_duration(max(0.0, seconds))
    days, rest = divmod(int(seconds), int(_DAY_S))
    return f"{days} d {rest // 3600} h"


def is_mine(name: str, session: SessionInfo | None) -> bool:
    return session is not None and name in (session.user, f"{session.user}@{session.host}")


def person(name: str, session: SessionInfo | None) -> str:
    """``you``, or the name without the machine."""
    return "you" if is_mine(name, session) else said(name.partition("@")[0] or name, 40)


def owner_text(row: AlertRow, session: SessionInfo | None, at: float) -> str:
    """Who claimed it, and how long ago."""
    if not row.acked_by:
        return NO_VALUE
    since = "" if row.acked_at is None else f" {age_text(at - row.acked_at)}"
    return person(row.acked_by, session) + since


def flaps(row: AlertRow) -> bool:
    """Whether it comes and goes more often than somebody can look at it."""
    return (row.activations_1h or 0) >= _FLAPS_1H or (row.activations_24h or 0) >= _FLAPS_24H


def noise_text(row: AlertRow) -> str:
    """Activations in 24 h; ``–`` while nobody knows them."""
    count = row.activations_24h if row.activations_24h is not None else row.activations_1h
    if count is None:
        return NO_VALUE
    return f"{count}× flaps ▲" if flaps(row) else f"{count}×"


def value_text(row: AlertRow) -> str:
    return format_value(row.value, row.unit)


def limit_text(row: AlertRow) -> str:
    """``> 200 ms``; nothing when only the expression tells the limit."""
    if row.threshold is None:
        return ""
    return f"{'>' if row.above else '<'} {format_value(row.threshold, row.unit)}"


def sources_text(row: AlertRow) -> str:
    return said(", ".join(row.sources), 80)


def summary_text(row: AlertRow) -> str:
    """What it means; its expression where nobody wrote that."""
    return said(" ".join((row.summary or row.expr).split()))


def labels_of(row: AlertRow) -> dict[str, str]:
    """Its labels; what a row knows besides goes by ``state``, ``owner`` and ``source`` where no label is called so."""
    state = SNOOZED if is_snoozed(row) else row.state.value
    known = {"state": state, "owner": row.acked_by, "source": ", ".join(row.sources)}
    known.update(row.labels)
    return known
