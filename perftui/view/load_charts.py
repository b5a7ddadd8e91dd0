"""Charts of a load that runs: the session's series of source ``load``, drawn by panels like any other.

They share the time axis with whatever else is on the screen, so that a host's figure of the same moment stands below.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from perftui.config.queries import panel_selectors
from perftui.config.schema import Config, Panel, PanelKind
from perftui.domain.load import LoadState
from perftui.domain.roles import Role
from perftui.domain.samples import SeriesWindow
from perftui.domain.units import Unit, format_value
from perftui.view.frame import framed, top_line
from perftui.view.gauge import bar
from perftui.view.load_figures import count, ms_text
from perftui.view.panels import indented, panel_picture, watch_name
from perftui.view.scene import Mode, Scene
from perftui.view.text import Line, fit, left, right
from perftui.view.watches import Wanted
from perftui.view.wrap import wrapped

TIMES, RATES, TROUBLE, HISTOGRAM = "load.times", "load.rates", "load.trouble", "load.histogram"
LAYOUT = "load"
_P95 = "load/response_p95"
_OVERVIEW = "overview"
_BESIDE = ("cpu", "memory", "network")
_MOST_BESIDE = 4
_DRAWN = (PanelKind.LINE, PanelKind.SPARKLINES, PanelKind.GAUGE, PanelKind.STAT, PanelKind.HEAT, PanelKind.TABLE)
_LIMIT = re.compile(r"\s*(?:http_req_duration\s*:\s*)?p\(\s*95(?:\.0*)?\s*\)\s*<=?\s*(\d+(?:\.\d+)?)\s*")
_BUCKETS_SHOWN = 24
# before the measured time there are a probe and a ramp
_BEFORE_S = 5.0
_SPANS_S = (30.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1800.0, 3600.0)


@lru_cache(maxsize=16)
def _charts(limit: float | None) -> dict[str, Panel]:
    return {
        TIMES: Panel(
            title="Response times", series=("load/response_p50", "load/response_p95", "load/response_p99"),
            legend=("p50", "p95", "p99"), unit=Unit.SECONDS, bad=limit,
        ),
        RATES: Panel(
            title="Throughput", series=("load/done", "load/offered", "load/sent"), legend=("done", "offered", "sent"),
            unit=Unit.PER_SECOND,
        ),
        TROUBLE: Panel(
            title="Errors, in flight, waiting", kind=PanelKind.SPARKLINES,
            series=("load/errors", "load/in_flight", "load/backlog"), legend=("errors", "in flight", "waiting"),
        ),
    }  # fmt: skip


def charts_of(state: LoadState) -> dict[str, Panel]:
    """Panels by id; the tightest threshold of p95 is the dotted line of response times."""
    return _charts(limit_of(state))


def limit_of(state: LoadState) -> float | None:
    """The tightest threshold of p95 of all requests, in seconds."""
    found = [_LIMIT.fullmatch(one.expr) for one in state.thresholds]
    return min((float(match[1]) / 1e3 for match in found if match is not None), default=None)


def beside(config: Config) -> dict[str, Panel]:
    """What is shown of the same moment: the panels of ``[layouts.load]``, else what is measured by expressions, and
    CPU, memory and network of this machine.
    """
    layout = config.layouts.get(LAYOUT)
    if layout is not None:
        names = [name for row in layout.rows for name in row]
        return {name: config.panels[name] for name in names if config.panels[name].kind in _DRAWN}
    overview = config.layouts.get(_OVERVIEW)
    placed = [] if overview is None else [name for row in overview.rows for name in row]
    asked = [name for name in placed if config.panels[name].promql and panel_selectors(config, config.panels[name])]
    chosen = [*asked[: _MOST_BESIDE - 2], *_BESIDE]
    known = dict.fromkeys(name for name in chosen if name in config.panels and config.panels[name].kind in _DRAWN)
    return {name: config.panels[name] for name in list(known)[:_MOST_BESIDE]}


def framed_on(scene: Scene, state: LoadState) -> Scene:
    """The scene with a time axis as long as the load is meant to be: in five minutes half of one would be a corner.

    Somebody who looks back has chosen an axis.
    """
    if scene.mode is not Mode.LIVE:
        return scene
    needed = max(state.planned_s + _BEFORE_S, scene.end - state.started_at + 1)
    span = next((span for span in _SPANS_S if span >= needed), scene.span_s)
    return replace(scene, span_s=min(scene.span_s, span))


def wanted_of(config: Config, panels: dict[str, Panel], widths: dict[str, int], part: float) -> tuple[Wanted, ...]:
    """The windows of the panels that are in sight, which show ``part`` of the whole window."""
    return tuple(
        Wanted(watch_name(name), panel_selectors(config, panels[name]), max(2, round(2 * width / part)))
        for name, width in widths.items()
        if name in panels and panel_selectors(config, panels[name])
    )


def chart_picture(scene: Scene, name: str, panel: Panel, width: int, height: int) -> tuple[Line, ...]:
    """A chart of the load; before its first second it says that it waits."""
    window = scene.window(watch_name(name))
    if window is not None and window.series:
        lines = panel_picture(scene, name, panel, width, height)
        p95 = next((one for one in window.series if one.series == _P95), None) if name == TIMES else None
        return lines if p95 is None else (_p95_line(scene, panel, p95, width), *lines[1:])
    body = wrapped("The first second is not over yet.", Role.LABEL, max(0, width - 4))
    return framed(indented(body), width=width, height=height, title=panel.title, glyphs=scene.glyphs)


def _p95_line(scene: Scene, panel: Panel, p95: SeriesWindow, width: int) -> Line:
    """The top line with the percentile that thresholds are about, not the first one of the legend."""
    value = None if scene.is_stale(p95) else p95.last
    is_bad = value is not None and panel.bad is not None and value > panel.bad
    text = f"p95 {format_value(value, Unit.SECONDS)}" + (f" {scene.glyphs.bad}" if is_bad else "")
    role = Role.BAD if is_bad else Role.STALE if value is None else Role.VALUE
    return top_line(width, panel.title, ((text, role),), focused=False, glyphs=scene.glyphs)


def histogram_picture(scene: Scene, state: LoadState, width: int, height: int) -> tuple[Line, ...]:
    """How many answers took how long, a row a range of times, the longest at the bottom."""
    inner, room = max(0, width - 4), max(0, height - 2)
    body = histogram_lines(scene, state, inner, room)
    worst = state.response.max
    summary: Line = () if worst is None else (("max ", Role.LABEL), (ms_text(worst), Role.VALUE))
    return framed(
        indented(body), width=width, height=height, title="Histogram of response times", summary=summary,
        glyphs=scene.glyphs,
    )  # fmt: skip


def histogram_lines(scene: Scene, state: LoadState, width: int, height: int) -> tuple[Line, ...]:
    """At most ``height`` rows; neighbouring buckets are put together, so that all of them are shown."""
    rows = _merged(state.buckets, min(height, _BUCKETS_SHOWN))
    if not rows:
        return wrapped("No answer was counted yet.", Role.LABEL, width)
    most = max(number for _, number in rows)
    whole = sum(number for _, number in rows) or 1
    room = max(1, width - 28)
    limit = limit_of(state)
    lines = []
    for upper, number in rows:
        role = Role.BAD if limit is not None and upper / 1e3 > limit else Role.BAR
        lines.append(
            fit(
                (
                    (right(f"to {ms_text(upper)}", 11, scene.glyphs.ellipsis), Role.LABEL), (" ", Role.TEXT),
                    (left(bar(number / most, room, scene.glyphs), room), role),
                    (right(count(number), 8), Role.VALUE),
                    (right(format_value(number / whole, Unit.RATIO), 7), Role.LABEL),
                ),
                width,
            )
        )  # fmt: skip
    return tuple(lines)


def _merged(buckets: tuple[tuple[float, int], ...], rows: int) -> list[tuple[float, int]]:
    """Neighbours added up until no more than ``rows`` are left; empty ones at both ends are left out."""
    filled = [index for index, (_, number) in enumerate(buckets) if number]
    if not filled or rows < 1:
        return []
    kept = buckets[filled[0] : filled[-1] + 1]
    each = -(-len(kept) // rows)
    return [
        (part[-1][0], sum(number for _, number in part))
        for part in (kept[start : start + each] for start in range(0, len(kept), each))
    ]
