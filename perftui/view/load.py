"""The Load screen: the load that runs with the host beside it, its result, past loads, one of them, or two compared."""

from __future__ import annotations

from collections.abc import Callable

from perftui.config.schema import Panel
from perftui.domain.load import LoadPhase, LoadState
from perftui.domain.roles import Role
from perftui.view.compose import compose
from perftui.view.frame import framed
from perftui.view.layout import Region
from perftui.view.load_book import LoadBook, View
from perftui.view.load_card import card_lines
from perftui.view.load_charts import (
    HISTOGRAM,
    RATES,
    TIMES,
    TROUBLE,
    beside,
    chart_picture,
    charts_of,
    framed_on,
    histogram_picture,
    limit_of,
    wanted_of,
)
from perftui.view.load_compare import compared_picture
from perftui.view.load_details import details_picture, endpoints_picture, levels_picture
from perftui.view.load_empty import empty_picture
from perftui.view.load_figures import said
from perftui.view.load_head import Ranked, framed_head, head_lines, kept, tiny_picture
from perftui.view.load_past import rates_picture, times_picture
from perftui.view.load_places import ENDPOINTS, HEAD, LEVELS, PAST_RATES, PAST_TIMES, RUNS, placed
from perftui.view.panels import panel_picture
from perftui.view.scene import Scene
from perftui.view.table_frame import table_picture
from perftui.view.text import Line
from perftui.view.watches import Wanted

_TINY_WIDTH, _TINY_HEIGHT = 60, 12
_LEASTRUNS = 8


_COUNTED: dict[str, Callable[[Scene, LoadState, int, int], tuple[Line, ...]]] = {
    HISTOGRAM: histogram_picture,
    ENDPOINTS: endpoints_picture,
    LEVELS: levels_picture,
}


def load_regions(scene: Scene, book: LoadBook, width: int, height: int) -> dict[str, Region]:
    """Where each part of a load's page stands; empty where there is no such page."""
    state = book.shown
    if state is None or height < _TINY_HEIGHT or width < _TINY_WIDTH or book.details or book.compared is not None:
        return {}
    head = len(_head_lines(scene, book, state, width)) + 2
    return placed(scene.config, state, head, width, height, opened=book.opened is not None)


def load_watches(scene: Scene, book: LoadBook, width: int, height: int) -> tuple[Wanted, ...]:
    """The windows of the charts in sight, and of what is shown beside them."""
    state = book.shown
    if state is None or state.phase.is_over or book.opened is not None:
        return ()
    panels = {**charts_of(state), **beside(scene.config)}
    widths = {name: one.width for name, one in load_regions(scene, book, width, height).items() if name in panels}
    return wanted_of(scene.config, panels, widths, framed_on(scene, state).span_s / scene.span_s)


def load_picture(scene: Scene, book: LoadBook, width: int, height: int) -> tuple[Line, ...]:
    """``height`` lines of ``width`` cells."""
    book.now = scene.end
    if book.compared is not None:
        return compared_picture(scene, book.compared, width, height)
    state = book.shown
    if state is None:
        return _list(scene, book, width, height)
    if book.details:
        return details_picture(scene, state, width, height, book.top)
    if height < _TINY_HEIGHT or width < _TINY_WIDTH:
        return tiny_picture(scene, state, width, height)
    if not state.phase.is_over and book.opened is None:
        scene = framed_on(scene, state)
    panels = {**charts_of(state), **beside(scene.config)}
    regions = load_regions(scene, book, width, height)
    pictures = {name: _part(scene, book, state, name, panels.get(name), region) for name, region in regions.items()}
    return compose(regions, pictures, width, height)


def _part(
    scene: Scene, book: LoadBook, state: LoadState, name: str, panel: Panel | None, region: Region
) -> tuple[Line, ...]:
    width, height = region.width, region.height
    past = book.opened or book.ended
    if name == HEAD:
        lines = kept(_head_lines(scene, book, state, width), max(0, height - 2))
        return framed_head(scene, state, lines, width, height, note=_note(book))
    if name == RUNS:
        return _list(scene, book, width, height)
    if name in _COUNTED:
        return _COUNTED[name](scene, state, width, height)
    if name in (PAST_TIMES, PAST_RATES):
        if past is None:
            return _waiting(scene, book, width, height)
        limit = limit_of(state)
        return (
            times_picture(scene, past, width, height, limit=limit)
            if name == PAST_TIMES
            else rates_picture(scene, past, width, height)
        )
    if panel is None:
        return ()
    if name in (TIMES, RATES, TROUBLE):
        return chart_picture(scene, name, panel, width, height)
    return panel_picture(scene, name, panel, width, height)


def _head_lines(scene: Scene, book: LoadBook, state: LoadState, width: int) -> tuple[Ranked, ...]:
    inner = max(0, width - 4)
    card = card_lines(scene, state, inner) if state.phase.is_over else ()
    return (*card, *head_lines(scene, state, inner, book.last()))


def _note(book: LoadBook) -> str:
    if book.note:
        return book.note
    if book.opened is not None:
        return f"perftui load show {book.opened.state.run_id}"
    state = book.shown
    kept_at = state is not None and state.phase.is_over and state.phase is not LoadPhase.REFUSED
    return f"perftui load show {said(state.run_id, 60)}" if state is not None and kept_at else ""


def _waiting(scene: Scene, book: LoadBook, width: int, height: int) -> tuple[Line, ...]:
    body: tuple[Line, ...] = (((" ", Role.TEXT), (book.note or "reading its record", Role.LABEL)),)
    return framed(body, width=width, height=height, title="Over its time", glyphs=scene.glyphs)


def _list(scene: Scene, book: LoadBook, width: int, height: int) -> tuple[Line, ...]:
    """Past loads; where there is none, the form as it would be."""
    if not book.runs.total and (book.view is View.NOW or height >= _LEASTRUNS) and book.shown is None:
        return empty_picture(scene, book.values, width, height, known=book.known)
    return table_picture(
        scene, book.runs, width, height, title="Past loads", noun="load",
        empty="This is the first load: space marks two of them here, c compares them.", at=None,
    )  # fmt: skip
