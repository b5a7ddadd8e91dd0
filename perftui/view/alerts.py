"""The Alerts screen: the list and the alert under its cursor, or one of the other views of them."""

from __future__ import annotations

from perftui.domain.roles import Role
from perftui.domain.triage import SloRow
from perftui.domain.units import format_duration
from perftui.view.alerts_detail import detail_picture
from perftui.view.alerts_empty import no_alerts, nothing_selected
from perftui.view.alerts_pipeline import counts_of, quiet_words, watchdog_bar, watchdog_figure
from perftui.view.alerts_rows import ALERTS, NOISE, SILENCES, SLOS, SPANS, said
from perftui.view.alerts_story import WATCH
from perftui.view.alerts_tables import objective_lines
from perftui.view.alerts_triage import Triage, View
from perftui.view.blindness import blind_figure
from perftui.view.compose import compose
from perftui.view.frame import framed
from perftui.view.layout import Region
from perftui.view.panels import indented
from perftui.view.scene import Scene
from perftui.view.table_frame import table_picture
from perftui.view.text import Line, fit, line_width, plain
from perftui.view.watches import Wanted
from perftui.view.wrap import wrapped

_BAR, _LIST, _DETAIL = "bar", "list", "detail"
_RIGHT_WIDTH = 180
_TINY_WIDTH, _TINY_HEIGHT = 40, 8
_LEAST_WITH_DETAIL = 17
_LEAST_DETAIL, _MOST_DETAIL = 8, 15
_LEAST_OBJECTIVE = 12
_OLD_S = 60.0


