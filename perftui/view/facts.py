"""The figures of a mirror that are worth a line of text, and the windows that they are read from.

They always change a little: how much of a change is told is decided in ``telling.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from perftui.config.queries import drawn_selectors
from perftui.config.schema import Config, Panel
from perftui.domain.series import parse_series
from perftui.domain.text import clean
from perftui.domain.units import Unit, format_value
from perftui.domain.workflow import PoolRow
from perftui.link.mirror import Mirror
from perftui.view.legend import entries
from perftui.view.overview import LAYOUT
from perftui.view.panels import watch_name
from perftui.view.scene import Scene
from perftui.view.watches import Wanted

# a panel of more series than that is not read line by line
_MOST_SERIES = 16
_LONGEST_NAME = 80
_WORDS = {"ok": 0, "watch": 1, "bad": 2}


class Figure(msgspec.Struct, frozen=True):
    """A number in its base unit, how it stands to its thresholds (0 well, 1 watch, 2 bad), and what belongs to it.

    ``value`` None: nothing new was measured for a while.
    """

    key: str
    source: str
    name: str
    value: float | None
    unit: Unit
    rank: int = 0
    note: str = ""

    @property
    def text(self) -> str:
        """The value with its unit, and a word where a threshold is passed."""
        if self.value is None:
            return "no value"
        return f"{format_value(self.value, self.unit)}{('', ' (watch)', ' (bad)')[self.rank]}{self.note}"


def told_watches(config: Config) -> tuple[Wanted, ...]:
    """The windows that figures are read from: only their newest values are."""
    return tuple(
        Wanted(watch_name(name), selectors, 2)
        for name, panel in _told_panels(config)
        if (selectors := drawn_selectors(config, panel))
    )


def _told_panels(config: Config) -> Iterator[tuple[str, Panel]]:
    """Those of the Overview, in its order."""
    for name in dict.fromkeys(name for row in config.layouts[LAYOUT].rows for name in row):
        yield name, config.panels[name]


def figures(scene: Scene) -> tuple[Figure, ...]:
    """What the panels of the Overview draw, and how many agents work."""
    return (*_of_panels(scene), *_of_pools(scene.mirror))


def _of_panels(scene: Scene) -> Iterator[Figure]:
    for panel_id, panel in _told_panels(scene.config):
        window = scene.window(watch_name(panel_id))
        if window is None or not drawn_selectors(scene.config, panel):
            continue
        title = panel.title or panel_id
        for entry in [entry for entry in entries(scene, panel, window) if entry.drawn][:_MOST_SERIES]:
            value = entry.value if entry.value is not None and abs(entry.value) < float("inf") else None
            yield Figure(
                f"{panel_id} {entry.series.series}",
                parse_series(entry.series.series).source,
                " ".join(clean(f"{title} {entry.name}", _LONGEST_NAME).split()),
                value,
                entry.unit,
                0 if value is None else _WORDS[entry.limits.word(value)],
            )


def _of_pools(mirror: Mirror) -> Iterator[Figure]:
    table = mirror.tables.get("pools")
    pools: list[PoolRow] = [] if table is None else list(table.rows.values())
    for pool in pools[:_MOST_SERIES]:
        if pool.active is None:
            continue
        parts = [f"of {pool.total}"]
        parts += [] if pool.idle is None else [f"{pool.idle} idle"]
        parts += [] if pool.queue is None else [f"{pool.queue} tasks in the queue"]
        name = clean(f"agents active in {pool.key}", _LONGEST_NAME)
        yield Figure(f"pool {pool.key}", pool.key, name, float(pool.active), Unit.COUNT, note=f" {', '.join(parts)}")
