"""Past loads as a table: what was sent where, how it went, and why it ended."""

from __future__ import annotations

from collections.abc import Callable

from perftui.domain.load import LoadRunRow
from perftui.domain.roles import Role
from perftui.domain.units import NO_VALUE, Unit, format_duration, format_value
from perftui.view.columns import Column
from perftui.view.load_figures import count, ms_text, rate_text, said
from perftui.view.table import TableModel

TABLE = "load_runs"


def runs_table(clock_text: Callable[[float], str]) -> TableModel[LoadRunRow]:
    """The newest first."""
    columns: tuple[Column[LoadRunRow], ...] = (
        Column("started", "started", 9, lambda row: clock_text(row.started_at), lambda row: row.started_at, False),
        Column("target", "target", 26, _target, lambda row: row.target, False, 0, False),
        Column("shape", "shape", 10, lambda row: said(row.shape, 20), lambda row: row.shape, False, 5, False, _label),
        Column("rate", "rate", 9, lambda row: rate_text(row.rate), lambda row: row.rate, priority=3),
        Column(
            "length",
            "length",
            8,
            lambda row: format_duration(row.duration_s),
            lambda row: row.duration_s,
            priority=4,
            role=_label,
        ),
        Column("done", "done", 9, lambda row: count(row.done), lambda row: row.done, priority=6, role=_label),
        Column(
            "failed",
            "errors",
            7,
            _failed,
            lambda row: row.failed / row.done if row.done else None,
            priority=1,
            role=_failed_role,
        ),
        Column("p50", "p50", 8, lambda row: ms_text(row.p50_ms), lambda row: row.p50_ms, priority=7),
        Column("p95", "p95", 8, lambda row: ms_text(row.p95_ms), lambda row: row.p95_ms),
        Column("p99", "p99", 8, lambda row: ms_text(row.p99_ms), lambda row: row.p99_ms, priority=2),
        Column("verdict", "verdict", None, verdict_text, lambda row: row.ok, False, 1, False, verdict_role),
    )
    return TableModel(
        columns, search_text=lambda row: f"{row.key} {row.target} {row.shape} {verdict_text(row)}", sort="started"
    )


def _target(row: LoadRunRow) -> str:
    return said(row.target).removeprefix("http://")


def verdict_text(row: LoadRunRow) -> str:
    """Thresholds first, then what the run was limited by, then what ended it before its time."""
    limit = "" if row.limited_by == "none" else said(row.limited_by, 20)
    parts = [] if row.ok else ["threshold broken"]
    if limit:
        parts.append(f"{limit.removesuffix('s')}-limited")
    elif row.ok and row.done:
        parts.append("ok")
    if row.stopped_by not in ("", "duration"):
        parts.append(said(row.stopped_by, 60))
    return ", ".join(parts) or NO_VALUE


def verdict_role(row: LoadRunRow) -> Role:
    if not row.ok:
        return Role.BAD
    return Role.WATCH if row.limited_by in ("generator", "connections") else Role.LABEL


def _label(_: LoadRunRow) -> Role:
    return Role.LABEL


def _failed(row: LoadRunRow) -> str:
    return format_value(row.failed / row.done, Unit.RATIO) if row.done else NO_VALUE


def _failed_role(row: LoadRunRow) -> Role:
    return Role.WATCH if row.failed else Role.LABEL


def last_of(rows: dict[str, LoadRunRow], target: str, run_id: str, before: float) -> LoadRunRow | None:
    """The newest run of this target that began before, for comparison."""
    earlier = [
        row
        for row in rows.values()
        if row.target == target and row.key != run_id and row.started_at < before and row.done
    ]
    return max(earlier, key=lambda row: row.started_at, default=None)
