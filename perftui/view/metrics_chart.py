"""The chart of the Metrics screen: what was chosen, grouped by unit, and how each expression stands."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from perftui.config.schema import Panel
from perftui.domain.queries import is_derived
from perftui.domain.roles import Role
from perftui.domain.samples import Window
from perftui.domain.series import parse_series
from perftui.domain.units import Unit, format_span, format_value
from perftui.view.exploring import WATCH, WATCH_BEFORE, Exploring, Plot
from perftui.view.frame import framed
from perftui.view.legend import Entry, entries, short_expr, state_glyph
from perftui.view.metrics_exemplars import marks
from perftui.view.panels import NO_PROMETHEUS, indented
from perftui.view.scene import Mode, Scene
from perftui.view.series_panels import line_chart
from perftui.view.text import Line, fit, left, line_width, text_width
from perftui.view.wrap import wrapped

_LEAST_CHART = 3
_MOST_ERROR = 4


def chart_picture(scene: Scene, exploring: Exploring, width: int, height: int) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells."""
    inner, room = width - 4, height - 2
    window = scene.window(WATCH)
    shown = () if window is None else plot_entries(scene, exploring, window)
    error = wrapped(f"{scene.glyphs.bad} {exploring.error}", Role.BAD, inner)[:_MOST_ERROR] if exploring.error else ()
    notes = _notes(scene, exploring, shown, inner)[: max(0, room - len(error) - _LEAST_CHART)]
    body = _body(scene, exploring, window, shown, inner, max(0, room - len(notes) - len(error)))
    return framed(
        indented((*error, *body, *notes)),
        width=width,
        height=height,
        title=_title(exploring),
        summary=_summary(scene, shown),
        footer=_footer(scene, exploring),
        glyphs=scene.glyphs,
    )


def _title(exploring: Exploring) -> str:
    plots = exploring.plots
    if len(plots) == 1:
        return f"{plots[0].source}: {short_expr(plots[0].expr)}"
    return f"{len(plots)} expressions" if plots else "Chart"


def _summary(scene: Scene, shown: Sequence[Entry]) -> Line:
    if not shown:
        return ()
    if scene.cursor is not None:
        return ((scene.clock_text(scene.cursor), Role.ACCENT),)
    if len(shown) > 1:
        return ((f"{len(shown)} series", Role.LABEL),)
    return ((f"{shown[0].text} {state_glyph(scene, shown[0].state)}".rstrip(), shown[0].state),)


def _footer(scene: Scene, exploring: Exploring) -> str:
    if exploring.asking:
        return exploring.asking
    before = _before(scene, exploring)
    return f"dim: the {format_span(scene.span_s)} before" if before is not None and before.series else ""


def plot_entries(scene: Scene, exploring: Exploring, window: Window) -> tuple[Entry, ...]:
    """The series of all expressions; with several expressions each name begins with its number."""
    plots = exploring.plots
    panel = Panel(series=tuple(plot.selector for plot in plots))
    several = len(plots) > 1
    found = []
    for entry in entries(scene, panel, window):
        if entry.selector < len(plots):
            plot = plots[entry.selector]
            unnamed = is_derived(entry.name) and entry.name == parse_series(entry.series.series).name
            name = short_expr(plot.expr) if unnamed else entry.name
            found.append(msgspec.structs.replace(entry, name=f"{entry.selector + 1} {name}" if several else name))
    return tuple(found)


def unit_groups(shown: Sequence[Entry]) -> list[list[Entry]]:
    """Entries that can share a scale, in the order of the first of each."""
    groups: dict[Unit, list[Entry]] = {}
    for entry in shown:
        groups.setdefault(entry.unit, []).append(entry)
    return list(groups.values())


