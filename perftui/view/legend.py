"""What a panel's series are called, and the figure and state of each at the moment that is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass

from perftui.config.schema import Panel
from perftui.domain.roles import SERIES_ROLES, Role
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.series import parse_selector, parse_series
from perftui.domain.units import Unit, format_value, split_value
from perftui.view.scene import Scene

_LABEL = re.compile(r"\{(\w+)\}")
_UNIT_ENDINGS = ("_bytes_per_second", "_per_second", "_ratio", "_bytes", "_seconds", "_cores", "_total")


@dataclass(frozen=True)
class Entry:
    """One series as a panel shows it: its name, its value, and how that value stands to the panel's thresholds."""

    series: SeriesWindow
    name: str
    unit: Unit
    value: float | None
    role: Role
    state: Role

    @property
    def text(self) -> str:
        return format_value(self.value, self.unit)

    @property
    def parts(self) -> tuple[str, str]:
        return split_value(self.value, self.unit)


def entries(scene: Scene, panel: Panel, window: Window) -> tuple[Entry, ...]:
    """The panel's series in the order of its selectors; within one selector as the session sorted them."""
    rank: dict[str, int] = {}
    for series in window.series:
        rank[series.series] = _selector_index(panel, series.series)
    ordered = sorted(window.series, key=lambda series: rank[series.series])
    result = []
    for index, series in enumerate(ordered):
        value = scene.value_at(series, window)
        unit = scene.unit(series.series, panel)
        name = _name(panel, rank[series.series], series.series)
        result.append(
            Entry(
                series, name, unit, value, SERIES_ROLES[index % len(SERIES_ROLES)], _state(scene, panel, series, value)
            )
        )
    return tuple(result)


def _selector_index(panel: Panel, series: str) -> int:
    for index, text in enumerate(panel.series):
        if parse_selector(text).matches(series):
            return index
    return len(panel.series)


def _name(panel: Panel, index: int, series: str) -> str:
    ref = parse_series(series)
    if index < len(panel.legend) and panel.legend[index]:
        return _LABEL.sub(lambda match: ref.label(match[1]), panel.legend[index])
    name = ref.name
    for ending in _UNIT_ENDINGS:
        if name.endswith(ending):
            name = name[: -len(ending)]
            break
    labels = " ".join(value for _, value in ref.labels)
    return f"{name.replace('_', ' ')} {labels}".rstrip()


def _state(scene: Scene, panel: Panel, series: SeriesWindow, value: float | None) -> Role:
    if value is None:
        return Role.STALE
    return threshold_role(value, panel.watch, panel.bad, panel.above)


def threshold_role(value: float, watch: float | None, bad: float | None, above: bool) -> Role:
    """``BAD`` or ``WATCH`` when the value is beyond that threshold, else ``VALUE``."""
    for limit, role in ((bad, Role.BAD), (watch, Role.WATCH)):
        if limit is not None and (value > limit if above else value < limit):
            return role
    return Role.VALUE


def state_glyph(scene: Scene, state: Role) -> str:
    """The sign that carries a state without colour; a blank when all is well."""
    return {Role.BAD: scene.glyphs.bad, Role.WATCH: scene.glyphs.watch}.get(state, " ")
