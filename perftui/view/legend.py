"""What a panel's series are called, and the figure and state of each at the moment that is shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from perftui.config.queries import panel_selectors
from perftui.config.schema import Config, Panel
from perftui.domain.queries import is_derived
from perftui.domain.roles import SERIES_ROLES, Role
from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.series import SeriesRef, parse_series, picks
from perftui.domain.text import clean
from perftui.domain.units import Unit, format_value, split_value
from perftui.view.scale import Limits
from perftui.view.scene import Scene
from perftui.view.text import clip, text_width

# looked up once: asking an Enum for a member takes longer than the rest of what each figure needs
_VALUE, _STALE, _WATCH, _BAD = Role.VALUE, Role.STALE, Role.WATCH, Role.BAD
_LONGEST_EXPR = 2000
_LABEL = re.compile(r"\{(\w+)\}")
_UNIT_ENDINGS = ("_bytes_per_second", "_per_second", "_ratio", "_bytes", "_seconds", "_cores", "_total")


class Entry(msgspec.Struct, frozen=True):
    """One series as a panel shows it: its name, its value, and how that value stands to the panel's thresholds.

    ``series`` is scaled already; ``selector`` is the place of the selector that picked it.
    """

    series: SeriesWindow
    name: str
    unit: Unit
    value: float | None
    role: Role
    state: Role
    drawn: bool
    limits: Limits
    selector: int = 0

    @property
    def text(self) -> str:
        return format_value(self.value, self.unit)

    @property
    def parts(self) -> tuple[str, str]:
        return split_value(self.value, self.unit)


def entries(scene: Scene, panel: Panel, window: Window) -> tuple[Entry, ...]:
    """The panel's series in the order of its selectors; within one selector as the session sorted them."""
    series = tuple([one.series for one in window.series])

    def name() -> tuple[_Named, ...]:
        return _named(scene, panel, series)

    # everything but the values is what it was a second before
    made_of = (scene.config, panel, series, scene.mirror.catalogue)
    named = scene.keep(("named", panel.title, panel.series, panel.promql), made_of, name)
    result = []
    scale, cursor, end = panel.scale, scene.cursor, scene.end
    for place, text, unit, role, limits, limited, selector, drawn, patience_s in named:
        one = window.series[place] if scale == 1.0 else scaled(window.series[place], scale)
        if cursor is not None:
            value = scene.value_at(one, window)
        else:
            value = one.last if one.last_at is not None and end - one.last_at <= patience_s else None
        state = _STALE if value is None else limits.role(value, _VALUE) if limited else _VALUE
        result.append(Entry(one, text, unit, value, role, state, drawn, limits, selector))
    return tuple(result)


class _Named(NamedTuple):
    """What is known of a panel's series without its values; ``place`` is where it stands in the window."""

    place: int
    name: str
    unit: Unit
    role: Role
    limits: Limits
    limited: bool
    selector: int
    drawn: bool
    patience_s: float


def _named(scene: Scene, panel: Panel, series: Sequence[str]) -> tuple[_Named, ...]:
    wanted = panel_selectors(scene.config, panel)
    drawn = len(wanted) - len(panel.figures)
    rank = [_selector_index(wanted, one) for one in series]
    order = sorted(range(len(series)), key=rank.__getitem__)
    # without a source there are no results of expressions
    exprs = panel.promql if drawn > len(panel.series) else ()
    names = _names(len(panel.series), exprs, panel.legend, tuple((rank[place], series[place]) for place in order))
    rules = _enabled_rules(scene.config)
    limits = [limits_of(scene.config, panel, one, rules) for one in series]
    return tuple(
        _Named(
            place,
            name,
            scene.unit(series[place], panel),
            SERIES_ROLES[index % len(SERIES_ROLES)],
            limits[place],
            limits[place] != Limits(),
            rank[place],
            rank[place] < drawn,
            scene.patience_s(series[place]),
        )
        for index, (place, name) in enumerate(zip(order, names, strict=True))
    )


def scaled(series: SeriesWindow, factor: float) -> SeriesWindow:
    """Every value times ``factor``, so that it is in its base unit."""
    if factor == 1.0:
        return series
    low, high = _times(series.low, factor), _times(series.high, factor)
    return msgspec.structs.replace(
        series,
        mean=_times(series.mean, factor),
        low=low if factor >= 0 else high,
        high=high if factor >= 0 else low,
        last=None if series.last is None else series.last * factor,
    )


def _times(values: Sequence[float | None], factor: float) -> tuple[float | None, ...]:
    return tuple([None if value is None else value * factor for value in values])


def limits_of(config: Config, panel: Panel, series: str, rules: tuple[tuple[str, str], ...] | None = None) -> Limits:
    """The panel's own thresholds, else those of the first enabled alert rule that watches the series.

    ``rules`` are name and selector of the enabled ones, where they are known.
    """
    if panel.watch is not None or panel.bad is not None:
        return Limits(panel.watch, panel.bad, panel.above)
    name = _watching(_enabled_rules(config) if rules is None else rules, series)
    if name is None:
        return Limits()
    rule = config.alerts[name]
    warning, critical = _times((rule.warning, rule.critical), panel.scale)
    return Limits(warning, critical, rule.above is (panel.scale >= 0))


