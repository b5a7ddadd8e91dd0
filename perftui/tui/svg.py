"""A screen as SVG, drawn by the console itself without a terminal."""

from __future__ import annotations

import time

from perftui.config.schema import Config
from perftui.config.themes import Theme
from perftui.link.mirror import Mirror
from perftui.tui.app import PerftuiApp
from perftui.view.glyphs import GlyphSet


async def svg(
    config: Config, mirror: Mirror, *, theme: Theme, glyphs: GlyphSet, screen: str, width: int, height: int, at: float
) -> str:
    """The screen at that size as an SVG document; ``at`` is the moment that its clock shows."""
    app = PerftuiApp(
        config,
        theme=theme,
        glyphs=glyphs,
        mirror=mirror,
        launcher=None,
        wall=lambda: at,
        monotonic=time.monotonic,
        screen=screen,
    )
    async with app.run_test(size=(width, height), notifications=False) as pilot:
        await pilot.pause()
        return app.export_screenshot(title="perftui")
