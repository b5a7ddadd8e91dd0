"""The Sources screen: the health of every source, of the journal and of perftui itself."""

from __future__ import annotations

from perftui.config.queries import drawn_selectors
from perftui.domain.health import SourceHealth, SourceState, StorageHealth, StorageState
from perftui.domain.roles import Role
from perftui.domain.units import NO_VALUE, Unit, format_duration, format_span, format_value
from perftui.view.compose import compose
from perftui.view.failures import failure_text
from perftui.view.frame import framed
from perftui.view.layout import Region
from perftui.view.legend import short_expr
from perftui.view.panels import indented
from perftui.view.scene import Scene
from perftui.view.text import Line, fit, left, right, text_width
from perftui.view.wrap import wrapped

_STATE = {
    SourceState.OK: Role.OK,
    SourceState.WAITING: Role.STALE,
    SourceState.STALE: Role.WATCH,
    SourceState.FAILED: Role.BAD,
}
_TWO_COLUMNS = 100
_MIN_HEIGHT = 4
_COLUMNS = (("every", 6), ("age", 7), ("took", 9), ("series", 7), ("polls", 8), ("failed", 7), ("late", 6))


def sources_picture(scene: Scene, width: int, height: int, *, selected: int = 0) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells: sources, journal and session, and what the selected source measures."""
    inner = width - 4
    body = _sources_body(scene, inner, selected)
    half = width if width < _TWO_COLUMNS else width // 2
    journal, session = _storage_body(scene, half - 4), _session_body(scene, (width - half or width) - 4)
    top = min(height, len(body) + 2)
    middle = _height(len(journal), height - top)
    regions = {"sources": Region(0, 0, width, top)}
    pictures = {"sources": _framed(scene, "Sources", _summary(scene), body, width, top)}
    if middle:
        middle = max(middle, _height(len(session), height - top)) if half < width else middle
        regions["journal"] = Region(0, top, half, middle)
        pictures["journal"] = _framed(scene, "Journal", _storage_summary(scene), journal, half, middle)
        if half < width:
            regions["session"] = Region(half, top, width - half, middle)
            pictures["session"] = _framed(scene, "Session", (), session, width - half, middle)
        elif _height(len(session), height - top - middle):
            tall = _height(len(session), height - top - middle)
            regions["session"] = Region(0, top + middle, width, tall)
            pictures["session"] = _framed(scene, "Session", (), session, width, tall)
    used = max(region.y + region.height for region in regions.values())
    if height - used >= _MIN_HEIGHT:
        name, lines = _series(scene, selected, inner, height - used - 2)
        regions["series"] = Region(0, used, width, height - used)
        pictures["series"] = _framed(
            scene, f"Series of {name}", _series_count(scene, name), lines, width, height - used
        )
    return compose(regions, pictures, width, height)


def _height(lines: int, room: int) -> int:
    """The height of a frame around so many lines; 0 where there is no room for it."""
    tall = min(lines + 2, room)
    return tall if tall >= _MIN_HEIGHT else 0


def _series_count(scene: Scene, source: str) -> Line:
    count = sum(series.startswith(f"{source}/") for series in scene.mirror.catalogue)
    return ((f"{count} to choose from" if count else "", Role.LABEL),)


def _series(scene: Scene, selected: int, width: int, height: int) -> tuple[str, tuple[Line, ...]]:
    """What the selected source measures: names as a panel takes them, units and meanings."""
    if not scene.mirror.sources:
        return "the host", wrapped("It tells its series when it is measured.", Role.LABEL, width)
    source = scene.mirror.sources[min(max(selected, 0), len(scene.mirror.sources) - 1)].name
    found = (info for info in scene.mirror.catalogue.values() if info.series.startswith(f"{source}/"))
    infos = sorted(found, key=lambda info: info.series)
    if not infos:
        return source, wrapped("It tells its series when it is measured.", Role.LABEL, width)
    name_width = min(max(text_width(info.series) for info in infos), max(24, width // 2))
    lines = [
        fit(
            (
                (left(info.series, name_width, scene.glyphs.ellipsis), Role.VALUE),
                (f"  {left(info.unit.value, 8)}", Role.LABEL),
                (f"  {info.help}", Role.TEXT),
            ),
            width,
            scene.glyphs.ellipsis,
        )
        for info in infos
    ]
    if len(lines) > height:
        lines = [*lines[: height - 1], ((f"{scene.glyphs.ellipsis} {len(lines) - height + 1} more", Role.LABEL),)]
    return source, tuple(lines)


def _framed(
    scene: Scene, title: str, summary: Line, body: tuple[Line, ...], width: int, height: int
) -> tuple[Line, ...]:
    return framed(indented(body), width=width, height=height, title=title, summary=summary, glyphs=scene.glyphs)


def _summary(scene: Scene) -> Line:
    sources = scene.mirror.sources
    failed = sum(source.state is SourceState.FAILED for source in sources)
    if failed:
        return ((f"{failed} of {len(sources)} failing {scene.glyphs.bad}", Role.BAD),)
    return ((f"{len(sources)} well {scene.glyphs.ok}", Role.LABEL),) if sources else ()


def _sources_body(scene: Scene, width: int, selected: int) -> tuple[Line, ...]:
    sources = scene.mirror.sources
    if not sources:
        return wrapped("The session has not reported its sources yet.", Role.LABEL, width)
    fitting = [column for column in _COLUMNS if _taken(column, width)]
    lines = [_header(fitting, width)]
    for index, source in enumerate(sources):
        lines.append(_source_line(scene, source, fitting, width, index == selected))
    chosen = sources[min(max(selected, 0), len(sources) - 1)]
    lines.extend(_details(scene, chosen, width))
    return tuple(lines)


def _taken(column: tuple[str, int], width: int) -> bool:
    """Columns give way from the right as the room shrinks."""
    before = sum(size for _, size in _COLUMNS[: _COLUMNS.index(column) + 1])
    return 2 + 14 + 12 + 10 + before <= width


def _header(columns: list[tuple[str, int]], width: int) -> Line:
    head = f"  {left('name', 14)}{left('kind', 12)}{left('state', 10)}"
    return fit(((head + "".join(right(title, size) for title, size in columns), Role.LABEL),), width)


def _source_line(scene: Scene, source: SourceHealth, columns: list[tuple[str, int]], width: int, chosen: bool) -> Line:
    age = None if source.last_ok_at is None else max(0.0, scene.now - source.last_ok_at)
    cells = {
        "every": format_span(source.interval_s),
        "age": NO_VALUE if age is None else format_value(round(age), Unit.SECONDS),
        "took": format_value(source.took_s, Unit.SECONDS),
        "series": str(source.series),
        "polls": str(source.polls),
        "failed": str(source.failures),
        "late": str(source.late),
    }
    role = _STATE[source.state]
    sign = {
        SourceState.OK: scene.glyphs.ok,
        SourceState.FAILED: scene.glyphs.bad,
        SourceState.STALE: scene.glyphs.watch,
    }
    return fit(
        (
            (scene.glyphs.folded + " " if chosen else "  ", Role.ACCENT),
            (left(source.name, 14, scene.glyphs.ellipsis), Role.VALUE),
            (left(source.kind, 12, scene.glyphs.ellipsis), Role.LABEL),
            (left(f"{sign.get(source.state, scene.glyphs.stale)} {source.state.value}", 10), role),
            ("".join(right(cells[title], size) for title, size in columns), Role.VALUE),
        ),
        width,
        scene.glyphs.ellipsis,
    )


def _details(scene: Scene, source: SourceHealth, width: int) -> list[Line]:
    lines: list[Line] = []
    if source.state is SourceState.FAILED:
        lines.extend(wrapped(failure_text(source, scene), Role.BAD, width))
    elif source.state is SourceState.WAITING:
        idle = f"{source.name}: measured only while somebody looks at it"
        lines.extend(wrapped(idle if source.polls == 0 else f"{source.name}: no answer yet", Role.LABEL, width))
    if source.blind:
        lines.extend(wrapped(f"{source.name}: its alerts are not known: {source.blind}", Role.WATCH, width))
    for series, trouble in scene.mirror.troubles.items():
        if series.startswith(f"{source.name}/"):
            lines.extend(wrapped(f"{_expression(scene, series)}: {trouble}", Role.WATCH, width))
    if source.profiles:
        lines.extend(wrapped(f"{source.name}: ready panels for {', '.join(source.profiles)}", Role.LABEL, width))
    for note in source.notes:
        lines.extend(wrapped(f"{source.name}: {note}", Role.LABEL, width))
    return lines


def _expression(scene: Scene, series: str) -> str:
    """The text of an expression where a panel knows it, else the name of its result."""
    for panel in scene.config.panels.values():
        derived = drawn_selectors(scene.config, panel)[len(panel.series) :]
        for selector, expr in zip(derived, panel.promql, strict=False):
            if selector == series:
                return short_expr(expr)
    return series


def _storage_summary(scene: Scene) -> Line:
    storage = scene.mirror.storage
    if storage is None:
        return ()
    if storage.state is StorageState.OK:
        return ((f"saving {scene.glyphs.ok}", Role.LABEL),)
    role = Role.STALE if storage.state is StorageState.OFF else Role.WATCH
    return ((f"memory only {scene.glyphs.watch if role is Role.WATCH else ''}".rstrip(), role),)


def _storage_body(scene: Scene, width: int) -> tuple[Line, ...]:
    storage = scene.mirror.storage
    if storage is None:
        return wrapped("The session has not reported its journal yet.", Role.LABEL, width)
    rows = [("file", storage.path or NO_VALUE), ("size", format_value(float(storage.bytes), Unit.BYTES))]
    rows.append(("holds since", NO_VALUE if storage.oldest_at is None else scene.clock_text(storage.oldest_at)))
    rows.append(("newest safe tick", _ago(scene, storage.acknowledged_at)))
    if storage.waiting or storage.dropped:
        rows.append(("waiting, lost", f"{storage.waiting} ticks, {storage.dropped} lost"))
    lines = _reason(scene, storage, width) + [_fact(scene, name, value, width) for name, value in rows]
    return tuple(lines)


def _reason(scene: Scene, storage: StorageHealth, width: int) -> list[Line]:
    if not storage.reason:
        return []
    since = "" if storage.since is None else f", {format_duration(max(0.0, scene.now - storage.since))}"
    role = Role.LABEL if storage.state is not StorageState.MEMORY else Role.WATCH
    return list(wrapped(f"{storage.reason}{since}", role, width))


def _session_body(scene: Scene, width: int) -> tuple[Line, ...]:
    session, cost = scene.mirror.session, scene.mirror.cost
    if session is None:
        return wrapped("No session yet.", Role.LABEL, width)
    rows = [
        ("host", f"{session.user}@{session.host}"),
        ("process", f"pid {session.pid}, perftui {session.version}"),
        ("watching for", format_duration(max(0.0, scene.now - session.started_at))),
        ("configuration", session.config_path or "defaults (perftui init writes a file)"),
    ]
    if cost is not None:
        rows.append(("own cpu", format_value(cost.cpu_ratio, Unit.RATIO) + " of a core"))
        rows.append(("own memory", format_value(cost.rss_bytes, Unit.BYTES)))
    problems = [line for text in scene.mirror.problems for line in wrapped(text, Role.WATCH, width)]
    return tuple([_fact(scene, name, value, width) for name, value in rows] + problems)


def _fact(scene: Scene, name: str, value: str, width: int) -> Line:
    return fit(((left(name, 18), Role.LABEL), (value, Role.VALUE)), width, scene.glyphs.ellipsis)


def _ago(scene: Scene, at: float | None) -> str:
    return NO_VALUE if at is None else f"{format_duration(max(0.0, scene.now - at))} ago"
