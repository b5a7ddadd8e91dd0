"""What a panel's series are called, and the figure and state of each at the moment that is shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from perftui.config.queries import panel_selectors
from perftui.config.schema import Config, Panel
from perftui.domain.queries import is_derived
from perftui.domain.roles import SERIES_ROLES, Role
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.series import parse_selector, parse_series
from perftui.domain.units import Unit, format_value, split_value
from perftui.view.chart import Limits
from perftui.view.scene import Scene
from perftui.view.text import clip, text_width

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
    drawn: bool
    limits: Limits

    @property
    def text(self) -> str:
        return format_value(self.value, self.unit)

    @property
    def parts(self) -> tuple[str, str]:
        return split_value(self.value, self.unit)


def entries(scene: Scene, panel: Panel, window: Window) -> tuple[Entry, ...]:
    """The panel's series in the order of its selectors; within one selector as the session sorted them."""
    wanted = panel_selectors(scene.config, panel)
    rank = {series.series: _selector_index(wanted, series.series) for series in window.series}
    ordered = sorted(window.series, key=lambda series: rank[series.series])
    same = Counter(rank.values())
    return tuple(
        _entry(scene, panel, window, series, rank[series.series], index, alone=same[rank[series.series]] == 1)
        for index, series in enumerate(ordered)
    )


def _entry(
    scene: Scene, panel: Panel, window: Window, series: SeriesWindow, selector: int, index: int, *, alone: bool
) -> Entry:
    value = scene.value_at(series, window)
    limits = limits_of(scene.config, panel, series.series)
    return Entry(
        series=series,
        name=_name(panel, selector, series.series, alone=alone),
        unit=scene.unit(series.series, panel),
        value=value,
        role=SERIES_ROLES[index % len(SERIES_ROLES)],
        state=Role.STALE if value is None else limits.role(value, Role.VALUE),
        drawn=selector < len(panel.series) + len(panel.promql),
        limits=limits,
    )


def limits_of(config: Config, panel: Panel, series: str) -> Limits:
    """The panel's own thresholds, else those of the first enabled alert rule that watches the series."""
    if panel.watch is not None or panel.bad is not None:
        return Limits(panel.watch, panel.bad, panel.above)
    for rule in config.alerts.values():
        if rule.enabled and parse_selector(rule.series).matches(series):
            return Limits(rule.warning, rule.critical, rule.above)
    return Limits()


def _selector_index(wanted: Sequence[str], series: str) -> int:
    return next((index for index, text in enumerate(wanted) if parse_selector(text).matches(series)), len(wanted))


def _name(panel: Panel, index: int, series: str, *, alone: bool) -> str:
    ref = parse_series(series)
    if index < len(panel.legend) and panel.legend[index]:
        # labels that a series has not leave nothing: then the source says whose it is
        return _LABEL.sub(lambda match: ref.label(match[1]), panel.legend[index]).strip() or ref.source
    name = ref.name
    if is_derived(name):
        expr = panel.promql[index - len(panel.series)] if 0 <= index - len(panel.series) < len(panel.promql) else ""
        several = len(panel.promql) > 1
        return _query_name(" ".join(expr.split()), " ".join(v for _, v in ref.labels), alone=alone and several)
    for ending in _UNIT_ENDINGS:
        if name.endswith(ending):
            name = name[: -len(ending)]
            break
    labels = " ".join(value for _, value in ref.labels)
    return f"{name.replace('_', ' ')} {labels}".rstrip()


def _query_name(expr: str, labels: str, *, alone: bool) -> str:
    """Series of one expression differ by their labels; several expressions with a series each by their text."""
    return labels if labels and not alone else f"{expr} {labels}".rstrip()


def shortened(names: Sequence[str], width: int, ellipsis: str) -> list[str]:
    """Names that fit: cut at the end, else at the beginning, else in the middle, whichever keeps them apart."""
    for head in (width - 1, 0, (width - 1) // 2):
        cut = [_cut(name, head, width, ellipsis) for name in names]
        if len(set(cut)) == len(set(names)) or width < 6:
            return cut
    return [clip(name, width, ellipsis) for name in names]


def _cut(name: str, head: int, width: int, ellipsis: str) -> str:
    """``width`` characters at most: ``head`` of the beginning and the rest of the end."""
    if text_width(name) <= width:
        return name
    tail = width - 1 - head
    return name[:head] + ellipsis + (name[-tail:] if tail > 0 else "")


def state_glyph(scene: Scene, state: Role) -> str:
    """The sign that carries a state without colour; a blank when all is well."""
    return {Role.BAD: scene.glyphs.bad, Role.WATCH: scene.glyphs.watch}.get(state, " ")
