"""Remembers what the console looked like when it began, for the first frame of the next start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from perftui.cli.first_frame.memory import memory_file, written
from perftui.cli.first_frame.plan import FIGURES, WAITING, Plan, PlannedPanel
from perftui.config.defaults import DEFAULTS
from perftui.config.paths import made
from perftui.config.queries import panel_selectors
from perftui.config.schema import Config, Panel
from perftui.domain.text import clean
from perftui.profiles.load import with_profiles
from perftui.view.glyphs import GlyphSet
from perftui.view.overview import LAYOUT, least_height
from perftui.view.text import text_width

_LONGEST = 60


def planned(config: Config, codes: Mapping[str, str], glyphs: GlyphSet, screen: str) -> Plan:
    """The Overview as it is before any source has told what it measures; other screens have figures only."""
    full = with_profiles(config, {})
    layout = full.layouts[LAYOUT]
    rows = layout.rows if screen == LAYOUT else ()
    names = dict.fromkeys(name for row in rows for name in row)
    weights = [*layout.weights, *[1.0] * len(rows)][: len(rows)]
    return Plan(
        rows,
        weights,
        [name for name in layout.priority if name in names],
        {name: _planned(full, name, full.panels[name]) for name in names},
        codes,
        utf8=glyphs.braille,
    )


def _planned(config: Config, name: str, panel: Panel) -> PlannedPanel:
    title = clean(panel.title or name, _LONGEST)
    # a title of other cells than characters would shift what stands beside it
    title = title if text_width(title) == len(title) else ""
    figures = name if name in FIGURES and panel == DEFAULTS.panels[name] and config.sources.host.enabled else ""
    waits = not figures and bool(panel_selectors(config, panel))
    return PlannedPanel(title, least_height(panel), figures, WAITING if waits else "")


def remember(key: str, plan: Plan) -> None:
    """Write it when it is another one than before; nothing without a key. Raises OSError."""
    path = Path(memory_file(os.environ))
    text = written(plan, key)
    if not key or _read(path) == text:
        return
    made(path.parent)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        fresh.write_text(text, "utf-8")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
