"""The columns of the alert list."""

from __future__ import annotations

from collections.abc import Callable

from perftui.domain.roles import Role
from perftui.domain.triage import AlertRow, Doing
from perftui.link.messages import SessionInfo
from perftui.view.alerts_index import AlertIndex
from perftui.view.alerts_rows import (
    age_text,
    flaps,
    limit_text,
    needs_somebody,
    noise_text,
    owner_text,
    row_role,
    said,
    severity_sign,
    sources_text,
    state_rank,
    state_text,
    summary_text,
    urgency,
    value_text,
)
from perftui.view.columns import Column


def alert_index(at: Callable[[], float], session: Callable[[], SessionInfo | None]) -> AlertIndex:
    """What needs somebody first; ``at`` is the moment that is shown, ``session`` tells who "you" are."""

    def owner(row: AlertRow) -> str:
        return owner_text(row, session(), at())

    def age(row: AlertRow) -> str:
        return age_text(at() - row.since)

    columns: tuple[Column[AlertRow], ...] = (
        Column("severity", "sev", 3, lambda row: f" {severity_sign(row.severity)}", urgency, False, 0, False,
               row_role),
        Column("name", "name", 24, lambda row: said(row.name, 80), lambda row: row.name, False, 0, False, _name_role),
        Column("summary", "summary", None, summary_text, lambda row: row.summary or None, False, 4, False, _label),
        Column("value", "value", 9, value_text, lambda row: row.value, priority=2, role=row_role),
        Column("limit", "limit", 10, limit_text, lambda row: row.threshold, False, 7, role=_label),
        Column("age", "since", 9, age, lambda row: -row.since, priority=1, role=_label),
        Column("state", "state", 10, state_text, state_rank, False, 0, False, _state_role),
        Column("owner", "owner", 12, owner, lambda row: row.acked_by or None, False, 3, False, _owner_role),
        Column("noise", "noise 24h", 11, noise_text, _noise, False, 5, True, _noise_role),
        Column("source", "source", 12, sources_text, lambda row: sources_text(row) or None, False, 6, False, _label),
    )  # fmt: skip
    return AlertIndex(columns)


def _label(_: AlertRow) -> Role:
    return Role.LABEL


def _name_role(row: AlertRow) -> Role:
    return Role.VALUE if needs_somebody(row) else Role.LABEL


def _state_role(row: AlertRow) -> Role:
    return Role.ACCENT if row.doing is not Doing.NOTHING else Role.VALUE if needs_somebody(row) else Role.LABEL


def _owner_role(row: AlertRow) -> Role:
    return Role.ACCENT if row.acked_by else Role.LABEL


def _noise(row: AlertRow) -> int | None:
    return row.activations_24h if row.activations_24h is not None else row.activations_1h


def _noise_role(row: AlertRow) -> Role:
    return Role.WATCH if flaps(row) else Role.LABEL
