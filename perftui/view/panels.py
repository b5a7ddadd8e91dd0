"""A panel: its frame with title and summary figure, and the body that its kind asks for, or why it is empty."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.config.queries import drawn_selectors, panel_selectors
from perftui.config.schema import Panel, PanelKind
from perftui.domain.health import SourceHealth, SourceState
from perftui.domain.roles import Role
from perftui.domain.samples import Window
from perftui.domain.series import parse_selector
from perftui.domain.units import format_duration, format_value
from perftui.view.frame import framed
from perftui.view.legend import entries, state_glyph
from perftui.view.list_panels import alerts_body, alerts_summary, fixes_body, fixes_summary
from perftui.view.scene import Mode, Scene
from perftui.view.series_panels import scaled, series_body
from perftui.view.text import Line, fit, left, line_width
from perftui.view.wrap import wrapped


def watch_name(panel_id: str) -> str:
    """The name under which a panel's window is watched over the link."""
    return f"panel.{panel_id}"


def panel_picture(
    scene: Scene, panel_id: str, panel: Panel, width: int, height: int, *, focused: bool = False
) -> tuple[Line, ...]:
    """Exactly ``height`` lines of exactly ``width`` cells."""
    inner_width, inner_height = max(0, width - 4), max(0, height - 2)
    title, summary, body = _content(scene, panel_id, panel, inner_width, inner_height)
    return framed(
        indented(body),
        width=width,
        height=height,
        title=title,
        summary=summary,
        focused=focused,
        footer=_limit(scene, panel_id, panel),
        glyphs=scene.glyphs,
    )


def panel_summary(scene: Scene, panel_id: str, panel: Panel, width: int) -> Line:
    """The panel in one line of ``width`` cells: its title and its summary figure."""
    title, summary, _ = _content(scene, panel_id, panel, width, 1)
    room = max(0, width - line_width(summary) - 2)
    return fit(((" ", Role.TEXT), (left(title, room, scene.glyphs.ellipsis), Role.LABEL), *summary), width)


def indented(body: Sequence[Line]) -> tuple[Line, ...]:
    """Lines with a blank at both ends, as they stand in a frame."""
    return tuple(((" ", Role.TEXT), *line, (" ", Role.TEXT)) for line in body)


def _limit(scene: Scene, panel_id: str, panel: Panel) -> str:
    """Why a part of what is wanted is missing, else what the dotted line of a chart stands for."""
    window = _window(scene, panel_id, panel)
    trouble = next(iter(_troubles(scene, panel)), "")
    if trouble and window is not None and window.series:
        return f"{scene.glyphs.watch} {trouble}"
    if panel.kind is not PanelKind.LINE or window is None:
        return ""
    first = next((entry for entry in entries(scene, panel, window) if entry.drawn), None)
    limit = None if first is None else first.limits.watch if first.limits.bad is None else first.limits.bad
    if first is None or limit is None:
        return ""
    return f"limit {format_value(limit, first.unit)} {scene.glyphs.threshold * 2}"


def _content(scene: Scene, panel_id: str, panel: Panel, width: int, height: int) -> tuple[str, Line, tuple[Line, ...]]:
    title = panel.title or panel_id
    if panel.kind is PanelKind.ALERTS:
        return title, alerts_summary(scene), alerts_body(scene, width, height)
    if panel.kind is PanelKind.FIXES:
        return title, fixes_summary(scene), fixes_body(scene, width, height)
    if not drawn_selectors(scene.config, panel):
        return title, (("not connected", Role.STALE),), wrapped(panel.hint or _no_series(panel_id), Role.LABEL, width)
    error = scene.mirror.window_errors.get(watch_name(panel_id))
    if error:
        return title, ((f"{scene.glyphs.bad} error", Role.BAD),), wrapped(error, Role.BAD, width)
    window = _window(scene, panel_id, panel)
    if window is None or not window.series:
        return title, (), wrapped(_why_empty(scene, panel, window), Role.LABEL, width)
    return title, _summary(scene, panel, window), series_body(scene, panel, window, width, height)


def _window(scene: Scene, panel_id: str, panel: Panel) -> Window | None:
    """The panel's window in the panel's scale."""
    window = scene.window(watch_name(panel_id))
    return window if window is None or panel.scale == 1.0 else scaled(window, panel.scale)


def _troubles(scene: Scene, panel: Panel) -> tuple[str, ...]:
    """What the session says of expressions of this panel that have no values."""
    keys = (text.partition("{")[0] for text in panel_selectors(scene.config, panel))
    return tuple(dict.fromkeys(text for key in keys if (text := scene.mirror.troubles.get(key))))


def _no_series(panel_id: str) -> str:
    return f'No series chosen. In perftui.toml:\n  [panels.{panel_id}]\n  series = ["host/cpu_busy_ratio"]'


def _summary(scene: Scene, panel: Panel, window: Window) -> Line:
    """The first series' value with its state; how old it is when nothing new comes."""
    first = entries(scene, panel, window)[0]
    if scene.cursor is None and scene.is_stale(first.series):
        age = scene.age_s(first.series)
        return ((f"{scene.glyphs.stale} stale {format_duration(age)}", Role.STALE),)
    sign = state_glyph(scene, first.state)
    figure = first.text if sign == " " else f"{first.text} {sign}"
    if scene.cursor is not None:
        return ((f"{scene.clock_text(scene.cursor)}  ", Role.ACCENT), (figure, first.state))
    return ((figure, first.state),)


def _why_empty(scene: Scene, panel: Panel, window: Window | None) -> str:
    """Whose fault an empty panel is: nothing asked yet, its source, or a series that nobody delivers."""
    wanted = {parse_selector(text).source for text in drawn_selectors(scene.config, panel)}
    health = [source for source in scene.mirror.sources if source.name in wanted]
    for source in health:
        if source.state is SourceState.FAILED:
            return failure_text(source, scene)
    troubles = _troubles(scene, panel)
    if troubles:
        expr = f"\n  {' '.join(panel.promql[0].split())}" if len(panel.promql) == 1 else ""
        return "\n".join(troubles) + expr
    if window is None or not health or any(source.state is SourceState.WAITING for source in health):
        missing = sorted(wanted - {source.name for source in health})
        if scene.mirror.version and missing and scene.mirror.sources:
            return (
                f"No source is called {', '.join(missing)}. Sources: {', '.join(s.name for s in scene.mirror.sources)}."
            )
        return "collecting the first samples"
    if scene.mode is Mode.PAST:
        return "Nothing was kept of this time: no perftui was watching."
    if panel.promql:
        return "No values in this window. What it would show:\n  " + "\n  ".join(panel.promql)
    return f"{', '.join(panel.series)}: no such figure on this machine, or nothing in this window."


def failure_text(source: SourceHealth, scene: Scene) -> str:
    """Who fails, why, since when, and what is tried next."""
    why = source.error.message if source.error is not None else "no answer"
    since = "" if source.failing_since is None else f", {format_duration(scene.now - source.failing_since)}"
    again = ""
    if source.next_try_at is not None:
        again = f", next try in {max(0.0, source.next_try_at - scene.now):.0f} s"
    return f"{source.name} {scene.glyphs.bad} {why}{since}{again}"
