"""A panel: its frame with title and summary figure, and the body that its kind asks for, or why it is empty."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.config.queries import panel_selectors
from perftui.config.schema import Panel, PanelKind
from perftui.domain.health import SourceState
from perftui.domain.roles import Role
from perftui.domain.samples import Window
from perftui.domain.series import parse_selector
from perftui.domain.units import format_duration, format_value
from perftui.view.alerts_panel import alerts_body, alerts_summary
from perftui.view.content import Content
from perftui.view.failures import failing
from perftui.view.fixes import fixes_body, fixes_summary
from perftui.view.fixes_details import fixes_details
from perftui.view.frame import framed, framed_as_made, has_frame, top_line
from perftui.view.legend import Entry, entries, short_expr, state_glyph
from perftui.view.load_stand_in import stands_in, with_load
from perftui.view.marks import explained, within
from perftui.view.scene import Mode, Scene
from perftui.view.series_panels import SURE_WIDTH, series_body
from perftui.view.text import Line, fit, left, line_width, text_width
from perftui.view.troubles import Trouble, panel_troubles
from perftui.view.work_panels import agents_content, workflow_content
from perftui.view.wrap import wrapped

# looked up once: asking an Enum for a member takes longer than what it is compared for
_ALERTS, _FIXES, _LINE = PanelKind.ALERTS, PanelKind.FIXES, PanelKind.LINE
_WORKFLOW, _AGENTS = PanelKind.WORKFLOW, PanelKind.AGENTS
NO_PROMETHEUS = (
    "No Prometheus yet:\n  perftui --prometheus URL\nor in perftui.toml\n  [sources.prometheus.main]\n"
    '  url = "http://localhost:9090"'
)


def watch_name(panel_id: str) -> str:
    """The name under which a panel's window is watched over the link."""
    return f"panel.{panel_id}"


def panel_picture(
    scene: Scene,
    panel_id: str,
    panel: Panel,
    width: int,
    height: int,
    *,
    focused: bool = False,
    expanded: bool = False,
    top: int = 0,
) -> tuple[Line, ...]:
    """Exactly ``height`` lines of exactly ``width`` cells. ``expanded`` tells all there is, from line ``top`` on."""

    def draw() -> tuple[Content, tuple[Line, ...]]:
        return _drawn(scene, panel_id, panel, width, height, expanded=expanded, top=top)

    ages_of = scene.now if _shows_ages(scene, panel) else None
    watched = watch_name(panel_id)
    held = (scene.window(watched), scene.mirror.window_errors.get(watched))
    made_of = (scene.moment, held, (panel, width, height, expanded, top), ages_of)
    content, lines = scene.keep(panel_id, made_of, draw)
    if not focused or not has_frame(width, height):
        return lines
    return (top_line(width, content.title, content.summary, focused=True, glyphs=scene.glyphs), *lines[1:])


def _shows_ages(scene: Scene, panel: Panel) -> bool:
    """Whether the panel tells how long ago something was now, not at the right edge of its time axis."""
    return panel.kind is _ALERTS or scene.has_failures


def _drawn(
    scene: Scene, panel_id: str, panel: Panel, width: int, height: int, *, expanded: bool, top: int
) -> tuple[Content, tuple[Line, ...]]:
    """What the panel says, and its picture without the focus."""
    inner_width, inner_height = max(0, width - 4), max(0, height - 2)
    content = _content(scene, panel_id, panel, inner_width, inner_height, expanded=expanded)
    body = _from(scene, content.body, top, inner_height, inner_width)
    frame = framed_as_made
    if not (content.fits and has_frame(width, height)):
        body, frame = indented(body), framed
    return content, frame(
        body,
        width=width,
        height=height,
        title=content.title,
        summary=content.summary,
        footer=content.footer,
        glyphs=scene.glyphs,
    )


def panel_length(scene: Scene, panel_id: str, panel: Panel, width: int) -> int:
    """The lines that a panel has when it is expanded; as many as there is room for where it draws something."""
    if panel.kind is not _FIXES:
        return 0
    return len(_content(scene, panel_id, panel, max(0, width - 4), 1, expanded=True).body) + 2


def _from(scene: Scene, body: tuple[Line, ...], top: int, room: int, width: int) -> tuple[Line, ...]:
    """The part of a body that is in sight; what lies below it is counted in the last line."""
    if len(body) <= room:
        return body
    first = max(0, min(top, len(body) - room))
    rest = len(body) - first - room
    if rest <= 0 or room < 1:
        return body[first:]
    more = fit(((f"{scene.glyphs.ellipsis} {rest + 1} more lines", Role.LABEL),), width, scene.glyphs.ellipsis)
    return (*body[first : first + room - 1], more)


def panel_summary(scene: Scene, panel_id: str, panel: Panel, width: int) -> Line:
    """The panel in one line of ``width`` cells: its title and its summary figure."""
    content = _content(scene, panel_id, panel, width, 1)
    room = max(0, width - line_width(content.summary) - 3)
    title = left(content.title, room, scene.glyphs.ellipsis)
    return fit(((" ", Role.TEXT), (f"{title} ", Role.LABEL), *content.summary), width, scene.glyphs.ellipsis)


def indented(body: Sequence[Line]) -> tuple[Line, ...]:
    """Lines with a blank at both ends, as they stand in a frame."""
    return tuple(((" ", Role.TEXT), *line, (" ", Role.TEXT)) for line in body)