def _enabled_rules(config: Config) -> tuple[tuple[str, str], ...]:
    """Name and selector of each."""
    return tuple([(name, rule.series) for name, rule in config.alerts.items() if rule.enabled])


@lru_cache(maxsize=4096)
def _watching(rules: tuple[tuple[str, str], ...], series: str) -> str | None:
    """The first of the rules (name and selector) that watches the series."""
    return next((name for name, selector in rules if picks(selector, series)), None)


def _selector_index(wanted: Sequence[str], series: str) -> int:
    return next((index for index, text in enumerate(wanted) if picks(text, series)), len(wanted))


@lru_cache(maxsize=256)
def _names(
    first: int, promql: tuple[str, ...], legend: tuple[str, ...], series: tuple[tuple[int, str], ...]
) -> tuple[str, ...]:
    """Names in the legend: the panel's own words, else made from the series; equal ones are told apart.

    ``promql`` are the expressions of the selectors from the ``first`` on; ``series`` come with their selector's place.
    """
    exprs = {first + place: short_expr(expr) for place, expr in enumerate(promql)}
    found = [(selector, parse_series(one)) for selector, one in series]
    differing = _differing_labels(found)
    names: list[str] = []
    for selector, ref in found:
        if selector < len(legend) and legend[selector]:
            exprs.pop(selector, None)
            names.append(_filled(legend[selector], ref))
        elif is_derived(ref.name):
            labels = " ".join(filter(None, map(ref.label, differing[selector])))
            names.append(labels or exprs.get(selector, ref.name))
        else:
            names.append(_plain_name(ref))
    times = Counter(names)
    return tuple(
        f"{name} {exprs[selector]}" if times[name] > 1 and exprs.get(selector, name) != name else name
        for name, (selector, _) in zip(names, found, strict=True)
    )


def _filled(template: str, ref: SeriesRef) -> str:
    """Labels that a series has not leave nothing: then its source says whose it is."""
    return _LABEL.sub(lambda match: ref.label(match[1]), template).strip() or ref.source


def _differing_labels(found: Sequence[tuple[int, SeriesRef]]) -> dict[int, Sequence[str]]:
    """By selector, the labels that tell its series apart; all labels where it picked a single series."""
    by_selector: dict[int, list[SeriesRef]] = {}
    for selector, ref in found:
        by_selector.setdefault(selector, []).append(ref)
    return {
        selector: telling_labels(refs) if len(refs) > 1 else [label for label, _ in refs[0].labels]
        for selector, refs in by_selector.items()
    }


def differing_labels(refs: Sequence[SeriesRef]) -> set[str]:
    """The labels that not all series have with one value."""
    pairs = Counter(pair for ref in refs for pair in ref.labels)
    return {label for (label, _), times in pairs.items() if times < len(refs)}


def telling_labels(refs: Sequence[SeriesRef]) -> list[str]:
    """As few labels as tell the series apart: those with the most values first."""
    values = {label: {ref.label(label) for ref in refs} for label in differing_labels(refs)}
    chosen: list[str] = []
    apart = 1
    for label in sorted(values, key=lambda label: (-len(values[label]), label)):
        if apart == len(refs):
            break
        # a label that goes along with those before it tells nothing more
        together = len({tuple(map(ref.label, (*chosen, label))) for ref in refs})
        if together > apart:
            chosen.append(label)
            apart = together
    return chosen


def short_expr(expr: str) -> str:
    """An expression on one line without needless blanks, as it can be shown."""
    return " ".join(clean(expr, _LONGEST_EXPR).split())


def _plain_name(ref: SeriesRef) -> str:
    name = ref.name
    for ending in _UNIT_ENDINGS:
        if name.endswith(ending):
            name = name[: -len(ending)]
            break
    labels = " ".join(value for _, value in ref.labels)
    return f"{name.replace('_', ' ')} {labels}".rstrip()


@lru_cache(maxsize=256)
def shortened(names: tuple[str, ...], width: int, ellipsis: str) -> tuple[str, ...]:
    """Names that fit: cut at the end, else at the beginning, else in the middle, whichever keeps them apart."""
    for head in (width - 1, 0, (width - 1) // 2):
        cut = tuple([_cut(name, head, width, ellipsis) for name in names])
        if len(set(cut)) == len(set(names)) or width < 6:
            return cut
    return tuple([clip(name, width, ellipsis) for name in names])


def _cut(name: str, head: int, width: int, ellipsis: str) -> str:
    """``width`` characters at most: ``head`` of the beginning and the rest of the end."""
    if text_width(name) <= width:
        return name
    tail = width - 1 - head
    return name[:head] + ellipsis + (name[-tail:] if tail > 0 else "")


def state_glyph(scene: Scene, state: Role) -> str:
    """The sign that carries a state without colour; a blank when all is well."""
    return scene.glyphs.bad if state is _BAD else scene.glyphs.watch if state is _WATCH else " "
