"""What is known of one alert besides its row: how often it came, what moved with it, and a series to draw."""

from __future__ import annotations

from typing import NamedTuple

from perftui.domain.samples import SeriesWindow, Window
from perftui.domain.series import parse_series
from perftui.domain.triage import AlertRow, SloRow
from perftui.view.alerts_rows import SLOS
from perftui.view.scene import Scene

WATCH = "alert"
_MOST_SERIES = 6
_LEAST_VALUES = 6
_STEADY = 0.05


class Firing(NamedTuple):
    """When it was pending or fired, epoch seconds; ``end`` None means that it goes on."""

    start: float
    end: float | None
    state: str


class Story(NamedTuple):
    """What the session told of an alert's past; ``problem`` says why it told nothing. ``moved``: series and words."""

    activations_1h: int | None = None
    activations_24h: int | None = None
    spans: tuple[Firing, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    problem: str = ""


class Drawn(NamedTuple):
    """The series behind an alert: a selector to watch, or why there is none (yet)."""

    selector: str = ""
    why: str = ""


class Told(NamedTuple):
    """Everything that was asked about the alert of ``key``."""

    key: str = ""
    story: Story | None = None
    drawn: Drawn = Drawn()


def window_of(scene: Scene, row: AlertRow) -> Window | None:
    """The watched window with those of its series that carry the alert's labels; all of them when none does."""
    window = scene.window(WATCH)
    if window is None or not window.series:
        return None
    labels = dict(row.labels)
    alike = [one for one in window.series if all(labels.get(k, v) == v for k, v in parse_series(one.series).labels)]
    return Window(window.start, window.step_s, window.cells, tuple((alike or window.series)[:_MOST_SERIES]))


def trend_words(window: Window | None, above: bool) -> str:
    """Where the worst series went in the last third of the window against the third before."""
    if window is None:
        return ""
    found = max(window.series, key=lambda one: (one.last or 0.0) if above else -(one.last or 0.0))
    values = [value for value in _values(found) if value == value]
    if len(values) < _LEAST_VALUES:
        return ""
    third = len(values) // 3
    before, after = sum(values[-2 * third : -third]) / third, sum(values[-third:]) / third
    size = max(abs(before), abs(after))
    if size == 0 or abs(after - before) <= _STEADY * size:
        return "steady"
    return "rising" if after > before else "falling"


def _values(series: SeriesWindow) -> list[float]:
    return [value for value in series.mean if value is not None]


def objective_of(row: AlertRow) -> str:
    """The objective that an alert tells of, by its label ``slo``."""
    return dict(row.labels).get("slo", "")


def slo_of(scene: Scene, row: AlertRow) -> SloRow | None:
    """How that objective stands, while its table is watched."""
    table, name = scene.mirror.tables.get(SLOS), objective_of(row)
    found: SloRow | None = table.rows.get(name) if table is not None and name else None
    return found
