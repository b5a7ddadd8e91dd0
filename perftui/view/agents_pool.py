"""The figures of a pool, each with how it went: utilisation, queue and wait, response times, throughput, balance."""

from __future__ import annotations

from typing import NamedTuple

from perftui.domain.roles import Role
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.units import Unit, format_value
from perftui.domain.workflow import PoolRow
from perftui.view.agents_rows import FULL, TIMEOUTS, UNEVEN, waits
from perftui.view.scene import Scene
from perftui.view.sparkline import sparkline_row
from perftui.view.text import Line, Span, fit
from perftui.view.workflow_panel import joined

_TWO_COLUMNS = 100


class _Figure(NamedTuple):
    """A figure of a pool: its name, the series that tells how it went, its unit, and from where on it is watched."""

    name: str
    series: str
    unit: Unit
    value: float | None
    watch: float | None = None
    above: bool = True


def pool_selectors(pool: str) -> tuple[str, ...]:
    """The series of all figures."""
    return tuple(f"{pool}/{figure.series}" for figure in _figures(PoolRow(pool, 0, None, None)))


def _figures(pool: PoolRow) -> tuple[_Figure, ...]:
    limit = 0.0 if waits(pool) else None
    return (
        _Figure("utilisation", "agents_utilisation_ratio", Unit.RATIO, pool.utilisation, FULL),
        _Figure("queue", "queue_depth", Unit.COUNT, pool.queue, limit),
        _Figure("wait p95", 'queue_wait_seconds{quantile="0.95"}', Unit.SECONDS, pool.wait_p95_s, limit),
        _Figure("response p95", 'task_response_seconds{quantile="0.95"}', Unit.SECONDS, pool.p95_s),
        _Figure("tasks", "tasks_finished_per_second", Unit.PER_SECOND, pool.done_per_s),
        _Figure("failed", "tasks_failed_ratio", Unit.RATIO, pool.failed_ratio),
        _Figure("timeouts", "tasks_timeout_ratio", Unit.RATIO, pool.timeout_ratio, TIMEOUTS),
        _Figure("balance", "agents_balance_ratio", Unit.RATIO, pool.balance, UNEVEN, above=False),
    )


def pool_lines(scene: Scene, pool: PoolRow, window: Window | None, width: int, height: int) -> tuple[Line, ...]:
    """Who there is, then a line a figure, in two columns where there is room; the first figures stay longest."""
    lines = [_people(scene, pool, width)]
    figures = _figures(pool)
    across = 2 if width >= _TWO_COLUMNS else 1
    high = -(-len(figures) // across)
    size = (width - 3 * (across - 1)) // across
    drawn = [_row(scene, pool, figure, window, size) for figure in figures]
    for place in range(high):
        line: Line = ()
        for column in drawn[place::high]:
            line = (*line, *((("   ", Role.TEXT),) if line else ()), *column)
        lines.append(fit(line, width, scene.glyphs.ellipsis))
    return tuple(lines[: max(0, height)])


def pool_height(width: int) -> int:
    """The lines that a pool would like to have."""
    return 1 + (4 if width >= _TWO_COLUMNS else 8)


def _people(scene: Scene, pool: PoolRow, width: int) -> Line:
    lost: Span = (f"{pool.lost} lost {scene.glyphs.bad}", Role.BAD) if pool.lost else ("0 lost", Role.LABEL)
    dash = scene.glyphs.dash
    parts: list[Span] = [
        (f"{pool.total} agents", Role.VALUE),
        (f"{dash if pool.active is None else pool.active} busy", Role.VALUE),
        (f"{dash if pool.idle is None else pool.idle} idle", Role.VALUE),
        lost,
        (f"response p50 {_span(pool.p50_s)}", Role.LABEL),
        (f"p99 {_span(pool.p99_s)}", Role.LABEL),
        (f"mean {_span(pool.mean_s)}", Role.LABEL),
        (f"wait p50 {_span(pool.wait_p50_s)}", Role.LABEL),
    ]
    return fit(joined(parts, width), width, scene.glyphs.ellipsis)


def _span(seconds: float | None) -> str:
    return format_value(seconds, Unit.SECONDS)


def _row(scene: Scene, pool: PoolRow, figure: _Figure, window: Window | None, width: int) -> Line:
    name = f"{pool.key}/{figure.series}"
    known = () if window is None else window.series
    series = next((one for one in known if one.series == name), SeriesWindow(name, (), (), ()))
    return sparkline_row(
        figure.name, series, window or Window(scene.start, 1.0, 0),
        start=scene.start, end=scene.end, width=width, unit=figure.unit, glyphs=scene.glyphs, value=figure.value,
        watch=figure.watch, above=figure.above, top=1.0 if figure.unit is Unit.RATIO and figure.watch == FULL else None,
        placing=scene.placing,
    )  # fmt: skip
