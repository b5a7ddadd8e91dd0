"""Alerts and the rules that make them, in the words of Prometheus and Alertmanager."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import msgspec

from perftui.domain.units import Unit

_FNV_OFFSET, _FNV_PRIME, _64_BITS = 0xCBF29CE484222325, 0x100000001B3, 0xFFFFFFFFFFFFFFFF


class Severity(str, Enum):
    """How bad, worst first when sorted by ``rank``."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        return {"critical": 0, "warning": 1, "info": 2}[self.value]


_SEVERITIES = {
    **dict.fromkeys(("critical", "crit", "page", "error", "emergency", "fatal", "high"), Severity.CRITICAL),
    **dict.fromkeys(("info", "none", "notice", "low", "debug"), Severity.INFO),
}


def severity_of(label: str) -> Severity:
    """What a label ``severity`` means; a word that is not known is a warning."""
    return _SEVERITIES.get(label.lower(), Severity.WARNING)


class AlertState(str, Enum):
    """``pending``: true, but not for long enough yet.
    ``suppressed``: it fires, but a silence or another alert hides it.
    """

    PENDING = "pending"
    FIRING = "firing"
    SUPPRESSED = "suppressed"
    RESOLVED = "resolved"


class ThresholdRule(msgspec.Struct, frozen=True):
    """Fires when a series stays beyond a limit for ``for_s``; resolves only beyond the clear value (hysteresis).

    ``above`` says which side is bad. ``warning`` or ``critical`` may be None, not both. ``warning_clear`` and
    ``critical_clear`` are the values at which the level ends. ``effort`` and ``hours`` belong to ``advice``, the title
    of the recommendation that a firing alert brings.
    """

    id: str
    title: str
    selector: str
    unit: Unit
    above: bool
    warning: float | None
    critical: float | None
    warning_clear: float | None
    critical_clear: float | None
    for_s: float
    summary: str = ""
    advice: str = ""
    effort: str = "medium"
    hours: float = 8.0
    steps: tuple[str, ...] = ()


class AbsenceRule(msgspec.Struct, frozen=True):
    """Fires when none of the series that the selector picks has a fresh value, for ``for_s`` seconds."""

    id: str
    title: str
    selector: str
    severity: Severity
    for_s: float
    summary: str = ""


class Alert(msgspec.Struct, frozen=True, gc=False):
    """One alert as it stands now; times are epoch seconds. It holds no others, so the garbage collector may pass it by.

    ``since`` is when the present state began, ``active_at`` when the condition became true. ``threshold`` is None when
    only the server knows it: then ``expr`` holds the condition. ``all_labels`` are those that the fingerprint is made
    of. ``silenced_by`` and ``inhibited_by`` are ids of what suppresses it.
    """

    fingerprint: str
    name: str
    rule: str
    severity: Severity
    state: AlertState
    since: float
    active_at: float
    source: str
    series: str
    value: float | None
    threshold: float | None
    above: bool
    unit: Unit
    for_s: float = 0.0
    summary: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    expr: str = ""
    annotations: tuple[tuple[str, str], ...] = ()
    all_labels: tuple[tuple[str, str], ...] = ()
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()


def fingerprint(labels: Mapping[str, str]) -> str:
    """A stable 16-digit name for a label set, the same that Prometheus and Alertmanager give it.

    FNV-1a of 64 bits over the labels sorted by name, each name and value followed by the byte 255
    (prometheus/common, model.LabelSet.Fingerprint).
    """
    text = b"".join(part.encode("utf-8", "surrogatepass") + b"\xff" for item in sorted(labels.items()) for part in item)
    value = _FNV_OFFSET
    for byte in text:
        value = (value ^ byte) * _FNV_PRIME & _64_BITS
    return f"{value:016x}"
