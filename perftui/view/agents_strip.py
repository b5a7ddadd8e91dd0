"""Heat strips: how busy each agent was over the window, a cell for each part of it, of those in sight only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from perftui.domain.roles import Role
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.series import series_id
from perftui.domain.workflow import AgentRow
from perftui.view.glyphs import GlyphSet
from perftui.view.scene import Scene
from perftui.view.text import Line

_SERIES = "agent_busy_ratio"


def strip_selectors(rows: Iterable[AgentRow]) -> tuple[str, ...]:
    """One selector a source, which picks these agents; the same for the same agents in any order."""
    by_source: dict[str, set[str]] = {}
    for row in rows:
        by_source.setdefault(row.source, set()).add(row.agent)
    return tuple(_selector(source, sorted(names)) for source, names in sorted(by_source.items()))


def _selector(source: str, names: Sequence[str]) -> str:
    exact = series_id(source, _SERIES, {"agent": "|".join(map(re.escape, names))})
    return exact.replace('agent="', 'agent=~"', 1)


def all_selectors(sources: Iterable[str]) -> tuple[str, ...]:
    """For who looks once, and can't know the agents yet."""
    return tuple(f"{source}/{_SERIES}" for source in sources)


class Strips:
    """The strips of one picture, looked up by agent."""

    def __init__(self, scene: Scene, window: Window | None) -> None:
        self._scene, self._window = scene, window
        self._series: dict[str, SeriesWindow] = {}
        if window is not None:
            self._series = {series.series: series for series in window.series}

    def cells(self, row: AgentRow, width: int) -> str:
        """``width`` cells; blank where nothing was measured."""
        series = self._series.get(series_id(row.source, _SERIES, {"agent": row.agent}))
        if series is None or self._window is None:
            return " " * max(0, width)
        scene, window = self._scene, self._window
        values = scene.placing.columns(series.mean, window.start, window.step_s, scene.start, scene.end, width)
        return "".join(_cell(value, scene.glyphs) for value in values)

    def line(self, row: AgentRow, width: int) -> Line:
        """The same with idle cells dim."""
        idle = _cell(0.0, self._scene.glyphs)
        parts = groupby(self.cells(row, width), key=lambda cell: cell == idle)
        return tuple(("".join(cells), Role.LABEL if dim else Role.BAR) for dim, cells in parts)


def _cell(value: float | None, glyphs: GlyphSet) -> str:
    """The highest bar is left out: rows of it would grow together."""
    if value is None:
        return " "
    bars = glyphs.bars[1:-1]
    return bars[max(0, min(len(bars) - 1, round(value * (len(bars) - 1))))]