def alerts_regions(triage: Triage, width: int, height: int, *, bar: bool) -> dict[str, Region]:
    """Where each part stands: the detail right of the list where it is wide, else below it."""
    regions: dict[str, Region] = {}
    if bar and height > 1:
        regions[_BAR] = Region(0, 0, width, 1)
    y, rest = len(regions), height - len(regions)
    if triage.full:
        regions[_DETAIL] = Region(0, y, width, rest)
    elif triage.view is not View.LIST or not triage.index.total or rest < _LEAST_WITH_DETAIL or width < _TINY_WIDTH:
        regions[_LIST] = Region(0, y, width, rest)
    elif width >= _RIGHT_WIDTH:
        wide = width * 3 // 5
        regions[_LIST] = Region(0, y, wide, rest)
        regions[_DETAIL] = Region(wide, y, width - wide, rest)
    else:
        tall = min(_MOST_DETAIL, max(_LEAST_DETAIL, rest * 2 // 5))
        regions[_LIST] = Region(0, y, width, rest - tall)
        regions[_DETAIL] = Region(0, y + rest - tall, width, tall)
    return regions


def alerts_watches(triage: Triage, width: int, height: int) -> tuple[Wanted, ...]:
    """The window of the graph of the alert under the cursor."""
    row, drawn = triage.row, triage.told.drawn
    if row is None or triage.told.key != row.key or not drawn.selector:
        return ()
    regions = alerts_regions(triage, width, height, bar=False)
    return (Wanted(WATCH, (drawn.selector,), max(2, 2 * regions[_DETAIL].width)),) if _DETAIL in regions else ()


def alerts_picture(scene: Scene, triage: Triage, width: int, height: int) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells."""
    triage.at = scene.end
    bar = watchdog_bar(scene, width)
    regions = alerts_regions(triage, width, height, bar=bool(bar))
    pictures: dict[str, tuple[Line, ...]] = {}
    for name, region in regions.items():
        if name == _BAR:
            pictures[name] = (bar,)
        elif name == _DETAIL:
            pictures[name] = _detail(scene, triage, region)
        else:
            pictures[name] = _view(scene, triage, region)
    return compose(regions, pictures, width, height)


def _detail(scene: Scene, triage: Triage, region: Region) -> tuple[Line, ...]:
    width, height = region.width, region.height
    row = triage.row
    if row is None:
        body = wrapped(nothing_selected(triage), Role.LABEL, max(0, width - 4))
        return framed(indented(body), width=width, height=height, title="Detail", glyphs=scene.glyphs)
    return detail_picture(scene, row, triage.told, width, height, full=triage.full, top=triage.top)


def _view(scene: Scene, triage: Triage, region: Region) -> tuple[Line, ...]:
    width, height, at = region.width, region.height, triage.measured_at
    if triage.view is View.LIST:
        return _list(scene, triage, width, height)
    if triage.view is View.TIMELINE:
        empty = "Nothing fired in the time that is known." if SPANS in at else "reading what fired when"
        return triage.timeline.picture(scene, width, height, empty=empty, at=at.get(SPANS))
    if triage.view is View.NOISE:
        empty = "Nothing fired in the last 24 hours." if NOISE in at else "counting what fired in the last 24 hours"
        return table_picture(
            scene, triage.noise, width, height, title="Noise: firings and how long, 24 h", noun="alert", empty=empty,
            at=at.get(NOISE),
        )  # fmt: skip
    if triage.view is View.SLOS:
        empty = "No objectives: [slo.NAME] in perftui.toml brings one; the guide (alerts) has examples."
        row: SloRow | None = triage.slos.cursor_row
        below = objective_lines(row, max(1, width - 4)) if row is not None and height >= _LEAST_OBJECTIVE else ()
        box: tuple[Line, ...] = ()
        if row is not None and below:
            title = said(row.title or row.key, 100)
            box = framed(indented(below), width=width, height=len(below) + 2, title=title, glyphs=scene.glyphs)
        return table_picture(
            scene, triage.slos, width, height - len(box), title="Objectives", noun="objective", at=at.get(SLOS),
            empty=empty if SLOS in at else "reading the objectives",
        ) + box  # fmt: skip
    empty = "No silences: s on an alert makes one." if SILENCES in at else "reading the silences"
    return table_picture(
        scene, triage.silences, width, height, title="Silences", noun="silence", empty=empty, at=at.get(SILENCES)
    )


def _list(scene: Scene, triage: Triage, width: int, height: int) -> tuple[Line, ...]:
    index = triage.index
    inner, room = max(0, width - 4), max(0, height - 2)
    if width < _TINY_WIDTH or height < _TINY_HEIGHT:
        return _tiny(scene, triage, width, height)
    body: tuple[Line, ...]
    if not index.total:
        body = no_alerts(scene, triage, inner)
    elif not index.order:
        body = wrapped(f'no alert matches "{index.filter}": esc clears the filter', Role.LABEL, inner)
    else:
        body = index.picture(inner, room, scene.glyphs)
    summary = _summary(scene, triage, inner // 2)
    return framed(
        indented(body), width=width, height=height, title=_title(scene, triage), summary=summary,
        footer=plain(watchdog_figure(scene)), glyphs=scene.glyphs,
    )  # fmt: skip


def _tiny(scene: Scene, triage: Triage, width: int, height: int) -> tuple[Line, ...]:
    """How many there are, then as many as there is room for."""
    head = fit(_summary(scene, triage, width), width, scene.glyphs.ellipsis)
    rest = triage.index.picture(width, height - 1, scene.glyphs) if triage.index.order and height > 2 else ()
    return tuple([head, *rest, *[fit((), width)] * height][:height])


def _title(scene: Scene, triage: Triage) -> str:
    index, glyphs = triage.index, scene.glyphs
    parts = ["Alerts"]
    if index.group:
        parts.append(f"group by {', '.join(index.group)}")
    if index.filter:
        parts.append(f"filter {index.filter}")
    if index.problem:
        parts.append(f"{glyphs.watch} {index.problem}")
    return f" {glyphs.separator} ".join(parts)


def _summary(scene: Scene, triage: Triage, width: int) -> Line:
    """``3 firing 1 pending 14 suppressed``; who can't be asked comes first where nothing fires."""
    counts, index = counts_of(scene), triage.index
    if ALERTS not in triage.measured_at:
        return ()
    words = [f"{counts.firing} firing"] if counts.firing else []
    words += [
        f"{number} {name}"
        for number, name in (
            (counts.pending, "pending"),
            (counts.snoozed, "snoozed"),
            (counts.suppressed, "suppressed"),
        )
        if number
    ]
    role = Role.BAD if counts.critical else Role.WATCH if counts.warning else Role.LABEL
    if not counts.firing:
        blind = blind_figure(scene, width)
        if blind:
            return blind
        words.insert(0, quiet_words(scene))
    figure: list[tuple[str, Role]] = [(" ".join(words), role)]
    if index.filter:
        figure.insert(0, (f"{index.alerts_shown} of {index.total}  ", Role.LABEL))
    if index.marks:
        figure.insert(0, (f"{len(index.marks)} marked  ", Role.ACCENT))
    age = scene.end - triage.measured_at[ALERTS]
    if age >= _OLD_S and index.total:
        figure.append((f", {format_duration(age)} old", Role.STALE))
    while len(figure) > 1 and line_width(tuple(figure)) > width:
        figure.pop(-1 if figure[-1][1] is Role.STALE else 0)
    return tuple(figure)