def _body(
    scene: Scene, exploring: Exploring, window: Window | None, shown: Sequence[Entry], width: int, height: int
) -> tuple[Line, ...]:
    if not exploring.plots:
        return _teaching(exploring, width)
    failure = scene.mirror.window_errors.get(WATCH)
    if failure:
        return wrapped(failure, Role.BAD, width)
    if window is None or not shown:
        return wrapped(_why_empty(scene, exploring, window), Role.LABEL, width)
    groups = unit_groups(shown)
    # groups without room for a chart of their own are only named
    fit_in = max(1, min(len(groups), height // (_LEAST_CHART + 1)))
    before = _before(scene, exploring)
    lines: list[Line] = []
    for index, group in enumerate(groups[:fit_in]):
        tall = height * (index + 1) // fit_in - height * index // fit_in
        gap = 1 if index + 1 < fit_in else 0
        named = group if index + 1 < fit_in else [one for rest in groups[index:] for one in rest]
        lines += line_chart(
            scene, window, group, named, width, tall - gap,
            marks=marks(scene, exploring), behind=_same(before, group), most_names=min(48, width * 9 // 20),
        )  # fmt: skip
        lines += [((" " * width, Role.TEXT),)] * gap
    return tuple(lines)


def _before(scene: Scene, exploring: Exploring) -> Window | None:
    """The window before, put on the time axis of this one."""
    before = scene.window(WATCH_BEFORE) if exploring.compared else None
    return None if before is None else msgspec.structs.replace(before, start=before.start + scene.span_s)


def _same(before: Window | None, group: Sequence[Entry]) -> Window | None:
    """Of the window before, the series that this chart shows."""
    if before is None:
        return None
    names = {entry.series.series for entry in group}
    return msgspec.structs.replace(before, series=tuple(one for one in before.series if one.series in names))


def _teaching(exploring: Exploring, width: int) -> tuple[Line, ...]:
    first = "enter draws the selected metric, a adds it to what is drawn."
    if exploring.takes_expressions:
        first += " i types PromQL of your own: tab completes it."
    else:
        first += ' i types a series, such as cpu_core_busy_ratio{core="0"}.'
    lines = wrapped(first, Role.LABEL, width)
    if exploring.sources and not any(takes for _, takes in exploring.sources):
        lines += (((" " * width, Role.TEXT),), *wrapped(NO_PROMETHEUS, Role.LABEL, width))
    return lines


def _why_empty(scene: Scene, exploring: Exploring, window: Window | None) -> str:
    if any(_trouble(scene, plot) for plot in exploring.plots):
        return "Nothing to draw: the reason stands below."
    if window is None:
        return "collecting the first samples"
    if scene.mode is Mode.PAST:
        return "Nothing was kept of this time."
    return "Nothing was measured in this window yet."


def _trouble(scene: Scene, plot: Plot) -> str:
    return plot.problem or scene.mirror.troubles.get(plot.selector, "")


def _notes(scene: Scene, exploring: Exploring, shown: Sequence[Entry], width: int) -> list[Line]:
    """A line an expression: which it is, what is wrong with it, what it warns of, how it compares."""
    lines: list[Line] = []
    before = _before(scene, exploring)
    old = () if before is None else plot_entries(scene, exploring, before)
    for place, plot in enumerate(exploring.plots):
        trouble = _trouble(scene, plot)
        warnings = plot.tried.warnings if plot.tried is not None else ()
        told: Line = ()
        if exploring.compared:
            told = (_difference(scene, _of(shown, place), _of(old, place)),)
        if len(exploring.plots) > 1 or told:
            lines.append(_plot_line(scene, exploring, place, told, width))
        for text in filter(None, (trouble, *warnings)):
            lines += wrapped(f"{scene.glyphs.watch} {text}", Role.WATCH, width)[:2]
    return lines


def _of(shown: Sequence[Entry], place: int) -> list[Entry]:
    return [entry for entry in shown if entry.selector == place]


def _plot_line(scene: Scene, exploring: Exploring, place: int, told: Line, width: int) -> Line:
    plot = exploring.plots[place]
    sources = {one.source for one in exploring.plots}
    head = f"{place + 1} " if len(exploring.plots) > 1 else ""
    source = f"{plot.source}: " if len(sources) > 1 else ""
    if not head:  # the frame names a single expression already
        return fit(told, width, scene.glyphs.ellipsis)
    room = max(0, width - line_width(told) - text_width(head) - (2 if told else 0))
    expr = left(source + short_expr(plot.expr), room, scene.glyphs.ellipsis)
    line: Line = ((head, Role.KEY), (expr, Role.LABEL), ("  " if told else "", Role.TEXT), *told)
    return fit(tuple(span for span in line if span[0]), width, scene.glyphs.ellipsis)


def _difference(scene: Scene, now: Sequence[Entry], old: Sequence[Entry]) -> tuple[str, Role]:
    """The means of both windows, over all buckets and series, and how far they are apart."""
    unit = now[0].unit if now else old[0].unit if old else Unit.NONE
    mean, before = _mean(now), _mean(old)
    span = format_span(scene.span_s)
    if mean is None:
        return "no mean: nothing was measured", Role.STALE
    text = f"mean {format_value(mean, unit)}"
    if before is None:
        return f"{text}, nothing known of the {span} before", Role.STALE
    text += f", {format_value(before, unit)} in the {span} before"
    if before != 0:
        change = (mean - before) / abs(before)
        sign = "+" if change >= 0 else scene.glyphs.minus
        text += f": {sign}{format_value(abs(change), Unit.RATIO)}"
    return text, Role.VALUE


def _mean(shown: Sequence[Entry]) -> float | None:
    values = [value for entry in shown for value in entry.series.mean if value is not None]
    return sum(values) / len(values) if values else None