def _content(scene: Scene, panel_id: str, panel: Panel, width: int, height: int, *, expanded: bool = False) -> Content:
    title = panel.title or panel_id
    room = width - text_width(title) - 3
    kind = panel.kind
    if kind is _ALERTS:
        return Content(title, alerts_summary(scene, room), alerts_body(scene, width, height))
    if kind is _FIXES:
        body = fixes_details(scene, width) if expanded else fixes_body(scene, width, height)
        return Content(title, fixes_summary(scene, room), body)
    if kind is _WORKFLOW:
        return workflow_content(scene, title, panel.hint, width, height)
    if kind is _AGENTS:
        return agents_content(scene, title, panel.hint, scene.window(watch_name(panel_id)), width, height)
    return _series_content(scene, panel_id, panel, title, width, height)


def _series_content(scene: Scene, panel_id: str, panel: Panel, title: str, width: int, height: int) -> Content:
    """Series, or why there are none."""
    watched = watch_name(panel_id)
    window = scene.window(watched)
    if stands_in(panel_id, panel) and window is not None and window.series:
        panel = with_load(panel_id, panel)
    wanted = panel_selectors(scene.config, panel)
    if not wanted:
        text = NO_PROMETHEUS if panel.promql else panel.hint or _no_series(panel_id)
        return Content(title, (("not connected", Role.STALE),), wrapped(text, Role.LABEL, width))
    error = scene.mirror.window_errors.get(watched)
    if error:
        return Content(title, ((f"{scene.glyphs.bad} error", Role.BAD),), wrapped(error, Role.BAD, width))
    troubles = panel_troubles(scene, panel)
    if window is None or not window.series:
        return Content(title, _sign(scene, troubles), _empty(scene, panel, window, troubles, width))
    shown = entries(scene, panel, window)
    notes = (_trouble_note(scene, troubles), _limit(scene, panel, shown), _marks(scene, panel))
    footer = "  ".join(filter(None, notes))
    body, summary = series_body(scene, panel, window, shown, width, height), _summary(scene, shown[0])
    return Content(title, summary, body, footer, width >= SURE_WIDTH)


def _limit(scene: Scene, panel: Panel, shown: Sequence[Entry]) -> str:
    """What the dotted line of a chart stands for."""
    if panel.kind is not _LINE:
        return ""
    first = next((entry for entry in shown if entry.drawn), None)
    if first is None:
        return ""
    limit = first.limits.watch if first.limits.bad is None else first.limits.bad
    return "" if limit is None else f"limit {format_value(limit, first.unit)} {scene.glyphs.threshold * 2}"


def _marks(scene: Scene, panel: Panel) -> str:
    """What the letters on a chart stand for."""
    if panel.kind is not _LINE or not scene.marks:
        return ""
    return explained(within(scene.marks, scene.start, scene.end), scene.glyphs.mark)


def _no_series(panel_id: str) -> str:
    return f'No series chosen. In perftui.toml:\n  [panels.{panel_id}]\n  series = ["host/cpu_busy_ratio"]'


def _summary(scene: Scene, first: Entry) -> Line:
    """The first series' value with its state; how old it is when nothing new comes."""
    if scene.cursor is None and scene.is_stale(first.series):
        age = scene.age_s(first.series)
        return ((f"{scene.glyphs.stale} stale {format_duration(age)}", Role.STALE),)
    sign = state_glyph(scene, first.state)
    figure = first.text if sign == " " else f"{first.text} {sign}"
    if scene.cursor is not None:
        return ((f"{scene.clock_text(scene.cursor)}  ", Role.ACCENT), (figure, first.state))
    return ((figure, first.state),)


def _sign(scene: Scene, troubles: Sequence[Trouble]) -> Line:
    """A panel without data that has a reason says so in its frame too."""
    return ((f"{scene.glyphs.watch} no data", Role.WATCH),) if any(not one.waits for one in troubles) else ()


def _empty(
    scene: Scene, panel: Panel, window: Window | None, troubles: Sequence[Trouble], width: int
) -> tuple[Line, ...]:
    failure = failing(scene, _wanted_sources(scene, panel))
    if failure or not troubles:
        return wrapped(failure or _why_empty(scene, panel, window), Role.LABEL, width)
    lines: list[Line] = []
    for trouble in troubles:
        role = Role.LABEL if trouble.waits else Role.WATCH
        lines += [*wrapped(f"{trouble.source}: {trouble.text}", role, width)]
        lines += wrapped(short_expr(trouble.what), Role.LABEL, width)
    if not all(trouble.waits for trouble in troubles):
        lines += wrapped("Screen 4 (Metrics) shows what there is and tries expressions.", Role.LABEL, width)
    return tuple(lines)


def _trouble_note(scene: Scene, troubles: Sequence[Trouble]) -> str:
    """A few words beside data that is not all there is."""
    if not troubles:
        return ""
    more = f" +{len(troubles) - 1}" if len(troubles) > 1 else ""
    return f"{scene.glyphs.watch} {troubles[0].text}{more}"


def _wanted_sources(scene: Scene, panel: Panel) -> set[str]:
    return {parse_selector(text).source for text in panel_selectors(scene.config, panel)}


def _why_empty(scene: Scene, panel: Panel, window: Window | None) -> str:
    """What an empty panel waits for: nothing asked yet, its source, or a series that nobody delivers."""
    wanted = _wanted_sources(scene, panel)
    health = [source for source in scene.mirror.sources if source.name in wanted]
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
        return f"{short_expr(panel.promql[0])}: nothing in this window."
    return f"{', '.join(panel.series)}: no such figure on this machine, or nothing in this window."
