"""Alerts of an Alertmanager in the words of perftui; everything in them is hostile text until it was cleaned here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec

from perftui.domain.alerts import Alert, AlertState, fingerprint, severity_of
from perftui.domain.text import clean
from perftui.domain.units import Unit
from perftui.sources.rfc3339 import epoch_s

_STATES = {"active": AlertState.FIRING, "unprocessed": AlertState.FIRING, "suppressed": AlertState.SUPPRESSED}
_FINGERPRINT = re.compile("[0-9a-f]{16}")
_MOST_LABELS, _MOST_IDS, _MOST_RECEIVERS = 64, 50, 20
_LABEL, _ANNOTATION, _EXPRESSION = 256, 1024, 2000
# a byte takes 0.1 us: more than that is not gone through
_LONGEST_LABELS = 200_000


class _Status(msgspec.Struct, gc=False):
    state: str
    silencedBy: list[str] | None = None  # noqa: N815 (the API's word)
    inhibitedBy: list[str] | None = None  # noqa: N815


class _Receiver(msgspec.Struct, gc=False):
    name: str = ""


class _Told(msgspec.Struct, gc=False):
    """A ``gettableAlert`` of the API, version 2; what is not used of it is left out."""

    labels: dict[str, str]
    status: _Status
    startsAt: str  # noqa: N815
    fingerprint: str = ""
    generatorURL: str = ""  # noqa: N815
    annotations: dict[str, str] | None = None
    receivers: list[_Receiver] | None = None


class Found(NamedTuple):
    """``starts_at`` is the server's; ``mistaken``: its fingerprint was not that of its labels."""

    alert: Alert
    starts_at: float
    receivers: tuple[str, ...]
    mistaken: bool


_DECODER = msgspec.json.Decoder(_Told)


def read_alert(source: str, element: bytes) -> Found | None:
    """None when it lacks what an alert must have. Raises msgspec.DecodeError for what is no alert at all.

    Times are the server's. ``since`` is when it began to fire, also of one that was silenced later: nobody tells when.
    """
    told = _DECODER.decode(element)
    state, starts_at = _STATES.get(told.status.state), epoch_s(told.startsAt)
    if state is None or starts_at is None:
        return None
    own = _fingerprint(told)
    if not own:
        return None
    named, annotations = _cleaned(told.labels, _LABEL), _cleaned(told.annotations or {}, _ANNOTATION)
    name = dict(named).get("alertname", "?")
    said = dict(annotations)
    alert = Alert(
        fingerprint=own,
        name=name,
        rule=name,
        severity=severity_of(told.labels.get("severity", "")),
        state=state,
        since=starts_at,
        active_at=starts_at,
        source=source,
        series="",
        value=None,
        threshold=None,
        above=True,
        unit=Unit.NONE,
        summary=said.get("summary") or said.get("description", ""),
        labels=tuple(pair for pair in named if pair[0] not in ("alertname", "severity")),
        expr=_expression(told.generatorURL),
        annotations=annotations,
        all_labels=named,
        silenced_by=_ids(told.status.silencedBy),
        inhibited_by=_ids(told.status.inhibitedBy),
    )
    receivers = tuple(clean(one.name, 64) for one in (told.receivers or ())[:_MOST_RECEIVERS])
    return Found(alert, starts_at, receivers, own != told.fingerprint)


def _fingerprint(told: _Told) -> str:
    """That of its labels, whatever it says: alerts of several sources are one by it. Empty when nobody can know."""
    if sum(map(len, told.labels.values())) <= _LONGEST_LABELS:
        return fingerprint(told.labels)
    return told.fingerprint if _FINGERPRINT.fullmatch(told.fingerprint) else ""


def _cleaned(texts: Mapping[str, str], limit: int) -> tuple[tuple[str, str], ...]:
    """Sorted by name; the first of many, so that they are the same ones every time."""
    return tuple((clean(key, 128), clean(texts[key], limit)) for key in sorted(texts)[:_MOST_LABELS])


def _ids(ids: list[str] | None) -> tuple[str, ...]:
    return tuple(clean(one, 64) for one in (ids or ())[:_MOST_IDS])


@lru_cache(maxsize=1024)
def _expression(url: str) -> str:
    """The expression that Prometheus puts into the address of its graph; empty when there is none."""
    if "g0.expr=" not in url or len(url) > 2 * _EXPRESSION:
        return ""
    try:
        return clean(parse_qs(urlsplit(url).query).get("g0.expr", [""])[0], _EXPRESSION)
    except ValueError:
        return ""
